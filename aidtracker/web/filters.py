"""How dates, times, numbers, money and masked numbers are written on a page."""

import datetime
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext

from aidtracker.crypto.masking import mask_bank, mask_id, mask_name, mask_phone, mask_student_number


def _n(text: str) -> str:
    """Marks a word for the catalogue that is translated later."""
    return text


SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTHING = "—"
WEEKDAYS = (_n("周一"), _n("周二"), _n("周三"), _n("周四"), _n("周五"), _n("周六"), _n("周日"))


def register_filters(app: Flask) -> None:
    filters = (day, weekday, clock, moment, number, percent, rate, yuan)
    masks = (mask_id, mask_student_number, mask_phone, mask_bank, mask_name)
    app.jinja_env.filters.update({function.__name__: function for function in filters + masks})
    app.jinja_env.globals.update(percent=percent, rate=rate)


def local(moment_utc: datetime.datetime) -> datetime.datetime:
    """Naive UTC of the database -> the time on the wall in China."""
    return moment_utc.replace(tzinfo=datetime.UTC).astimezone(SHANGHAI)


def day(value: datetime.date | None) -> str:
    """2026-11-20; a time (naive UTC) gives the day in China."""
    if value is None:
        return NOTHING
    return (local(value) if isinstance(value, datetime.datetime) else value).strftime("%Y-%m-%d")


def weekday(value: datetime.date | None) -> str:
    if value is None:
        return NOTHING
    return gettext(WEEKDAYS[value.weekday()])


def clock(value: datetime.datetime | None) -> str:
    """08:12 in China, from naive UTC."""
    return NOTHING if value is None else local(value).strftime("%H:%M")


def moment(value: datetime.datetime | None) -> str:
    """2026-11-20 16:40 in China, from naive UTC."""
    return NOTHING if value is None else local(value).strftime("%Y-%m-%d %H:%M")


def number(value: float | None, places: int = 0) -> str:
    return NOTHING if value is None else f"{value:,.{places}f}"


def rate(part: int | None, whole: int | None) -> str:
    """97.6%. Short of whole is never written 100.0%, and something is never written 0.0%."""
    if not whole or part is None:
        return NOTHING
    tenths = round(part * 1000 / whole)
    if 0 < part < whole:
        tenths = min(max(tenths, 1), 999)
    return f"{tenths / 10:.1f}%"


def percent(part: int | None, whole: int | None) -> str:
    """97.6%（282,631/289,840）: a rate is never shown without what it was reckoned from."""
    if not whole or part is None:
        return NOTHING
    return rate(part, whole) + gettext("（%(part)s/%(whole)s）", part=f"{part:,}", whole=f"{whole:,}")


def yuan(fen: int | None) -> str:
    """Whole fen -> 53,750.00; no float on the way."""
    if fen is None:
        return NOTHING
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"

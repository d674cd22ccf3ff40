"""Days and months of a cell, in all the ways counties write them."""

import datetime
import re
import unicodedata

from aidtracker.excel.cleaning import HIDDEN, BadCell, compact, shown

_SEPARATOR = r"\s*[-/.,。、\u2010-\u2015年月]\s*"
_DAY = re.compile(
    rf"([0-9]{{4}}){_SEPARATOR}([0-9]{{1,2}}){_SEPARATOR}([0-9]{{1,2}})\s*[日号]?"
    r"(?:[T\s]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
)
_DIGIT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:\.0+)?")
_MONTH = re.compile(rf"([0-9]{{4}})(?:{_SEPARATOR}([0-9]{{1,2}})|([0-9]{{2}}))\s*月?(?:\.0+)?")
_SERIALS = range(10_000, 73_416)  # 1927-05-18 to 2100-12-31 as Excel counts days
_EPOCH = datetime.date(1899, 12, 30)


def day(value: object) -> datetime.date | None:
    """A calendar day, 1900 to 2100, in any of the ways counties write one."""
    if isinstance(value, datetime.date):
        return _known_year(value.date() if isinstance(value, datetime.datetime) else value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = _numeric_day(value)
    elif isinstance(value, str):
        folded = unicodedata.normalize("NFKC", HIDDEN.sub("", value)).strip().lstrip("'")
        if not folded:
            return None
        found = _typed_day(folded)
    elif value is None:
        return None
    else:
        found = None
    if found is None:
        raise _bad_day(value)
    return _known_year(found)


def _typed_day(folded: str) -> datetime.date | None:
    parts = _DIGIT_DAY.fullmatch(folded) or _DAY.fullmatch(folded)
    if parts:
        try:
            return datetime.date(int(parts[1]), int(parts[2]), int(parts[3]))
        except ValueError:
            return None
    return _numeric_day(int(folded)) if len(folded) == 5 and folded.isdigit() else None


def _numeric_day(value: float) -> datetime.date | None:
    if not abs(value) < 1e9:  # also refuses nan
        return None
    if value == int(value) and 19_000_101 <= value <= 21_001_231:
        return _typed_day(str(int(value)))
    return _EPOCH + datetime.timedelta(days=int(value)) if int(value) in _SERIALS else None


def _known_year(value: datetime.date) -> datetime.date:
    if not 1900 <= value.year <= 2100:
        raise _bad_day(value)
    return value


def _bad_day(value: object) -> BadCell:
    return BadCell("bad_date", "「%(value)s」不是日期，请写成 2012-03-05 这样。", value=shown(value))


def month(value: object) -> datetime.date | None:
    """A month as its first day: 201809, 2018-09, 2018年9月, a day in it."""
    if value is None or isinstance(value, datetime.date):
        return _first(day(value))
    folded = compact(value) if not isinstance(value, bool) else "?"
    if not folded:
        return None
    # 2018.1 typed as a number may have been 2018.10: the cell no longer tells.
    ambiguous = isinstance(value, float) and folded.endswith(".1")
    parts = _MONTH.fullmatch(folded)
    try:
        if parts and not ambiguous:
            return _known_year(datetime.date(int(parts[1]), int(parts[2] or parts[3]), 1))
        return _first(day(value))
    except (ValueError, BadCell):
        raise BadCell("bad_date", "「%(value)s」不是年月，请写成 201809 这样。", value=shown(value)) from None


def _first(value: datetime.date | None) -> datetime.date | None:
    return value.replace(day=1) if value else None

"""The sessions of a day: their order and hours, who is expected at each, which of them count as teaching.

Decided here and nowhere else: the attendance rate, days away (旷课), streaks, the third-day rule and the county's report count
the teaching sessions, 上午 and 下午. 晨检, 晚自习 and 就寝 stand beside them, each with its own completeness and its own list of
who was missing; they make nobody a truant and change no published figure.
"""

import datetime
from collections.abc import Iterable

import peewee

SESSIONS = {"early": "晨检", "morning": "上午", "afternoon": "下午", "evening": "晚自习", "night": "就寝"}  # in the order of the day
TEACHING = ("morning", "afternoon")
BESIDE = tuple(code for code in SESSIONS if code not in TEACHING)
FOR_BOARDERS = ("evening", "night")
DEFAULT = TEACHING  # of a school whose county has set nothing
HOURS = {"early": 6, "morning": 8, "afternoon": 12, "evening": 18, "night": 21}  # from which each is asked, in China
# SQL, of an enrollment e: pupils taught at home are expected at none, day pupils not in the evening.
EVERYBODY, BOARDERS = "e.mode <> 'home_taught'", "e.mode = 'boarding'"
TAUGHT = "session IN (" + ", ".join(f"'{code}'" for code in TEACHING) + ")"  # SQL, of a roll or a day's sum


def who_at(session: str) -> str:
    """The condition on an enrollment e of whoever is expected at the session."""
    return BOARDERS if session in FOR_BOARDERS else EVERYBODY


def modes_at(session: str) -> tuple[str, ...]:
    return ("boarding",) if session in FOR_BOARDERS else ("boarding", "day")


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """In the order of the day, each once."""
    wanted = set(codes)
    return tuple(code for code in SESSIONS if code in wanted)


def so_far(taken: tuple[str, ...], on: datetime.date, now: datetime.datetime) -> tuple[str, ...]:
    """Of the sessions taken on that day those whose time has come; `now` is the time in China. Nobody is reminded of an
    afternoon in the morning; the first session has its time from the beginning of the day."""
    if on != now.date():
        return taken
    return tuple(code for code in taken if now.hour >= HOURS[code]) or taken[:1]


def now_of(taken: tuple[str, ...], now: datetime.datetime) -> str:
    """The one whose time it is."""
    return so_far(taken, now.date(), now)[-1]


def order_of(column) -> peewee.Case:
    """To sort rolls by the order of the day."""
    return peewee.Case(column, [(code, place) for place, code in enumerate(SESSIONS)], len(SESSIONS))

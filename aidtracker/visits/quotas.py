"""How much a county asks of teaching at home: which lessons are enough, which months and weeks ask for any, and whether they were met.

Pure reckoning: the days with school and the lessons are given. A month or week asks for lessons where it has days with school on which
the pupil is taught at home; a lesson made up for counts on the day that was missed.
"""

import datetime
import re
from collections.abc import Collection
from typing import NamedTuple

from aidtracker.phrases import Phrase
from aidtracker.policies.queries import policies_of
from aidtracker.terms.days import ONE_DAY

KEYS = ("basis", "visits", "lessons", "minutes", "teachers", "least_days", "off_months", "make_up_days", "year_lessons", "year_visits")
A_WEEK = datetime.timedelta(days=7)
BETWEEN = re.compile(r"[、，,;；/]+|\s+")
THURSDAY = 3


class Quota(NamedTuple):
    """So many visits in each month or week (`basis`), each of so many lessons, minutes and teachers; 0: not asked for."""

    basis: str
    visits: int
    lessons: int
    minutes: int
    teachers: int
    least_days: int
    off_months: str
    make_up_days: int
    year_lessons: int
    year_visits: int


class Lesson(NamedTuple):
    """One coming to teach."""

    on: datetime.date
    makes_up_on: datetime.date | None
    lessons: int
    minutes: int | None
    teachers: str


class Span(NamedTuple):
    first: datetime.date
    last: datetime.date
    needed: int


class Month(NamedTuple):
    """What a month asks for and what was done: `visits` whatever they were, `enough` those that count; `done` of `needed`."""

    month: str
    visits: int
    enough: int
    needed: int
    done: int

    @property
    def is_met(self) -> bool:
        return self.done >= self.needed

    @property
    def missing(self) -> int:
        return max(self.needed - self.done, 0)


def quota_of(county_id: int | None, on: datetime.date) -> Quota:
    found = policies_of([f"tutoring_{key}" for key in KEYS], county_id, on)
    return Quota(*(found[f"tutoring_{key}"] for key in KEYS))


def words_of(quota: Quota) -> list[Phrase]:
    """The rule as people read it under a table."""
    per = {"month": "每月至少 %(n)s 次", "week": "每周至少 %(n)s 次，逐周达标", "weeks": "每周平均至少 %(n)s 次，按月合计"}
    found = [Phrase(per[quota.basis], n=quota.visits), Phrase("每次至少 %(n)s 课时", n=quota.lessons)]
    more = (("每次至少 %(n)s 分钟", quota.minutes), ("每次至少 %(n)s 名教师", quota.teachers if quota.teachers > 1 else 0), ("补送最多晚 %(n)s 天", quota.make_up_days))
    year = (("每学年至少 %(n)s 课时", quota.year_lessons), ("每学年至少 %(n)s 次", quota.year_visits))
    return found + [Phrase(words, n=number) for words, number in (*more, *year) if number]


def months_of(first: datetime.date, last: datetime.date) -> list[str]:
    """Every calendar month that the range touches."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12}-{number % 12 + 1:02}" for number in numbers]


def span_of(month: str) -> tuple[datetime.date, datetime.date]:
    first = datetime.date.fromisoformat(f"{month}-01")
    return first, (first + datetime.timedelta(days=31)).replace(day=1) - ONE_DAY


def monday_of(day: datetime.date) -> datetime.date:
    return day - ONE_DAY * day.weekday()


def reach_of(first_month: str, last_month: str) -> tuple[datetime.date, datetime.date]:
    """The days that the weeks of these months lie in."""
    return span_of(first_month)[0] - A_WEEK, span_of(last_month)[1] + A_WEEK


def counts_on(lesson: Lesson, quota: Quota) -> datetime.date:
    """Its own day, or the one that it makes up for, as long as that is not too far back."""
    missed = lesson.makes_up_on
    return missed if missed is not None and (lesson.on - missed).days <= quota.make_up_days else lesson.on


def is_enough(lesson: Lesson, quota: Quota) -> bool:
    if lesson.lessons < quota.lessons or (lesson.minutes or 0) < quota.minutes:
        return False
    return len([name for name in BETWEEN.split(lesson.teachers) if name]) >= quota.teachers


def spans_of(month: str, days: Collection[datetime.date], quota: Quota) -> list[Span]:
    """What the month asks for, of the days with school on which the pupil is taught. A week is of the month in which its Thursday lies."""
    first, last = span_of(month)
    if quota.basis == "month":
        here = sum(first <= day <= last for day in days)
        return [Span(first, last, quota.visits)] if here >= quota.least_days else []
    weeks = sorted({monday_of(day) for day in days if first <= monday_of(day) + ONE_DAY * THURSDAY <= last})
    if sum(monday_of(day) in weeks for day in days) < quota.least_days:
        return []
    if quota.basis == "week":
        return [Span(week, week + ONE_DAY * 6, quota.visits) for week in weeks]
    begins, ends = monday_of(first + ONE_DAY * THURSDAY), monday_of(last + ONE_DAY * (THURSDAY + 1)) - ONE_DAY
    return [Span(begins, ends, quota.visits * len(weeks))]


def month_of(month: str, days: Collection[datetime.date], taught: Collection[Lesson], quota: Quota) -> Month | None:
    """None: the month asks for nothing. Where each week is asked for, more in one is no less in another."""
    spans = spans_of(month, days, quota)
    if not spans:
        return None
    begins, ends = spans[0].first, spans[-1].last
    here = [lesson for lesson in taught if begins <= counts_on(lesson, quota) <= ends]
    on = [counts_on(lesson, quota) for lesson in here if is_enough(lesson, quota)]
    found = [sum(span.first <= day <= span.last for day in on) for span in spans]
    done = sum(min(number, span.needed) for number, span in zip(found, spans, strict=True)) if quota.basis == "week" else sum(found)
    return Month(month, len(here), len(on), sum(span.needed for span in spans), done)

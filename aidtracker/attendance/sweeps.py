"""返校核查: its rounds and days. On the first morning of a term, and on days that a county declares, each class says who came back.

It is that morning's roll with one more question, not a second roll: no sum counts it, and the roll of that morning is filled in
from it (未返校). A term's first day is the county's own; of an autumn that nobody has set it is 1 September.
"""

import datetime
from typing import NamedTuple

from aidtracker.attendance.models_sweeps import Sweep, SweepDay
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.db import china_time, run_sql, today_in_china
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import policy_of
from aidtracker.terms.calendar import term
from aidtracker.terms.days import Calendar, half_year_of, term_spans

KINDS = {
    "unknown": "还没联系", "contacted": "已联系，会返校", "unreachable": "联系不上", "transferring": "转学手续中",
    "ill": "生病", "away": "外地未归", "working": "外出务工", "refused": "不愿返校",
}  # fmt: skip
MARKS_OF = {"ill": "sick_leave"}  # everybody else is 未返校 on the roll
# Written out: every roll asks it.
AWAY = "SELECT n.student_id, n.kind FROM sweep s JOIN not_returned n ON n.sweep_id = s.id WHERE s.class_org_id = ? AND s.on_day = ? AND n.cleared_at IS NULL"
LONGEST_NOTE = 300  # characters
BACK_TO = datetime.timedelta(days=400)  # rounds that are shown
LATEST = datetime.timedelta(days=30)  # by which every school has begun, and until when a round is today's business


class Round(NamedTuple):
    key: str
    label: Phrase
    first_on: datetime.date


def rounds_of(county_id: int, today: datetime.date) -> list[Round]:
    """Those that have begun, the newest first."""
    spans = {code: first for code, (first, _last) in term_spans(county_id).items()}
    autumn = half_year_of(today) if half_year_of(today).endswith("autumn") else f"{today.year - 1}-autumn"
    spans.setdefault(autumn, datetime.date(int(autumn[:4]), 9, 1))
    found = [Round(code, Phrase("%(term)s开学", term=term(code).label), first) for code, first in spans.items()]
    declared = SweepDay.select(SweepDay.on, SweepDay.reason).where((SweepDay.county == county_id) & SweepDay.withdrawn_at.is_null())
    found += [Round(on.isoformat(), Phrase("%(day)s %(reason)s", day=on.isoformat(), reason=reason), on) for on, reason in declared.tuples()]
    return sorted((one for one in found if today - BACK_TO < one.first_on <= today), key=lambda one: (one.first_on, one.key), reverse=True)


def current_round(county_id: int, today: datetime.date) -> Round | None:
    """The newest, while it is today's business."""
    return next((one for one in rounds_of(county_id, today) if one.first_on + LATEST > today), None)


class Days:
    """The day of a round at each school: its first school day from then on."""

    def __init__(self, county_id: int, round_: Round):
        self.calendar = Calendar(county_id, round_.first_on, round_.first_on + LATEST)

    def of(self, school_id: int) -> datetime.date | None:
        return next(iter(self.calendar.of(school_id)), None)


def until(county_id: int, on: datetime.date) -> str:
    """10:00, in China."""
    return str(policy_of("sweep_until", county_id, on))


def is_late(county_id: int, on: datetime.date, at: datetime.datetime) -> bool:
    local = china_time(at)
    return local.date() > on or f"{local:%H:%M}" > until(county_id, on)


def away_by_sweep(class_id: int, on: datetime.date, session: str) -> dict[int, str]:
    """{student: mark} with which the rolls of the sweep's own day begin."""
    if session not in SESSIONS:
        return {}
    return {student: MARKS_OF.get(kind, "not_returned") for student, kind in run_sql(AWAY, (class_id, on)).fetchall()}


def sweep_due(room) -> Round | None:
    """The round that a class still has to answer today."""
    today = today_in_china()
    found = current_round(room.county_id, today)
    if found is None:
        return None
    day = Days(room.county_id, found).of(room.parent_id)
    there = Sweep.select().where((Sweep.class_org == room.id) & (Sweep.round == found.key)).exists()
    return None if there or day is None or day > today else found

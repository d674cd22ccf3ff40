"""The board of a round of 返校核查, and who has not come back: what became of each is read from rolls, moves and cases, never kept."""

import datetime
from dataclasses import dataclass
from typing import NamedTuple

from aidtracker.attendance.board import DUE, STAGES, line_at, prefixes_of
from aidtracker.attendance.hooks import open_cases_of
from aidtracker.attendance.marks import NOT_THERE
from aidtracker.attendance.models_sweeps import NotReturned, Sweep, SweepDay
from aidtracker.attendance.sessions import EVERYBODY, TAUGHT
from aidtracker.attendance.sweeps import Days, Round, rounds_of
from aidtracker.crypto.field import unsealed_column
from aidtracker.crypto.masking import mask_phone
from aidtracker.db import as_day, as_time, chunks_of, marks_for, run_sql
from aidtracker.errors import NotFound
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import Guardian
from aidtracker.terms.calendar import term_of

HOLIDAYS = datetime.timedelta(days=45)  # at most that long before a term lies the end of the one before
AWAY = ", ".join(f"'{code}'" for code in NOT_THERE)
SWEEPS = """SELECT s.class_org_id, o.path, s.expected, s.is_late, s.confirmed_at FROM sweep s JOIN org o ON o.id = s.class_org_id
WHERE s.round = ? AND o.path BETWEEN ? AND ?"""
# The first roll from the sweep's day on at which the pupil was expected, wherever, and there.
BACK = f"""SELECT MIN(l.on_day) FROM enrollment e JOIN roll_call l ON l.class_org_id = e.class_org_id WHERE e.student_id = n.student_id
AND l.on_day BETWEEN s.on_day AND ? AND e.starts_on <= l.on_day AND (e.ends_on IS NULL OR e.ends_on >= l.on_day) AND {EVERYBODY} AND l.{TAUGHT}
AND NOT EXISTS (SELECT 1 FROM absence b WHERE b.roll_call_id = l.id AND b.student_id = n.student_id AND b.mark IN ({AWAY}))"""  # noqa: S608
STILL = "SELECT 1 FROM enrollment e WHERE e.student_id = n.student_id AND e.class_org_id = s.class_org_id AND (e.ends_on IS NULL OR e.ends_on >= ?)"
PUPILS = f"""SELECT n.id, n.uid, n.student_id, p.name, s.class_org_id, o.path, sc.name, c.stage, c.entry_year, c.number, s.on_day, n.kind, n.expected_on,
n.note, n.cleared_at, ({BACK}), EXISTS ({STILL}) FROM not_returned n JOIN sweep s ON s.id = n.sweep_id JOIN student p ON p.id = n.student_id
JOIN org o ON o.id = s.class_org_id JOIN org sc ON sc.id = s.school_id JOIN school_class c ON c.org_id = s.class_org_id
WHERE {{asked}} ORDER BY sc.code, c.stage, c.entry_year DESC, c.number, p.pinyin, p.id"""  # noqa: S608
OF_ROUND, OF_ONE = PUPILS.format(asked="s.round = ? AND o.path BETWEEN ? AND ?"), PUPILS.format(asked="n.id = ?")
STATES = {"open": "还没返校", "case": "已建个案", "back": "已返校", "cleared": "已核实返校", "moved": "已转学或离校"}
STILL_AWAY = ("open", "case")  # 至今没返校
ABSENCES = f"""SELECT a.student_id, COUNT(*) FROM absence a JOIN roll_call r ON r.id = a.roll_call_id
WHERE a.on_day BETWEEN ? AND ? AND a.mark IN ({AWAY}) AND r.{TAUGHT} AND a.student_id IN """  # noqa: S608
EARLIER = "SELECT n.student_id, COUNT(*) FROM not_returned n JOIN sweep s ON s.id = n.sweep_id WHERE s.on_day < ? AND n.student_id IN "


@dataclass
class SweepLine:
    """A place: classes that have to answer, that have, how late; pupils expected and away then, and away still."""

    org_id: int
    kind: str
    name: str
    order: tuple = ()
    due: int = 0
    done: int = 0
    late: int = 0
    expected: int = 0
    away: int = 0
    still: int = 0
    at: datetime.datetime | None = None  # of a class

    @property
    def missing(self) -> int:
        return max(0, self.due - self.done)


class Returner(NamedTuple):
    """One pupil who had not come back on the day of the sweep."""

    id: int
    student_id: int
    name: str
    class_id: int
    path: str
    school_name: str
    class_name: str
    on: datetime.date
    kind: str
    expected_on: datetime.date | None
    note: str | None
    state: str
    back_on: datetime.date | None
    case_id: int | None

    @property
    def is_open(self) -> bool:
        return self.state == "open"


class History(NamedTuple):
    """What the page tells of a pupil besides."""

    guardian: str
    position: int
    phone: str  # masked
    absences: int  # sessions of the term before
    earlier: int  # rounds before in which they had not come back


def round_asked(county_id: int, key: str, today: datetime.date) -> tuple[Round | None, list[Round]]:
    """The round of the address, else the newest; and all of them."""
    found = rounds_of(county_id, today)
    return next((one for one in found if one.key == key), found[0] if found and not key else None), found


def sweep_board(places: list[Org], round_: Round, today: datetime.date) -> tuple[list[SweepLine], SweepLine]:
    """A line for each place in which some class has to answer, and their sum."""
    lines = {place.path: SweepLine(place.id, place.kind, place.name) for place in places}
    total, days = SweepLine(0, "", ""), Days(places[0].county_id, round_)
    for prefix in prefixes_of(places):
        ends = (prefix, prefix + "~")
        for class_id, _school, path, stage, entered, number in due_classes(ends, days, today):
            if line := line_at(lines, path):
                line.due, total.due = line.due + 1, total.due + 1
                if line.org_id == class_id:
                    line.name = grades.class_label(stage, entered, number, grades.school_year_of(round_.first_on))
                    line.order = (STAGES.index(stage), -entered, number.zfill(6))
        for _class, path, expected, late, at in run_sql(SWEEPS, (round_.key, *ends)):
            for counted in (line, total) if (line := line_at(lines, path)) else ():
                counted.done, counted.late, counted.expected = counted.done + 1, counted.late + bool(late), counted.expected + expected
                counted.at = as_time(at)
        for pupil in not_returned_below(prefix, round_, today):
            for counted in (line, total) if (line := line_at(lines, pupil.path)) and pupil.state != "cleared" else ():
                counted.away, counted.still = counted.away + 1, counted.still + (pupil.state in STILL_AWAY)
    return sorted((line for line in lines.values() if line.due or line.done), key=lambda line: line.order), total


def due_classes(ends: tuple[str, str], days: Days, today: datetime.date):
    """Classes with somebody to expect on the day of their school, once it has come."""
    by_day = {day for day in [*days.calendar.days[:1], *(own[0] for own in days.calendar.own.values() if own)] if day <= today}
    for day in by_day:
        for class_id, _county, school, path, stage, entered, number in run_sql(DUE, (*ends, day, day)):
            if days.of(school) == day:
                yield class_id, school, path, stage, entered, number


def not_returned_below(path: str, round_: Round, today: datetime.date) -> list[Returner]:
    return returners(run_sql(OF_ROUND, (today, today, round_.key, path, path + "~")).fetchall())


def returners(rows) -> list[Returner]:
    cases, unseal = open_cases_of([row[2] for row in rows]), unsealed_column(NotReturned.note)
    return [returner(row, cases.get(row[2]), unseal) for row in rows]


def returner(row, case_id: int | None, unseal) -> Returner:
    id_, uid, student, name, class_id, path, school, stage, entered, number, on, kind, expected_on, note, cleared, back, still = row
    label = grades.class_label(stage, entered, number, grades.school_year_of(as_day(on)))
    state = "cleared" if cleared else "back" if back else "moved" if not still else "case" if case_id else "open"
    told = unseal(uid, bytes(note)) if note is not None else None
    return Returner(id_, student, name, class_id, path, school, label, as_day(on), kind, as_day(expected_on), told, state, as_day(back), case_id)


def visible_returner(user, returner_id: int, today: datetime.date) -> tuple[NotReturned, Returner]:
    found = NotReturned.select(NotReturned, Sweep).join(Sweep).where(NotReturned.id == returner_id).first()
    if found is None or not user.may(Permission.ROLL_VIEW, found.sweep.class_org):
        raise NotFound
    return found, returners(run_sql(OF_ONE, (today, today, returner_id)).fetchall())[0]


def sweep_or_none(class_id: int, key: str) -> Sweep | None:
    return Sweep.get_or_none((Sweep.class_org == class_id) & (Sweep.round == key))


def histories(pupils: list[Returner], round_: Round) -> dict[int, History]:
    """Of the pupils of one page."""
    ids, before = [pupil.student_id for pupil in pupils], term_of(round_.first_on - HOLIDAYS)
    absences, earlier, guardians = {}, {}, {}
    for chunk in chunks_of(ids):
        absences |= dict(run_sql(ABSENCES + marks_for(chunk) + " GROUP BY a.student_id", (before.starts_on, before.ends_on, *chunk)))
        earlier |= dict(run_sql(EARLIER + marks_for(chunk) + " GROUP BY n.student_id", (round_.first_on, *chunk)))
        for guardian in Guardian.select().where(Guardian.student.in_(chunk)).order_by(Guardian.position):
            guardians.setdefault(guardian.student_id, guardian)
    return {id_: history(guardians.get(id_), absences.get(id_, 0), earlier.get(id_, 0)) for id_ in ids}


def history(guardian: Guardian | None, absences: int, earlier: int) -> History:
    if guardian is None:
        return History("", 0, "", absences, earlier)
    phone = mask_phone(guardian.phone) if guardian.phone else ""
    return History(guardian.name, guardian.position, phone, absences, earlier)


def declared_days(county: Org):
    """The latest first, those taken back too."""
    return SweepDay.select().where(SweepDay.county == county).order_by(SweepDay.on.desc(), SweepDay.id.desc())


def sweep_day_of(county: Org, day_id: int) -> SweepDay:
    found = SweepDay.get_or_none((SweepDay.id == day_id) & (SweepDay.county == county))
    if found is None:
        raise NotFound
    return found

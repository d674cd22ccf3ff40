"""What stands of warnings, what the rolls say should stand, doing what they ask for, and what a page tells of them."""

import datetime
from collections.abc import Collection
from typing import NamedTuple

from aidtracker.attendance.ladder import LOW_RATE, SILENT, Ladder, Reached, reached
from aidtracker.attendance.models_warnings import AbsenceWarning
from aidtracker.attendance.rates import seldom_there
from aidtracker.attendance.streaks import candidates_on, days_away_of
from aidtracker.db import as_day, chunks_of, marks_for, run_sql, today_in_china
from aidtracker.orgs.grades import school_year_of
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.students.hooks import Urgent
from aidtracker.students.models import Student
from aidtracker.students.queries import visible_students
from aidtracker.students.spells import Place, Spells
from aidtracker.tasks.asking import fulfil_tasks
from aidtracker.tasks.hooks import About
from aidtracker.tasks.kinds import KINDS, UNITS
from aidtracker.terms.calendar import first_day_of

ROW = "SELECT id, student_id, step, class_org_id, first_on, reached_on, ended_at, task_id FROM absence_warning WHERE "
OF_PUPILS = ROW + "student_id IN "
STANDING_SINCE = ROW + "ended_at IS NULL AND first_on <= ? AND student_id IN "
SILENT_IN = ROW + f"county_id = ? AND ended_at IS NULL AND step = '{SILENT}'"
SILENT_AT = SILENT_IN + " AND class_org_id = ?"
ROOMS = "SELECT id FROM org WHERE county_id = ? AND kind = 'class' ORDER BY id"
DUE = """SELECT w.student_id, t.id, w.step, t.after, t.unit, t.due_on, o.path FROM absence_warning w JOIN task t ON t.id = w.task_id
JOIN org o ON o.id = t.org_id WHERE w.ended_at IS NULL AND t.done_at IS NULL AND t.withdrawn_at IS NULL AND w.student_id IN """
STANDING = "SELECT DISTINCT student_id FROM absence_warning WHERE county_id = ? AND ended_at IS NULL AND student_id IS NOT NULL"


class Row(NamedTuple):
    """A warning as it is kept; `class_id` is where the pupil sat when it was last looked at."""

    id: int
    student_id: int | None
    step: str
    class_id: int
    first_on: datetime.date
    reached_on: datetime.date
    is_over: bool
    task_id: int


class Wanted(NamedTuple):
    """What the rolls say of these pupils: {(student, step): (class, Reached)}, the days without leave of their streaks, where each sits."""

    of: dict[tuple[int, str], tuple[int, Reached]]
    away: dict[int, list[datetime.date]]
    places: dict[int, Place]


def rows_of(found_rows) -> list[Row]:
    found = []
    for id_, student, step, room, first_on, reached_on, ended_at, task in found_rows.fetchall():
        found.append(Row(id_, student, step, room, as_day(first_on), as_day(reached_on), ended_at is not None, task))
    return found


def warnings_of(student_ids: Collection[int]) -> list[Row]:
    """Those over, too, the oldest first."""
    found = []
    for some in chunks_of(list(student_ids)):
        found += rows_of(run_sql(OF_PUPILS + marks_for(some) + " ORDER BY id", some))
    return found


def wanted_of(student_ids: Collection[int], county_id: int, today: datetime.date, ladder: Ladder) -> Wanted:
    """Of those who sit in a class of the county today and are expected at its rolls; what ended before this school year warns nobody."""
    begins = first_day_of(school_year_of(today))
    away = {student: days for student, days in days_away_of(student_ids, county_id, today).items() if days[-1] >= begins}
    spells = Spells(student_ids)
    places = {student: spells.on(student, today) for student in student_ids}
    found: dict[tuple[int, str], tuple[int, Reached]] = {}
    for student, days in away.items():
        for step, when in reached(days, today, ladder).items():
            found[student, step] = (places[student].class_id, when)
    rooms = sorted({place.class_id for place in places.values() if place.class_id and place.is_covered and not place.is_home_taught})
    for some in chunks_of(rooms):
        for student, seldom in seldom_there(some, county_id, today, ladder.rate).items():
            if student in places:
                found[student, LOW_RATE] = (places[student].class_id, Reached(seldom.first_on, seldom.last_on, ladder.rate))
    return Wanted(found, away, places)


def to_look_at(county_id: int, today: datetime.date, ladder: Ladder) -> set[int]:
    """Every pupil of the county of whom a warning stands, or might."""
    found = candidates_on(county_id, today) | {row[0] for row in run_sql(STANDING, (county_id,)).fetchall()}
    for some in chunks_of([row[0] for row in run_sql(ROOMS, (county_id,)).fetchall()]):
        found |= set(seldom_there(some, county_id, today, ladder.rate))
    return found


def silent_rows(county_id: int, class_id: int | None = None) -> list[Row]:
    """Of the county's classes, or of one."""
    return rows_of(run_sql(SILENT_IN, (county_id,)) if class_id is None else run_sql(SILENT_AT, (county_id, class_id)))


def fulfil(student_ids: Collection[int], steps: Collection[str], on: datetime.date, how: str, by) -> None:
    """Something was done for these pupils on a day since which they were away; joins the transaction of the act."""
    for some in chunks_of(list(student_ids)):
        rows = rows_of(run_sql(STANDING_SINCE + marks_for(some), (on, *some)))
        fulfil_tasks([row.task_id for row in rows if row.step in steps], how, by)


# What pages tell.


class Due(NamedTuple):
    """An open task of a pupil."""

    task_id: int
    step: str
    after: int
    unit: str
    due_on: datetime.date
    path: str  # of the place that answers for it


def due_of(student_ids: Collection[int]) -> dict[int, list[Due]]:
    """{student: what is to be done, the most urgent first}"""
    found: dict[int, list[Due]] = {}
    for some in chunks_of(list(student_ids)):
        for student, task, step, after, unit, due_on, path in run_sql(DUE + marks_for(some) + " ORDER BY t.due_on, t.id", some).fetchall():
            found.setdefault(student, []).append(Due(task, step, after, unit, as_day(due_on), path))
    return found


def about_tasks(user, task_ids: Collection[int]) -> dict[int, About]:
    """Whom the tasks of warnings are about, of the pupils whom the user may see."""
    found: dict[int, About] = {}
    Room, School = Org.alias(), Org.alias()
    rows = AbsenceWarning.select(AbsenceWarning.task, AbsenceWarning.student, Room.name, School.name)
    rows = rows.join(Room, on=AbsenceWarning.class_org == Room.id).join(School, on=Room.parent == School.id)
    for some in chunks_of(list(task_ids)):
        told = list(rows.where(AbsenceWarning.task.in_(some)).tuples())
        names = dict(visible_students(user, Permission.CASE_WORK).select(Student.id, Student.name).where(Student.id.in_([row[1] for row in told if row[1]])).tuples())
        for task, student, room, school in told:
            if student is None:
                found[task] = About(room, school, None)
            elif student in names:
                found[task] = About(names[student], f"{school} {room}", student)
    return found


def urgent_of(student: Student, user) -> list[Urgent]:
    """第 3 天缺勤 · 应家访, each open task of the pupil with its rule; it leads to the task for whoever answers for it."""
    due = due_of([student.id]).get(student.id, [])
    days = len(days_away_of({student.id}, student.county_id, today_in_china()).get(student.id, ())) if due else 0
    paths = user.scopes(Permission.CASE_WORK)
    return [urgent(one, days, any(one.path.startswith(path) for path in paths)) for one in due]


def urgent(due: Due, days: int, is_theirs: bool) -> Urgent:
    label, rule = Phrase(KINDS[due.step].label), Phrase(KINDS[due.step].rule, n=due.after, unit=Phrase(UNITS[due.unit]))
    words = Phrase("第 %(n)s 天缺勤 · 应%(what)s", n=days, what=label) if days and due.step != LOW_RATE else label
    return Urgent(words, rule, "tasks.show_task" if is_theirs else "", {"task_id": due.task_id})

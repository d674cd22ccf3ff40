"""Absences in the watch period: a listener of the roll, within its transaction. The worker is asked to look after them."""

from aidtracker.attendance.marks import UNEXCUSED
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.sessions import TEACHING
from aidtracker.cases import case_tasks
from aidtracker.cases.models import Case
from aidtracker.cases.watch import is_away, watched_since
from aidtracker.db import as_day, run_sql

KIND = "relapse"
SOON = 1  # school day, as for every call
MARKS = ", ".join(f"'{mark}'" for mark in UNEXCUSED)
# Of the pupils on the roll who are watched: the unexcused, and those of whom a task says that they were.
CONCERNED = f"""SELECT c.student_id FROM absence a JOIN dropout_case c ON c.student_id = a.student_id
WHERE a.roll_call_id = ? AND a.mark IN ({MARKS}) AND c.state = 'returned'
UNION SELECT c.student_id FROM task t JOIN case_task k ON k.task_id = t.id JOIN dropout_case c ON c.id = k.case_id
JOIN enrollment e ON e.student_id = c.student_id
WHERE t.kind = '{KIND}' AND t.since = ? AND t.done_at IS NULL AND t.withdrawn_at IS NULL
AND e.class_org_id = ? AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?)"""  # noqa: S608 our own names


def look_at_roll(roll: RollCall) -> None:
    """One short question, and almost always nobody."""
    if roll.session not in TEACHING:
        return
    found = [row[0] for row in run_sql(CONCERNED, (roll.id, roll.on, roll.class_org_id, roll.on, roll.on)).fetchall()]
    for student_id, (case, first_on) in (watched_since(found) if found else {}).items():
        if roll.on >= first_on:
            settle(case, student_id, as_day(roll.on))


def settle(case: Case, student_id: int, on) -> None:
    """One task for a day; it goes when the roll of that day is corrected."""
    standing = case_tasks.open_tasks_of(case, (KIND,))
    if not is_away(student_id, on):
        case_tasks.withdraw_of_day(case, KIND, on, "corrected")
    elif not standing:
        case_tasks.ask_person(case, KIND, case.owner, SOON, since=on)

"""Raising and ending warnings, with the tasks that they ask for: in the transaction of a roll, or of the whole county at once.

Nothing is counted on: what should stand is derived anew from the rolls (warnings.py) and laid beside what stands. So a correction,
a late roll, one that is sent twice, a day that is closed later all end in the same as a recomputation. A pupil and step have one
warning for one streak: what was withdrawn by a mistake is taken up again, with what was done about it.
"""

import datetime
from collections.abc import Callable, Collection
from functools import cached_property

from aidtracker.accounts.models import User
from aidtracker.attendance.ladder import LOW_RATE, SAME_DAY, SILENT, STEPS, Ladder, Reached, ladder_of
from aidtracker.attendance.marks import UNEXCUSED
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.models_warnings import AbsenceWarning, WarningRound
from aidtracker.attendance.rates import MISSED_OFTEN, missed_often
from aidtracker.attendance.sessions import TEACHING
from aidtracker.attendance.silence import silent_since
from aidtracker.attendance.streaks import days_away_of
from aidtracker.attendance.warnings import Row, Wanted, silent_rows, to_look_at, wanted_of, warnings_of
from aidtracker.audit.actions import record
from aidtracker.db import china_time, chunks_of, lock, marks_for, run_sql, today_in_china, transaction, utcnow
from aidtracker.policies.queries import number_of
from aidtracker.students.models import Student
from aidtracker.students.search import counties
from aidtracker.tasks.actions import escalate_tasks
from aidtracker.tasks.asking import ask_again, ask_for_task, fulfil_tasks, move_task, withdraw_tasks
from aidtracker.terms.calendar import school_days
from aidtracker.terms.days import ONE_DAY

# Listeners of upper rooms, filled by create_app: called with (student, first day away, who found it), inside the transaction.
when_suspected: list[Callable] = []
# Called with (county_id=..., today=...), once a night and county, inside its transaction.
when_night_falls: list[Callable] = []

HOUR = 2  # in China, when nobody is at work
A_WEEK = datetime.timedelta(days=7)
LONGEST_BREAK = datetime.timedelta(days=120)
# Whom a roll may concern: the unexcused on it, of those who sat there that day whoever is warned of, and who came too seldom of late.
CONCERNED = f"""SELECT student_id FROM absence WHERE roll_call_id = ? AND mark IN {marks_for(UNEXCUSED)}
UNION SELECT w.student_id FROM absence_warning w JOIN enrollment e ON e.student_id = w.student_id
WHERE w.ended_at IS NULL AND e.class_org_id = ? AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?)
UNION {MISSED_OFTEN}"""  # noqa: S608 our own names
INSERT = """INSERT INTO absence_warning (county_id, class_org_id, student_id, step, first_on, reached_on, raised_at, task_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
PATHS = "SELECT id, path FROM org WHERE id IN "
ROOM = """SELECT o.county_id, EXISTS (SELECT 1 FROM absence_warning w WHERE w.class_org_id = o.id AND w.ended_at IS NULL AND w.student_id IS NULL)
FROM org o WHERE o.id = ?"""


def look_at_roll(roll: RollCall) -> None:
    """A listener of the roll: almost always there is nobody to look at, and that is known after three short questions."""
    if roll.session not in TEACHING:
        return
    today = today_in_china()
    county_id, is_silent = run_sql(ROOM, (roll.class_org_id,)).fetchone()
    ladder = ladder_of(county_id, today)
    asked = (roll.id, *UNEXCUSED, roll.class_org_id, roll.on, roll.on, *missed_often(roll.class_org_id, today, ladder.rate))
    students = {row[0] for row in run_sql(CONCERNED, asked).fetchall()}
    if students:
        settle(county_id, students, today, ladder, roll.submitted_by_id)
    if is_silent:
        settle_silence(county_id, today, ladder, roll.class_org_id)


def look_at_county(*, county_id: int, today: datetime.date, by=None) -> int:
    """Everybody of the county; returns how many warnings changed. The night's round, and whatever moves many days at once."""
    with transaction():
        ladder = ladder_of(county_id, today)
        changed = settle(county_id, to_look_at(county_id, today, ladder), today, ladder, by.id if by else None)
        changed += settle_silence(county_id, today, ladder)
    return changed


def look_at_calendar(county_id: int, by) -> None:
    """A listener of the calendar: days that are school days no more, or are now."""
    look_at_county(county_id=county_id, today=today_in_china(), by=by)


def settle(county_id: int, students: Collection[int], today: datetime.date, ladder: Ladder, by_id: int | None) -> int:
    """Brings the warnings of these pupils to what the rolls say, within the caller's transaction."""
    lock("warnings", county_id)
    wanted, rows = wanted_of(students, county_id, today, ladder), warnings_of(students)
    standing = {(row.student_id, row.step): row for row in rows if not row.is_over}
    new = {key: told for key, told in wanted.of.items() if key not in standing}
    moved = {key: told for key, told in wanted.of.items() if key in standing and is_moved(standing[key], *told)}
    paths = paths_of({room for room, _when in (*new.values(), *moved.values())})
    raising = Raising(county_id, today, ladder, paths)
    for (student, step), (room, when) in new.items():
        former = former_of(rows, student, step, when, wanted)
        raising.again(former, room, when) if former else raising.new(student, step, room, when, by_id)
    for key, (room, when) in moved.items():
        raising.move(standing[key], room, when)
    over = [row for key, row in standing.items() if key not in wanted.of]
    end_warnings(over, wanted, county_id, ladder)
    return len(new) + len(moved) + len(over)


def is_moved(row: Row, room: int, when: Reached) -> bool:
    """The days of a rate move on by themselves."""
    return row.class_id != room or (row.step != LOW_RATE and (row.first_on, row.reached_on) != (when.first_on, when.reached_on))


def paths_of(room_ids: set[int]) -> dict[int, str]:
    rooms = list(room_ids)
    return {id_: path for some in chunks_of(rooms) for id_, path in run_sql(PATHS + marks_for(some), some)}


class Raising:
    """Warnings with their tasks, of one county and day."""

    def __init__(self, county_id: int, today: datetime.date, ladder: Ladder, paths: dict[int, str]):
        self.county_id, self.today, self.ladder, self.paths = county_id, today, ladder, paths

    def new(self, student: int | None, step: str, room: int, when: Reached, by_id: int | None) -> None:
        days = {"since": when.first_on, "due_on": self.due_day(step), "today": self.today}
        unit = self.ladder.unit if step in STEPS else "school"
        task = ask_for_task(kind=step, county_id=self.county_id, path=self.paths[room], after=when.after, unit=unit, **days)
        run_sql(INSERT, (self.county_id, room, student, step, when.first_on, when.reached_on, utcnow(), task))
        if step == "suspected":
            by = User.get_or_none(User.id == by_id)
            for listen in when_suspected:
                listen(Student.get_by_id(student), when.first_on, by)

    def again(self, row: Row, room: int, when: Reached) -> None:
        AbsenceWarning.update(ended_at=None).where(AbsenceWarning.id == row.id).execute()
        ask_again(row.task_id, self.due_day(row.step))
        self.move(row, room, when)

    def move(self, row: Row, room: int, when: Reached) -> None:
        columns = {"class_org": room, "first_on": when.first_on, "reached_on": when.reached_on}
        AbsenceWarning.update(**columns).where(AbsenceWarning.id == row.id).execute()
        move_task(task_id=row.task_id, path=self.paths[room], since=when.first_on, today=self.today)

    def due_day(self, step: str) -> datetime.date:
        """The same day for a call or a visit, else the next school day; on a day without school the first one with it."""
        ahead = self.ahead
        wait = 0 if step in SAME_DAY or not ahead or ahead[0] > self.today else 1
        return ahead[wait] if len(ahead) > wait else self.today + LONGEST_BREAK

    @cached_property
    def ahead(self) -> list[datetime.date]:
        near = school_days(self.today, self.today + A_WEEK, self.county_id)
        return near if len(near) > 1 else school_days(self.today, self.today + LONGEST_BREAK, self.county_id)


def former_of(rows: list[Row], student: int, step: str, when: Reached, wanted: Wanted) -> Row | None:
    """The last one that is over and was of the same days: a mistake of a roll took it away."""
    last = wanted.away[student][-1] if step in STEPS else when.reached_on
    same = [row for row in rows if (row.student_id, row.step) == (student, step) and row.first_on <= last and row.reached_on >= when.first_on]
    return same[-1] if same else None


def end_warnings(rows: list[Row], wanted: Wanted, county_id: int, ladder: Ladder) -> None:
    """With words on why: away from here, back at school, a rule or a roll that was corrected."""
    by_why: dict[str, list[Row]] = {}
    for row in rows:
        by_why.setdefault(why_over(row, wanted, county_id, ladder), []).append(row)
    for why, over in by_why.items():
        for some in chunks_of([row.id for row in over]):
            AbsenceWarning.update(ended_at=utcnow()).where(AbsenceWarning.id.in_(some)).execute()
        withdraw_tasks([row.task_id for row in over], why)


def why_over(row: Row, wanted: Wanted, county_id: int, ladder: Ladder) -> str:
    place = wanted.places[row.student_id]
    if not place.is_covered or place.is_home_taught:
        return "left"
    if row.step == LOW_RATE:
        return "back" if ladder.rate else "rule"
    then = days_away_of({row.student_id}, county_id, row.reached_on).get(row.student_id)
    if not then or then[0] != row.first_on:
        return "corrected"
    return "rule" if row.first_on in wanted.away.get(row.student_id, ()) else "back"


def settle_silence(county_id: int, today: datetime.date, ladder: Ladder, class_id: int | None = None) -> int:
    """The same of classes that take no roll; a roll of late does what their task asks for."""
    found = silent_since(county_id, today, ladder.silent, None if class_id is None else [class_id])
    standing = {row.class_id: row for row in silent_rows(county_id, class_id)}
    new = {room: Reached(*days, ladder.silent) for room, days in found.items() if room not in standing}
    raising = Raising(county_id, today, ladder, paths_of(set(new)))
    for room, when in new.items():
        raising.new(None, SILENT, room, when, None)
    over = [row for room, row in standing.items() if room not in found]
    for some in chunks_of([row.id for row in over]):
        AbsenceWarning.update(ended_at=utcnow()).where(AbsenceWarning.id.in_(some)).execute()
    fulfil_tasks([row.task_id for row in over], "roll", None)
    return len(new) + len(over)


# What the server does by itself.


def look_at_all_when_due() -> None:
    """Twice a minute, and almost always nothing; once a day every county: what is reached by the calendar, silent classes, late tasks."""
    now = china_time(utcnow())
    if now.hour < HOUR:
        return
    done = {county for (county,) in WarningRound.select(WarningRound.county).where(WarningRound.on == now.date()).tuples()}
    for county_id in counties():
        if county_id not in done and make_round(county_id=county_id, today=now.date()):
            escalate_late(county_id, now.date())


def make_round(*, county_id: int, today: datetime.date, by=None) -> bool:
    """One county's night; False for whoever comes second."""
    with transaction():
        lock("warnings", county_id)
        if WarningRound.select().where((WarningRound.county == county_id) & (WarningRound.on == today)).exists():
            return False
        changed = look_at_county(county_id=county_id, today=today, by=by)
        WarningRound.create(county=county_id, on=today, changed=changed)
        for listen in when_night_falls:
            listen(county_id=county_id, today=today)
        record(action="attendance.make_round", by=by, object_kind="org", object_id=str(county_id), count=changed, county_id=county_id)
    return True


def escalate_late(county_id: int, today: datetime.date) -> int:
    """What is late by so many school days as the county gives (0: never)."""
    wait = number_of("task_escalates_after", county_id, today)
    past = school_days(today - LONGEST_BREAK, today - ONE_DAY, county_id)
    if not 0 < wait <= len(past):
        return 0
    return escalate_tasks(county_id=county_id, due_before=past[-wait], today=today)

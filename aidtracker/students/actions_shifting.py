"""Many pupils from class to class at once, with the journal that undoes it: rollovers, split classes, mergers.

Set-based, inside the caller's transaction. A journal holds ids only, and is sealed all the same.
"""

import datetime
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from aidtracker.db import as_day, chunks_of, insert_rows, marks_for, reserve_ids, run_many, run_sql, utcnow
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.orgs.places import add_orgs
from aidtracker.orgs.queries import class_code
from aidtracker.students.models import Enrollment
from aidtracker.students.models_moves import Move
from aidtracker.students.models_rollover import Rollover
from aidtracker.students.move_rows import add_moves
from aidtracker.students.queries import lock_pupils
from aidtracker.students.rollover import Sitting
from aidtracker.terms.days import ONE_DAY

SPELL = ("id", "student_id", "class_org_id", "mode", "starts_on", "created_at")
# The pupil's own class and mode are those of the open spell.
IN_STEP = """UPDATE student SET class_org_id = (SELECT e.class_org_id FROM enrollment e WHERE e.student_id = student.id AND e.ends_on IS NULL),
mode = COALESCE((SELECT e.mode FROM enrollment e WHERE e.student_id = student.id AND e.ends_on IS NULL), 'day'),
revision = revision + 1, updated_at = ? WHERE id IN """
SPELLS_OF = "SELECT student_id, id, ends_on, starts_on FROM enrollment WHERE student_id IN "
MOVED_SINCE = "SELECT student_id FROM move WHERE recorded_at > ? AND withdrawn_at IS NULL AND student_id IN "
ASKED_SINCE = "SELECT student_id FROM transfer WHERE asked_at > ? AND state NOT IN ('refused', 'withdrawn') AND student_id IN "


@dataclass
class Journal:
    """What stood before: names of classes, places that were closed or opened, spells as (pupil, ended, begun or None)."""

    names: list[tuple[int, str]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)  # made, or opened again
    spells: list[tuple[int, int, int | None]] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)  # that pupils came into

    def text(self) -> str:
        return json.dumps(self.__dict__, ensure_ascii=False)

    @property
    def students(self) -> list[int]:
        return [student for student, _ended, _begun in self.spells]

    @property
    def begun(self) -> list[int]:
        return [begun for _student, _ended, begun in self.spells if begun]


def journal_of(rollover: Rollover) -> Journal:
    return Journal(**json.loads(rollover.journal))


def shift(journal: Journal, pupils: list[Sitting], to: list[int | None], day: datetime.date, county_id: int, **move) -> None:
    """Each pupil leaves the class on the eve of `day` and comes into the class at the same place of `to`; None: out.

    move: kind (of pupil's class and new one), by, document, reason.
    """
    if not pupils:
        return
    lock_pupils([pupil.student_id for pupil in pupils])
    eve = (day - ONE_DAY).isoformat()
    for some in chunks_of([pupil.spell_id for pupil in pupils]):
        run_sql(f"UPDATE enrollment SET ends_on = ? WHERE id IN {marks_for(some)}", (eve, *some))  # noqa: S608 marks
    begun = begin_spells(pupils, to, day)
    journal.spells += [(pupil.student_id, pupil.spell_id, begun.get(pupil.student_id)) for pupil in pupils]
    journal.classes = sorted({*journal.classes, *(room for room in to if room)})
    keep_many_in_step([pupil.student_id for pupil in pupils])
    note_moves(pupils, to, day, county_id, **move)


def begin_spells(pupils: list[Sitting], to: list[int | None], day: datetime.date) -> dict[int, int]:
    """{pupil: new spell}; the mode stays."""
    entering = [(pupil, room) for pupil, room in zip(pupils, to, strict=True) if room]
    ids, now = list(reserve_ids(Enrollment, len(entering))), str(utcnow())
    rows = [(id_, pupil.student_id, room, pupil.mode, day.isoformat(), now) for id_, (pupil, room) in zip(ids, entering, strict=True)]
    insert_rows(Enrollment, SPELL, rows)
    return {row[1]: row[0] for row in rows}


def keep_many_in_step(student_ids: list[int]) -> None:
    for some in chunks_of(student_ids):
        run_sql(IN_STEP + marks_for(some), (str(utcnow()), *some))


def note_moves(pupils, to, day, county_id: int, *, kind: Callable[[int | None], str], by, document: str = "", reason: str = "") -> None:
    rows = []
    for pupil, room in zip(pupils, to, strict=True):
        about = {"student": pupil.student_id, "county": county_id, "on_day": day, "recorded_by": by, "document": document}
        row = Move(kind=kind(room), from_class=pupil.class_id, to_class=room, **about)
        row.reason = reason or None
        rows.append(row)
    add_moves(rows)


def rename(journal: Journal, names: list[tuple[int, str, str]]) -> None:
    """(class, before, after): the name rolls up with the grade."""
    changed = [one for one in names if one[1] != one[2]]
    run_many("UPDATE org SET name = ? WHERE id = ?", [(after, id_) for id_, _before, after in changed])
    journal.names += [(id_, before) for id_, before, _after in changed]


def close_places(journal: Journal, ids: list[int], day: datetime.date) -> None:
    for some in chunks_of(ids):
        run_sql(f"UPDATE org SET closed_on = ? WHERE id IN {marks_for(some)}", (day.isoformat(), *some))  # noqa: S608 marks
    journal.closed += ids


def class_called(journal: Journal, school: Org, stage: str, entered: int, number: str, year: int) -> Org:
    """The class of that number, made or opened again where there is none that is open."""
    code = class_code(school.code, stage, entered, number)
    found = Org.get_or_none(Org.code == code)
    if found is None:
        found = add_orgs("class", [(code, grades.class_label(stage, entered, number, year), school)])[code]
        insert_rows(SchoolClass, ("org_id", "school_id", "stage", "entry_year", "number"), [(found.id, school.id, stage, entered, number)])
        journal.opened.append(found.id)
    elif found.closed_on is not None:
        run_sql("UPDATE org SET closed_on = NULL WHERE id = ?", (found.id,))
        journal.opened.append(found.id)
    return found


def free_number(school: Org, stage: str, entered: int) -> str:
    """One more than the highest of the cohort, closed classes too: a number is not given to two."""
    mine = (SchoolClass.school == school) & (SchoolClass.stage == stage) & (SchoolClass.entry_year == entered)
    numbers = [number for (number,) in SchoolClass.select(SchoolClass.number).where(mine).tuples()]
    return str(max((int(number) for number in numbers if number.isascii() and number.isdigit()), default=0) + 1)


def put_back(rollover: Rollover, journal: Journal, by) -> None:
    """Spells, classes and names as they were; the moves stay, marked as withdrawn. Classes that were made are closed, not deleted."""
    lock_pupils(journal.students)
    for some in chunks_of(journal.begun):
        run_sql(f"DELETE FROM enrollment WHERE id IN {marks_for(some)}", some)  # noqa: S608 marks
    for some in chunks_of([ended for _student, ended, _begun in journal.spells]):
        run_sql(f"UPDATE enrollment SET ends_on = NULL WHERE id IN {marks_for(some)}", some)  # noqa: S608 marks
    keep_many_in_step(journal.students)
    withdraw_moves(rollover, journal.students, by)
    run_many("UPDATE org SET name = ? WHERE id = ?", [(before, id_) for id_, before in journal.names])
    for some in chunks_of(journal.closed):
        run_sql(f"UPDATE org SET closed_on = NULL WHERE id IN {marks_for(some)}", some)  # noqa: S608 marks
    close_empty(journal.opened, rollover.on_day)


def withdraw_moves(rollover: Rollover, student_ids: list[int], by) -> None:
    for some in chunks_of(student_ids):
        mine = Move.student.in_(some) & (Move.on_day == rollover.on_day) & Move.kind.in_(("promote", "graduate", "reorganize"))
        Move.update(withdrawn_by=by, withdrawn_at=utcnow()).where(mine & Move.withdrawn_at.is_null()).execute()


def close_empty(ids: list[int], day: datetime.date) -> None:
    """Those in which nobody else sits meanwhile: two schools may have sent their pupils into one class."""
    for some in chunks_of(ids):
        run_sql(
            f"UPDATE org SET closed_on = ? WHERE id IN {marks_for(some)} AND NOT EXISTS "  # noqa: S608 marks
            "(SELECT 1 FROM enrollment e WHERE e.class_org_id = org.id AND e.ends_on IS NULL)",
            (day.isoformat(), *some),
        )


def written_meanwhile(rollover: Rollover, journal: Journal) -> list[int]:
    """Pupils whose spells are no longer those that were left, or who have had a move or a transfer since."""
    found: set[int] = set()
    for some in chunks_of(journal.spells):
        found |= with_other_spells(some, rollover.on_day)
        ids = [student for student, _ended, _begun in some]
        for asked in (MOVED_SINCE, ASKED_SINCE):
            found |= {student for (student,) in run_sql(asked + marks_for(ids), (str(rollover.done_at), *ids)).fetchall()}
    return sorted(found)


def with_other_spells(spells: list[tuple[int, int, int | None]], day: datetime.date) -> set[int]:
    """Of these (pupil, ended, begun or None): who has a spell more, less or other dates than the rollover left."""
    wanted = {(student, ended, (day - ONE_DAY)) for student, ended, _begun in spells} | {(student, begun, None) for student, _ended, begun in spells if begun}
    ids, old = [student for student, _ended, _begun in spells], {ended for _student, ended, _begun in spells}
    rows = run_sql(SPELLS_OF + marks_for(ids), ids).fetchall()
    found = {(student, id_, as_day(ends)) for student, id_, ends, starts in rows if id_ in old or as_day(starts) >= day}
    return {student for student, _spell, _ends in wanted ^ found}

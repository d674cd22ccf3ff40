"""Many rolls at once, set by set: what a workbook brings, and a whole day of a made county."""

import datetime
import json
from collections.abc import Callable, Iterable
from typing import NamedTuple

from aidtracker.attendance.day_sums import FIGURES, add_to_day_sums
from aidtracker.attendance.lateness import Lateness
from aidtracker.attendance.marks import counts_of
from aidtracker.attendance.models import Absence, RollCall, RollCallVersion
from aidtracker.audit.actions import record
from aidtracker.crypto.field import sealed_column, unsealed_column
from aidtracker.db import chunks_of, insert_rows, is_sqlite, marks_for, reserve_ids, run_many, run_sql, transaction, utcnow

ROWS = 10_000  # of one transaction: the write lock is held under a second
INSERT = f"""INSERT INTO roll_call (id, class_org_id, school_id, on_day, session, revision, submitted_by_id, submitted_at, receipt, is_late,
{", ".join(FIGURES)}) VALUES (?, ?, ?, ?, ?, 1, ?, ?, '', ?, {", ".join("?" * len(FIGURES))})
ON CONFLICT (class_org_id, on_day, session) DO NOTHING"""  # noqa: S608 our own names
UPDATE = f"""UPDATE roll_call SET revision = revision + 1, submitted_by_id = ?, submitted_at = ?, receipt = '',
{", ".join(f"{name} = ?" for name in FIGURES)} WHERE id = ?"""  # noqa: S608
FORMER = f"SELECT id, revision, submitted_by_id, submitted_at, {', '.join(FIGURES)} FROM roll_call WHERE id IN "  # noqa: S608
MARKED = "SELECT roll_call_id, student_id, mark, reason FROM absence WHERE roll_call_id IN "
ABSENCE = ("roll_call_id", "student_id", "on_day", "mark", "reason")
VERSION = "roll_call_id revision expected marks reasons submitted_by_id submitted_at replaced_by_id replaced_at reason"


class WholeRoll(NamedTuple):
    """A roll with everybody on it: `marks` is {student id: (mark, reason or None)} of whoever was not simply present.

    `standing` is (id, revision) of the roll that it replaces. `at` (UTC) and `by_id` say who submitted
    it and when, where that is not the one who saves it now.
    """

    class_id: int
    school_id: int
    on: datetime.date
    session: str
    expected: int
    marks: dict[int, tuple[str, str | None]]
    standing: tuple[int, int] | None = None
    at: datetime.datetime | None = None
    by_id: int | None = None

    @property
    def figures(self) -> list[int]:
        counts = counts_of([mark for mark, _ in self.marks.values()], self.expected)
        return [counts[name] for name in FIGURES]


def save_day_of_rolls(*, rolls: Iterable[WholeRoll], by, why: str, county_id: int | None, progress: Callable | None = None) -> int:
    """Saves the rolls in transactions of at most 10,000 rows; returns how many were written.

    A roll that somebody else wrote or changed in the meantime stays as it is: nothing is overwritten unseen.
    """
    rolls, written = list(rolls), 0
    total = sum(1 + len(roll.marks) for roll in rolls)
    done = 0
    for chunk in in_chunks(rolls):
        with transaction():
            written += write(chunk, by, why, county_id)
        done += sum(1 + len(roll.marks) for roll in chunk)
        if progress:
            progress(done, total)
    return written


def in_chunks(rolls: list[WholeRoll]):
    """In one order for everybody, so that two writers never wait for each other."""
    rolls = sorted(rolls, key=lambda roll: (roll.on, roll.class_id, roll.session))
    chunk, rows = [], 0
    for roll in rolls:
        if chunk and rows + 1 + len(roll.marks) > ROWS:
            yield chunk
            chunk, rows = [], 0
        chunk.append(roll)
        rows += 1 + len(roll.marks)
    if chunk:
        yield chunk


def write(rolls: list[WholeRoll], by, why: str, county_id: int | None) -> int:
    """One transaction's worth: rolls, absences, versions, sums, one audit entry."""
    now, differences = utcnow(), {}
    saved = inserted([roll for roll in rolls if roll.standing is None], by, now, differences, Lateness(county_id))
    saved += updated([roll for roll in rolls if roll.standing], by, why, now, differences)
    seal, absences = sealed_column(Absence.reason), []
    for id_, roll in saved:
        day = roll.on.isoformat()
        for student, (mark, reason) in roll.marks.items():
            absences.append((id_, student, day, mark, seal(f"{id_}-{student}", reason) if reason else None))
    insert_rows(Absence, ABSENCE, absences)
    add_to_day_sums(differences)
    if saved:
        told = {"object_kind": "roll_call", "fields": ("marks",), "count": len(saved), "reason": why, "county_id": county_id}
        record(action="attendance.save_day_of_rolls", by=by, **told)
    return len(saved)


def inserted(rolls: list[WholeRoll], by, now, differences, lateness: Lateness) -> list[tuple[int, WholeRoll]]:
    if not rolls:
        return []
    ids, mine = reserve_ids(RollCall, len(rolls)), by.id if by else None
    rows, figures_of = [], {}
    for id_, roll in zip(ids, rolls, strict=True):
        figures_of[id_] = roll.figures
        key = (id_, roll.class_id, roll.school_id, roll.on.isoformat(), roll.session)
        is_late = lateness.of(roll.on, roll.session, roll.at or now)
        rows.append((*key, roll.by_id or mine, str(roll.at or now), is_late, *figures_of[id_]))
    run_many(INSERT, rows)
    found = run_sql("SELECT id FROM roll_call WHERE id BETWEEN ? AND ?", (ids[0], ids[-1]))
    there = {row[0] for row in found}
    saved = [(id_, roll) for id_, roll in zip(ids, rolls, strict=True) if id_ in there]
    for id_, roll in saved:
        add(differences, roll, figures_of[id_], 1)
    return saved


def updated(rolls: list[WholeRoll], by, why: str, now, differences) -> list[tuple[int, WholeRoll]]:
    """Those whose revision is still the one that the plan saw; what stood before is kept as a version."""
    saved, versions, changes = [], [], []
    former = former_rolls([roll.standing[0] for roll in rolls])
    marks = former_marks(list(former))
    seal, unseal = sealed_column(RollCallVersion.reasons), unsealed_column(Absence.reason)
    for roll in rolls:
        id_, seen = roll.standing
        revision, by_id, at, *figures = former[id_]
        if revision != seen:
            continue
        stood = {str(student): mark for student, mark, _blob in marks.get(id_, ())}
        reasons = {str(s): unseal(f"{id_}-{s}", blob) for s, _mark, blob in marks.get(id_, ()) if blob is not None}
        sealed = seal(f"{id_}-{revision}", json.dumps(reasons, ensure_ascii=False)) if reasons else None
        kept = (id_, revision, figures[0], json.dumps(stood), sealed, by_id, str(at))
        versions.append((*kept, by.id if by else None, str(now), why))
        changes.append((by.id if by else None, str(roll.at or now), *roll.figures, id_))
        add(differences, roll, [new - old for new, old in zip(roll.figures, figures, strict=True)], 0)
        saved.append((id_, roll))
    insert_rows(RollCallVersion, tuple(VERSION.split()), versions)
    run_many("DELETE FROM absence WHERE roll_call_id = ?", [(id_,) for id_, _roll in saved])
    run_many(UPDATE, changes)
    return saved


def add(differences: dict, roll: WholeRoll, figures: list[int], rolls: int) -> None:
    sums = differences.setdefault((roll.school_id, roll.on.isoformat(), roll.session), [0] * (len(FIGURES) + 1))
    for place, value in enumerate((*figures, rolls)):
        sums[place] += value


def former_rolls(ids: list[int]) -> dict[int, tuple]:
    lock = "" if is_sqlite() else " ORDER BY id FOR UPDATE"
    return {id_: rest for chunk in chunks_of(ids) for id_, *rest in run_sql(FORMER + marks_for(chunk) + lock, chunk)}


def former_marks(ids: list[int]) -> dict[int, list[tuple]]:
    found = {}
    for chunk in chunks_of(ids):
        for roll, *rest in run_sql(MARKED + marks_for(chunk), chunk):
            found.setdefault(roll, []).append(rest)
    return found

"""Taking the roll and correcting it. A class, a day and a session have one roll; every edit says what it was based on.

Two first submissions at once: the unique key decides, and the second becomes a conflict that shows both.
"""

import datetime
import json
from collections.abc import Callable

from aidtracker.attendance.day_sums import FIGURES, add_to_day_sum
from aidtracker.attendance.free import refuse_free
from aidtracker.attendance.lateness import is_late
from aidtracker.attendance.marks import LONGEST_REASON, MARKS_AT, counts_of
from aidtracker.attendance.models import Absence, RollCall, RollCallVersion
from aidtracker.attendance.plans import sessions_taken
from aidtracker.attendance.queries import Standing, expected_ids, reasons_of, standing_or_none
from aidtracker.attendance.sessions import FOR_BOARDERS, SESSIONS
from aidtracker.attendance.windows import refuse_correction, refuse_first, refuse_outsider
from aidtracker.audit.actions import record
from aidtracker.crypto.field import sealed_column
from aidtracker.db import china_time, run_sql, today_in_china, transaction, utcnow
from aidtracker.errors import Conflict, Refused
from aidtracker.phrases import Phrase
from aidtracker.terms.calendar import is_school_day, why_closed
from aidtracker.terms.years import refuse_closed_year

INSERT = f"""INSERT INTO roll_call (class_org_id, school_id, on_day, session, revision, submitted_by_id, submitted_at, receipt, is_late,
{", ".join(FIGURES)}) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, {", ".join("?" * len(FIGURES))})
ON CONFLICT (class_org_id, on_day, session) DO NOTHING RETURNING id"""  # noqa: S608 our own names
UPDATE = f"""UPDATE roll_call SET revision = revision + 1, submitted_by_id = ?, submitted_at = ?, receipt = ?,
{", ".join(f"{name} = ?" for name in FIGURES)} WHERE id = ? AND revision = ?"""  # noqa: S608
FORMER = "SELECT " + ", ".join(FIGURES) + " FROM roll_call WHERE id = ?"  # noqa: S608

# Listeners of upper rooms, filled by create_app and cli: called with the RollCall, inside its transaction.
when_roll_submitted: list[Callable] = []


def submit_roll_call(*, class_org, on, session, marks, base_revision, by, reason="", receipt="") -> RollCall:
    """Saves {student id: (mark, reason or None)} of whoever was not simply present; everybody else was.

    `base_revision` is the revision that the edit was based on, 0 for none. A mark that stays keeps its
    reason when the new one is None. What stands already is not written again. Refused: a closed or future
    day, somebody who is not expected, a stale revision (Conflict with the roll as it stands), a past roll
    without the right to correct it or without `reason`.
    """
    refuse_outsider(class_org, by)
    refuse_day(class_org, on, session)
    refuse_marks(marks, session)
    with transaction():
        expected = expected_ids(class_org.id, on, session)
        refuse_strangers(expected, marks, session)
        counts = counts_of([mark for mark, _ in marks.values()], len(expected))
        roll = RollCall(class_org_id=class_org.id, school_id=class_org.parent_id, on=on, session=session, **counts)
        roll.submitted_by_id, roll.submitted_at, roll.receipt = by.id, utcnow(), receipt
        standing = standing_or_none(class_org.id, on, session)
        if standing is None:
            refuse_first(class_org, on, base_revision, by)
            refuse_free(class_org, on, session)
            if is_first(roll, marks, class_org, by):
                return roll
            standing = standing_or_none(class_org.id, on, session)
        return correct(roll, standing, marks, base_revision, class_org, by, reason)


def is_first(roll: RollCall, marks, class_org, by) -> bool:
    """Writes the first revision; False when somebody else's came first by a moment."""
    figures = [getattr(roll, name) for name in FIGURES]
    key = (roll.class_org_id, roll.school_id, roll.on, roll.session)
    roll.is_late = is_late(class_org.county_id, roll.on, roll.session, roll.submitted_at)
    row = run_sql(INSERT, (*key, roll.submitted_by_id, roll.submitted_at, roll.receipt, roll.is_late, *figures)).fetchone()
    if row is None:
        return False
    roll.id, roll.revision = row[0], 1
    write_absences(roll, marks)
    add_to_day_sum(roll.school_id, roll.on, roll.session, figures, 1)
    told("submit_roll_call", roll, class_org, by)
    return True


def correct(roll: RollCall, standing: Standing, marks, base_revision, class_org, by, reason) -> RollCall:
    """A further revision: the former stays as a version, with its reasons."""
    roll.id, roll.revision, roll.receipt = standing.id, standing.revision, roll.receipt or standing.receipt
    before = reasons_of(standing) if standing.reasons else {}
    wanted = with_kept_reasons(marks, standing, before)
    if is_same(wanted, standing, before, roll):
        roll.submitted_by_id, roll.submitted_at, roll.receipt = standing.by_id, standing.submitted_at, standing.receipt
        return roll
    if base_revision != standing.revision:
        raise conflict_with(standing)
    refuse_correction(class_org, roll.on, by, reason)
    former = run_sql(FORMER, (standing.id,)).fetchone()
    figures = [getattr(roll, name) for name in FIGURES]
    values = (by.id, roll.submitted_at, roll.receipt, *figures, standing.id, standing.revision)
    if not run_sql(UPDATE, values).rowcount:
        raise conflict_with(standing_or_none(class_org.id, roll.on, roll.session))
    roll.revision = standing.revision + 1
    keep_version(standing, before, by, roll.submitted_at, reason)
    run_sql("DELETE FROM absence WHERE roll_call_id = ?", (roll.id,))
    write_absences(roll, wanted)
    differences = [now - then for now, then in zip(figures, former, strict=True)]
    add_to_day_sum(roll.school_id, roll.on, roll.session, differences, 0)
    told("correct_roll_call", roll, class_org, by, reason)
    return roll


def refuse_day(class_org, on: datetime.date, session: str) -> None:
    refuse_closed_year(class_org.county_id, on)
    if session not in SESSIONS:
        raise Refused("没有这个场次。")
    if on > today_in_china():
        raise Refused("还没到这一天，不能点名。")
    if not is_school_day(on, class_org.county_id, class_org.parent_id):
        why = why_closed(on, class_org.county_id, class_org.parent_id)
        raise Refused("%(day)s是休息日（%(why)s），不用点名。", day=on.isoformat(), why=why)
    if session not in sessions_taken(class_org.county_id, class_org.parent_id, on):
        raise Refused("%(day)s这所学校不点%(session)s，没有提交。", day=on.isoformat(), session=Phrase(SESSIONS[session]))


def refuse_marks(marks, session: str) -> None:
    for mark, reason in marks.values():
        if mark not in MARKS_AT[session]:
            raise Refused("这一场次没有这种出勤状态，请重新选择。")
        if reason and len(reason) > LONGEST_REASON:
            raise Refused("原因太长了，最多 %(most)s 个字。", most=LONGEST_REASON)


def refuse_strangers(expected: set[int], marks, session: str) -> None:
    if not expected:
        raise Refused("这个班这一天没有住校生，不用点名。" if session in FOR_BOARDERS else "这个班这一天没有要点名的学生。")
    if not expected.issuperset(marks):
        if session in FOR_BOARDERS:
            raise Refused("名单里有学生这一天不在这个班，或是不住校，请刷新页面，核对后再提交。")
        raise Refused("名单里有学生这一天不在这个班（或是送教上门），请刷新页面，核对后再提交。")


def with_kept_reasons(marks, standing: Standing, before: dict[int, str]) -> dict:
    """None says nothing about the reason: it stays as long as the mark does."""
    kept = {}
    for student, (mark, reason) in marks.items():
        stays = reason is None and standing.marks.get(student) == mark
        kept[student] = (mark, before.get(student) if stays else reason or None)
    return kept


def is_same(wanted, standing: Standing, before: dict[int, str], roll: RollCall) -> bool:
    if standing.expected != roll.expected or len(wanted) != len(standing.marks):
        return False
    return all(standing.marks.get(s) == mark and before.get(s) == reason for s, (mark, reason) in wanted.items())


def conflict_with(standing: Standing) -> Conflict:
    theirs = {"revision": standing.revision, "by": standing.by_name, "at": standing.submitted_at.isoformat()}
    theirs["marks"] = {str(student): mark for student, mark in standing.marks.items()}
    return Conflict(
        "这个班已有人点过名（%(who)s %(at)s）。你的记录没有丢，请核对两份名单后选择。",
        theirs=theirs,
        who=standing.by_name,
        at=f"{china_time(standing.submitted_at):%H:%M}",
    )


def write_absences(roll: RollCall, marks) -> None:
    if not marks:
        return
    sealed = sealed_column(Absence.reason) if any(reason for _, reason in marks.values()) else None
    values = []
    for student, (mark, reason) in marks.items():
        blob = sealed(f"{roll.id}-{student}", reason) if sealed and reason else None
        values += (roll.id, student, roll.on, mark, blob)
    rows = ", ".join(["(?, ?, ?, ?, ?)"] * len(marks))
    run_sql(f"INSERT INTO absence (roll_call_id, student_id, on_day, mark, reason) VALUES {rows}", values)  # noqa: S608


def keep_version(standing: Standing, reasons: dict[int, str], by, now, why: str) -> None:
    """The former marks; their reasons are sealed anew for the version's row."""
    version = RollCallVersion(roll_call=standing.id, revision=standing.revision)
    if reasons:
        version.reasons = json.dumps(reasons, ensure_ascii=False)
    version.expected, version.marks = standing.expected, {str(student): mark for student, mark in standing.marks.items()}
    version.submitted_by, version.submitted_at = standing.by_id, standing.submitted_at
    version.replaced_by, version.replaced_at, version.reason = by.id, now, why.strip()
    version.save()


def told(action: str, roll: RollCall, class_org, by, reason: str = "") -> None:
    record(
        action=f"attendance.{action}",
        by=by,
        object_kind="roll_call",
        object_id=roll.id,
        fields=("marks",),
        reason=reason.strip(),
        county_id=class_org.county_id,
    )
    for listen in when_roll_submitted:
        listen(roll)

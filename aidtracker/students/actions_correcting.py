"""更正: other days or another class for a spell that was recorded wrongly. What joined stays joined, what was apart stays apart."""

import datetime
import json

from aidtracker.db import today_in_china, transaction
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.students.actions_placing import (
    check_class,
    keep_in_step,
    note_move,
    place,
    refuse_during_transfer,
    refuse_outsider,
    told,
)
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_history import StudentVersion
from aidtracker.students.models_moves import Move
from aidtracker.students.moves import KINDS
from aidtracker.students.queries import lock_pupils
from aidtracker.terms.days import ONE_DAY
from aidtracker.terms.years import refuse_closed_years


def correct_spell(*, spell: Enrollment, starts_on: datetime.date, ends_on: datetime.date | None, class_org: Org, reason: str, by) -> None:
    """The spells beside it that touch it move along; refused where that leaves them no day, and where a gap would close."""
    student = spell.student
    refuse_outsider(student, by)
    if class_org.id != spell.class_org_id:
        check_class(class_org, by)
    if class_org.county_id != student.county_id:
        raise Refused("这个班不在学生学籍所在的县，请先办理转学。")
    if not reason.strip():
        raise Refused("请写明更正的原因和依据。")
    with transaction():
        lock_pupils([student.id])
        refuse_during_transfer([student])
        old = Enrollment.get(Enrollment.id == spell.id)
        refuse_days(old, starts_on, ends_on)
        refuse_years(old, starts_on, ends_on, class_org)
        keep_version(student, old, by)
        move_before(old, starts_on)
        move_after(old, ends_on)
        Enrollment.update(starts_on=starts_on, ends_on=ends_on, class_org=class_org).where(Enrollment.id == old.id).execute()
        correct_moves(old, starts_on, ends_on, class_org)
        if ends_on is None:
            keep_in_step(student, class_org, old.mode)
        else:
            place({}, [student.id])  # a merger is withdrawn only while nothing was written
        note_move("correct", student, starts_on, by, from_class=old.class_org_id, to_class=class_org.id, reason=reason.strip())
        told("correct_spell", student, by, ("class_org", "starts_on", "ends_on"))


def refuse_days(old: Enrollment, starts_on: datetime.date, ends_on: datetime.date | None) -> None:
    if (old.ends_on is None) != (ends_on is None):
        raise Refused("在读的一段没有结束日期；要结束请办理离班。已结束的一段要有结束日期；要接着读请撤销离班或办理复学。")
    if starts_on > (ends_on or today_in_china()) or (ends_on or starts_on) > today_in_china():
        raise Refused("开始日期不能晚于结束日期，两个日期都不能晚于今天。")


def refuse_years(old: Enrollment, starts_on: datetime.date, ends_on: datetime.date | None, class_org: Org) -> None:
    """Every day on which the child sat elsewhere than it will have: days that are left count as those that are taken."""
    last, was_last = ends_on or today_in_china(), old.ends_on or today_in_china()
    county_id = old.class_org.county_id
    if class_org.id != old.class_org_id:
        refuse_closed_years(county_id, min(starts_on, old.starts_on), max(last, was_last))
    if starts_on != old.starts_on:
        refuse_closed_years(county_id, min(starts_on, old.starts_on), max(starts_on, old.starts_on) - ONE_DAY)
    if last != was_last:
        refuse_closed_years(county_id, min(last, was_last) + ONE_DAY, max(last, was_last))


def move_before(old: Enrollment, starts_on: datetime.date) -> None:
    mine = (Enrollment.student == old.student_id) & (Enrollment.starts_on < old.starts_on)
    before = Enrollment.select().where(mine).order_by(Enrollment.starts_on.desc()).first()
    if before is None or starts_on == old.starts_on:
        return
    if before.ends_on + ONE_DAY == old.starts_on:
        if starts_on <= before.starts_on:
            raise Refused("开始日期要晚于 %(day)s，前一段是那天开始的。", day=before.starts_on.isoformat())
        Enrollment.update(ends_on=starts_on - ONE_DAY).where(Enrollment.id == before.id).execute()
    elif starts_on <= before.ends_on + ONE_DAY:
        raise Refused("前一段到 %(day)s 结束，之后离过班。开始日期至少要隔一天。", day=before.ends_on.isoformat())


def move_after(old: Enrollment, ends_on: datetime.date | None) -> None:
    mine = (Enrollment.student == old.student_id) & (Enrollment.starts_on > old.starts_on)
    after = Enrollment.select().where(mine).order_by(Enrollment.starts_on).first()
    if after is None or ends_on is None or ends_on == old.ends_on:
        return
    if old.ends_on + ONE_DAY == after.starts_on:
        if ends_on >= (after.ends_on or today_in_china()):
            raise Refused("结束日期要早于 %(day)s，后一段要留下至少一天。", day=(after.ends_on or today_in_china()).isoformat())
        Enrollment.update(starts_on=ends_on + ONE_DAY).where(Enrollment.id == after.id).execute()
    elif ends_on >= after.starts_on - ONE_DAY:
        raise Refused("后一段从 %(day)s 开始，之前离过班。结束日期至少要隔一天。", day=after.starts_on.isoformat())


def correct_moves(old: Enrollment, starts_on: datetime.date, ends_on: datetime.date | None, class_org: Org) -> None:
    """The moves that began and ended the spell say the same days and class as it does."""
    for move in Move.select().where((Move.student == old.student_id) & Move.withdrawn_at.is_null() & (Move.kind != "correct")):
        kind, values = KINDS[move.kind], {}
        if kind.enters or kind.leaves:
            values = at_start(move, old, starts_on, class_org) | at_end(move, old, ends_on, class_org)
        if move.until_on and values.get("on_day", move.on_day) > move.until_on:
            raise Refused("结束日期晚于批准休学的期限（%(day)s）。", day=move.until_on.isoformat())
        if values:
            Move.update(values).where(Move.id == move.id).execute()


def at_start(move: Move, old: Enrollment, starts_on: datetime.date, class_org: Org) -> dict:
    """Whoever left one class and entered the next on that day did both on the corrected one."""
    if move.on_day != old.starts_on:
        return {}
    is_its_own = KINDS[move.kind].enters and move.to_class_id == old.class_org_id
    return {"on_day": starts_on} | ({"to_class": class_org.id} if is_its_own else {})


def at_end(move: Move, old: Enrollment, ends_on: datetime.date | None, class_org: Org) -> dict:
    if old.ends_on is None or ends_on is None or move.on_day != old.ends_on + ONE_DAY:
        return {}
    is_its_own = KINDS[move.kind].leaves and move.from_class_id == old.class_org_id
    return {"on_day": ends_on + ONE_DAY} | ({"from_class": class_org.id} if is_its_own else {})


def keep_version(student: Student, old: Enrollment, by) -> None:
    spell = {"id": old.id, "class_org": old.class_org_id, "starts_on": str(old.starts_on), "ends_on": str(old.ends_on or "")}
    content = json.dumps({"fields": {}, "spell": spell})
    StudentVersion.create(student=student, revision=student.revision, cause="correct", content=content, replaced_by=by)

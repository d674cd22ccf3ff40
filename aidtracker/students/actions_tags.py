"""特殊群体: a tag begins, is corrected, ends. What a correction replaces is kept."""

import datetime

from aidtracker.db import lock, new_uid, today_in_china, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.phrases import Phrase
from aidtracker.students.actions_placing import refuse_outsider, told
from aidtracker.students.keeping import keep_version
from aidtracker.students.models import TAGS, Student, Tag
from aidtracker.students.queries import lock_pupils
from aidtracker.students.tag_kinds import audited, ends_of, fields_of

MORE = ("document", "disability_class", "disability_grade", "certificate")
CORRECTED = ("detail", "starts_on", "ends_on", "source", *MORE)


def add_tag(*, student: Student, kind: str, detail: str, starts_on: datetime.date, source: str, by, **more) -> Tag:
    """more: MORE, as far as the kind has them."""
    refuse_outsider(student, by)
    if kind not in TAGS:
        raise Refused("没有这个类别。")
    if starts_on > today_in_china():
        raise Refused("开始日期不能晚于今天。")
    if set(more) - set(MORE):
        raise TypeError(f"a tag has no {sorted(set(more) - set(MORE))}")
    with transaction():
        lock_pupils([student.id])
        if Tag.select().where((Tag.student == student) & (Tag.kind == kind) & Tag.ends_on.is_null()).exists():
            raise Refused("%(name)s已经在「%(tag)s」里。", name=student.name, tag=Phrase(TAGS[kind]))
        refuse_overlap(student.id, kind, None, starts_on, None)
        own = {name: value for name, value in more.items() if name in fields_of(kind) and value}
        tag = Tag.create(student=student, kind=kind, detail=detail, starts_on=starts_on, source=source, created_by=by, **own)
        told("add_tag", student, by, (audited(kind),))
    return tag


def end_tag(*, tag: Tag, ends_on: datetime.date, by, reason: str = "") -> None:
    """reason: one of ends_of(kind), with words behind it where there are any; the usual one when nothing is said."""
    refuse_outsider(tag.student, by)
    if not tag.starts_on <= ends_on <= today_in_china():
        raise Refused("结束日期要在开始日期和今天之间。")
    why = reason.strip() or ends_of(tag.kind)[0]
    with transaction():
        values = {"ends_on": ends_on, "end_reason": why[:60], "end_recorded_by": by, "end_recorded_at": utcnow()}
        if not Tag.update(values).where((Tag.id == tag.id) & Tag.ends_on.is_null()).execute():
            raise Refused("这个类别已经结束。")
        told("end_tag", tag.student, by, (audited(tag.kind),))


def correct_tag(*, tag: Tag, values: dict, reason: str, by) -> None:
    """更正: days or details that were recorded wrongly; `values` by CORRECTED. A tag that is open stays open."""
    student = tag.student
    refuse_outsider(student, by)
    if not reason.strip():
        raise Refused("请写明更正的原因和依据。")
    with transaction():
        lock_pupils([student.id])
        lock("tag", tag.id)
        old = Tag.get(Tag.id == tag.id)
        changed = {name: values[name] for name in CORRECTED if name in values and values[name] != getattr(old, name)}
        if not changed:
            raise Refused("没有改动，不用更正。")
        refuse_days(old, changed)
        keep_version(student, {}, by=by, cause="correct", tag={"id": old.id, **{name: getattr(old, name) for name in changed}, "why": reason.strip()})
        write(old, changed)
        told("correct_tag", student, by, (audited(old.kind),))


def refuse_days(old: Tag, changed: dict) -> None:
    starts_on, ends_on = changed.get("starts_on", old.starts_on), changed.get("ends_on", old.ends_on)
    if (old.ends_on is None) != (ends_on is None):
        raise Refused("没有结束的类别要结束，请用「结束」；已结束的要有结束日期。")
    if starts_on > (ends_on or today_in_china()) or (ends_on or starts_on) > today_in_china():
        raise Refused("开始日期不能晚于结束日期，两个日期都不能晚于今天。")
    refuse_overlap(old.student_id, old.kind, old.id, starts_on, ends_on)


def refuse_overlap(student_id: int, kind: str, own_id: int | None, starts_on: datetime.date, ends_on: datetime.date | None) -> None:
    """One kind holds once on a day."""
    others = (Tag.student == student_id) & (Tag.kind == kind) & (Tag.id != (own_id or 0))
    over = others & (Tag.ends_on.is_null() | (Tag.ends_on >= starts_on)) & (Tag.starts_on <= (ends_on or datetime.date.max))
    if found := Tag.select(Tag.starts_on, Tag.ends_on).where(over).first():
        last = found.ends_on.isoformat() if found.ends_on else "今"
        raise Refused("同一类别从 %(first)s 到 %(last)s 已经登记过，日期不能重叠。", first=found.starts_on.isoformat(), last=last)


def write(old: Tag, changed: dict) -> None:
    """Rows of a workbook have no uid: a seal needs one."""
    for name, value in changed.items():
        setattr(old, name, value or None if name == "certificate" else value)
    names = [*changed]
    if not old.uid:
        old.uid = new_uid()
        names.append("uid")
    old.save(only=[Tag._meta.fields[name] for name in names])

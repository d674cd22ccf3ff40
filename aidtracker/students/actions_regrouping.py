"""Splitting a class (分班), joining classes (并班), merging a school into another (撤并): each one transaction with its journal."""

import datetime

from aidtracker.db import lock, today_in_china, transaction
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs import grades
from aidtracker.orgs.actions import close_when_empty
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.permissions import Permission
from aidtracker.students.actions_rollover import told
from aidtracker.students.actions_shifting import Journal, class_called, close_places, free_number, shift
from aidtracker.students.models_rollover import Rollover
from aidtracker.students.regrouping import WAYS, Coming, halves, joinable, merger, sittings_in
from aidtracker.students.rollover import Sitting, dealt, sexes_in
from aidtracker.terms.years import refuse_closed_year

BACK = 31  # days: a document is often older than the day on which it is carried out


def split_class(*, room: Org, on_day: datetime.date, document: str, reason: str, by) -> Rollover:
    """Half of the class goes into a new one of the same grade, girls and boys dealt by name."""
    refuse_room(room, by)
    refuse_act(room.county_id, on_day, reason)
    with transaction():
        lock("rollover", room.county_id)
        journal, half, school = Journal(), halves(room), room.parent
        if not half.go:
            raise Refused("这个班不到两名学生，不能分班。")
        refuse_late(half.go, on_day)
        detail, year = SchoolClass.get(SchoolClass.org == room), grades.school_year_of(on_day)
        made = class_called(journal, school, detail.stage, detail.entry_year, free_number(school, detail.stage, detail.entry_year), year)
        move(journal, half.go, [made.id] * len(half.go), on_day, room.county_id, by, document, reason)
        return kept(journal, "split", school, on_day, 1, document, reason, by)


def combine_classes(*, room: Org, others: list[Org], on_day: datetime.date, document: str, reason: str, by) -> Rollover:
    """Everybody of the other classes comes into this one; the others are closed."""
    refuse_room(room, by)
    refuse_act(room.county_id, on_day, reason)
    with transaction():
        lock("rollover", room.county_id)
        alike = {one.id for one, _number in joinable(room)}
        if not others or not {one.id for one in others} <= alike:
            raise Refused("请选择同一学校、同一年级的其他班级。")
        journal = Journal()
        pupils = [pupil for one in others for pupil in sittings_in(one)]
        refuse_late(pupils, on_day)
        move(journal, pupils, [room.id] * len(pupils), on_day, room.county_id, by, document, reason)
        close_places(journal, [one.id for one in others], on_day)
        return kept(journal, "combine", room.parent, on_day, len(others), document, reason, by)


def merge_school(*, school: Org, receiving: Org, way: str, on_day: datetime.date, document: str, reason: str, by) -> Rollover:
    """Every pupil into a class of the same grade of the receiving school; the old one is closed. Refused while a transfer is open."""
    if not (by.may(Permission.ORG_MANAGE, school) and by.may(Permission.ORG_MANAGE, receiving)):
        raise Forbidden("学校撤并由教育局管理员办理。")
    refuse_schools(school, receiving, way)
    refuse_act(school.county_id, on_day, reason)
    with transaction():
        lock("rollover", school.county_id)
        journal, plan = Journal(), merger(school, receiving, way)
        pupils = [pupil for coming in plan for pupil in coming.pupils]
        refuse_late(pupils, on_day)
        to = [room for coming in plan for room in rooms_for(journal, coming, receiving, on_day)]
        move(journal, pupils, to, on_day, school.county_id, by, document, reason)
        close_places(journal, [coming.room.id for coming in plan], on_day)
        close_when_empty(school)
        journal.closed.append(school.id)
        return kept(journal, "merge", school, on_day, len(plan), document, reason, by)


def rooms_for(journal: Journal, coming: Coming, receiving: Org, on_day: datetime.date) -> list[int]:
    """The new class of each pupil of one class that ends."""
    if not coming.pupils:
        return []
    ids = [room.id for room in coming.rooms]
    if not ids:
        number = free_number(receiving, *coming.room.cohort)
        ids = [class_called(journal, receiving, *coming.room.cohort, number, grades.school_year_of(on_day)).id]
    return [ids[at] for at in dealt(coming.pupils, [sexes_in(id_) for id_ in ids])]


def move(journal: Journal, pupils, to, on_day, county_id: int, by, document: str, reason: str) -> None:
    shift(journal, pupils, to, on_day, county_id, kind=lambda _room: "reorganize", by=by, document=document.strip(), reason=reason.strip())


def kept(journal: Journal, kind: str, school: Org, on_day, classes: int, document: str, reason: str, by) -> Rollover:
    about = {"county": school.county_id, "school": school, "kind": kind, "school_year": grades.school_year_of(on_day), "on_day": on_day}
    moved = len(journal.spells)
    row = Rollover(**about, classes=classes, moved=moved, document=document.strip(), journal=journal.text(), done_by=by)
    row.reason = reason.strip()
    row.save(force_insert=True)
    verb = {"split": "split_class", "combine": "combine_classes", "merge": "merge_school"}[kind]
    told(verb, school, by, document.strip(), count=moved, fields=("class_org", "starts_on"))
    return row


def refuse_act(county_id: int, on_day: datetime.date, reason: str) -> None:
    today = today_in_china()
    if not today - datetime.timedelta(days=BACK) <= on_day <= today:
        raise Refused("日期要在今天和 %(days)s 天以前之间。", days=BACK)
    if not reason.strip():
        raise Refused("请写明原因。")
    refuse_closed_year(county_id, on_day)


def refuse_late(pupils: list[Sitting], on_day: datetime.date) -> None:
    for pupil in pupils:
        if pupil.has_transfer:
            raise Refused("%(name)s正在办理转学，请先办完或撤回转学。", name=pupil.name)
        if pupil.starts_on >= on_day:
            raise Refused("%(name)s是 %(day)s 才进班的，日期要在那一天之后。", name=pupil.name, day=pupil.starts_on.isoformat())


def refuse_schools(school: Org, receiving: Org, way: str) -> None:
    if school.kind != "school" or receiving.kind != "school" or school.id == receiving.id or school.county_id != receiving.county_id:
        raise Refused("请选择本县的另一所学校。")
    if receiving.closed_on or school.closed_on:
        raise Refused("%(name)s已经停办。", name=(receiving if receiving.closed_on else school).name)
    if way not in WAYS:
        raise Refused("请选择怎样并入。")


def refuse_room(room: Org, by) -> None:
    if room.kind != "class" or not by.may(Permission.STUDENT_EDIT, room):
        raise Forbidden("你没有调整这个班的权限。")
    if room.closed_on:
        raise Refused("这个班已经停办。")

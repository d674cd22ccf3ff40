"""包保: naming who answers for a child or a place, ending it, withdrawing what was a mistake."""

import datetime

from aidtracker.audit.actions import record
from aidtracker.cases.models_responsibility import DUTIES, KINDS, LINES, Responsibility
from aidtracker.cases.responsibles import accounts_at
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with

EDIT = Permission.RESPONSIBILITY_EDIT
FIELDS = ("line", "duty", "name", "post", "phone", "person", "starts_on", "ends_on")
AHEAD = datetime.timedelta(days=400)  # a new term's list is entered before it begins


def add_responsibility(*, values: dict, by, org: Org | None = None, student: Student | None = None) -> Responsibility:
    """`values` by FIELDS, `person` as a user's id. Of a place or of a child. Refused: the same person twice on one day."""
    refuse_outsider(org, student, by)
    wanted = {name: values.get(name) for name in FIELDS}
    refuse_values(wanted, org, student)
    county = student.county_id if student is not None else org.county_id or org.id if org is not None else None
    with transaction():
        lock("responsibility", county)
        mine = (Responsibility.student == student) if student is not None else (Responsibility.org == org)
        refuse_twice(mine, wanted)
        plain = {name: wanted[name] for name in ("line", "duty", "starts_on", "ends_on")}
        texts = {"name": wanted["name"].strip(), "post": (wanted["post"] or "").strip(), "phone": (wanted["phone"] or "").strip() or None}
        made = Responsibility.create(county=county, org=org, student=student, person=wanted["person"] or None, recorded_by=by, **plain, **texts)
        told("add_responsibility", made, by, [name for name in FIELDS if wanted[name]])
    return made


def end_responsibility(*, responsibility: Responsibility, ends_on: datetime.date, by) -> None:
    """The last day on which it holds; who answered until then stays on record."""
    refuse_outsider(responsibility.org, responsibility.student, by)
    with transaction():
        now = standing(responsibility)
        if ends_on < now.starts_on or ends_on > today_in_china() + AHEAD:
            raise Refused("结束日期不能早于开始日期（%(day)s）。", day=now.starts_on.isoformat())
        now.ends_on, now.ended_by, now.ended_at = ends_on, by, utcnow()
        now.save()
        told("end_responsibility", now, by, ("ends_on",))


def withdraw_responsibility(*, responsibility: Responsibility, by) -> None:
    """It was a mistake: it holds on no day."""
    refuse_outsider(responsibility.org, responsibility.student, by)
    with transaction():
        now = standing(responsibility)
        now.withdrawn_by, now.withdrawn_at = by, utcnow()
        now.save()
        told("withdraw_responsibility", now, by, ("withdrawn_at",))


def export_responsibilities(*, org: Org | None, count: int, by) -> None:
    """Before the list is taken away."""
    with transaction():
        what = {"object_kind": "org", "object_id": str(org.id) if org else "", "count": count}
        record(action="cases.export_responsibilities", by=by, fields=("name", "phone"), county_id=org.county_id if org else None, **what)


def standing(responsibility: Responsibility) -> Responsibility:
    lock("responsibility", responsibility.county_id)
    now = Responsibility.get_by_id(responsibility.id)
    if now.withdrawn_at is not None:
        raise Refused("这条包保记录已经撤销。")
    return now


def refuse_outsider(org: Org | None, student: Student | None, by) -> None:
    may = may_with(by, EDIT, student) if student is not None else org is not None and by.may(EDIT, org)
    if not may:
        raise Forbidden("你没有在这里安排包保责任人的权限。")


def refuse_values(wanted: dict, org: Org | None, student: Student | None) -> None:
    if org is not None and org.kind not in KINDS:
        raise Refused("只能安排到班级、学校、村、乡镇或县。")
    if wanted["line"] not in LINES or wanted["duty"] not in DUTIES:
        raise Refused("没有这个选项，请重新选择。")
    if not (wanted["name"] or "").strip():
        raise Refused("请填写责任人的姓名。")
    if wanted["person"] and wanted["person"] not in dict(accounts_at(org, student)):
        raise Refused("这个账号管不到这里，请从名单里选。")
    if not wanted["starts_on"] or wanted["starts_on"] > today_in_china() + AHEAD:
        raise Refused("请填写从哪天起，最远到明年。")
    if wanted["ends_on"] and wanted["ends_on"] < wanted["starts_on"]:
        raise Refused("结束日期不能早于开始日期（%(day)s）。", day=wanted["starts_on"].isoformat())


def refuse_twice(mine, wanted: dict) -> None:
    same = mine & (Responsibility.name == wanted["name"].strip()) & (Responsibility.line == wanted["line"]) & (Responsibility.duty == wanted["duty"])
    meets = Responsibility.ends_on.is_null() | (Responsibility.ends_on >= wanted["starts_on"])
    if wanted["ends_on"]:
        meets &= Responsibility.starts_on <= wanted["ends_on"]
    if Responsibility.select().where(same & meets & Responsibility.withdrawn_at.is_null()).exists():
        raise Refused("%(name)s在这段日子里已经是这里的责任人。", name=wanted["name"].strip())


def told(action: str, row: Responsibility, by, fields) -> None:
    record(action=f"cases.{action}", by=by, object_kind="responsibility", object_id=row.uid, fields=tuple(fields), county_id=row.county_id)

"""自定义项目: a county defines, changes, retires and brings back fields of its own. What pupils' records say in them stays."""

from aidtracker.audit.actions import record
from aidtracker.db import lock, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.excel.columns import heading_key
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models_extra import KINDS, ExtraField
from aidtracker.students.sheets import ROSTER

MOST_FIELDS, MOST_CHOICES = 30, 30
SET = ("label", "choices", "position", "is_sensitive", "shown_in_list")


def add_field(*, county: Org, kind: str, values: dict, by) -> ExtraField:
    """`values` by SET. Refused: a heading that rosters have already, a label twice."""
    refuse_outsider(county, by)
    if kind not in KINDS:
        raise Refused("没有这种项目。")
    with transaction():
        lock("extra fields", county.id)
        if ExtraField.select().where((ExtraField.county == county) & ExtraField.withdrawn_at.is_null()).count() >= MOST_FIELDS:
            raise Refused("最多用 %(n)s 个自定义项目，请先停用不用的。", n=MOST_FIELDS)
        checked = refuse_wrong(county, None, kind, values)
        field = ExtraField.create(county=county, kind=kind, set_by=by, **checked)
        told("add_field", county, field, by, SET)
    return field


def edit_field(*, field: ExtraField, values: dict, by) -> None:
    """The kind stays: what was said in one kind cannot be read in another."""
    refuse_outsider(field.county, by)
    with transaction():
        lock("extra fields", field.county_id)
        checked = refuse_wrong(field.county, field, field.kind, values)
        changed = [name for name in SET if checked[name] != getattr(field, name)]
        for name in SET:
            setattr(field, name, checked[name])
        field.set_by, field.set_at = by, utcnow()
        field.save()
        told("edit_field", field.county, field, by, changed)


def withdraw_field(*, field: ExtraField, by) -> None:
    refuse_outsider(field.county, by)
    with transaction():
        here = (ExtraField.id == field.id) & ExtraField.withdrawn_at.is_null()
        if not ExtraField.update(withdrawn_at=utcnow(), withdrawn_by=by).where(here).execute():
            raise Refused("这个项目已经停用。")
        told("withdraw_field", field.county, field, by, ())


def reopen_field(*, field: ExtraField, by) -> None:
    """With everything that the records said in it."""
    refuse_outsider(field.county, by)
    with transaction():
        lock("extra fields", field.county_id)
        refuse_label(field.county, field, field.label)
        here = (ExtraField.id == field.id) & ExtraField.withdrawn_at.is_null(False)
        if not ExtraField.update(withdrawn_at=None, withdrawn_by=None).where(here).execute():
            raise Refused("这个项目正在使用。")
        told("reopen_field", field.county, field, by, ())


def refuse_outsider(county: Org, by) -> None:
    if not by.may(Permission.POLICY_EDIT, county):
        raise Forbidden("你没有设置本县自定义项目的权限。")


def told(action: str, county: Org, field: ExtraField, by, fields) -> None:
    record(action=f"students.{action}", by=by, object_kind="extra_field", object_id=field.key, fields=tuple(fields), reason=field.label, county_id=county.id)


def refuse_wrong(county: Org, field: ExtraField | None, kind: str, values: dict) -> dict:
    """The values as they are kept."""
    label = (values.get("label") or "").strip()
    refuse_label(county, field, label)
    words = list(dict.fromkeys(word.strip() for word in (values.get("choices") or "").splitlines() if word.strip()))
    if kind == "choice" and not 2 <= len(words) <= MOST_CHOICES:
        raise Refused("选项要有 2 到 %(n)s 个，每行写一个。", n=MOST_CHOICES)
    if any(len(word) > 30 for word in words):
        raise Refused("每个选项最多 30 个字。")
    if values.get("is_sensitive") and values.get("shown_in_list"):
        raise Refused("敏感项目不能显示在名单里，请只选一样。")
    flags = {name: bool(values.get(name)) for name in ("is_sensitive", "shown_in_list")}
    return {"label": label, "choices": "\n".join(words) if kind == "choice" else "", "position": values.get("position") or 0, **flags}


def refuse_label(county: Org, field: ExtraField | None, label: str) -> None:
    if not 1 <= len(label) <= 20 or "," in label or not label.isprintable():
        raise Refused("名称要有 1 到 20 个字，不能有逗号。")
    if heading_key(label) in ROSTER.by_heading:
        raise Refused("「%(label)s」是学籍名册里已有的项目，请换一个名称。", label=label)
    others = ExtraField.select(ExtraField.id, ExtraField.label).where((ExtraField.county == county) & ExtraField.withdrawn_at.is_null())
    if any(heading_key(other.label) == heading_key(label) for other in others if field is None or other.id != field.id):
        raise Refused("已经有叫「%(label)s」的项目，请换一个名称。", label=label)

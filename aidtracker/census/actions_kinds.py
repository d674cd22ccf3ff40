"""Naming a further kind of list that the county is given, and ending it; lists of it that stand stay."""

from aidtracker.audit.actions import record
from aidtracker.census.models import LISTS, ListKind
from aidtracker.db import lock, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.tag_kinds import GUARDED, offered


def add_list_kind(*, county: Org, label: str, giver: str, tag: str, by) -> ListKind:
    """`tag`: whom our own records mark alike, '' where they mark nobody so. Refused: a name that is taken."""
    refuse_outsider(county.id, by)
    label = label.strip()
    if tag and (tag not in offered() or tag in GUARDED):
        raise Refused("没有这个选项，请重新选择。")
    with transaction():
        lock("list kinds", county.id)
        taken = (ListKind.county == county) & (ListKind.label == label) & ListKind.ended_at.is_null()
        if label in LISTS.values() or ListKind.select().where(taken).exists():
            raise Refused("已经有叫「%(label)s」的名单种类。", label=label)
        kind = ListKind.create(county=county, label=label, giver=giver.strip(), tag=tag, added_by=by)
        told("add_list_kind", kind, by)
    return kind


def end_list_kind(*, kind: ListKind, by) -> None:
    """No further list of it comes in."""
    refuse_outsider(kind.county_id, by)
    with transaction():
        ended = {"ended_by": by, "ended_at": utcnow()}
        if not ListKind.update(ended).where((ListKind.id == kind.id) & ListKind.ended_at.is_null()).execute():
            raise Refused("这个名单种类已经停用，请刷新页面。")
        told("end_list_kind", kind, by)


def refuse_outsider(county_id: int, by) -> None:
    if county_id not in by.counties_within(Permission.CENSUS_IMPORT):
        raise Forbidden("名单种类由县教育局管理。")


def told(action: str, kind: ListKind, by) -> None:
    record(action=f"census.{action}", by=by, object_kind="list_kind", object_id=kind.uid, county_id=kind.county_id)

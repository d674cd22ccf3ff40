"""What changes a place: its name, a school's kind, closing and reopening. Workbooks have their own ways in."""

from aidtracker.audit.actions import record
from aidtracker.db import lock, today_in_china, transaction
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.hooks import ask_before_closing
from aidtracker.orgs.models import Org, School
from aidtracker.permissions import Permission

CAN_CLOSE = ("school", "class")


def edit_org(*, org: Org, name: str, category: str = "", sponsor: str = "", by) -> None:
    """The code stays: it is what the place is known by outside."""
    refuse_outsider(org, by)
    if org.kind == "class":
        raise Refused("班级的名称由入学年份和班号得出，不能单独修改。")
    fields = ["name"] if name.strip() != org.name else []
    with transaction():
        Org.update(name=name.strip()).where(Org.id == org.id).execute()
        if org.kind == "school":
            School.update(category=category, sponsor=sponsor).where(School.org == org).execute()
            fields += ["category", "sponsor"]
        told("edit_org", org, by, fields)


def close_org(*, org: Org, reason: str, by) -> None:
    """A school or class that is no more; its history stays. Refused while pupils are enrolled there."""
    refuse_outsider(org, by)
    if org.kind not in CAN_CLOSE:
        raise Refused("只有学校和班级可以停办。")
    with transaction():
        close_when_empty(org)
        told("close_org", org, by, ("closed_on",), reason)


def close_when_empty(org: Org) -> None:
    """In the caller's transaction, which tells it."""
    lock("school", org.parent_id if org.kind == "class" else org.id)
    ask_before_closing(org)
    closed = Org.update(closed_on=today_in_china()).where((Org.id == org.id) & Org.closed_on.is_null())
    if not closed.execute():
        raise Refused("%(name)s已经停办。", name=org.name)


def reopen_org(*, org: Org, by) -> None:
    refuse_outsider(org, by)
    with transaction():
        if not Org.update(closed_on=None).where((Org.id == org.id) & Org.closed_on.is_null(False)).execute():
            raise Refused("%(name)s没有停办。", name=org.name)
        told("reopen_org", org, by, ("closed_on",))


def refuse_outsider(org: Org, by) -> None:
    if not by.may(Permission.ORG_MANAGE, org):
        raise Forbidden("你没有修改这个单位的权限。")


def told(action: str, org: Org, by, fields, reason: str = "") -> None:
    record(
        action=f"orgs.{action}",
        by=by,
        object_kind="org",
        object_id=org.id,
        fields=tuple(fields),
        reason=reason,
        county_id=org.county_id,
    )

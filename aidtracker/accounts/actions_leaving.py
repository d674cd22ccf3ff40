"""离任: every role ends on one day, the account is disabled after it, and what was open goes to somebody named."""

import datetime

from aidtracker.accounts.actions import end_sessions, manages, told
from aidtracker.accounts.actions_closing import close_accounts
from aidtracker.accounts.hooks import hand_work_over
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.accounts.queries_leaving import successors
from aidtracker.db import today_in_china, transaction
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org


def record_leaver(*, user: User, last_day: datetime.date, successor: User | None, reason: str, by: User) -> None:
    """The last day may lie ahead. Refused: oneself, somebody with a role elsewhere, a successor of another place."""
    if user == by:
        raise Refused("不能给自己办理离任，请由另一位管理员办理。")
    manages(user, by)
    if not user.is_active:
        raise Refused("这个账号已经停用。")
    latest = max((m.starts_on for m in Membership.select().where(Membership.user == user) if m.starts_on <= today_in_china()), default=last_day)
    if last_day < latest:
        raise Refused("最后一天不能早于现在这个角色开始的日子（%(day)s）。", day=latest.isoformat())
    if successor is not None and successor.id not in dict(successors(by, user)):
        raise Refused("%(name)s不是这个单位的在岗人员。", name=successor.name)
    with transaction():
        end_roles(user, last_day)
        remember(user, last_day)
        handed = hand_work_over(user, successor, by) if successor is not None else 0
        if last_day < today_in_china():
            close_accounts([user.id])
        else:
            end_sessions(user)
        told("record_leaver", user, by, ("ends_on", "leaves_on", *(("owner",) if handed else ())), None, reason)


def end_roles(user: User, last_day: datetime.date) -> None:
    mine = Membership.user == user
    Membership.delete().where(mine & (Membership.starts_on > last_day)).execute()
    lasting = Membership.ends_on.is_null() | (Membership.ends_on > last_day)
    Membership.update(ends_on=last_day).where(mine & lasting).execute()
    user.__dict__.pop("memberships", None)


def remember(user: User, last_day: datetime.date) -> None:
    if StaffRecord.update(leaves_on=last_day).where(StaffRecord.user == user).execute():
        return
    org = Org.select().join(Membership, on=Membership.org == Org.id).where(Membership.user == user).order_by(Membership.id.desc()).first()
    if org is not None:
        StaffRecord.create(user=user, county=org.county_id or org.id, leaves_on=last_day)

"""Roles of administrators are given by two: one asks, another confirms in time. The command line, which is the operator, needs nobody."""

import datetime

from aidtracker.accounts.actions import (
    end_sessions_of,
    new_account,
    refuse_more_for_oneself,
    refuse_role,
    refuse_stand_in,
    told,
)
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_requests import RoleRequest
from aidtracker.accounts.queries import managed_elsewhere
from aidtracker.accounts.queries_requests import are_strangers, confirmers, last_to_open, waiting
from aidtracker.accounts.separation import Span, refuse_meeting
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org

WAITS = datetime.timedelta(days=7)
FIELDS = ("role", "org", "starts_on", "ends_on")


def request_role(
    *, user: User, role: str, org: Org, starts_on: datetime.date, by: User,
    ends_on: datetime.date | None = None, stands_in_for: User | None = None, reason: str = "",
) -> RoleRequest:  # fmt: skip
    """Refused: whatever would be refused if it were given at once, and where nobody else could confirm it."""
    refuse_role(role, org, by)
    refuse_more_for_oneself(user, role, org, by)
    refuse_stand_in(by, org)
    if not any(are_strangers(by, other) for other in confirmers(org, {by.id, user.id})):
        raise Refused("这个角色要由另一位管理员确认，可是这里没有第二位。请服务器的管理人员用命令行新建一位：flask --app wsgi create-user。")
    with transaction():
        lock("user", user.id)
        refuse_held(user, role, org, starts_on)
        refuse_meeting(user.id, Span(role, org, starts_on, ends_on))
        mine = (RoleRequest.user == user) & (RoleRequest.role == role) & (RoleRequest.org == org)
        if RoleRequest.select().where(mine & waiting()).exists():
            raise Refused("已经为%(name)s申请过这个角色，正等另一位管理员确认。", name=user.name)
        RoleRequest.update(decided_by=by, decided_at=utcnow()).where(mine & RoleRequest.decided_at.is_null()).execute()
        days = {"starts_on": starts_on, "ends_on": ends_on, "expires_at": utcnow() + WAITS}
        asked = RoleRequest.create(user=user, role=role, org=org, stands_in_for=stands_in_for, reason=reason.strip(), requested_by=by, **days)
        told("request_role", user, by, FIELDS, org, reason.strip())
    return asked


def request_user(*, username: str, name: str, password: str, role: str, org: Org, by: User, hashed: str | None = None) -> User:
    """An account that holds no role until another administrator confirms the one that it was made for."""
    with transaction():
        user = new_account(username=username, name=name, password=password, role=role, org=org, by=by, hashed=hashed)
        told("create_user", user, by, ("username", "name"), org)
        request_role(user=user, role=role, org=org, starts_on=today_in_china(), by=by)
    return user


def confirm_role(*, request: RoleRequest, by: User) -> Membership:
    """By somebody who may give it too, neither who asked nor whose it is; who asked must still be one who may."""
    user, role, org = request.user, request.role, request.org
    refuse_role(role, org, by)
    refuse_stand_in(by, org)
    if by.id in (request.requested_by_id, user.id):
        raise Forbidden("要由另一位管理员确认：不能是申请的人，也不能是本人。")
    with transaction():
        end_sessions_of([user.id], spared=managed_elsewhere(by, [user.id]))
        asker = request.requested_by
        if not are_strangers(asker, by):
            raise Forbidden("最近 30 天里，你和申请的人之间（或经同一个人）重置过密码、两步验证或发过邀请单，请由另一位管理员确认。")
        refuse_opened_from_below(user, org)
        if asker.id not in {one.id for one in confirmers(org, set())} or not User.get_by_id(user.id).is_active:
            raise Refused("申请的人或本人的账号已经变动，请重新申请。")
        given = RoleRequest.update(decided_by=by, decided_at=utcnow(), is_given=True).where((RoleRequest.id == request.id) & waiting())
        if not given.execute():
            raise Refused("这项申请已经办过，或者已经过期。")
        starts_on = max(request.starts_on, today_in_china())
        refuse_held(user, role, org, starts_on)
        if request.ends_on and request.ends_on < starts_on:
            raise Refused("这项申请的日子已经过了，请重新申请。")
        refuse_meeting(user.id, Span(role, org, starts_on, request.ends_on))
        days = {"starts_on": starts_on, "ends_on": request.ends_on, "duty": "acting" if request.stands_in_for_id else ""}
        more = {"stands_in_for": request.stands_in_for_id, "reason": request.reason, "given_by": asker}
        membership = Membership.create(user=user, role=role, org=org, **days, **more)
        told("confirm_role", user, by, FIELDS, org)
    return membership


def withdraw_role(*, request: RoleRequest, by: User) -> None:
    """By whoever asked, who takes it back, or by anybody who could confirm it."""
    refuse_role(request.role, request.org, by)
    if by.id != request.requested_by_id:
        refuse_stand_in(by, request.org)
    with transaction():
        over = RoleRequest.update(decided_by=by, decided_at=utcnow()).where((RoleRequest.id == request.id) & RoleRequest.decided_at.is_null())
        if not over.execute():
            raise Refused("这项申请已经办过，或者已经过期。")
        told("withdraw_role", request.user, by, ("role", "org"), request.org)


def refuse_opened_from_below(user: User, org: Org) -> None:
    """Whoever set the latest way into the account could sign in with the new role: that must be one who may give it."""
    opener = last_to_open(user)
    if opener not in (None, user.id) and opener not in {one.id for one in confirmers(org, set())}:
        raise Refused("%(name)s的密码、两步验证或邀请单最近由下级设置过。请先由一位管理员重置密码或重发邀请单，再确认。", name=user.name)


def refuse_held(user: User, role: str, org: Org, on: datetime.date) -> None:
    mine = (Membership.user == user) & (Membership.role == role) & (Membership.org == org)
    if Membership.select().where(mine & (Membership.ends_on.is_null() | (Membership.ends_on >= on))).exists():
        raise Refused("%(name)s已经有这个角色。", name=user.name)

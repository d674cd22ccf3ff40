"""What changes accounts: create, rename, disable, set a password, give and end a role.

Every change of role, password or state raises the user's epoch, which ends all sessions opened before; but not a role that is given
by somebody who does not manage the account.
"""

import datetime
from collections import Counter
from collections.abc import Iterable

from aidtracker.accounts.hooks import refuse_shared
from aidtracker.accounts.models import Membership, SignInAttempt, User
from aidtracker.accounts.models_requests import RoleRequest
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.accounts.passwords import check_password, fits, hash_password
from aidtracker.accounts.queries import county_of, managed_elsewhere
from aidtracker.accounts.rules import password_rules
from aidtracker.accounts.separation import Span, refuse_meeting
from aidtracker.accounts.sessions import count_guess, was_right
from aidtracker.accounts.usernames import USERNAME
from aidtracker.audit.actions import record
from aidtracker.db import chunks_of, insert_rows, lock, new_uid, reserve_ids, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.jobs.actions import expire_results
from aidtracker.orgs.models import Org
from aidtracker.permissions import ROLES, TWO_PERSON_ROLES, Permission
from aidtracker.phrases import Phrase


def create_user(*, username: str, name: str, password: str, role: str, org: Org, by: User | None, hashed: str | None = None) -> User:
    """A new account with one role. `by` None: the operator. The password must be changed at first sign-in.

    `hashed`: the password's hash, from a door that must not hash inside its transaction.
    """
    refuse_alone(role, by)
    hashed = hashed or hash_password(password)  # before the transaction
    with transaction():
        user = new_account(username=username, name=name, password=password, role=role, org=org, by=by, hashed=hashed)
        hold(user, role, org, today_in_china(), by)
        told("create_user", user, by, ("username", "name", "role", "org"), org)
    return user


def new_account(*, username: str, name: str, password: str, role: str, org: Org, by: User | None, hashed: str | None) -> User:
    """Inside the transaction: an account for this role, which it does not hold yet."""
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        raise Refused("用户名要用小写字母、数字、点、横线，至少 2 个字符。")
    check_password(password, username, password_rules(counties_of(org)))
    refuse_role(role, org, by)
    refuse_stand_in(by, org)
    lock("username", username)
    if User.select().where(User.username == username).exists():
        raise Refused("用户名 %(username)s 已有人用，请换一个。", username=username)
    return User.create(username=username, name=name.strip() or username, password_hash=hashed or hash_password(password), created_by=by)


def create_users(*, people: list[tuple], password: str, starts_on: datetime.date, must_change: bool = True, by: User | None) -> None:
    """Accounts for a list of staff, each (user name, name, role, org), with one first password; all of them or none.

    `must_change` False: people of the demo, whose password is told to everybody. They are exempt from what guards real ones.
    """
    rules = {counties: password_rules(counties) for counties in {counties_of(org) for *_, org in people}}
    for username, _name, role, org in people:
        if not USERNAME.fullmatch(username):
            raise Refused("用户名要用小写字母、数字、点、横线，至少 2 个字符。")
        check_password(password, username, rules[counties_of(org)])
        refuse_alone(role, by)
        refuse_role(role, org, by)
        refuse_stand_in(by, org)
    hashed = hash_password(password)
    with transaction():
        refuse_taken([username for username, *_ in people])
        insert_people(people, hashed, starts_on, must_change, by)
        record(
            action="accounts.create_users",
            by=by,
            object_kind="user",
            fields=("username", "name", "role", "org"),
            count=len(people),
        )


def refuse_taken(usernames: list[str]) -> None:
    twice = [username for username, count in Counter(usernames).items() if count > 1]
    taken = User.select(User.username).where(User.username.in_(usernames)).scalar() or next(iter(twice), None)
    if taken:
        raise Refused("用户名 %(username)s 已有人用，请换一个。", username=taken)


def insert_people(people: list[tuple], hashed: str, starts_on: datetime.date, must_change: bool, by: User | None) -> None:
    now, by_id = str(utcnow()), by.id if by else None
    ids = reserve_ids(User, len(people))
    insert_rows(
        User,
        ("id", "uid", "username", "name", "password_hash", "must_change_password", "is_exempt", "language", "epoch", "created_at", "created_by_id"),
        [(i, new_uid(), p[0], p[1], hashed, must_change, not must_change, "zh", 1, now, by_id) for i, p in zip(ids, people, strict=True)],
    )
    insert_rows(
        Membership,
        ("user_id", "role", "org_id", "starts_on", "given_by_id", "given_at"),
        [(i, p[2], p[3].id, starts_on.isoformat(), by_id, now) for i, p in zip(ids, people, strict=True)],
    )


def give_role(*, user: User, role: str, org: Org, starts_on: datetime.date, by: User | None) -> Membership:
    refuse_alone(role, by)
    refuse_role(role, org, by)
    refuse_more_for_oneself(user, role, org, by)
    refuse_stand_in(by, org)
    with transaction():
        end_sessions_of([user.id], spared=managed_elsewhere(by, [user.id]))
        held = (Membership.user == user) & (Membership.role == role) & (Membership.org == org)
        if Membership.select().where(held & Membership.ends_on.is_null()).exists():
            raise Refused("%(name)s已经有这个角色。", name=user.name)
        refuse_meeting(user.id, Span(role, org, starts_on, None))
        membership = hold(user, role, org, starts_on, by)
        told("give_role", user, by, ("role", "org", "starts_on"), org)
    return membership


def end_role(*, membership: Membership, by: User | None) -> None:
    """Ends today's rights at once: yesterday was the last day."""
    refuse_shared(membership.user)
    refuse_role(membership.role, membership.org, by)
    yesterday = today_in_china() - datetime.timedelta(days=1)
    with transaction():
        last = max(membership.starts_on, yesterday)
        lasting = Membership.ends_on.is_null() | (Membership.ends_on > yesterday)
        ended = Membership.update(ends_on=last).where((Membership.id == membership.id) & lasting)
        if not ended.execute():
            raise Refused("这个角色已经结束。")
        if last > yesterday:  # given today by mistake: it never held
            Membership.delete().where(Membership.id == membership.id).execute()
        end_sessions(membership.user)
        expire_results(membership.user_id)
        told("end_role", membership.user, by, ("role", "org", "ends_on"), membership.org)


def disable_user(*, user: User, reason: str, by: User) -> None:
    """Leavers are disabled, never deleted."""
    if user == by:
        raise Refused("不能停用自己的账号。")
    manages(user, by)
    with transaction():
        if not User.update(disabled_at=utcnow()).where((User.id == user.id) & User.disabled_at.is_null()).execute():
            raise Refused("这个账号已经停用。")
        end_sessions(user)
        expire_results(user.id)
        told("disable_user", user, by, ("disabled_at",), None, reason)


def enable_user(*, user: User, by: User) -> None:
    manages(user, by)
    refuse_stand_in(by, *lasting_places(user))
    with transaction():
        if User.update(disabled_at=None).where((User.id == user.id) & User.disabled_at.is_null(False)).execute():
            StaffRecord.update(leaves_on=None).where(StaffRecord.user == user).execute()
            told("enable_user", user, by, ("disabled_at",), None)


def reset_password(*, user: User, password: str, by: User, hashed: str | None = None) -> None:
    """By the administrator; the user must change it at the next sign-in. `hashed` as in create_user.

    Whoever guessed too often may sign in again at once.
    """
    if user == by:
        raise Refused("自己的密码请在「修改密码」里改，要填原密码。")
    manages(user, by)
    refuse_stand_in(by, *lasting_places(user))
    check_password(password, user.username, password_rules(user.county_ids))
    hashed = hashed or hash_password(password)
    with transaction():
        set_password(user=user, password=password, must_change=True, by=by, action="reset_password", hashed=hashed)
        SignInAttempt.delete().where((SignInAttempt.account == user.username) & ~SignInAttempt.succeeded).execute()


def edit_user(*, user: User, name: str, by: User) -> None:
    """Another name to be called by; the user name stays, since the trail knows it."""
    manages(user, by)
    with transaction():
        User.update(name=name.strip()).where(User.id == user.id).execute()
        told("edit_user", user, by, ("name",), None)


def change_password(*, user: User, old: str, new: str, by: User) -> None:
    """By the user, who knows the old one. Ends every session, this one too.

    A phone left open gives no more guesses at the old one than the door does.
    """
    refuse_shared(user)
    guess = count_guess(user.username, "change_password")
    if not fits(old, user.password_hash):
        raise Refused("原密码不对。")
    was_right(guess)
    if old == new:
        raise Refused("新密码不能和原密码相同。")
    check_password(new, user.username, password_rules(user.county_ids))
    set_password(user=user, password=new, must_change=False, by=by, action="change_password")


def counties_of(org: Org) -> tuple[int, ...]:
    return (org.county_id,) if org.county_id else ()


def set_language(*, user: User, language: str, by: User) -> None:
    if language not in ("zh", "en"):
        raise Refused("没有这种语言。")
    with transaction():
        User.update(language=language).where(User.id == user.id).execute()
        told("set_language", user, by, ("language",), None)


def set_password(*, user, password, must_change, by, action, hashed=None):
    hashed = hashed or hash_password(password)
    with transaction():
        User.update(password_hash=hashed, must_change_password=must_change, password_set_at=utcnow()).where(User.id == user.id).execute()
        end_sessions(user)
        told(action, user, by, ("password",), None)


def refuse_role(role: str, org: Org, by: User | None) -> None:
    if role not in ROLES:
        raise Refused("没有这个角色：%(role)s。", role=role)
    if org.kind not in ROLES[role].held_at:
        raise Refused("%(role)s不能设在%(org)s。", role=Phrase(ROLES[role].label), org=org.name)
    if by is None:
        return
    if not by.may(Permission.ACCOUNT_MANAGE, org):
        raise Forbidden("你没有管理这里账号的权限。")
    above = ROLES[role].permissions - all_permissions(by)
    if above and not by.has_role("system_admin", "bureau_admin"):
        raise Forbidden("不能授予超过自己的权限。")


def refuse_alone(role: str, by: User | None) -> None:
    """Who could give every other role is made by two (actions_requests.py), or by the operator."""
    if by is not None and role in TWO_PERSON_ROLES:
        raise Refused("「%(role)s」要由一位管理员在账号页面申请、另一位确认，不能一个人授予。", role=Phrase(ROLES[role].label))


def all_permissions(user: User) -> set:
    return {permission for m in user.memberships for permission in ROLES[m.role].permissions}


def refuse_more_for_oneself(user: User, role: str, org: Org, by: User | None) -> None:
    """Nobody becomes more by their own hand: an administrator of accounts does not get to see pupils, and whoever acts for
    somebody does not stay."""
    if user != by:
        return
    held = {permission for m in own_roles(by) if org.is_within(m.org.path) for permission in ROLES[m.role].permissions}
    if ROLES[role].permissions - held:
        raise Forbidden("不能给自己授予更多的权限，请由另一位管理员办理。")


def own_roles(user: User) -> list[Membership]:
    """Without those in which the person stands in for somebody."""
    return [m for m in user.memberships if m.duty not in ("substitute", "acting")]


def refuse_stand_in(by: User | None, *places: Org) -> None:
    """Whoever only acts for an administrator opens no account and no way into one: that would outlast the days of standing in."""
    if by is None:
        return
    paths = [m.org.path for m in own_roles(by) if Permission.ACCOUNT_MANAGE in ROLES[m.role].permissions]
    if not paths or not all(any(place.is_within(path) for path in paths) for place in places):
        raise Forbidden("代理期间不能新建、启用账号，授予角色，发邀请单或重置密码，请由本来的管理员或上级管理员办理。")


def may_manage(user: User, by: User) -> bool:
    """The right over every place where that person holds a role, or will."""
    return all(by.may(Permission.ACCOUNT_MANAGE, place) for place in lasting_places(user))


def lasting_places(user: User) -> list[Org]:
    """Also those of a role that waits to be confirmed."""
    lasting = (Membership.user == user) & (Membership.ends_on.is_null() | (Membership.ends_on >= today_in_china()))
    waits = (RoleRequest.user == user) & RoleRequest.decided_at.is_null() & (RoleRequest.expires_at > utcnow())
    asked = RoleRequest.select(RoleRequest, Org).join(Org).where(waits)
    return [each.org for each in (*Membership.select(Membership, Org).join(Org).where(lasting), *asked)]


def manages(user: User, by: User) -> None:
    if not may_manage(user, by):
        raise Forbidden("这个人还有你管不到的角色，请联系上级管理员。")
    refuse_shared(user)


def hold(user, role, org, starts_on, by) -> Membership:
    user.__dict__.pop("memberships", None)
    return Membership.create(user=user, role=role, org=org, starts_on=starts_on, given_by=by)


def end_sessions(user: User) -> None:
    end_sessions_of([user.id])


def end_sessions_of(user_ids: list[int], spared: Iterable[int] = ()) -> None:
    """Whoever changes an account, or signs in to it, comes one after the other from here on; always in the order of their ids.

    `spared`: who is given a role by somebody who does not manage them. It holds at once, and must not be a way to throw them out.
    """
    for user_id in sorted(user_ids):
        lock("user", user_id)
    for chunk in chunks_of(sorted(set(user_ids) - set(spared))):
        User.update(epoch=User.epoch + 1).where(User.id.in_(chunk)).execute()


def told(action, user, by, fields, org, reason=""):
    record(
        action=f"accounts.{action}",
        by=by,
        object_kind="user",
        object_id=user.uid,
        fields=fields,
        reason=reason,
        county_id=(org and org.county_id) or county_of(user, by),
    )


def told_many(action, by, fields, count, reason="", county_id=None):
    """One action on the accounts of many; of the actor's county where no other is named."""
    record(
        action=f"accounts.{action}",
        by=by,
        object_kind="user",
        fields=fields,
        count=count,
        reason=reason,
        county_id=county_id or (by.county_id if by else None),
    )

"""Homeroom teachers, substitutes and acting holders of a role, each from one day to another; and the hand-over at year end."""

import datetime

from aidtracker.accounts.actions import end_sessions_of, refuse_more_for_oneself, refuse_role, refuse_stand_in, told, told_many
from aidtracker.accounts.actions_requests import request_role
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.queries import managed_elsewhere
from aidtracker.accounts.queries_homerooms import Room, colleagues, is_in_grade, people_at, room_of, rooms_of
from aidtracker.accounts.separation import Span, refuse_meeting
from aidtracker.db import lock, today_in_china, transaction
from aidtracker.errors import Refused
from aidtracker.jobs.actions import expire_results
from aidtracker.orgs.models import Org
from aidtracker.permissions import TWO_PERSON_ROLES

ONE_DAY = datetime.timedelta(days=1)
LONGEST = datetime.timedelta(days=366)  # that somebody stands in


def set_homeroom(*, room: Org, user: User, starts_on: datetime.date, by: User) -> None:
    """From that day this teacher leads the class, and whoever led it does not."""
    refuse_stranger(user, colleagues(by, room.parent))
    refuse_role("teacher", room, by)
    refuse_more_for_oneself(user, "teacher", room, by)
    with transaction():
        lock("homeroom", room.id)
        if not lead(room_of(room), user.id, starts_on, by):
            raise Refused("%(name)s已经是这个班的班主任。", name=user.name)
        told("set_homeroom", user, by, ("role", "org", "starts_on"), room)


def set_substitute(*, room: Org, user: User, starts_on: datetime.date, ends_on: datetime.date, reason: str, by: User) -> None:
    """代课: takes the class from one day to another."""
    refuse_stranger(user, colleagues(by, room.parent))
    refuse_role("teacher", room, by)
    refuse_more_for_oneself(user, "teacher", room, by)
    refuse_days(starts_on, ends_on)
    with transaction():
        lock("homeroom", room.id)
        refuse_second(user, "teacher", room, starts_on, ends_on)
        leader = room_of(room).homeroom
        stand_in(user, "teacher", room, (starts_on, ends_on), "substitute", leader.user_id if leader else None, reason, by)
        told("set_substitute", user, by, ("role", "org", "starts_on", "ends_on"), room, reason)


def delegate_role(*, membership: Membership, user: User, starts_on: datetime.date, ends_on: datetime.date, reason: str, by: User) -> None:
    """代理: a named colleague of the same place holds the role too for some days. Whoever may give the role does it, or asks for it
    where two give it."""
    role, org = membership.role, membership.org
    if membership.duty in ("substitute", "acting"):
        raise Refused("代理和代课不能再转给别人，请由本来的人重新委托。")
    if user.id == membership.user_id:
        raise Refused("请选另一位同事。")
    refuse_stranger(user, people_at(by, org))
    refuse_role(role, org, by)
    refuse_more_for_oneself(user, role, org, by)
    refuse_stand_in(by, org)
    refuse_days(starts_on, ends_on)
    if membership.ends_on and ends_on > membership.ends_on:
        raise Refused("代理不能晚于这个角色自己的结束日期（%(day)s）。", day=membership.ends_on.isoformat())
    if by is not None and role in TWO_PERSON_ROLES:
        request_role(user=user, role=role, org=org, starts_on=starts_on, ends_on=ends_on, stands_in_for=membership.user, reason=reason, by=by)
        return
    with transaction():
        lock("membership", user.id)
        refuse_second(user, role, org, starts_on, ends_on)
        stand_in(user, role, org, (starts_on, ends_on), "acting", membership.user_id, reason, by)
        told("delegate_role", user, by, ("role", "org", "starts_on", "ends_on"), org, reason)


def hand_over_homerooms(*, school: Org, choices: dict[int, int | None], starts_on: datetime.date, by: User) -> int:
    """One confirmation for the whole school: {class: who leads it from that day}; the classes that are done then are let go."""
    if starts_on <= today_in_china():
        raise Refused("请选以后的日期，例如 9 月 1 日。")
    refuse_role("teacher", school, by)
    refuse_stand_in(by, school)
    staying = dict(colleagues(by, school, starts_on))
    if any(user_id is not None and user_id not in staying for user_id in choices.values()):
        raise Refused("有的老师已经不在本校，或将要离任。请刷新页面重新选择。")
    with transaction():
        for room in rooms_of(school):
            lock("homeroom", room.org.id)
        changed = sum(settled(room, choices, starts_on, by) for room in rooms_of(school))
        if not changed:
            raise Refused("没有变化：各班班主任都和现在的安排一样。")
        told_many("hand_over_homerooms", by, ("role", "org", "starts_on", "ends_on"), changed)
    return changed


def settled(room: Room, choices: dict[int, int | None], starts_on: datetime.date, by: User) -> bool:
    if not is_in_grade(room, starts_on):
        return let_go(room, starts_on)
    if room.org.id not in choices:
        return False
    user_id = choices[room.org.id]
    return let_go(room, starts_on) if user_id is None else lead(room, user_id, starts_on, by)


def lead(room: Room, user_id: int, starts_on: datetime.date, by: User) -> bool:
    """Inside the transaction; False when it is so already. The only teacher of a class becomes its homeroom teacher by name."""
    former = [held for held in (room.homeroom, *room.coming) if held is not None]
    if former and former[-1].user_id == user_id and former[-1].ends_on is None and former[-1].duty == "homeroom":
        return False
    for held in former:
        if held.user_id != user_id:
            refuse_erasing(held, starts_on)
            end_on(held, starts_on - ONE_DAY)
    own = next((held for held in (*former, *room.others) if held.user_id == user_id and held.ends_on is None), None)
    if own is not None and own.starts_on <= starts_on:
        Membership.update(duty="homeroom").where(Membership.id == own.id).execute()
        return True
    lock("user", user_id)
    refuse_meeting(user_id, Span("teacher", room.org, starts_on, None))
    Membership.create(user=user_id, role="teacher", org=room.org, starts_on=starts_on, given_by=by, duty="homeroom")
    takes_effect(user_id, starts_on, by)
    return True


def refuse_erasing(held: Membership, starts_on: datetime.date) -> None:
    """Whoever has led the class did so, whatever day is typed for the next one."""
    if starts_on <= held.starts_on < today_in_china():
        raise Refused("现任班主任从 %(day)s 起带这个班，新班主任要从这一天以后开始。", day=held.starts_on.isoformat())


def let_go(room: Room, starts_on: datetime.date) -> bool:
    former = [held for held in (room.homeroom, *room.coming) if held is not None and (held.ends_on is None or held.ends_on >= starts_on)]
    for held in former:
        end_on(held, starts_on - ONE_DAY)
    return bool(former)


def end_on(held: Membership, last: datetime.date) -> None:
    """The role's last day; one that would have begun later never was."""
    if held.starts_on > last:
        Membership.delete().where(Membership.id == held.id).execute()
    else:
        Membership.update(ends_on=last).where(Membership.id == held.id).execute()
    if last < today_in_china():
        expire_results(held.user_id)
        takes_effect(held.user_id, today_in_china())


def takes_effect(user_id: int, on: datetime.date, by: User | None = None) -> None:
    """A change of today's rights ends the sessions; one of a later day needs not. `by`: who gives, where something is given."""
    if on <= today_in_china():
        end_sessions_of([user_id], spared=managed_elsewhere(by, [user_id]))


def stand_in(user: User, role: str, org: Org, days: tuple, duty: str, for_id: int | None, reason: str, by: User) -> None:
    starts_on, ends_on = days
    lock("user", user.id)
    refuse_meeting(user.id, Span(role, org, starts_on, ends_on))
    values = {"starts_on": starts_on, "ends_on": ends_on, "duty": duty, "stands_in_for": for_id, "reason": reason.strip()}
    Membership.create(user=user, role=role, org=org, given_by=by, **values)
    takes_effect(user.id, starts_on, by)


def refuse_stranger(user: User, people: list[tuple[int, str]]) -> None:
    if user.id not in dict(people):
        raise Refused("%(name)s不是这个单位的在岗人员。", name=user.name)


def refuse_days(starts_on: datetime.date, ends_on: datetime.date) -> None:
    if starts_on < today_in_china():
        raise Refused("开始日期不能早于今天。")
    if ends_on < starts_on:
        raise Refused("结束日期不能早于开始日期。")
    if ends_on - starts_on > LONGEST:
        raise Refused("最长一年，请填近一点的结束日期。")


def refuse_second(user: User, role: str, org: Org, starts_on: datetime.date, ends_on: datetime.date) -> None:
    """Whoever holds the role there in these days already."""
    overlapping = (Membership.starts_on <= ends_on) & (Membership.ends_on.is_null() | (Membership.ends_on >= starts_on))
    mine = (Membership.user == user) & (Membership.role == role) & (Membership.org == org)
    if Membership.select().where(mine & overlapping).exists():
        raise Refused("%(name)s在这些日子已经有这个角色。", name=user.name)

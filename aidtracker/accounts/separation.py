"""Roles that may not meet in one person at one time (三员分离、不相容岗位), in words, and who holds such a pair already."""

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.queries import visible_users
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import LOOKS, ROLES, Permission
from aidtracker.phrases import Phrase

TEXT = "%(name)s在%(place)s是%(other)s，不能同时任%(role)s：%(why)s"


class Apart(NamedTuple):
    """The role keeps away from every other one that holds one of these permissions; everywhere, or within one county."""

    role: str
    permissions: frozenset
    is_of_one_county: bool
    why: str


APART = (
    Apart("finance", frozenset({Permission.AID_RECORD}), True, "登记资助和管钱要由两个人做。请把其中一个角色交给别人。"),
    Apart("auditor", frozenset(Permission) - LOOKS, False, "审计员只查看、不办事，不能审计自己。请把其中一个角色交给别人。"),
    Apart("system_admin", frozenset({Permission.STUDENT_VIEW}), False, "系统管理员管账号，不接触学生资料。请把其中一个角色交给别人。"),
)


class Span(NamedTuple):
    """A role at a place from one day to another."""

    role: str
    org: Org
    starts_on: datetime.date
    ends_on: datetime.date | None


class Pair(NamedTuple):
    user: User
    one: Span
    other: Span
    why: str


def why_apart(one: Span, other: Span) -> str:
    """'' when both may be held by one person."""
    if one.role not in ROLES or other.role not in ROLES or not overlap(one, other):
        return ""
    return next((rule.why for rule in APART for a, b in ((one, other), (other, one)) if forbids(rule, a, b)), "")


def forbids(rule: Apart, own: Span, other: Span) -> bool:
    if own.role != rule.role or other.role == rule.role or not rule.permissions & ROLES[other.role].permissions:
        return False
    return not rule.is_of_one_county or own.org.county_id == other.org.county_id


def overlap(one: Span, other: Span) -> bool:
    return all(a.ends_on is None or a.ends_on >= b.starts_on for a, b in ((one, other), (other, one)))


def first_apart(new: Span, held: Iterable[Span]) -> tuple[Span, str] | None:
    """What is held and may not be together with the new one, and why."""
    return next(((each, why) for each in held if (why := why_apart(new, each))), None)


def words_for(name: str, new: Span, held: Span, why: str) -> dict:
    roles = {"role": Phrase(ROLES[new.role].label), "other": Phrase(ROLES[held.role].label)}
    return {"name": name, "place": held.org.name, "why": Phrase(why), **roles}


def refuse_meeting(user_id: int, new: Span) -> None:
    """Inside the transaction that gives the role, behind the lock of the user."""
    rows = Membership.select(Membership, Org, User).join(Org).switch(Membership).join(User, on=Membership.user == User.id)
    mine = list(rows.where((Membership.user == user_id) & lasts_until(new.starts_on)))
    found = first_apart(new, [span_of(each) for each in mine])
    if found is not None:
        raise Refused(TEXT, **words_for(mine[0].user.name, new, *found))


def span_of(membership: Membership) -> Span:
    return Span(membership.role, membership.org, membership.starts_on, membership.ends_on)


def lasts_until(day: datetime.date):
    return Membership.ends_on.is_null() | (Membership.ends_on >= day)


def pairs_held(by: User, most: int = 50) -> list[Pair]:
    """Within the reader's accounts: who holds such a pair, or will; given before this was refused, or taken over from elsewhere."""
    today = today_in_china()
    watched = Membership.select(Membership.user).where(Membership.role.in_([rule.role for rule in APART]) & lasts_until(today))
    several = watched.where(Membership.user.in_(visible_users(by).where(User.disabled_at.is_null()).select(User.id)))
    rows = Membership.select(Membership, Org, User).join(Org).switch(Membership).join(User, on=Membership.user == User.id)
    held: dict[User, list[Span]] = {}
    for each in rows.where(Membership.user.in_(several) & lasts_until(today)).order_by(User.name, User.id, Membership.id):
        held.setdefault(each.user, []).append(span_of(each))
    found = [Pair(user, *pair) for user, spans in held.items() for pair in pairs_in(spans)]
    return found[:most]


def pairs_in(spans: list[Span]) -> Iterable[tuple[Span, Span, str]]:
    for n, one in enumerate(spans):
        for other in spans[n + 1 :]:
            if why := why_apart(one, other):
                yield one, other, why


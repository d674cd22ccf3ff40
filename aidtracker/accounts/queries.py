"""Who there is to manage, within the reader's scope."""

import peewee

from aidtracker.accounts.models import DUTIES, Membership, User, UserSession
from aidtracker.accounts.models_requests import RoleRequest
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.db import chunks_of, today_in_china
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.permissions import ROLES, Permission
from aidtracker.phrases import Phrase

Parent, StoodInFor = Org.alias(), User.alias()
STATES = {"active": "使用中", "disabled": "已停用"}
HOLDERS = sorted({kind for role in ROLES.values() for kind in role.held_at})  # kinds of org at which a role is held


def visible_users(user: User):
    """Accounts that hold, or held, a role within the orgs whose accounts this user manages, or for which one was asked there."""
    here = within(user.scopes(Permission.ACCOUNT_MANAGE))
    held = Membership.select(Membership.user).join(Org).where(here)
    asked = RoleRequest.select(RoleRequest.user).join(Org, on=RoleRequest.org == Org.id).where(here)
    return User.select().where(User.id.in_(held) | User.id.in_(asked))


def visible_user(user: User, user_id: int) -> User:
    found = visible_users(user).where(User.id == user_id).first()
    if found is None:
        raise NotFound
    return found


def filtered_users(user: User, *, text: str = "", role: str = "", state: str = "", place: Org | None = None):
    """By name or user name (how they begin), role held today, state, place."""
    found = visible_users(user)
    if text:
        found = found.where(User.name.startswith(text) | User.username.startswith(text.lower()))
    if state:
        found = found.where(User.disabled_at.is_null(state == "active"))
    if role or place is not None:
        held = holds_today() & (Membership.role == role if role else peewee.SQL("1 = 1"))
        there = within([place.path]) if place is not None else peewee.SQL("1 = 1")
        found = found.where(User.id.in_(Membership.select(Membership.user).join(Org).where(held & there)))
    return found.order_by(User.name, User.id)


def holds_today():
    today = today_in_china()
    return (Membership.starts_on <= today) & (Membership.ends_on.is_null() | (Membership.ends_on >= today))


def people_at(org_ids, roles) -> list[tuple[int, str]]:
    """(user id, name and place) of whoever holds one of the roles at one of these places today, the deepest places first."""
    here = Membership.org.in_(list(org_ids)) & Membership.role.in_(roles) & holds_today() & User.disabled_at.is_null()
    rows = Membership.select(User.id, User.name, Org.name, Org.path).join(User, on=Membership.user).switch(Membership).join(Org, on=Membership.org)
    found: dict[int, str] = {}
    for user_id, name, place, _path in sorted(rows.where(here).tuples(), key=lambda row: (-len(row[3]), row[1], row[0])):
        found.setdefault(user_id, f"{name}（{place}）")
    return list(found.items())


def roles_of_many(users) -> dict[int, list[tuple[str, str]]]:
    """{user id: [(role's label, place)]} of today; a class with its school's name."""
    found: dict[int, list[tuple[str, str]]] = {}
    asked = Membership.select(Membership.user_id, Membership.role, Org.kind, Org.name, Parent.name).join(Org)
    asked = asked.join(Parent, peewee.JOIN.LEFT_OUTER, on=Org.parent == Parent.id)
    mine = Membership.user.in_([user.id for user in users]) & holds_today()
    for user_id, role, kind, name, above in asked.where(mine).order_by(Membership.id).tuples():
        if role in ROLES:
            found.setdefault(user_id, []).append((ROLES[role].label, f"{above} {name}" if kind == "class" else name))
    return found


def last_seen_of_many(users) -> dict:
    """{user id: when the person last used the site}."""
    ids = [user.id for user in users]
    asked = UserSession.select(UserSession.user_id, peewee.fn.MAX(UserSession.seen_at)).where(UserSession.user.in_(ids))
    return dict(asked.group_by(UserSession.user_id).tuples())


def managed_elsewhere(by: User | None, user_ids: list[int]) -> set[int]:
    """Those of them who hold a lasting role, or will, outside the accounts that this person manages."""
    if by is None:
        return set()
    found: set[int] = set()
    lasting = Membership.ends_on.is_null() | (Membership.ends_on >= today_in_china())
    for chunk in chunks_of(user_ids):
        outside = Membership.user.in_(chunk) & lasting & ~within(by.scopes(Permission.ACCOUNT_MANAGE))
        found.update(user_id for (user_id,) in Membership.select(Membership.user_id).join(Org).where(outside).tuples())
    return found


def county_of(user: User, by: User | None = None) -> int | None:
    """Whose trail keeps what is done to the account: where its roles are, its record, its last role; else the actor's county."""
    return user.county_id or counties_of_many([user.id])[user.id] or (by.county_id if by else None)


def counties_of_many(user_ids: list[int]) -> dict[int, int | None]:
    """{user id: the county of the person's record, else of the last role that was held in one}."""
    found: dict[int, int | None] = dict.fromkeys(user_ids)
    for chunk in chunks_of(user_ids):
        held = Membership.select(Membership.user_id, Org.county_id).join(Org).where(Membership.user.in_(chunk) & Org.county.is_null(False))
        found |= dict(held.order_by(Membership.id).tuples())
        found |= dict(StaffRecord.select(StaffRecord.user_id, StaffRecord.county_id).where(StaffRecord.user.in_(chunk)).tuples())
    return found


def user_or_none(username: str) -> User | None:
    return User.get_or_none(User.username == username.strip().lower())


def memberships_of(user: User) -> list[Membership]:
    """All roles ever held or given, with their orgs and for whom somebody stands in, the open ones first."""
    found = Membership.select(Membership, Org, Parent, StoodInFor).join(Org)
    found = found.join(Parent, peewee.JOIN.LEFT_OUTER, on=Org.parent == Parent.id, attr="parent").where(Membership.user == user)
    found = found.switch(Membership).join(StoodInFor, peewee.JOIN.LEFT_OUTER, on=Membership.stands_in_for == StoodInFor.id, attr="stands_in_for")
    return list(found.order_by(Membership.ends_on.is_null().desc(), Membership.starts_on.desc()))


def staff_of(org: Org) -> list[Membership]:
    """Roles held at this very place today, with their holders."""
    found = Membership.select(Membership, User).join(User, on=Membership.user).where((Membership.org == org) & holds_today())
    return list(found.where(User.disabled_at.is_null()).order_by(Membership.role, User.name))


def shown_at(user: User, org: Org, below, _on) -> dict:
    """What a place's page says of staff: who holds which role here, the teachers of each class below."""
    rooms = [place.id for place in below if place.kind == "class"]
    taught = Membership.select(Membership.org_id, User.name).join(User, on=Membership.user == User.id)
    teaching = (Membership.role == "teacher") & Membership.org.in_(rooms) & holds_today() & User.disabled_at.is_null()
    teachers: dict[int, list[str]] = {}
    for org_id, name in taught.where(teaching).order_by(User.name).tuples() if rooms else ():
        teachers.setdefault(org_id, []).append(name)
    staff = staff_of(org) if org.kind in HOLDERS and user.may(Permission.STUDENT_VIEW, org) else []
    return {"staff": staff, "teachers": teachers, "ROLES": ROLES, "DUTIES": DUTIES, "may_staff": user.may(Permission.ACCOUNT_MANAGE, org)}


def assignable_teachers(by: User, room: Org) -> list[tuple[int, str]]:
    """(id, name) of people with a role today at this school or one of its classes, who do not take this class yet."""
    school = within([room.parent.path])
    there = Membership.select(Membership.user).join(Org).where(school & holds_today())
    here = Membership.select(Membership.user).where((Membership.org == room) & (Membership.role == "teacher") & holds_today())
    people = visible_users(by).where(User.id.in_(there) & User.id.not_in(here) & User.disabled_at.is_null())
    return [(user.id, Phrase("%(name)s（%(username)s）", name=user.name, username=user.username)) for user in people.order_by(User.name)]


def roles_to_give(by: User, org: Org) -> list[tuple[str, str]]:
    """(code, label) of the roles that `by` may give at this place."""
    if not by.may(Permission.ACCOUNT_MANAGE, org):
        return []
    mine = {permission for m in by.memberships for permission in ROLES[m.role].permissions}
    any_role = by.has_role("system_admin", "bureau_admin")
    fitting = [(code, role) for code, role in ROLES.items() if org.kind in role.held_at]
    return [(code, role.label) for code, role in fitting if any_role or role.permissions <= mine]


def places_to_give(by: User, text: str, most: int = 60) -> list[Org]:
    """Places in the scope whose name holds the text, or whose code begins so; the higher ones first."""
    found = Org.select(Org, Parent).join(Parent, peewee.JOIN.LEFT_OUTER, on=Org.parent == Parent.id, attr="parent")
    found = found.where(within(by.scopes(Permission.ACCOUNT_MANAGE)) & Org.kind.in_(HOLDERS) & Org.closed_on.is_null())
    if text:
        found = found.where(Org.name.contains(text) | Org.code.startswith(text))
    return list(found.order_by(peewee.fn.LENGTH(Org.path), Org.code).limit(most))


def has_anybody() -> bool:
    """False only before the first minute."""
    return User.select().exists()

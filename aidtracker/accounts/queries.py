"""Who there is to manage, within the reader's scope."""

import peewee

from aidtracker.accounts.models import Membership, User
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission


def visible_users(user: User):
    """Accounts that hold, or held, a role within the orgs whose accounts this user manages."""
    paths = user.scopes(Permission.ACCOUNT_MANAGE)
    if not paths:
        return User.select().where(peewee.Value(0) == 1)
    within = [Org.path.startswith(path) for path in paths]
    anywhere = within[0]
    for one in within[1:]:
        anywhere |= one
    held = Membership.select(Membership.user).join(Org).where(anywhere)
    return User.select().where(User.id.in_(held))


def visible_user(user: User, user_id: int) -> User:
    found = visible_users(user).where(User.id == user_id).first()
    if found is None:
        raise NotFound
    return found


def user_or_none(username: str) -> User | None:
    return User.get_or_none(User.username == username.strip().lower())


def memberships_of(user: User) -> list[Membership]:
    """All roles ever held, with their orgs, the present ones first."""
    found = Membership.select(Membership, Org).join(Org).where(Membership.user == user)
    return list(found.order_by(Membership.ends_on.is_null().desc(), Membership.starts_on.desc()))


def teachers_of(org: Org):
    """Names of whoever takes the roll of a class or school today."""
    held = (Membership.role == "teacher") & (Membership.org == org) & Membership.ends_on.is_null()
    return [name for (name,) in User.select(User.name).join(Membership, on=Membership.user).where(held).tuples()]

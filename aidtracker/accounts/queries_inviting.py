"""Who has not signed in yet, who has not for long, and the invitation that each of them holds."""

import datetime

import peewee

from aidtracker.accounts.hooks import shared_names
from aidtracker.accounts.models import Membership, SignInAttempt, User, UserSession
from aidtracker.accounts.models_staff import Invitation
from aidtracker.accounts.queries import visible_users
from aidtracker.db import today_in_china, utcnow
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.permissions import Permission

SEEN = {"never": "从未登录", "idle": "很久没有登录"}


def lasting():
    return Membership.ends_on.is_null() | (Membership.ends_on >= today_in_china())


def wholly_managed(by: User, place: Org | None = None):
    """Accounts in use whose every lasting role lies within the reader's accounts; of a place: who holds one there."""
    mine = within(by.scopes(Permission.ACCOUNT_MANAGE))
    elsewhere = Membership.select(Membership.user).join(Org).where(lasting() & ~mine)
    here = Membership.select(Membership.user).join(Org).where(lasting() & mine & (within([place.path]) if place else peewee.SQL("1 = 1")))
    return visible_users(by).where(User.disabled_at.is_null() & User.id.not_in(elsewhere) & User.id.in_(here) & (User.id != by.id))


def never_seen():
    return User.id.not_in(UserSession.select(UserSession.user))


def named(found, text: str):
    return found.where(User.name.startswith(text) | User.username.startswith(text.lower())) if text else found


def not_yet_in(by: User, place: Org | None = None, text: str = ""):
    """Who never signed in, school by school."""
    first = Membership.select(Membership.user.alias("user_id"), peewee.fn.MIN(Org.path).alias("path")).join(Org).where(lasting())
    first = first.group_by(Membership.user).alias("first")
    found = named(wholly_managed(by, place).where(never_seen() & User.username.not_in(shared_names())), text)
    return found.join(first, peewee.JOIN.LEFT_OUTER, on=User.id == first.c.user_id).order_by(first.c.path, User.name, User.id)


def without_invitation():
    """A condition on User: holds none that is good."""
    good = Invitation.select(Invitation.user).join(User, on=Invitation.user == User.id).where(living())
    return User.id.not_in(good)


def living():
    """A condition on an Invitation joined with its User: not used, not expired, made for the account as it is now."""
    is_open = Invitation.ended_at.is_null() & (Invitation.expires_at > utcnow())
    return is_open & (Invitation.epoch == User.epoch) & User.disabled_at.is_null()


def invitations_of_many(users) -> dict[int, datetime.datetime]:
    """{user id: until when the good invitation holds}."""
    ids = [user.id for user in users]
    found = Invitation.select(Invitation.user_id, Invitation.expires_at).join(User, on=Invitation.user == User.id)
    return dict(found.where(Invitation.user.in_(ids) & living()).tuples())


def living_invitation(condition) -> Invitation | None:
    found = Invitation.select(Invitation, User).join(User, on=Invitation.user == User.id)
    return found.where(condition & living()).first()


def unused_users(by: User, *, seen: str, days: int, place: Org | None = None, text: str = ""):
    """Who never signed in, the oldest account first; or who has not for so many days."""
    since = utcnow() - datetime.timedelta(days=days)
    found = named(wholly_managed(by, place), text)
    if seen == "never":
        return found.where(never_seen()).order_by(User.created_at, User.id)
    last = UserSession.select(UserSession.user.alias("user_id"), peewee.fn.MAX(UserSession.seen_at).alias("at")).group_by(UserSession.user)
    last = last.alias("last")
    return found.join(last, on=User.id == last.c.user_id).where(last.c.at < since).order_by(last.c.at, User.id)


def failed_guesses(user: User) -> int:
    """Wrong guesses of a day at the account's password or code."""
    since = utcnow() - datetime.timedelta(days=1)
    mine = (SignInAttempt.account == user.username) & ~SignInAttempt.succeeded & (SignInAttempt.at > since)
    return SignInAttempt.select().where(mine).count()

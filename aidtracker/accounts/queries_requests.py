"""Who may confirm a role of an administrator, and what waits to be confirmed."""

import datetime

from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_requests import RoleRequest
from aidtracker.accounts.models_staff import Invitation
from aidtracker.accounts.queries import holds_today
from aidtracker.audit.models import AuditEntry
from aidtracker.db import utcnow
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.permissions import TWO_PERSON_ROLES, Permission

LATELY = datetime.timedelta(days=30)
WAYS_IN = ("accounts.create_user", "accounts.reset_password", "accounts.reset_second_factor", "accounts.enable_user")
Requester, Subject = User.alias(), User.alias()


def confirmers(org: Org, but: set[int]) -> list[User]:
    """Administrators of the place in their own right, without these people."""
    mine = Membership.role.in_(TWO_PERSON_ROLES) & holds_today() & (Membership.duty == "") & User.disabled_at.is_null()
    held = Membership.select(Membership, User, Org).join(User, on=Membership.user).switch(Membership).join(Org, on=Membership.org)
    found = {each.user.id: each.user for each in held.where(mine) if org.is_within(each.org.path) and each.user.id not in but}
    return list(found.values())


def could_be(user: User) -> set[int]:
    """Everybody who may be able to sign in as this person: themselves, whoever has set a way into their account of late or taken one
    away, and whoever has done that with one of these."""
    found, more = {user.id}, {user.id}
    while more:
        more = openers(more) - found
        found |= more
    return found


def are_strangers(one: User, other: User) -> bool:
    """Nobody could be both."""
    return not could_be(one) & could_be(other)


def openers(user_ids: set[int]) -> set[int]:
    since = utcnow() - LATELY
    return {actor for actor, _at in ways_into(user_ids, since)}


def ways_into(user_ids: set[int], since: datetime.datetime) -> list[tuple[int, datetime.datetime]]:
    """(who, when): whoever set a password, a second factor or an invitation of one of these people, or let them in again."""
    after = int(since.replace(tzinfo=datetime.UTC).timestamp() * 1_000_000)
    uids = [uid for (uid,) in User.select(User.uid).where(User.id.in_(list(user_ids))).tuples()]
    told = AuditEntry.select(AuditEntry.actor_id, AuditEntry.at_us).where(AuditEntry.object_id.in_(uids), AuditEntry.at_us > after)
    told = told.where(AuditEntry.action.in_(WAYS_IN), AuditEntry.actor_id.is_null(False))
    invited = Invitation.select(Invitation.created_by, Invitation.created_at).where(Invitation.user.in_(list(user_ids)), Invitation.created_at > since)
    moments = [(actor, datetime.datetime.fromtimestamp(at_us / 1_000_000, datetime.UTC).replace(tzinfo=None)) for actor, at_us in told.tuples()]
    return [*moments, *[(actor, at) for actor, at in invited.tuples() if actor is not None]]


def last_to_open(user: User) -> int | None:
    """Who set the way into this account that is the latest of these days."""
    found = sorted(ways_into({user.id}, utcnow() - LATELY), key=lambda way: way[1])
    return found[-1][0] if found else None


def waiting():
    """A condition: neither decided nor too old."""
    return RoleRequest.decided_at.is_null() & (RoleRequest.expires_at > utcnow())


def requests():
    found = RoleRequest.select(RoleRequest, Org, Subject, Requester).join(Org).switch(RoleRequest)
    found = found.join(Subject, on=RoleRequest.user == Subject.id, attr="user").switch(RoleRequest)
    return found.join(Requester, on=RoleRequest.requested_by == Requester.id, attr="requested_by")


def visible_requests(by: User) -> list[RoleRequest]:
    """Waiting, where this person manages accounts; the oldest first."""
    mine = within(by.scopes(Permission.ACCOUNT_MANAGE))
    return list(requests().where(mine & waiting()).order_by(RoleRequest.id))


def visible_request(by: User, request_id: int) -> RoleRequest:
    found = requests().where((RoleRequest.id == request_id) & within(by.scopes(Permission.ACCOUNT_MANAGE))).first()
    if found is None:
        raise NotFound
    return found

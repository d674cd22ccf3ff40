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
WAYS_IN = ("accounts.create_user", "accounts.reset_password", "accounts.reset_second_factor")
Requester, Subject = User.alias(), User.alias()


def confirmers(org: Org, but: set[int]) -> list[User]:
    """Administrators of the place in their own right, without these people."""
    mine = Membership.role.in_(TWO_PERSON_ROLES) & holds_today() & (Membership.duty == "") & User.disabled_at.is_null()
    held = Membership.select(Membership, User, Org).join(User, on=Membership.user).switch(Membership).join(Org, on=Membership.org)
    found = {each.user.id: each.user for each in held.where(mine) if org.is_within(each.org.path) and each.user.id not in but}
    return list(found.values())


def opened_by(asker: User) -> set[int]:
    """Whose password or second factor this person has set, or taken away, of late: they could be both."""
    since = utcnow() - LATELY
    after = int(since.replace(tzinfo=datetime.UTC).timestamp() * 1_000_000)
    told = AuditEntry.select(AuditEntry.object_id).where((AuditEntry.actor_id == asker.id) & AuditEntry.action.in_(WAYS_IN) & (AuditEntry.at_us > after))
    invited = Invitation.select(Invitation.user).where((Invitation.created_by == asker) & (Invitation.created_at > since))
    return {id_ for (id_,) in User.select(User.id).where(User.uid.in_(told) | User.id.in_(invited)).tuples()}


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

"""What somebody who leaves holds, and who could take it over."""

from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.accounts.queries import holds_today
from aidtracker.accounts.queries_homerooms import people_at
from aidtracker.orgs.models import Org


def successors(by: User, user: User) -> list[tuple[int, str]]:
    """Colleagues of the places where the person holds a role today."""
    held = Membership.select(Membership, Org).join(Org).where((Membership.user == user) & holds_today())
    found: dict[int, str] = {}
    for membership in held:
        found |= dict(people_at(by, membership.org))
    found.pop(user.id, None)
    return list(found.items())


def record_of(user: User) -> StaffRecord | None:
    return StaffRecord.get_or_none(StaffRecord.user == user)


def classes_without(user: User) -> list[Org]:
    """Classes that nobody else would teach."""
    mine = Membership.select(Membership.org).where((Membership.user == user) & (Membership.role == "teacher") & holds_today())
    others = Membership.select(Membership.org).where((Membership.user != user) & (Membership.role == "teacher") & holds_today())
    found = Org.select().where((Org.kind == "class") & Org.id.in_(mine) & Org.id.not_in(others))
    return list(found.order_by(Org.code))

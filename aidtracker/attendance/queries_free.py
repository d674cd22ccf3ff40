"""What a page of 无课 reads: the class or school within the reader's scope, and what was declared for it."""

import datetime

from aidtracker.accounts.models import User
from aidtracker.attendance.models import NoClass
from aidtracker.attendance.sessions import order_of
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import visible_org
from aidtracker.permissions import Permission

PLACES = ("class", "school")


def free_place(user, org_id: int) -> Org:
    org = visible_org(user, org_id, Permission.ROLL_VIEW)
    if org.kind not in PLACES:
        raise NotFound
    return org


def declared_at(org: Org):
    """Of the place, and of its school; the latest day first, those taken back too."""
    places = [org.id] if org.kind == "school" else [org.id, org.parent_id]
    rows = NoClass.select(NoClass, User).join(User, on=NoClass.declared_by).where(NoClass.org.in_(places))
    return rows.order_by(NoClass.on.desc(), order_of(NoClass.session), NoClass.id)


def visible_no_class(user, row_id: int) -> NoClass:
    found = NoClass.get_or_none(NoClass.id == row_id)
    if found is None or not user.may(Permission.ROLL_VIEW, found.org):
        raise NotFound
    return found


def free_of_class(class_id: int, school_id: int, first: datetime.date, last: datetime.date) -> list[NoClass]:
    """That hold, of a class or its school, between two days; the latest first."""
    here = NoClass.org.in_([class_id, school_id]) & NoClass.withdrawn_at.is_null() & NoClass.on.between(first, last)
    return list(NoClass.select(NoClass, User).join(User, on=NoClass.declared_by).where(here).order_by(NoClass.on.desc(), order_of(NoClass.session)))

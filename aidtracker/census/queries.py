"""Lists and listed children within the reader's scope: by registered home, or by the county whose list it is."""

import datetime

import peewee

from aidtracker.accounts.models import User
from aidtracker.census.models import ListedChild, Snapshot
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING, counties_of, within
from aidtracker.permissions import Permission

HOMES = ("township", "village")


def listed_within(paths: list):
    """A condition on ListedChild: registered at home at or below these paths, or on the list of a county that lies within them."""
    if not paths:
        return NOTHING
    counties = list(Org.select(Org.id, Org.path).where(within(paths) & (Org.kind == "county")).tuples())
    lower = [path for path in paths if not any(county.startswith(path) for _id, county in counties)]
    seen = NOTHING
    if counties:
        seen = ListedChild.snapshot.in_(Snapshot.select(Snapshot.id).where(Snapshot.county.in_([id_ for id_, _path in counties])))
    if lower:
        homes = [id_ for (id_,) in Org.select(Org.id).where(within(lower) & Org.kind.in_(HOMES)).tuples()]
        seen = seen | ListedChild.home.in_(homes) if counties else ListedChild.home.in_(homes)
    return seen


def visible_children(user, permission: Permission = Permission.CENSUS_VIEW):
    """A township sees whose registered home it is; the county sees everybody on its lists, those of other counties too."""
    return ListedChild.select().where(listed_within(user.scopes(permission)))


def sees_homes(user) -> bool:
    """Not a school: children are listed by the home where they are registered, and a school has pupils alone."""
    places = user.scopes(Permission.CENSUS_VIEW)
    return bool(places) and Org.select().where(Org.path.in_(places) & (Org.kind != "school")).exists()


def visible_child(user, child_id: int, permission: Permission = Permission.CENSUS_VIEW) -> ListedChild:
    found = visible_children(user, permission).where(ListedChild.id == child_id).first()
    if found is None:
        raise NotFound
    return found


def visible_snapshots(user, permission: Permission = Permission.CENSUS_VIEW):
    """The lists of the counties that the reader belongs to; who of them the reader sees is said by visible_children."""
    if permission == Permission.CENSUS_VIEW:
        counties = [county.id for county in counties_of(user, permission)]
    else:
        counties = user.counties_within(permission)
    return Snapshot.select().where(Snapshot.county.in_(counties) if counties else NOTHING)


def visible_snapshot(user, snapshot_id: int, permission: Permission = Permission.CENSUS_VIEW) -> Snapshot:
    found = visible_snapshots(user, permission).where(Snapshot.id == snapshot_id).first()
    if found is None:
        raise NotFound
    return found


def latest_snapshot(county_id: int, kind: str, on: datetime.date) -> Snapshot | None:
    """The county's newest list of this kind that is dated on or before the day."""
    mine = (Snapshot.county == county_id) & (Snapshot.kind == kind) & (Snapshot.dated <= on)
    return Snapshot.select().where(mine).order_by(Snapshot.dated.desc()).first()


def listed_snapshots(user) -> list[Snapshot]:
    """Every list, the newest day first, with county and who brought it; `children` of them all and `mine` within the scope."""
    found = visible_snapshots(user).select(Snapshot, Org, User).join(Org, on=Snapshot.county).switch(Snapshot)
    found = found.join(User, peewee.JOIN.LEFT_OUTER, on=Snapshot.brought_by).order_by(Snapshot.dated.desc(), Snapshot.kind, Snapshot.id)
    snapshots = list(found)
    every, mine = counted(ListedChild.select(), snapshots), counted(visible_children(user), snapshots)
    for snapshot in snapshots:
        snapshot.children_in_all, snapshot.children_seen = every.get(snapshot.id, 0), mine.get(snapshot.id, 0)
    return snapshots


def counted(children, snapshots: list[Snapshot]) -> dict[int, int]:
    number = children.select(ListedChild.snapshot, peewee.fn.COUNT(ListedChild.id)).where(ListedChild.snapshot.in_([s.id for s in snapshots]))
    return dict(number.group_by(ListedChild.snapshot).tuples()) if snapshots else {}

"""Kinds of lists: the three that every county has, and those that a county names itself."""

from aidtracker.census.models import LISTS, ListKind, Snapshot
from aidtracker.errors import NotFound
from aidtracker.orgs.queries import NOTHING
from aidtracker.permissions import Permission
from aidtracker.students.tag_kinds import MONITORED, family

OWN = "own_"  # so the code of a county's own kind begins
GROUPS = {"household_registry": None, "monitored_households": MONITORED, "disabled_children": ("disabled",)}


def own_kinds(county_ids):
    """Those that were not ended, by name."""
    ids = list(county_ids)
    return ListKind.select().where((ListKind.county.in_(ids) if ids else NOTHING) & ListKind.ended_at.is_null()).order_by(ListKind.label, ListKind.id)


def kinds_of(county_id: int) -> dict[str, str]:
    """{code: label}: what the county's children may be compared with; an ended kind as long as there are lists of it."""
    used = {int(kind.removeprefix(OWN)) for (kind,) in Snapshot.select(Snapshot.kind).where((Snapshot.county == county_id) & Snapshot.kind.startswith(OWN)).distinct().tuples()}
    mine = ListKind.select().where((ListKind.county == county_id) & (ListKind.ended_at.is_null() | ListKind.id.in_(used))).order_by(ListKind.label, ListKind.id)
    return LISTS | {kind.code: kind.label for kind in mine}


def own_kind(code: str) -> ListKind | None:
    return ListKind.get_or_none(ListKind.id == int(code.removeprefix(OWN))) if code.startswith(OWN) else None


def label_of(code: str) -> str:
    kind = own_kind(code)
    return kind.label if kind else LISTS[code]


def group_of(code: str) -> tuple[str, ...] | None:
    """The tags of whom the list is about, in our own records; none: they mark nobody so; None: the list is of everybody of its ages."""
    kind = own_kind(code)
    if kind is None:
        return GROUPS[code]
    return family(kind.tag) if kind.tag else ()


def visible_list_kinds(user, permission: Permission = Permission.CENSUS_IMPORT):
    return own_kinds(user.counties_within(permission))


def visible_list_kind(user, kind_id: int, permission: Permission = Permission.CENSUS_IMPORT) -> ListKind:
    found = visible_list_kinds(user, permission).where(ListKind.id == kind_id).first()
    if found is None:
        raise NotFound
    return found

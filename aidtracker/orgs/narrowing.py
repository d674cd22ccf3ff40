"""A list narrowed by township, school and class: each within the one above it, all within the reader's scope."""

from typing import NamedTuple

from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import top_orgs, visible_org, within
from aidtracker.permissions import Permission

KINDS = {"township": "township", "school": "school", "room": "class"}  # by the name of the filter


class Narrowed(NamedTuple):
    """`place` is the lowest that was chosen; the others have what each filter offers and has chosen, by its name."""

    place: Org | None
    offered: dict[str, list[tuple[int, str]]]
    chosen: dict[str, int | None]


def narrowed(user, permission: Permission, asked: dict[str, int | None]) -> Narrowed:
    """`asked` are ids by the names of the filters, from the widest to the narrowest. NotFound outside the reader's scope."""
    place, offered, chosen = None, {}, {}
    for name, id_ in asked.items():
        found = place_asked(user, permission, id_, KINDS[name], place)
        offered[name] = places_offered(user, permission, KINDS[name], place)
        if found and found.id not in dict(offered[name]):  # closed meanwhile, and still asked for
            offered[name].append((found.id, found.name))
        chosen[name] = found.id if found else None
        place = found or place
    return Narrowed(place, offered, chosen)


def place_asked(user, permission: Permission, id_: int | None, kind: str, above: Org | None) -> Org | None:
    """Nothing when it does not lie within what was chosen above it."""
    if id_ is None:
        return None
    found = visible_org(user, id_, permission)
    return found if found.kind == kind and (above is None or found.is_within(above.path)) else None


def places_offered(user, permission: Permission, kind: str, above: Org | None) -> list[tuple[int, str]]:
    """(id, name). Classes only inside a school: a county has thousands."""
    if kind == "class" and (above is None or above.kind != "school") and not is_at_one_school(user, permission):
        return []
    found = Org.select(Org.id, Org.name).where(within(user.scopes(permission)) & (Org.kind == kind) & Org.closed_on.is_null())
    if above is not None:
        found = found.where(within([above.path]))
    return list(found.order_by(Org.code).tuples())


def is_at_one_school(user, permission: Permission) -> bool:
    """All that the reader sees lies in one school."""
    schools = {org.id if org.kind == "school" else org.parent_id if org.kind == "class" else None for org in top_orgs(user, permission)}
    return len(schools) == 1 and None not in schools


def is_at_one_class(user, permission: Permission) -> bool:
    return [org.kind for org in top_orgs(user, permission)] == ["class"]

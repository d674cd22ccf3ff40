"""The choice of a township, a school and a class on the list: each within the one above it, all within the reader's scope."""

from flask_login import current_user

from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import top_orgs, visible_org
from aidtracker.permissions import Permission
from aidtracker.students.listing import places_under
from aidtracker.visits.forms import ANY
from aidtracker.web.addresses import number_or_none


def narrow_places(form) -> Org | None:
    """Fills the choices, and returns the lowest place that was chosen. Ids outside the reader's scope: 404."""
    place = None
    for name, kind in (("township", "township"), ("school", "school"), ("room", "class")):
        chosen = place_asked(form[name].data or "", kind, place)
        offered = [(str(id_), label) for id_, label in offered_places(kind, place)]
        if chosen and str(chosen.id) not in dict(offered):
            offered.append((str(chosen.id), chosen.name))
        form[name].choices, form[name].data = [ANY, *offered], str(chosen.id) if chosen else ""
        place = chosen or place
    return place


def place_asked(text: str, kind: str, above: Org | None) -> Org | None:
    """Nothing when it does not lie within what was chosen above it."""
    number = number_or_none(text)
    if number is None:
        return None
    found = visible_org(current_user, number, Permission.VISIT_VIEW)
    return found if found.kind == kind and (above is None or found.is_within(above.path)) else None


def offered_places(kind: str, above: Org | None) -> list:
    """Classes only inside a school: a county has thousands."""
    tops = {org.kind for org in top_orgs(current_user, Permission.VISIT_VIEW)}
    if kind == "class" and (above is None or above.kind != "school") and not tops <= {"school", "class"}:
        return []
    return places_under(current_user, above.path if above is not None else None, kind)

"""What is worth a second look within the reader's scope, with the visits that it is about."""

from aidtracker.accounts.models import User
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.visits.listing import at_place
from aidtracker.visits.models import Visit
from aidtracker.visits.models_looks import FormerLook, SecondLook
from aidtracker.visits.queries import of_scope, visible_visits
from aidtracker.visits.queries_calls import is_made_by

COLUMNS = (SecondLook.id, SecondLook.reason, SecondLook.others, SecondLook.looked_at, Visit.id.alias("visit_id"), Visit.on, Visit.form, Visit.teachers)
SHOWN = 12  # of the visits that one is about


def visible_second_looks(user):
    """Of visits that the reader may verify."""
    return SecondLook.select().join(Visit).where(of_scope(user.scopes(Permission.VISIT_VERIFY)))


def visible_second_look(user, second_look_id: int) -> SecondLook:
    found = visible_second_looks(user).where(SecondLook.id == second_look_id).first()
    if found is None:
        raise NotFound
    return found


def listed_second_looks(user, place: Org | None, reason: str, is_open: bool):
    """Rows of the list, the latest visits first."""
    found = visible_second_looks(user).where(SecondLook.looked_at.is_null(is_open))
    if place is not None:
        found = found.where(Visit.id.in_(at_place(user, place)))
    if reason:
        found = found.where(SecondLook.reason == reason)
    return found.select(*COLUMNS, User.name.alias("by_name")).left_outer_join(User, on=(SecondLook.looked_by == User.id)).order_by(Visit.on.desc(), SecondLook.id.desc())


def visits_about(user, second_look: SecondLook) -> tuple[list[Visit], int]:
    """(those that the reader may see, the one that it stands for first; how many more there are)."""
    ids = [second_look.visit_id, *second_look.others]
    seen = {visit.id: visit for visit in visible_visits(user).where(Visit.id.in_(ids))}
    shown = [seen[id_] for id_ in ids if id_ in seen][:SHOWN]
    return shown, len(ids) - len(shown)


def is_own_look(user, second_look: SecondLook) -> bool:
    """Any of the visits that it is about was made by the user."""
    others = Visit.select().where(Visit.id.in_(second_look.others)) if second_look.others else ()
    return any(is_made_by(user, visit) for visit in (second_look.visit, *others))


def former_looks_of(second_look: SecondLook) -> list[FormerLook]:
    """Those that were taken back, the latest first; each with `by_name`."""
    found = FormerLook.select(FormerLook, User.name.alias("by_name")).join(User, on=(FormerLook.looked_by == User.id))
    return list(found.where(FormerLook.second_look == second_look).order_by(FormerLook.id.desc()).objects())


def open_second_looks_of(visit: Visit) -> list[SecondLook]:
    """But for photos, which the page of the visit looks at by itself."""
    mine = (SecondLook.visit == visit) & SecondLook.looked_at.is_null() & (SecondLook.reason != "same_photo")
    return list(SecondLook.select().where(mine).order_by(SecondLook.id))

"""A place's plan of sessions as its page shows it: what holds, what was set and when, and what a change would change."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.attendance.models import RollCall, SessionPlan
from aidtracker.attendance.plans import Plans, sessions_taken
from aidtracker.attendance.sessions import DEFAULT, FOR_BOARDERS, in_order, modes_at
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import top_orgs, visible_org
from aidtracker.permissions import Permission
from aidtracker.students.queries import attending_counts

PLACES = ("county", "school")


class Change(NamedTuple):
    """Of a plan from a day on. `schools` change; `others` of the county have a plan of their own and do not."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    schools: int
    others: list[str]
    classes: int  # with pupils who are expected, in those schools
    boarding: int  # of them, with pupils who board
    rolls: int  # taken from that day on in sessions that are dropped
    ahead: datetime.date | None  # from which something else has been set already

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(code for code in self.after if code not in self.before)

    @property
    def dropped(self) -> tuple[str, ...]:
        return tuple(code for code in self.before if code not in self.after)

    def classes_at(self, session: str) -> int:
        return self.boarding if session in FOR_BOARDERS else self.classes


def planned_place(user, org_id: int) -> Org:
    """A county or a school that the reader may see; of a class its school."""
    place = visible_org(user, org_id)
    place = place.parent if place.kind == "class" else place
    if place.kind not in PLACES:
        raise NotFound
    return place


def plans_set(place: Org) -> list[SessionPlan]:
    """The latest first, withdrawn ones too."""
    return list(SessionPlan.select().where(SessionPlan.org == place).order_by(SessionPlan.holds_from.desc(), SessionPlan.id.desc()))


def plans_ahead(place: Org, on: datetime.date) -> list[SessionPlan]:
    """Rows that have not begun and may be withdrawn."""
    return [row for row in plans_set(place) if row.holds_from > on and row.withdrawn_at is None]


def plan_on(place: Org, on: datetime.date) -> tuple[str, ...]:
    return Plans(place.county_id, on).at(school_of(place), on)


def sessions_of_class(room, on: datetime.date) -> tuple[str, ...]:
    """What its school takes, without the evenings where nobody of the class boards."""
    taken = sessions_taken(room.county_id, room.parent_id, on)
    return taken if attending_counts(on, [room.id], modes_at(FOR_BOARDERS[0])) else tuple(code for code in taken if code not in FOR_BOARDERS)


def sessions_seen(user, on: datetime.date) -> tuple[str, ...]:
    """What is taken somewhere among the places whose rolls the reader may see."""
    found: set[str] = set()
    for place in top_orgs(user, Permission.ROLL_VIEW):
        school = {"school": place.id, "class": place.parent_id}.get(place.kind)
        plans = Plans(place.county_id, on, school)
        found.update(plans.at(school, on), *(taken for steps in plans.steps.values() for _begins, taken in steps if not school))
    return in_order(found) or DEFAULT


def school_of(place: Org) -> int | None:
    return place.id if place.kind == "school" else None


def change_of(place: Org, sessions: tuple[str, ...], holds_from: datetime.date) -> Change:
    """What a plan would change; no sessions: as the county."""
    plans = Plans(place.county_id, holds_from)
    after = sessions or plans.at(None, holds_from)
    schools = [place] if place.kind == "school" else list(schools_of(place))
    moved = [school for school in schools if place.kind == "school" or plans.follows(school.id, holds_from)]
    before = plans.at(school_of(place), holds_from)
    classes = [id_ for (id_,) in Org.select(Org.id).where(Org.parent.in_(moved) & (Org.kind == "class")).tuples()]
    dropped = [code for code in before if code not in after]
    taken = RollCall.school.in_(moved) & (RollCall.on >= holds_from) & RollCall.session.in_(dropped)
    ahead = [row.holds_from for row in plans_ahead(place, holds_from)]
    return Change(
        before,
        in_order(after),
        len(moved),
        [school.name for school in schools if school not in moved],
        len(attending_counts(holds_from, classes)) if classes else 0,
        len(attending_counts(holds_from, classes, modes_at(FOR_BOARDERS[0]))) if classes else 0,
        RollCall.select(peewee.fn.COUNT(RollCall.id)).where(taken).scalar() if dropped and moved else 0,
        min(ahead, default=None),
    )


def schools_of(county: Org):
    return Org.select().where((Org.county == county) & (Org.kind == "school") & Org.closed_on.is_null()).order_by(Org.code)

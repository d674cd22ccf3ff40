"""Who leads which class of a school, who stands in, and what the next school year would look like."""

import datetime
from dataclasses import dataclass, field

from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.accounts.queries import holds_today, visible_users
from aidtracker.db import today_in_china
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.orgs.queries import within
from aidtracker.phrases import Phrase


@dataclass
class Room:
    """A class with those who have a role in it; `homeroom` is also the only teacher of a class, whatever they were called."""

    org: Org
    stage: str
    entry_year: int
    number: str
    label: str
    homeroom: Membership | None = None
    others: list[Membership] = field(default_factory=list)
    substitutes: list[Membership] = field(default_factory=list)  # now and to come
    coming: list[Membership] = field(default_factory=list)  # homeroom teachers of a later day


def rooms_of(school: Org, on: datetime.date | None = None) -> list[Room]:
    """The open classes of the school that are in a grade on that day, the lowest grade first."""
    on = on or today_in_china()
    year = grades.school_year_of(on)
    columns = (SchoolClass.stage, SchoolClass.entry_year, SchoolClass.number)
    found = Org.select(Org, *columns).join(SchoolClass, on=SchoolClass.org == Org.id)
    rows = found.where((SchoolClass.school == school) & (Org.closed_on.is_null() | (Org.closed_on > on))).objects()
    rooms = [Room(org, org.stage, org.entry_year, org.number, grades.class_label(org.stage, org.entry_year, org.number, year)) for org in rows]
    stages = [stage.code for stage in grades.STAGES]
    rooms.sort(key=lambda room: (stages.index(room.stage), -room.entry_year, room.number.rjust(4, "0")))
    fill(rooms, on)
    return rooms


def fill(rooms: list[Room], on: datetime.date) -> None:
    by_id = {room.org.id: room for room in rooms}
    here = Membership.org.in_(list(by_id)) & (Membership.role == "teacher") & (Membership.ends_on.is_null() | (Membership.ends_on >= on))
    teachers = Membership.select(Membership, User).join(User, on=Membership.user).where(here & User.disabled_at.is_null())
    for held in teachers.order_by(Membership.starts_on, Membership.id):
        room = by_id[held.org_id]
        if held.duty == "substitute":
            room.substitutes.append(held)
        elif held.starts_on > on:
            room.coming.append(held)
        elif held.duty == "homeroom" and room.homeroom is None:
            room.homeroom = held
        else:
            room.others.append(held)
    for room in rooms:
        if room.homeroom is None and len(room.others) == 1:
            room.homeroom = room.others.pop()


def room_of(org: Org) -> Room:
    """One class, whatever its grade."""
    detail = SchoolClass.get(SchoolClass.org == org)
    room = Room(org, detail.stage, detail.entry_year, detail.number, org.name)
    fill([room], today_in_china())
    return room


def is_in_grade(room: Room, on: datetime.date) -> bool:
    return grades.grade_label(room.stage, room.entry_year, grades.school_year_of(on)) in grades.PLACES


def colleagues(by: User, school: Org, leaving_before: datetime.date | None = None) -> list[tuple[int, str]]:
    """(id, name) of people with a role today at this school or one of its classes; leavers of before that day excluded."""
    there = Membership.select(Membership.user).join(Org).where(within([school.path]) & holds_today())
    found = visible_users(by).where(User.id.in_(there) & User.disabled_at.is_null())
    gone = StaffRecord.select(StaffRecord.user).where(StaffRecord.leaves_on < (leaving_before or today_in_china()))
    found = found.where(User.id.not_in(gone)).order_by(User.name, User.id)
    return [(user.id, Phrase("%(name)s（%(username)s）", name=user.name, username=user.username)) for user in found]


def people_at(by: User, org: Org) -> list[tuple[int, str]]:
    """Who may stand in for a role at this place: of its school, or with a role at the very place."""
    if org.kind in ("class", "school"):
        return colleagues(by, org.parent if org.kind == "class" else org)
    there = Membership.select(Membership.user).where((Membership.org == org) & holds_today())
    found = visible_users(by).where(User.id.in_(there) & User.disabled_at.is_null()).order_by(User.name, User.id)
    return [(user.id, Phrase("%(name)s（%(username)s）", name=user.name, username=user.username)) for user in found]


@dataclass
class Proposal:
    """A class of the next year, who leads it now, who would."""

    room: Room
    label: str  # of the year to come
    proposed: int | None  # a user's id


def proposals(by: User, school: Org, starts_on: datetime.date) -> tuple[list[Proposal], list[Room]]:
    """(what each class would get, the classes that are done). The teacher moves up with the class; whoever leaves does not;
    those of the classes that are done are proposed for the newest classes, in their order."""
    rooms, year = rooms_of(school), grades.school_year_of(starts_on)
    staying = {id_ for id_, _name in colleagues(by, school, starts_on)}
    done = [room for room in rooms if not is_in_grade(room, starts_on)]
    going_on = [room for room in rooms if is_in_grade(room, starts_on)]
    free = [room.homeroom.user_id for room in done if room.homeroom and room.homeroom.user_id in staying]
    found = []
    for room in going_on:
        label = grades.class_label(room.stage, room.entry_year, room.number, year)
        coming = room.coming[-1].user_id if room.coming else None
        now = coming or (room.homeroom.user_id if room.homeroom else None)
        if now is None and room.entry_year == year and free:
            now = free.pop(0)
        found.append(Proposal(room, label, now if now in staying else None))
    return found, done

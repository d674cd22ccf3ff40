"""Accounts of the demo county: one of every role, a principal of every school, a teacher of every class; one password."""

import random
from typing import NamedTuple

from aidtracker.accounts.actions import create_users
from aidtracker.accounts.hooks import Tried
from aidtracker.accounts.models import Membership, User
from aidtracker.demo.names import Names
from aidtracker.demo.places import CITY, COUNTY, NEIGHBOUR
from aidtracker.operation.queries import is_demo
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.permissions import ROLES
from aidtracker.terms.calendar import first_day_of

PASSWORD = "Yunling-2026"  # noqa: S105 printed by `demo`, and good for nothing else
# The account of each role: user name, what its place is.
SHOWN = {
    "teacher": ("teacher", "class"),
    "school_admin": ("principal", "school"),
    "village_officer": ("village", "village"),
    "township_coordinator": ("township", "township"),
    "bureau_staff": ("bureau", "county"),
    "finance": ("finance", "county"),
    "bureau_admin": ("admin", "county"),
    "city_viewer": ("city", "city"),
    "auditor": ("auditor", "county"),
    "system_admin": ("system", "county"),
}
NEIGHBOURS = {"teacher": ("teacher2", "class"), "school_admin": ("principal2", "school"), "bureau_staff": ("bureau2", "county")}
AT_SCHOOL = ("school", "class")


class Account(NamedTuple):
    role: str
    username: str
    place: str
    county: str  # code


def create_offices(*, school_year: int, rng: random.Random, by: User | None) -> None:
    """Those who sit above the schools. Everybody has held the role since the school year began."""
    names = Names(rng)
    people = [
        (username, names.han(rng.choice("MF")), role, shown_place(kind, county))
        for role, (username, kind), county in shown()
        if kind not in AT_SCHOOL
    ]
    open_accounts(people, school_year, by)


def create_school_staff(*, school_year: int, rng: random.Random, by: User | None) -> None:
    """A principal for every school, a teacher for every class."""
    names, people = Names(rng), []
    known = {(role, shown_place(kind, county).id): name for role, (name, kind), county in shown() if kind in AT_SCHOOL}
    for n, school in enumerate(Org.select().where(Org.kind == "school").order_by(Org.code), 1):
        username = known.get(("school_admin", school.id), f"p{n:02}")
        people.append((username, names.han(rng.choice("MMF")), "school_admin", school))
        for digits, room in rooms_of(school, school_year):
            username = known.get(("teacher", room.id), f"t{n:02}.{digits}")
            people.append((username, names.han(rng.choice("FFM")), "teacher", room))
    open_accounts(people, school_year, by)


def open_accounts(people: list, school_year: int, by: User | None) -> None:
    first_day = first_day_of(school_year)
    create_users(people=people, password=PASSWORD, starts_on=first_day, must_change=False, by=by)


def shown():
    """(role, (user name, kind of place), county) of every account that is printed."""
    yield from ((role, SHOWN[role], COUNTY[0]) for role in ROLES)
    yield from ((role, account, NEIGHBOUR[0]) for role, account in NEIGHBOURS.items())


def shown_place(kind: str, county: str) -> Org:
    """The place of that kind in the county's first township, which the shown accounts share; the class is 三年级1班 of its primary school."""
    if kind in ("city", "county"):
        return Org.get(Org.code == (CITY[0] if kind == "city" else county))
    if kind == "class":
        school = shown_place("school", county)
        return Org.get((Org.parent == school) & (Org.name == "三年级1班"))
    township = Org.select().where((Org.kind == "township") & (Org.parent == Org.get(Org.code == county))).order_by(Org.code).get()
    if kind == "township":
        return township
    return Org.select().where((Org.kind == kind) & (Org.parent == township)).order_by(Org.code).first()


def rooms_of(school: Org, school_year: int):
    """(grade and number as digits, class): 31 is 三年级1班."""
    columns = (SchoolClass.stage, SchoolClass.entry_year, SchoolClass.number)
    rooms = Org.select(Org, *columns).join(SchoolClass, on=(SchoolClass.org == Org.id)).where(SchoolClass.school == school)
    for room in rooms.order_by(Org.id).objects():
        grade = school_year - room.entry_year + (7 if room.stage == "junior" else 1)
        yield f"{grade}{room.number}", room


def accounts() -> list[Account]:
    """What `demo` prints, also when it finds the county again."""
    found = []
    for role, (username, _kind), county in shown():
        membership = Membership.select(Membership, Org).join(Org).switch(Membership).join(User).where(User.username == username).first()
        if membership:
            found.append(Account(role, username, place_name(membership.org), county))
    return found


def shown_accounts() -> list[Tried]:
    """What the sign-in page lists; of invented counties only."""
    return [Tried(one.username, PASSWORD, ROLES[one.role].label, one.place) for one in accounts()] if is_demo() else []


def place_name(org: Org) -> str:
    """金寨县 梅山镇 梅山镇中心小学 三年级1班; the city only when it is the place itself."""
    ids = [int(part) for part in org.path.strip("/").split("/")]
    names = {place.id: place.name for place in Org.select().where(Org.id.in_(ids))}
    return " ".join(names.get(i, "") for i in ids[1:] if i in names) or org.name

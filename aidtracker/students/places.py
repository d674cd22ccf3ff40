"""What a place's page says of pupils: how many below, who sits in a class; and that a place with pupils stays open."""

import peewee

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import child_on_the_way, within
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import roster_of
from aidtracker.students.queries_moves import still_seen

P = Permission


def shown_at(user, org: Org, below, on) -> dict:
    """Counts for whoever may see pupils or sums here; names only for the former. A class shows who sat there on a past day."""
    if not (user.may(P.STUDENT_VIEW, org) or user.may(P.REPORT_VIEW, org)):
        return {"pupils": None, "roster": None}
    day = min(on or today_in_china(), today_in_china())
    roster = list(roster_of(org, day)) if org.kind == "class" and user.may(P.STUDENT_VIEW, org) else None
    sums = {"pupils": pupils_below(org), "at_home": at_home_below(below), "total": pupils_within(org)}
    return sums | {"roster": roster, "roster_on": day, "today": today_in_china(), "seen": still_seen(user, [row[0] for row in roster or ()])}


def pupils_within(org: Org) -> int:
    """Enrolled today in a class at or below the place; for a village, those registered there."""
    if org.kind == "village":
        return Student.select().where(Student.home == org).count()
    rooms = Org.select(Org.id).where(within([org.path]) & (Org.kind == "class"))
    return Student.select().where(Student.class_org.in_(rooms)).count()


def pupils_below(org: Org) -> dict[int, int]:
    """{id of each child place: pupils enrolled within it}."""
    counted = Org.select(Org.path, peewee.fn.COUNT(Student.id)).join(Student, on=Student.class_org == Org.id)
    found: dict[int, int] = {}
    for path, number in counted.where(within([org.path])).group_by(Org.path).tuples():
        child = child_on_the_way(org.path, path)
        if child is not None:
            found[child] = found.get(child, 0) + number
    return found


def at_home_below(below) -> dict[int, int]:
    """{village id: pupils registered there}, of a township's villages."""
    villages = [place.id for place in below if place.kind == "village"]
    counted = Student.select(Student.home, peewee.fn.COUNT(Student.id)).where(Student.home.in_(villages))
    return dict(counted.group_by(Student.home).tuples()) if villages else {}


def refuse_while_pupils_are_here(org: Org) -> None:
    number = pupils_within(org)
    if number:
        raise Refused("%(name)s还有 %(number)s 名在读学生，请先办理调班或离班，再停办。", name=org.name, number=number)

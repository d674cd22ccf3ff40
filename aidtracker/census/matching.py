"""四查三比对: other departments' lists against the pupils, in the database (教基厅函〔2024〕15号): by ID, and by what a person said of two.

Every rule is a condition, so that the workbench, the report and the tests ask the same one. A list counts from its day
until the next list of its kind; a pupil is enrolled here on a day that a spell in the county covers.
"""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.census.models import LISTS, ListedChild, MatchedPair, Snapshot
from aidtracker.census.queries import latest_snapshot
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.queries import on_the

MonitoredChild = ListedChild.alias()
ONE = peewee.SQL("1")


class Lists(NamedTuple):
    """What a county is compared with on a day; None where there is no list yet."""

    county_id: int
    on: datetime.date
    household_registry: Snapshot | None
    monitored_households: Snapshot | None
    disabled_children: Snapshot | None

    @property
    def missing(self) -> list[str]:
        """Kinds of which there is no list."""
        return [kind for kind in LISTS if getattr(self, kind) is None]


def lists_on(county_id: int, on: datetime.date) -> Lists:
    return Lists(county_id, on, *(latest_snapshot(county_id, kind, on) for kind in LISTS))


def on_list(snapshot: Snapshot | None):
    """A condition on ListedChild."""
    return NOTHING if snapshot is None else ListedChild.snapshot == snapshot.id


def enrolled(lists: Lists):
    """A condition on ListedChild: a pupil who sits in a class of the county on the day has the ID, or was found to be the same child."""
    pupil = Student.select(ONE).join(Enrollment, on=(Enrollment.student == Student.id))
    here = (Student.county == lists.county_id) & (Student.id_index == ListedChild.id_index)
    paired = MatchedPair.select(ONE).join(Enrollment, on=(Enrollment.student == MatchedPair.student))
    same = is_same(lists.county_id) & (MatchedPair.id_index == ListedChild.id_index)
    return peewee.fn.EXISTS(pupil.where(here & on_the(lists.on))) | peewee.fn.EXISTS(paired.where(same & on_the(lists.on)))


def is_same(county_id: int):
    """A condition on MatchedPair: somebody said that the two are one child, and it stands."""
    return (MatchedPair.county == county_id) & MatchedPair.is_same & MatchedPair.withdrawn_at.is_null()


def monitored(child, on: datetime.date):
    """A condition on a line of the monitored households: from 纳入日期 until the day before 风险消除日期."""
    return (child.listed_on <= on) & (child.cleared_on.is_null() | (child.cleared_on > on))


def also_monitored(lists: Lists):
    """A condition on ListedChild of whatever list: monitored on the day, by the newest list of these households."""
    if lists.monitored_households is None:
        return NOTHING
    mine = (MonitoredChild.snapshot == lists.monitored_households.id) & (MonitoredChild.id_index == ListedChild.id_index)
    return peewee.fn.EXISTS(MonitoredChild.select(ONE).where(mine & monitored(MonitoredChild, lists.on)))


def registered_not_enrolled(lists: Lists):
    """A condition on ListedChild: 户籍在册未就读."""
    return on_list(lists.household_registry) & ~enrolled(lists)


def disabled_not_enrolled(lists: Lists):
    """A condition on ListedChild: 残疾儿童未就读."""
    return on_list(lists.disabled_children) & ~enrolled(lists)


def enrolled_at_compulsory_age(lists: Lists):
    """A condition on Student: enrolled here on the day, and as old as the household list draws 义务教育 age itself."""
    youngest_and_oldest = ages_of(lists.household_registry)
    if youngest_and_oldest is None:
        return NOTHING
    spell = Enrollment.select(ONE).where((Enrollment.student == Student.id) & on_the(lists.on))
    return (Student.county == lists.county_id) & Student.born_on.between(*youngest_and_oldest) & peewee.fn.EXISTS(spell)


def enrolled_not_registered(lists: Lists):
    """A condition on Student: 在读不在户籍名单; a pupil without an ID is on no list."""
    if lists.household_registry is None:
        return NOTHING
    return enrolled_at_compulsory_age(lists) & ~registered(lists.household_registry)


def registered(snapshot: Snapshot):
    """A condition on Student: the ID is on this list, or a child of it was found to be the same."""
    listed = ListedChild.select(ONE).where((ListedChild.snapshot == snapshot.id) & (ListedChild.id_index == Student.id_index))
    same = is_same(snapshot.county_id) & (MatchedPair.student == Student.id)
    paired = MatchedPair.select(ONE).join(ListedChild, on=(ListedChild.id_index == MatchedPair.id_index))
    return peewee.fn.EXISTS(listed) | peewee.fn.EXISTS(paired.where(same & (ListedChild.snapshot == snapshot.id)))


def ages_of(snapshot: Snapshot | None) -> tuple[datetime.date, datetime.date] | None:
    """The earliest and the latest day of birth on the list."""
    if snapshot is None:
        return None
    born = ListedChild.born_on
    first, last = ListedChild.select(peewee.fn.MIN(born), peewee.fn.MAX(born)).where(on_list(snapshot)).tuples().first()
    return (born.python_value(first), born.python_value(last)) if first else None


def by_home(children) -> dict[int | None, int]:
    """{home or None: how many} of a query on ListedChild or Student."""
    model = children.model
    return dict(children.select(model.home, peewee.fn.COUNT(model.id)).group_by(model.home).tuples())


class Twin(NamedTuple):
    """A pupil, or a listed child, who is likely the same as another under a wrong ID."""

    id: int
    name: str
    born_on: datetime.date
    sex: str
    class_name: str = ""
    school_name: str = ""


ClassOrg, SchoolOrg = Org.alias(), Org.alias()


def likely_pupils(lists: Lists, snapshot: Snapshot, children) -> dict[tuple, list[Twin]]:
    """{(name, day of birth, sex): pupils enrolled on the day who have all three and whose ID is not on the list}.

    `children` have these three; half of all suspected dropouts turn out to be wrong IDs.
    """
    wanted = {(child.name, child.born_on, child.sex) for child in children if child.born_on and child.sex}
    if not wanted:
        return {}
    asked = (
        Student.select(Student.id, Student.name, Student.born_on, Student.sex, ClassOrg.name, SchoolOrg.name)
        .join(Enrollment, on=(Enrollment.student == Student.id))
        .join(ClassOrg, on=(ClassOrg.id == Enrollment.class_org))
        .join(SchoolOrg, on=(SchoolOrg.id == ClassOrg.parent))
    )
    alike = Student.name.in_(names_of(wanted)) & Student.born_on.in_(days_of(wanted))
    here = (Student.county == lists.county_id) & on_the(lists.on) & ~registered(snapshot)
    return heaped(asked.where(alike & here).order_by(Student.id).tuples(), wanted)


def likely_listed(lists: Lists, snapshot: Snapshot | None, pupils) -> dict[tuple, list[Twin]]:
    """{(name, day of birth, sex): children of the list who have all three and are not enrolled under their ID}."""
    wanted = {(pupil.name, pupil.born_on, pupil.sex) for pupil in pupils}
    if not wanted:
        return {}
    alike = ListedChild.name.in_(names_of(wanted)) & ListedChild.born_on.in_(days_of(wanted))
    columns = (ListedChild.id, ListedChild.name, ListedChild.born_on, ListedChild.sex)
    return heaped(ListedChild.select(*columns).where(alike & on_list(snapshot) & ~enrolled(lists)).order_by(ListedChild.id).tuples(), wanted)


def names_of(wanted: set[tuple]) -> list[str]:
    return sorted({name for name, _born, _sex in wanted})


def days_of(wanted: set[tuple]) -> list[datetime.date]:
    return sorted({born for _name, born, _sex in wanted})


def heaped(rows, wanted: set[tuple]) -> dict[tuple, list[Twin]]:
    found: dict[tuple, list[Twin]] = {}
    for row in rows:
        twin = Twin(*row)
        if (twin.name, twin.born_on, twin.sex) in wanted:
            found.setdefault((twin.name, twin.born_on, twin.sex), []).append(twin)
    return found

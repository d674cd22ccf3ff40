"""Who reaches school age (入学新生): children of the household list of one year of birth, and where each is on the day.

Each listed child is in exactly one state, so that the figures add up; pupils of the first grade who are on no list stand beside them.
"""

import datetime
from collections.abc import Iterable
from typing import NamedTuple

import peewee

from aidtracker.census import matching
from aidtracker.census.listing import Filters, narrowed, sorted_children, with_home
from aidtracker.census.models import ListedChild
from aidtracker.census.queries import visible_children
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.orgs.queries import NOTHING
from aidtracker.permissions import Permission
from aidtracker.policies.queries import number_of
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.queries import on_the, visible_students

STATES = {"none": "没有入学", "preschool": "在幼儿园", "school": "已入学", "extra": "入学了，不在户籍名单"}
ONE = peewee.SQL("1")


class Cohort(NamedTuple):
    """Of whom school begins in the autumn of `year`: born from the one day to the other."""

    year: int
    first_on: datetime.date
    last_on: datetime.date


class Line(NamedTuple):
    """A place and its figures: listed = school + preschool + none; `extra` are not among them."""

    id: int | None
    name: str
    listed: int = 0
    school: int = 0
    preschool: int = 0
    none: int = 0
    extra: int = 0

    def plus(self, other: Iterable[int]) -> "Line":
        return Line(self.id, self.name, *(a + b for a, b in zip(self[2:], other, strict=True)))


def cohort_of(county_id: int, year: int) -> Cohort:
    """Old enough on 31 August of the year, and not a year before (义务教育法第十一条)."""
    begins = number_of("compulsory_from", county_id, datetime.date(year, 9, 1))
    return Cohort(year, datetime.date(year - begins - 1, 9, 1), datetime.date(year - begins, 8, 31))


def sits(lists: matching.Lists, preschool: bool):
    """A condition on ListedChild: the ID is that of a pupil in a class of the county on the day, below or from 小学 on."""
    pupil = Student.select(ONE).join(Enrollment, on=(Enrollment.student == Student.id)).join(SchoolClass, on=(SchoolClass.org == Enrollment.class_org))
    here = (Student.county == lists.county_id) & (Student.id_index == ListedChild.id_index) & on_the(lists.on)
    return peewee.fn.EXISTS(pupil.where(here & ((SchoolClass.stage == "preschool") if preschool else (SchoolClass.stage != "preschool"))))


def of_state(lists: matching.Lists, state: str):
    """A condition on ListedChild; '' : all."""
    at_school, below = sits(lists, False), sits(lists, True)
    return {"school": at_school, "preschool": below, "none": ~below & ~at_school}.get(state, peewee.SQL("1 = 1"))


def children_of(user, lists: matching.Lists, cohort: Cohort):
    if lists.household_registry is None:
        return visible_children(user).where(NOTHING)
    mine = (ListedChild.snapshot == lists.household_registry.id) & ListedChild.born_on.between(cohort.first_on, cohort.last_on)
    return visible_children(user).where(mine)


def extra_pupils(user, lists: matching.Lists, cohort: Cohort):
    """Pupils who sit in a first grade of the year on the day and are not on the list."""
    if lists.household_registry is None:
        return visible_students(user, Permission.CENSUS_VIEW).where(NOTHING)
    spell = Enrollment.select(ONE).join(SchoolClass, on=(SchoolClass.org == Enrollment.class_org))
    first = (SchoolClass.stage == "primary") & (SchoolClass.entry_year == cohort.year)
    sits_there = peewee.fn.EXISTS(spell.where((Enrollment.student == Student.id) & on_the(lists.on) & first))
    found = visible_students(user, Permission.CENSUS_VIEW).where((Student.county == lists.county_id) & sits_there)
    return found.where(~matching.registered(lists.household_registry))


def listed(user, lists: matching.Lists, cohort: Cohort, state: str, filters: Filters):
    """The children, or for 'extra' the pupils, of one state; sorted by home and name."""
    if state == "extra":
        found = narrowed(extra_pupils(user, lists, cohort), Student, filters, Student.name.contains(filters.text))
        return with_home(found, Student).order_by(Student.home_code, Student.pinyin, Student.id)
    return sorted_children(children_of(user, lists, cohort).where(of_state(lists, state)), filters)


def figures(user, lists: matching.Lists, cohort: Cohort, county: Org, township: Org | None) -> tuple[list[Line], Line]:
    """(a line for each township, or each village of the township, and one for those registered elsewhere; their sum)."""
    places = {org.id: org for org in Org.select().where((Org.county == county) & Org.kind.in_(("township", "village")))}
    found: dict[int | None, Line] = {}
    total = Line(None, "")
    for home, numbers in counted(user, lists, cohort):
        place = line_place(places, home, township)
        if place is None and township is not None:
            continue
        key = place.id if place else None
        found[key] = found.get(key, Line(key, place.name if place else "")).plus(numbers)
        total = total.plus(numbers)
    ordered = sorted(found.values(), key=lambda line: (line.id is None, places[line.id].code if line.id else ""))
    return ordered, total


def line_place(places: dict[int, Org], home: int | None, township: Org | None) -> Org | None:
    """The township of a home, or of one township's pages the home itself; None: outside."""
    place = places.get(home) if home else None
    if place is None or (township is not None and not place.is_within(township.path)):
        return None
    if township is not None or place.kind == "township":
        return place
    return places.get(place.parent_id)


def counted(user, lists: matching.Lists, cohort: Cohort):
    """(home, (listed, school, preschool, none, extra)) of every home that occurs."""
    at_school, below = (peewee.fn.SUM(peewee.Case(None, [(sits(lists, is_below), 1)], 0)) for is_below in (False, True))
    rows = children_of(user, lists, cohort).select(ListedChild.home, peewee.fn.COUNT(ListedChild.id), at_school, below)
    for home, number, school, preschool in rows.group_by(ListedChild.home).tuples():
        yield home, (number, school, preschool, number - school - preschool, 0)
    for home, number in matching.by_home(extra_pupils(user, lists, cohort)).items():
        yield home, (0, 0, 0, 0, number)

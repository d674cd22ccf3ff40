"""The list of pupils: what it can be narrowed by, its order, its rows."""

import datetime
from dataclasses import dataclass, field

import peewee

from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.permissions import Permission
from aidtracker.students.extra_fields import saying
from aidtracker.students.models import Enrollment, Student, Tag
from aidtracker.students.queries import in_scope, on_the, visible_students
from aidtracker.students.queries_tags import held_on, seen_tags
from aidtracker.students.tag_kinds import family

ClassOrg, SchoolOrg, HomeOrg = Org.alias(), Org.alias(), Org.alias()
BY = {"": "就读或户籍", "school": "在这里就读", "home": "户籍在这里"}
COLUMNS = (
    *(Student.id, Student.name, Student.pinyin, Student.sex, Student.born_on, Student.mode),
    *(ClassOrg.name.alias("class_name"), SchoolOrg.name.alias("school_name"), HomeOrg.name.alias("home_name")),
)
SEAT = peewee.fn.COALESCE(Enrollment.seat, 9999)
ORDERS = {
    "name": (Student.pinyin,),
    "class": (ClassOrg.code, SEAT, Student.pinyin),
    "born": (Student.born_on, Student.pinyin),
    "seat": (SEAT, Student.pinyin),
}


@dataclass
class Filters:
    """What the list is narrowed to; '' and None: by nothing."""

    place: Org | None = None
    by: str = ""
    grade: str = ""
    mode: str = ""
    sex: str = ""
    tag: str = ""
    on: datetime.date | None = None  # who sat there, and was of the group, on that day; None: now
    own: dict[int, str] = field(default_factory=dict)  # of the county's own fields: what they say

    @property
    def is_one_school(self) -> bool:
        return self.place is not None and self.place.kind in ("school", "class")


def filtered_students(user, filters: Filters):
    """Pupils of the reader's scope that fit."""
    found = visible_students(user)
    if filters.place is not None:
        found = found.where(at_place(filters.place, filters.by) if filters.on is None else at_place_on(filters.place, filters.on))
    elif filters.by and filters.on is None:
        found = found.where(of_scope(user, filters.by))
    if filters.on is not None:
        found = found.where(Student.id.in_(Enrollment.select(Enrollment.student).where(on_the(filters.on))))
    if filters.grade:
        rooms = Org.select(Org.id).where((Org.kind == "class") & Org.name.startswith(filters.grade))
        found = found.where(Student.class_org.in_(rooms))
    if filters.mode:
        found = found.where(Student.mode == filters.mode)
    if filters.sex:
        found = found.where(Student.sex == filters.sex)
    if filters.tag:
        of_kind = Tag.kind.in_(family(filters.tag)) & held_on(filters.on) & seen_tags(user)
        tagged = Tag.select(Tag.student).where(of_kind)
        found = found.where(Student.id.in_(tagged))
    for field_id, word in filters.own.items():
        found = found.where(Student.id.in_(saying(field_id, word)))
    return found


def at_place(place: Org, by: str):
    if place.kind == "class":
        return Student.class_org == place
    if not by:
        return in_scope([place.path])
    return of_places([place.path], by)


def at_place_on(place: Org, day: datetime.date):
    """Who sat there on the day, wherever they are now."""
    rooms = Org.select(Org.id).where(within([place.path]) & (Org.kind == "class"))
    return Student.id.in_(Enrollment.select(Enrollment.student).where(on_the(day) & Enrollment.class_org.in_(rooms)))


def of_scope(user, by: str):
    return of_places(user.scopes(Permission.STUDENT_VIEW), by)


def of_places(paths: list, by: str):
    places = Org.select(Org.id).where(within(paths))
    return Student.home.in_(places) if by == "home" else Student.class_org.in_(places)


def listed(found, order):
    """The rows of the list, in order; `order` as web.paging.order_of gives it."""
    spell = (Enrollment.student == Student.id) & Enrollment.ends_on.is_null()
    rows = (
        found.select(*COLUMNS, Enrollment.seat)
        .left_outer_join(ClassOrg, on=Student.class_org == ClassOrg.id)
        .left_outer_join(SchoolOrg, on=ClassOrg.parent == SchoolOrg.id)
        .left_outer_join(HomeOrg, on=Student.home == HomeOrg.id)
        .left_outer_join(Enrollment, on=spell)
    )
    keys = [key.desc() if order.descending else key for key in ORDERS[order.key]]
    return rows.order_by(*keys, Student.id).dicts()

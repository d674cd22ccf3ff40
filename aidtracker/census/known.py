"""What our own records know of a listed child: the pupil who bears the number or was found to be the same, and where that one sits."""

import datetime
from typing import NamedTuple

from aidtracker.census.matching import is_same
from aidtracker.census.models import MatchedPair
from aidtracker.orgs.models import Org
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.queries import visible_students

ClassOrg, SchoolOrg = Org.alias(), Org.alias()


class Known(NamedTuple):
    """The record of a pupil, as far as the reader may see it."""

    id: int
    is_visible: bool
    school_name: str = ""
    class_name: str = ""
    left_on: datetime.date | None = None


def known_pupils(user, county_id: int, children: list) -> dict[bytes, Known]:
    """{key of the listed ID: the pupil's record}, of those who have one: who left, or is enrolled only later."""
    ids = pupil_ids(county_id, [child.id_index for child in children])
    seen, places = visible_ids(user, list(ids.values())), places_now(list(ids.values()))
    return {key: Known(id_, id_ in seen, *(places.get(id_, ("", "", None)) if id_ in seen else ())) for key, id_ in ids.items()}


def pupil_ids(county_id: int, keys: list[bytes]) -> dict[bytes, int]:
    """{key of a listed ID: the pupil who bears it, or who was found to be the same child}"""
    paired = MatchedPair.select(MatchedPair.id_index, MatchedPair.student).where(is_same(county_id) & MatchedPair.id_index.in_(keys))
    found = Student.select(Student.id_index, Student.id).where((Student.county == county_id) & Student.id_index.in_(keys))
    return {bytes(key): id_ for rows in (paired, found) for key, id_ in rows.tuples()} if keys else {}


def visible_ids(user, ids: list[int]) -> set[int]:
    return {id_ for (id_,) in visible_students(user).select(Student.id).where(Student.id.in_(ids)).tuples()} if ids else set()


def places_now(ids: list[int]) -> dict[int, tuple]:
    """{student: (school, class, last day or None)} of the newest spell."""
    asked = (
        Enrollment.select(Enrollment.student, SchoolOrg.name, ClassOrg.name, Enrollment.ends_on)
        .join(ClassOrg, on=(ClassOrg.id == Enrollment.class_org))
        .join(SchoolOrg, on=(SchoolOrg.id == ClassOrg.parent))
        .where(Enrollment.student.in_(ids))
        .order_by(Enrollment.starts_on)
    )
    return {student: tuple(place) for student, *place in asked.tuples()} if ids else {}

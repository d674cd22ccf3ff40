"""Narrowing a list by place: each filter within the one above it, all within the reader's scope."""

import pytest

from aidtracker.db import today_in_china
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.narrowing import is_at_one_class, is_at_one_school, narrowed
from aidtracker.permissions import Permission

P = Permission.STUDENT_VIEW


def asked(township=None, school=None, room=None):
    return {name: org and org.id for name, org in {"township": township, "school": school, "room": room}.items()}


def test_each_place_narrows_what_the_next_offers(county, officer):
    found = narrowed(officer, P, asked(county.township, county.school))
    assert found.place == county.school
    assert [name for _, name in found.offered["township"]] == ["双河镇", "石门乡"]
    assert found.offered["school"] == [(county.school.id, county.school.name)]
    assert {id_ for id_, _ in found.offered["room"]} == {county.room.id, county.sibling_room.id}


def test_a_place_outside_the_one_above_counts_as_not_chosen(county, officer):
    found = narrowed(officer, P, asked(county.township, county.other_school))
    assert (found.place, found.chosen["school"]) == (county.township, None)


def test_a_place_of_another_kind_counts_as_not_chosen(county, officer):
    found = narrowed(officer, P, asked(school=county.township))
    assert (found.place, found.chosen) == (None, {"township": None, "school": None, "room": None})


def test_a_place_outside_the_scope_does_not_exist(county, coordinator):
    for place in (county.other_school, county.far_school):
        with pytest.raises(NotFound):
            narrowed(coordinator, P, asked(school=place))


def test_a_closed_place_is_offered_to_whoever_asks_for_it_alone(county, officer):
    Org.update(closed_on=today_in_china()).where(Org.id == county.other_school.id).execute()
    assert county.other_school.id not in dict(narrowed(officer, P, asked()).offered["school"])
    assert county.other_school.id in dict(narrowed(officer, P, asked(school=county.other_school)).offered["school"])


def test_classes_are_offered_within_one_school_alone(county, officer, school_admin, teacher):
    assert narrowed(officer, P, asked(county.township)).offered["room"] == []
    assert len(narrowed(school_admin, P, asked()).offered["room"]) == 2
    assert narrowed(teacher, P, asked()).offered["room"] == [(county.room.id, county.room.name)]
    assert [is_at_one_school(user, P) for user in (officer, school_admin, teacher)] == [False, True, True]
    assert [is_at_one_class(user, P) for user in (officer, school_admin, teacher)] == [False, False, True]

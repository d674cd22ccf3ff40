"""Whose figures: the county that is asked for, and what of it the reader may see."""

import datetime

import pytest

from aidtracker.accounts.models import Membership, User
from aidtracker.errors import Forbidden, NotFound, Refused
from aidtracker.orgs.scopes import schools_of, scope_of, township_in, townships_of
from tests import factories


def names(scope):
    return [school.name for school in schools_of(scope)]


def test_an_officer_sees_the_county_whole(county, officer):
    scope = scope_of(officer)
    assert scope.county == county.county == scope.place and scope.is_whole
    assert names(scope) == ["双河镇中心小学", "石门乡中心小学"]


def test_a_coordinator_sees_the_township(county, coordinator):
    scope = scope_of(coordinator)
    assert (scope.place, names(scope)) == (county.township, ["双河镇中心小学"])
    assert [name for _, _, name in townships_of(scope)] == ["双河镇"]


def test_a_school_stands_for_itself(county, school_admin):
    scope = scope_of(school_admin)
    assert (scope.place, names(scope)) == (county.school, ["双河镇中心小学"])


def test_a_place_outside_does_not_exist(county, coordinator, officer):
    for place in (county.other_township, county.other_school, county.county):
        with pytest.raises(NotFound):
            scope_of(coordinator, org_id=place.id)
    for place in (county.far_township, county.far_school, county.other_county):
        with pytest.raises(NotFound):
            scope_of(officer, org_id=place.id)
    with pytest.raises(NotFound):
        scope_of(officer, "990200")


def test_a_class_or_a_village_has_no_report(county, officer):
    for place in (county.room, county.village):
        with pytest.raises(NotFound):
            scope_of(officer, org_id=place.id)


def test_whoever_sees_several_counties_says_which(county):
    viewer = factories.make_user("city_viewer", county.city)
    with pytest.raises(Refused, match="990100 云岭县、990200 邻山县"):
        scope_of(viewer)
    assert names(scope_of(viewer, "990200")) == ["远河镇中心小学"]


def test_without_the_permission_there_is_nothing(county, teacher):
    with pytest.raises(Forbidden):
        scope_of(teacher)


def test_two_places_of_one_person_make_one_scope(county):
    user = factories.make_user("school_admin", county.school)
    Membership.create(user=user, role="township_coordinator", org=county.other_township, starts_on=datetime.date(2020, 9, 1))
    user = User.get_by_id(user.id)
    scope = scope_of(user)
    assert scope.place == county.county and not scope.is_whole
    assert names(scope) == ["双河镇中心小学", "石门乡中心小学"]


def test_a_role_above_swallows_the_one_below(county):
    user = factories.make_user("school_admin", county.school)
    Membership.create(user=user, role="township_coordinator", org=county.township, starts_on=datetime.date(2020, 9, 1))
    assert scope_of(User.get_by_id(user.id)).place == county.township


def test_narrowing_keeps_what_both_hold(county, officer):
    scope = scope_of(officer)
    assert scope.narrowed([county.school.path, county.far_school.path]).paths == [county.school.path]
    assert scope.narrowed([county.city.path]).paths == [county.county.path]
    assert scope.narrowed([]).paths == []


def test_the_township_of_a_school_is_read_from_its_path():
    assert township_in("/1/2/37/4/", {37, 40}) == 37
    assert township_in("/1/2/4/", {37, 40}) is None

"""Who may be whom although no number says so: proposed, decided by a person, kept for the next list, never across two valid numbers."""

import datetime

import pytest

from aidtracker.census import actions_pairs, comparing, pairs
from aidtracker.census.models import ListedChild, MatchedPair
from aidtracker.errors import Forbidden, Refused
from aidtracker.students.models import Student
from tests import factories
from tests.census.conftest import DAY, ON, list_child

BORN = datetime.date(2016, 5, 1)
WRONG = "990101201605010029"  # no number has this check digit


@pytest.fixture
def proposed(county):
    def found(kind="household_registry", on=ON):
        comparison = comparing.comparison_on(county.county.id, kind, on)
        return [tuple(one) for one in pairs.proposals(comparison, ListedChild.id > 0)]

    return found


def without_number(pupil):
    Student.update(id_number=None, id_index=None).where(Student.id == pupil.id).execute()
    return Student.get_by_id(pupil.id)


@pytest.fixture
def couple(county, snapshot):
    """A listed child, and a pupil of the same name and birthday who has no number."""
    pupil = without_number(factories.make_student(county.room, "雷婷", born_on=BORN, home=county.village))
    return list_child(snapshot(), "雷婷", born_on=BORN, home=county.village), pupil


def test_a_pupil_without_a_number_is_proposed(couple, proposed):
    child, pupil = couple
    assert proposed() == [(child.id, pupil.id)]


def test_a_number_that_cannot_be_is_none(county, snapshot, proposed):
    pupil = factories.make_student(county.room, "雷婷", born_on=BORN, home=county.village)
    child = list_child(snapshot(), "雷婷", born_on=BORN, id_number=WRONG, home=county.village)
    assert proposed() == [(child.id, pupil.id)]


def test_two_valid_numbers_are_two_children(county, snapshot, proposed, officer):
    pupil = factories.make_student(county.room, "雷婷", born_on=BORN, home=county.village)
    child = list_child(snapshot(), "雷婷", born_on=BORN, home=county.village)
    assert child.id_number != pupil.id_number and proposed() == []
    with pytest.raises(Refused, match="都是有效号码"):
        actions_pairs.match_child(child=child, student=pupil, is_same=True, by=officer)
    actions_pairs.match_child(child=child, student=pupil, is_same=False, by=officer)


def test_who_is_not_alike_is_not_taken_for_the_same(county, snapshot, officer):
    """Else a child who is in no class would be gone from the list by one press."""
    child = list_child(snapshot(), "雷婷", born_on=BORN, home=county.village)
    other = without_number(factories.make_student(county.room, "扎西", born_on=datetime.date(2011, 1, 1), home=county.village))
    with pytest.raises(Refused, match="不能认定为同一个孩子"):
        actions_pairs.match_child(child=child, student=other, is_same=True, by=officer)


@pytest.mark.parametrize("other", [{"name": "雷亭"}, {"born_on": datetime.date(2016, 5, 2)}, {"sex": "M"}])
def test_name_birthday_and_sex_are_the_same(county, snapshot, proposed, other):
    without_number(factories.make_student(county.room, **{"name": "雷婷", "born_on": BORN, "home": county.village, **other}))
    list_child(snapshot(), "雷婷", born_on=BORN, home=county.village)
    assert proposed() == []


def test_so_is_the_place_where_both_are_known(county, snapshot, proposed):
    pupil = without_number(factories.make_student(county.room, "雷婷", born_on=BORN, home=county.village))
    registry = snapshot()
    list_child(registry, "雷婷", born_on=BORN, home=county.other_township)
    open_ = list_child(registry, "雷婷", born_on=BORN, home_code="")
    near = list_child(registry, "雷婷", born_on=BORN, home=county.township)
    assert proposed() == [(open_.id, pupil.id), (near.id, pupil.id)]


def test_same_counts_as_enrolled_and_holds_for_the_next_list_and_the_others(county, couple, snapshot, compare, proposed, officer):
    child, pupil = couple
    disabled = snapshot("disabled_children")
    list_child(disabled, "雷婷", born_on=BORN, id_number=child.id_number, home=county.village)
    assert compare() == ["雷婷"] == compare(kind="disabled_children")
    actions_pairs.match_child(child=child, student=pupil, is_same=True, by=officer)
    later = snapshot(dated=ON)
    list_child(later, "雷婷", born_on=BORN, id_number=child.id_number, home=county.village)
    for on in (DAY, ON):
        assert compare(on=on) == [] and compare("differing", on=on) == ["雷婷"] and compare("not_listed", on=on) == []
    assert compare(kind="disabled_children") == [] and proposed() == []


def test_other_is_not_asked_again(couple, compare, proposed, officer):
    child, pupil = couple
    actions_pairs.match_child(child=child, student=pupil, is_same=False, by=officer)
    assert proposed() == [] and compare() == ["雷婷"]


def test_a_decision_is_withdrawn(couple, compare, proposed, officer):
    child, pupil = couple
    pair = actions_pairs.match_child(child=child, student=pupil, is_same=True, by=officer)
    with pytest.raises(Refused, match="已经有人核对过"):
        actions_pairs.match_child(child=child, student=pupil, is_same=False, by=officer)
    actions_pairs.withdraw_match(pair=pair, by=officer)
    assert compare() == ["雷婷"] and proposed() == [(child.id, pupil.id)]
    with pytest.raises(Refused, match="已经被撤回"):
        actions_pairs.withdraw_match(pair=pair, by=officer)


def test_one_child_is_one_pupil(county, couple, officer):
    child, pupil = couple
    twin = without_number(factories.make_student(county.room, "雷婷", born_on=BORN, home=county.village))
    actions_pairs.match_child(child=child, student=pupil, is_same=True, by=officer)
    with pytest.raises(Refused, match="已经和别人认定"):
        actions_pairs.match_child(child=child, student=twin, is_same=True, by=officer)
    assert MatchedPair.select().count() == 1


def test_who_does_not_work_on_the_pupil_decides_nothing(county, couple, stranger):
    child, pupil = couple
    with pytest.raises(Forbidden):
        actions_pairs.match_child(child=child, student=pupil, is_same=True, by=stranger)


def test_the_review_page_shows_asks_and_takes_back(county, couple, coordinator, sign_in):
    child, pupil = couple
    client = sign_in(coordinator)
    said = client.get("census.list_pairs").text
    assert f"/census/children/{child.id}/match/{pupil.id}" in said and child.id_number not in said
    assert f"/census/children/{child.id}/match/{pupil.id}" in client.get("census.show_matching").text
    client.post("census.match_child", {}, child_id=child.id, student_id=pupil.id, status=400)
    client.post("census.match_child", {"verdict": "same"}, child_id=child.id, student_id=pupil.id)
    said = client.get("census.list_pairs").text
    assert "是同一人" in said and "没有需要核对的" in said
    pair = MatchedPair.get()
    client.post("census.withdraw_match", pair_id=pair.id, page=client.url("census.list_pairs"))
    assert f"/census/children/{child.id}/match/{pupil.id}" in client.get("census.list_pairs").text


def test_the_reader_sees_pairs_of_the_own_scope(county, snapshot, coordinator, officer, sign_in):
    pupil = without_number(factories.make_student(county.other_room, "雷婷", born_on=BORN, home=county.other_township))
    child = list_child(snapshot(), "雷婷", born_on=BORN, home=county.other_township)
    address = f"/census/children/{child.id}/match/{pupil.id}"
    assert address in sign_in(officer).get("census.list_pairs").text and address not in sign_in(coordinator).get("census.list_pairs").text
    sign_in(coordinator).get("census.match_child", 404, child_id=child.id, student_id=pupil.id)

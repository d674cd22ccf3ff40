"""Lists against pupils: each rule at its edges, and a seeded county against a plain-Python model."""

import datetime
import random

import pytest

from aidtracker.census import matching
from aidtracker.census.models import ListedChild
from aidtracker.students.models import Enrollment, Student
from tests import factories
from tests.census.conftest import DAY, list_child

ONE_DAY = datetime.timedelta(days=1)
ON = datetime.date(2026, 11, 10)


def lists_of(county, on=ON):
    return matching.lists_on(county.county.id, on)


def away(county, on=ON):
    return sorted(child.name for child in ListedChild.select().where(matching.registered_not_enrolled(lists_of(county, on))))


def unlisted(county, on=ON):
    return sorted(pupil.name for pupil in Student.select().where(matching.enrolled_not_registered(lists_of(county, on))))


def test_a_listed_child_is_enrolled_by_id_alone(county, snapshot):
    pupil = factories.make_student(county.room, "次仁卓玛")
    registry = snapshot()
    list_child(registry, "另写名字", id_number=pupil.id_number)
    list_child(registry, "次仁卓玛", born_on=pupil.born_on)
    assert away(county) == ["次仁卓玛"]


def test_the_spell_must_cover_the_day(county, snapshot):
    pupil = factories.make_student(county.room)
    list_child(snapshot(dated=datetime.date(2026, 8, 1)), "次仁卓玛", id_number=pupil.id_number)
    Enrollment.update(ends_on=ON).where(Enrollment.student == pupil).execute()
    assert away(county, ON) == [] and away(county, ON + ONE_DAY) == ["次仁卓玛"]
    assert away(county, datetime.date(2026, 9, 1)) == [] and away(county, datetime.date(2026, 8, 31)) == ["次仁卓玛"]


def test_a_pupil_of_another_county_is_not_enrolled_here(county, snapshot):
    pupil = factories.make_student(county.far_room)
    list_child(snapshot(), "远方", id_number=pupil.id_number)
    assert away(county) == ["远方"]


def test_the_newest_list_on_or_before_the_day_counts(county, snapshot):
    list_child(snapshot(dated=DAY), "旧")
    list_child(snapshot(dated=ON), "新")
    list_child(snapshot(dated=ON + ONE_DAY), "未来")
    list_child(snapshot(dated=ON, of=county.other_county), "邻县")
    assert away(county, ON - ONE_DAY) == ["旧"] and away(county, ON) == ["新"] and away(county, ON + ONE_DAY) == ["未来"]
    assert away(county, DAY - ONE_DAY) == []
    assert lists_of(county, DAY - ONE_DAY).missing == ["household_registry", "monitored_households", "disabled_children"]


def test_pupils_of_the_ages_on_the_list_and_not_on_it_are_found(county, snapshot):
    first, last = datetime.date(2012, 3, 1), datetime.date(2019, 8, 31)
    registry = snapshot()
    list_child(registry, born_on=first)
    list_child(registry, born_on=last)
    for name, born in (("最大", first), ("最小", last), ("超龄", first - ONE_DAY), ("学前", last + ONE_DAY)):
        factories.make_student(county.room, name, born_on=born)
    assert unlisted(county) == ["最大", "最小"]
    assert Student.select().where(matching.enrolled_at_compulsory_age(lists_of(county))).count() == 2


def test_a_pupil_without_an_id_is_on_no_list(county, snapshot):
    pupil = factories.make_student(county.room, "没有证件", born_on=datetime.date(2016, 5, 1))
    list_child(snapshot(), id_number=pupil.id_number)
    assert unlisted(county) == []
    Student.update(id_number=None, id_index=None).where(Student.id == pupil.id).execute()
    assert unlisted(county) == ["没有证件"]


def test_who_left_is_not_enrolled_and_not_registered(county, snapshot):
    list_child(snapshot(), born_on=datetime.date(2016, 5, 1))
    pupil = factories.make_student(county.room, born_on=datetime.date(2016, 5, 1))
    factories.make_student(None, "没有班", born_on=datetime.date(2016, 5, 1), home=county.village)
    Enrollment.update(ends_on=ON - ONE_DAY).where(Enrollment.student == pupil).execute()
    assert unlisted(county) == []


def test_without_a_household_list_nobody_is_on_the_wrong_side(county):
    factories.make_student(county.room)
    assert away(county) == unlisted(county) == []


@pytest.mark.parametrize(
    ("listed", "cleared", "is_monitored"),
    [
        (ON, None, True),
        (ON + ONE_DAY, None, False),
        (DAY, ON, False),  # on the day itself the risk is gone
        (DAY, ON + ONE_DAY, True),
        (DAY, ON - ONE_DAY, False),
    ],
)
def test_a_household_is_monitored_from_its_day_until_the_day_before_it_is_cleared(county, snapshot, listed, cleared, is_monitored):
    child = list_child(snapshot("household_registry"), "雷婷")
    list_child(snapshot("monitored_households"), "雷婷", id_number=child.id_number, listed_on=listed, cleared_on=cleared)
    lists = lists_of(county)
    assert ListedChild.select().where(matching.registered_not_enrolled(lists) & matching.also_monitored(lists)).exists() == is_monitored


def test_disabled_children_who_are_not_enrolled(county, snapshot):
    pupil = factories.make_student(county.room)
    of_list = snapshot("disabled_children")
    list_child(of_list, "在读", id_number=pupil.id_number)
    list_child(of_list, "未入学")
    found = ListedChild.select().where(matching.disabled_not_enrolled(lists_of(county)))
    assert [child.name for child in found] == ["未入学"]


def test_the_same_name_birth_and_sex_is_likely_the_same_child(county, snapshot):
    born = datetime.date(2016, 5, 1)
    registry = snapshot()
    child = list_child(registry, "雷婷", born_on=born)
    twin = factories.make_student(county.room, "雷婷", born_on=born)
    factories.make_student(county.room, "雷婷", born_on=born + ONE_DAY)
    factories.make_student(county.room, "雷婷", born_on=born, sex="M")
    other = factories.make_student(county.other_room, "雷婷", born_on=born)
    list_child(registry, "雷婷", born_on=born, id_number=other.id_number)  # has an ID of its own on the list
    lists = lists_of(county)
    found = matching.likely_pupils(lists, registry, [child])
    assert [each.id for each in found["雷婷", born, "F"]] == [twin.id]
    assert found["雷婷", born, "F"][0].school_name == county.school.name
    back = matching.likely_listed(lists, registry, [twin])
    assert [each.id for each in back["雷婷", born, "F"]] == [child.id]


@pytest.mark.parametrize("seed", range(6))
def test_a_seeded_county_matches_as_a_plain_loop_does(county, snapshot, seed):
    """Facts in plain dicts; the expected names are counted from them."""
    chance = random.Random(seed)
    days = [ON + datetime.timedelta(days=n) for n in range(-60, 30)]
    ids = [factories.make_id_number(datetime.date(2010 + n % 9, 5, 1 + n % 20)) for n in range(40)]
    born = {number: datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14])) for number in ids}
    spells = {}
    for number in chance.sample(ids, 26):
        pupil = factories.make_student(county.room, f"生{ids.index(number)}", id_number=number, born_on=born[number])
        first = chance.choice(days)
        last = chance.choice([None, None, *[day for day in days if day >= first]])
        Enrollment.update(starts_on=first, ends_on=last).where(Enrollment.student == pupil).execute()
        spells[number] = (first, last)
    lists = {kind: {} for kind in ("household_registry", "monitored_households", "disabled_children")}
    for kind, dated in lists.items():
        for day in chance.sample(days, 3):
            dated[day] = {number: chance.choice(days) for number in chance.sample(ids, 22)}
            made = snapshot(kind, day)
            for number, cleared in dated[day].items():
                more = {"listed_on": days[5], "cleared_on": max(days[5], cleared)} if kind == "monitored_households" else {}
                list_child(made, f"童{ids.index(number)}", id_number=number, born_on=born[number], home=county.village, **more)
    for on in (days[0], days[10], ON, days[-1]):
        assert_equals_the_loop(county, on, ids, born, spells, lists, days[5])


def assert_equals_the_loop(county, on, ids, born, spells, lists, listed_on):
    newest = {kind: dated[max(day for day in dated if day <= on)] if any(day <= on for day in dated) else {} for kind, dated in lists.items()}
    enrolled = {n for n, (first, last) in spells.items() if first <= on and (last is None or on <= last)}
    registry = set(newest["household_registry"])
    ages = [born[n] for n in registry]
    monitored = {n for n, cleared in newest["monitored_households"].items() if listed_on <= on < max(listed_on, cleared)}
    of_age = {n for n in enrolled if ages and min(ages) <= born[n] <= max(ages)}
    found = lists_of(county, on)

    def listed(condition):
        return {ids[int(child.name[1:])] for child in ListedChild.select().where(condition)}

    def sitting(condition):
        return {pupil.id_number for pupil in Student.select().where(condition)}

    out = matching.registered_not_enrolled(found)
    assert listed(out) == registry - enrolled
    assert listed(out & matching.also_monitored(found)) == (registry - enrolled) & monitored
    assert sitting(matching.enrolled_at_compulsory_age(found)) == of_age
    assert sitting(matching.enrolled_not_registered(found)) == of_age - registry
    assert listed(matching.disabled_not_enrolled(found)) == set(newest["disabled_children"]) - enrolled

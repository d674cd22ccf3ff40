"""Pupils of two classes and one who is taught at home; visits as their teachers record them."""

import datetime
from types import SimpleNamespace

import pytest

from aidtracker.db import today_in_china
from aidtracker.visits import actions
from tests import factories


@pytest.fixture
def today():
    return today_in_china()


@pytest.fixture
def yesterday(today):
    return today - datetime.timedelta(days=1)


@pytest.fixture
def pupils(county):
    found = SimpleNamespace()
    found.first = factories.make_student(county.room, "次仁卓玛", home=county.village)
    found.at_home = factories.make_student(county.room, "陈居家", mode="home_taught")
    found.sibling = factories.make_student(county.sibling_room, "次仁央宗", home=county.village)
    found.elsewhere = factories.make_student(county.other_room, "央金拉姆", home=county.other_township)
    found.homeward = factories.make_student(county.other_room, "王小明", home=county.village)
    return found


def values(**changes):
    """What the form of a home visit sends."""
    common = {"form": "on_site", "on": today_in_china(), "minutes": 30, "purposes": ["absence", "routine"], "teachers": "张老师"}
    words = {"person_met": "次仁", "relation": "父亲", "at_home": "表现良好", "views": "", "agreed": "继续关注", "follow_up_on": None}
    return common | words | changes


def lesson(**changes):
    """What the form of a lesson at home sends."""
    common = {"on": today_in_china(), "lessons": 2, "place": "home", "subject": "语文", "teachers": "张老师、李老师"}
    return common | {"at_home": "学得不错", "agreed": "布置了作业", "signed_by": "陈父"} | changes


@pytest.fixture
def visit(pupils, teacher):
    """visit(pupil, ..., form="phone", by=...) -> what was recorded."""

    def recorded(*students, by=None, receipt="", **changes):
        return actions.record_visit(students=list(students) or [pupils.first], values=values(**changes), by=by or teacher, receipt=receipt)

    return recorded

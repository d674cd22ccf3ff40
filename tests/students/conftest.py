"""Pupils of the small county: one in the teacher's class, and those that others see."""

from types import SimpleNamespace

import pytest

from tests import factories


@pytest.fixture
def pupils(county):
    """mine: the teacher's; sibling: next room; elsewhere: other township's school; at_home: registered here, schooled there; far."""
    found = SimpleNamespace()
    found.mine = factories.make_student(county.room, "次仁卓玛", seat=22, home=county.village, phone="13900005678", address="扎多村3组")
    found.sibling = factories.make_student(county.sibling_room, "王小明", sex="M")
    found.elsewhere = factories.make_student(county.other_room, "单雄信", sex="M")
    found.at_home = factories.make_student(county.other_room, "央金拉姆", home=county.village)
    found.far = factories.make_student(county.far_room, "陈远河")
    factories.make_guardian(found.mine)
    return found

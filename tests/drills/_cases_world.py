"""A county for histories of cases: two townships, everybody who works on a child, and a child who sits in one and is registered in the other."""

import datetime
from types import SimpleNamespace

from aidtracker.accounts.models import Membership, User
from aidtracker.db import today_in_china
from aidtracker.policies.models import PolicyValue
from aidtracker.terms.models import CalendarDay
from tests import factories
from tests.drills.drill import Given

WATCHED = 3  # school days
BACK = 12  # days of the calendar that are school days


def build(given: Given) -> SimpleNamespace:
    world = SimpleNamespace(random=given.random, today=today_in_china())
    world.county = factories.make_org("county", "云岭县", factories.make_org("city", "九九市"))
    world.townships = [factories.make_org("township", name, world.county) for name in ("双河镇", "石门乡")]
    world.village = factories.make_org("village", "扎多村", world.townships[1])
    world.school = factories.make_school(world.townships[0], "双河小学")
    world.room = factories.make_class(world.school, "三年级", "1")
    for n in range(-BACK, BACK):
        CalendarDay.create(on=world.today + datetime.timedelta(days=n), county=world.county, kind="workday", name="测试")
    places = [("teacher", world.room), ("school_admin", world.school), ("village_officer", world.village), ("bureau_staff", world.county), ("bureau_admin", world.county)]
    places += [("township_coordinator", township) for township in world.townships for _ in "ab"]
    world.users = [factories.make_user(role, org).id for role, org in places]
    hats = factories.make_user("teacher", world.room)
    Membership.create(user=hats, role="township_coordinator", org=world.townships[0], starts_on=datetime.date(2020, 9, 1))
    stranger = factories.make_user("teacher", factories.make_class(factories.make_school(world.townships[1], "石门小学"), "三年级", "1"))
    world.users += [hats.id, stranger.id]
    set_policy(world, "watch_days", str(WATCHED))
    return world


def set_policy(world, key: str, value: str) -> None:
    """The last one that begins on a day holds."""
    by = User.get_by_id(world.users[4])
    PolicyValue.create(county=world.county, key=key, value=value, holds_from=world.today - datetime.timedelta(days=BACK), reason="县文", set_by=by)


def somebody(world) -> User:
    return User.get_by_id(world.random.choice(world.users))


def new_child(world):
    return factories.make_student(world.room, "王小明", home=world.village)

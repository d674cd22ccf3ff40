"""A list of staff becomes accounts, all of them or none."""

import datetime

import pytest

from aidtracker.accounts.actions import create_users
from aidtracker.accounts.models import User
from aidtracker.errors import Forbidden, Refused

FIRST = datetime.date(2020, 9, 1)
PASSWORD = "First-day-2026"


def create(people, by, **given):
    create_users(people=people, password=PASSWORD, starts_on=FIRST, by=by, **given)


def test_create_users_opens_accounts_that_must_change_their_password(county, administrator, sign_in):
    create([("wang", "王老师", "teacher", county.room), ("li", "李校长", "school_admin", county.school)], administrator)
    wang = User.get(User.username == "wang")
    assert (wang.name, wang.must_change_password, wang.created_by) == ("王老师", True, administrator)
    assert [(m.role, m.org) for m in wang.memberships] == [("teacher", county.room)]
    sign_in(wang, PASSWORD)


def test_create_users_is_refused_as_a_whole_when_one_name_is_taken(county, administrator, teacher):
    for second in (teacher.username, "wang"):
        with pytest.raises(Refused, match="已有人用"):
            create([("wang", "王老师", "teacher", county.room), (second, "李老师", "teacher", county.room)], administrator)
    assert not User.select().where(User.username == "wang").exists()


def test_create_users_is_refused_outside_the_scope(county, school_admin):
    with pytest.raises(Forbidden):
        create([("wang", "王老师", "teacher", county.other_room)], school_admin)


def test_create_users_is_refused_for_a_weak_password(county, administrator):
    with pytest.raises(Refused, match="猜到"):
        create_users(people=[("yunling", "王老师", "teacher", county.room)], password="Yunling-2026", starts_on=FIRST, by=administrator)

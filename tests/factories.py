"""Made-up places and people, with defaults; IDs begin with 99."""

import datetime
import itertools

import pytest

from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.passwords import hash_password
from aidtracker.db import transaction
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org, School, SchoolClass
from aidtracker.orgs.queries import class_code

PASSWORD = "Sunny-hills-2026"
numbers = itertools.count(1)
YEAR = 2026  # the school year of the tests' today


def make_org(kind, name, parent=None, code=None):
    with transaction():
        org = Org.create(kind=kind, name=name, parent=parent, code=code or f"99{next(numbers):07}")
        org.path = f"{parent.path if parent else '/'}{org.id}/"
        org.county = org if kind == "county" else (parent.county if parent else None)
        org.save()
    return org


def make_school(township, name="双河镇中心小学", code=None, category="完全小学"):
    org = make_org("school", name, township, code or f"2199{next(numbers):06}")
    School.create(org=org, category=category, sponsor="公办", force_insert=True)
    return org


def make_class(school, grade="三年级", number="2", year=YEAR):
    stage, entered = grades.entry_year(grade, year)
    name = grades.class_label(stage, entered, number, year)
    org = make_org("class", name, school, class_code(school.code, stage, entered, number))
    SchoolClass.create(org=org, school=school, stage=stage, entry_year=entered, number=number, force_insert=True)
    return org


def make_user(role, org, name=None, username=None):
    username = username or f"{role.replace('_', '-')}-{next(numbers)}"
    user = User.create(
        username=username, name=name or username, password_hash=hash_password(PASSWORD), must_change_password=False
    )
    Membership.create(user=user, role=role, org=org, starts_on=datetime.date(2020, 9, 1))
    return user


@pytest.fixture
def password():
    return PASSWORD

"""Made-up places and people, with defaults; IDs begin with 99."""

import datetime
import itertools

import pytest

from aidtracker import db
from aidtracker.accounts import totp
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_second import SecondFactor
from aidtracker.accounts.passwords import hash_password
from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import transaction
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org, School, SchoolClass
from aidtracker.orgs.queries import class_code
from aidtracker.students.models import Enrollment, Guardian, NameReading, Student
from aidtracker.students.pinyin import first_pinyin, readings
from aidtracker.terms.models import CalendarDay

PASSWORD = "Sunny-hills-2026"
numbers = itertools.count(5001)  # the lower ones stand written in tests
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


def school_day_today() -> datetime.date:
    """Today, made a day of school for the whole country, also when the tests run at a weekend."""
    today = db.today_in_china()
    with transaction():
        CalendarDay.delete().where((CalendarDay.on == today) & CalendarDay.county.is_null()).execute()
        CalendarDay.create(on=today, county=None, kind="workday", name="补课")
    return today


def make_user(role, org, name=None, username=None, is_exempt=True):
    """Exempt as the demo's people are: who signs in is in. `is_exempt` False: as an installation makes them."""
    username = username or f"{role.replace('_', '-')}-{next(numbers)}"
    user = User.create(username=username, name=name or username, password_hash=hash_password(PASSWORD), must_change_password=False, is_exempt=is_exempt)
    Membership.create(user=user, role=role, org=org, starts_on=datetime.date(2020, 9, 1))
    return user


def give_second_factor(user):
    """Returns the secret of this person's phone; `code_of(secret)` is what it shows."""
    secret, now = totp.new_secret(), db.utcnow()
    SecondFactor.create(user=user, secret=secret, confirmed_at=now, last_step=totp.step_of(now) - 2)
    return secret


def code_of(secret, steps=0):
    """The code of now, or of so many steps of thirty seconds later."""
    return totp.code_at(secret, totp.step_of(db.utcnow()) + steps)


def make_id_number(born_on=datetime.date(2017, 5, 4), sex="F"):
    """A made-up number with a right check digit."""
    digits = f"990101{born_on:%Y%m%d}{next(numbers) % 500 * 2 + (sex == 'M'):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return digits + "10X98765432"[total % 11]


def make_student(room, name="次仁卓玛", *, sex="F", born_on=datetime.date(2017, 5, 4), id_number=None, home=None, **more):
    """A pupil with an open spell in the class since 1 September; room None: nobody's class. more: mode, seat, phone, address."""
    county = room.county if room else home.county
    id_number = id_number or make_id_number(born_on, sex)
    number, seat, mode = f"G{id_number}", more.pop("seat", None), more.pop("mode", "day")
    more["phone_index"] = keyed("index_phone", more["phone"]) if more.get("phone") else None
    with transaction():
        student = Student.create(
            county=county, name=name, pinyin=first_pinyin(name), sex=sex, born_on=born_on, ethnicity="藏族", id_kind="居民身份证",
            id_number=id_number, id_index=keyed("index_id", id_number), last_six_index=keyed("index_last_six", id_number[-6:]),
            student_number=number, student_number_index=keyed("index_student_number", number), entered_on="202309",
            home_code=home.code if home else "", home=home, class_org=room, mode=mode, **more,
        )  # fmt: skip
        for reading in readings(name):
            NameReading.create(county_id=county.id, reading=reading, student=student.id, force_insert=True)
        if room:
            Enrollment.create(student=student, class_org=room, mode=mode, seat=seat, starts_on=datetime.date(YEAR, 9, 1))
    return student


def make_guardian(student, name="次仁", relation="父亲", phone="13800001234", position=1):
    index = keyed("index_phone", phone) if phone else None
    return Guardian.create(student=student, position=position, name=name, relation=relation, phone=phone, phone_index=index, is_guardian=True)


def id_number(area, born, sequence):
    """A made-up ID with a right check digit; an odd sequence number is a boy's."""
    body = f"{area}{born}{sequence:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


@pytest.fixture
def password():
    return PASSWORD

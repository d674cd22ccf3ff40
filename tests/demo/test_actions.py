"""What stands in the demo county, and where it is refused."""

import datetime

import peewee
import pytest

from aidtracker.accounts.models import Membership, User
from aidtracker.audit.queries import first_broken_entry
from aidtracker.demo import actions
from aidtracker.demo.actions import build_demo, draw
from aidtracker.demo.places import make_places
from aidtracker.demo.staff import PASSWORD, accounts
from aidtracker.errors import Refused
from aidtracker.operation.queries import is_demo
from aidtracker.orgs.models import Org
from aidtracker.permissions import ROLES
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.queries import visible_students
from tests.demo.conftest import ON


def count(kind, county):
    here = (Org.kind == kind) & (Org.county == Org.get(Org.code == county)) & Org.closed_on.is_null()
    return Org.select().where(here).count()


def test_the_small_county_has_one_township_and_a_neighbour(demo):
    assert [count(kind, "341524") for kind in ("township", "village", "school", "class")] == [1, 6, 2, 9]
    assert [count(kind, "990200") for kind in ("township", "village", "school", "class")] == [1, 3, 2, 9]
    assert 300 < Student.select().where(Student.class_org.is_null(False)).count() < 350


def test_the_county_has_its_published_divisions(demo):
    county = Org.get(Org.code == "341524")
    assert (county.name, Org.get(Org.id == county.parent_id).name) == ("金寨县", "六安市")
    places = make_places(draw("any", "places"), small=False)
    here = [[code for code in codes if code.startswith("341524")] for codes in (places.townships, places.villages)]
    assert [len(codes) for codes in here] == [25, 234]
    assert (places.townships["341524112"], places.villages["341524101001"]) == ("流波䃥镇", "鲜花岭街道居委会")
    schools = [school for school in places.schools if school.county == "341524"]
    assert (len(schools), schools[0].name) == (54, "梅山镇中心小学")


def test_last_years_pupils_moved_up_or_left_after_their_last_grade(demo):
    spells = dict(Enrollment.select(Enrollment.starts_on, peewee.fn.COUNT(Enrollment.id)).group_by(Enrollment.starts_on).tuples())
    assert set(spells) == {datetime.date(2025, 9, 1), datetime.date(2026, 9, 1)}
    left = Enrollment.select().where(Enrollment.ends_on == datetime.date(2026, 7, 10))
    assert {spell.class_org.name[:3] for spell in left} == {"九年级"}
    assert not Enrollment.select().where(Enrollment.ends_on.is_null()).join(Org).where(Org.closed_on.is_null(False)).exists()
    assert {org.name[:3] for org in Org.select().where(Org.closed_on.is_null(False))} == {"六年级", "九年级"}


def test_it_says_that_it_is_a_demo_and_its_audit_chain_holds(demo):
    assert is_demo()
    assert first_broken_entry() is None


def test_every_id_belongs_to_nobody(demo):
    numbers = [student.id_number or student.student_number[1:] for student in Student.select()]
    assert len(numbers) == len(set(numbers))
    assert all(number.startswith("99") for number in numbers)


def test_every_role_has_an_account_that_signs_in_at_once(demo, sign_in):
    assert {account.role for account in accounts()} == set(ROLES)
    for account in accounts():
        user = User.get(User.username == account.username)
        assert user.has_role(account.role)
        page = sign_in(user, PASSWORD).get("web.show_me")
        assert user.name in page.text


def test_every_class_has_a_teacher_and_every_school_a_principal(demo):
    for role, kind in (("teacher", "class"), ("school_admin", "school")):
        held = {m.org_id for m in Membership.select().where(Membership.role == role)}
        assert held == {org.id for org in Org.select().where((Org.kind == kind) & Org.closed_on.is_null())}


def test_the_counties_do_not_see_each_other(demo):
    near, far = (User.get(User.username == name) for name in ("bureau", "bureau2"))
    assert visible_students(near).count() > visible_students(far).count() > 0
    mine = {student.id for student in visible_students(near)}
    both = mine & {student.id for student in visible_students(far)}
    assert not [student for student in Student.select().where(Student.id.in_(both)) if student.home_id is None]


def test_build_demo_finds_the_county_that_it_built(demo):
    before = Student.select().count()
    assert build_demo(on=ON, by=None, small=True) is False
    assert Student.select().count() == before


def test_build_demo_is_refused_where_places_stand(app, county):
    with pytest.raises(Refused, match="已有别的数据"):
        build_demo(on=ON, by=None, small=True)
    assert not is_demo()
    assert not Student.select().exists()


def test_a_build_that_stops_leaves_nothing_behind(app, monkeypatch):
    def stop(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "create_school_staff", stop)
    with pytest.raises(KeyboardInterrupt):
        build_demo(on=ON, by=None, small=True)
    assert not Org.select().exists()
    assert not is_demo()

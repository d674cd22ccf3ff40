"""开通进度: what each step counts, what it says is missing, and who sees which."""

import contextlib
import datetime
from unittest import mock

import pytest

from aidtracker.accounts.models import Membership, User
from aidtracker.attendance.actions import submit_roll_call
from aidtracker.audit.models import AuditEntry
from aidtracker.db import database, today_in_china
from aidtracker.errors import Refused
from aidtracker.operation.actions_scheduling import settings_here
from aidtracker.orgs.models import Org
from aidtracker.practice import is_practice
from aidtracker.setup.actions import begin_county
from aidtracker.setup.queries import steps_of
from aidtracker.terms.calendar import is_school_day
from tests import factories

BEGIN = {"code": "990100", "city": "九九市", "county": "云岭县", "person": "王明"}


def by_key(user, place):
    return {step.key: step for step in steps_of(User.get_by_id(user.id), place, settings_here[0].instance)}


def missing(step):
    return {gap.label: [name for _, name in gap.places] for gap in step.missing}


@contextlib.contextmanager
def statements():
    """What is asked of the database meanwhile."""
    asked, real = [], database.obj.execute_sql

    def counted(sql, *more, **options):
        asked.append(sql)
        return real(sql, *more, **options)

    with mock.patch.object(database.obj, "execute_sql", counted):
        yield asked


def last_school_day(county):
    day = today_in_china()
    while not is_school_day(day, county.id):
        day -= datetime.timedelta(days=1)
    return day


def test_a_county_that_has_just_begun_lacks_everything(app):
    slip = begin_county(**BEGIN)
    steps = by_key(slip.user, Org.get(Org.kind == "county"))
    assert list(steps) == ["divisions", "schools", "students", "staff", "calendar", "rules", "invitations", "rolls"]
    assert {step.state for step in steps.values()} == {"todo"}
    assert [key for key, step in steps.items() if step.is_optional] == ["calendar", "rules"]


def test_each_step_is_counted_from_what_is_there(county, administrator):
    steps = by_key(administrator, county.county)
    assert steps["divisions"].is_begun and steps["schools"].is_done
    assert county.school.name in missing(steps["staff"])["没有校级管理员的学校"]
    assert county.township.name in missing(steps["staff"])["没有乡镇专干的乡镇"]
    assert county.school.name in missing(steps["students"])["没有学生的学校"]
    factories.make_user("school_admin", county.school)
    factories.make_user("township_coordinator", county.township)
    factories.make_student(county.room)
    steps = by_key(administrator, county.county)
    assert county.school.name not in missing(steps["staff"])["没有校级管理员的学校"]
    assert county.township.name not in missing(steps["staff"]).get("没有乡镇专干的乡镇", [])
    assert county.school.name not in missing(steps["students"])["没有学生的学校"]
    assert steps["students"].state == "begun"


def test_an_administrator_who_left_is_missing_again(county, administrator):
    gone = factories.make_user("school_admin", county.school)
    yesterday = today_in_china() - datetime.timedelta(days=1)
    Membership.update(ends_on=yesterday).where(Membership.user == gone).execute()
    assert county.school.name in missing(by_key(administrator, county.county)["staff"])["没有校级管理员的学校"]


def test_the_first_roll_is_a_tick(county, administrator, teacher):
    factories.make_student(county.room)
    assert by_key(administrator, county.county)["rolls"].state == "todo"
    day = last_school_day(county.county)
    submit_roll_call(class_org=county.room, on=day, session="morning", marks={}, base_revision=0, reason="补录", by=factories.make_user("school_admin", county.school))
    step = by_key(administrator, county.county)["rolls"]
    assert step.is_begun and county.school.name not in missing(step)["还没有点过名的学校"]


def test_a_school_sees_its_classes(county, school_admin):
    steps = by_key(school_admin, county.school)
    assert list(steps) == ["students", "staff", "invitations", "rolls"]
    assert missing(steps["students"])["没有学生的班"]
    teacher = factories.make_user("teacher", county.room)
    after = by_key(school_admin, county.school)
    assert county.room.name not in missing(after["staff"]).get("没有班主任的班", [])
    assert after["invitations"].facts != steps["invitations"].facts, "who has not signed in yet is counted"
    assert teacher


def test_a_coordinator_sees_the_township_and_hands_out_no_invitations(county, coordinator, sign_in):
    steps = by_key(coordinator, county.township)
    assert list(steps) == ["students", "staff", "rolls"]
    text = sign_in(coordinator).get("setup.show_setup").text
    assert county.township.name in text and "/imports/staff" not in text


def test_a_person_of_the_bureau_goes_down_to_a_school(county, administrator, sign_in):
    client = sign_in(administrator)
    text = client.get("setup.show_setup").text
    assert "上传" in text and "/imports/staff/blank" in text
    assert county.school.name in client.get("setup.show_setup", org_id=county.school.id).text
    client.get("setup.show_setup", status=404, org_id=county.far_school.id)
    client.get("setup.show_setup", status=404, org_id=county.room.id)


def test_a_teacher_has_no_such_page(teacher, sign_in):
    sign_in(teacher).get("setup.show_setup", status=403)


def test_no_more_statements_for_more_schools(county, administrator):
    assert not is_practice(), "which is asked once"
    with statements() as few:
        steps_of(User.get_by_id(administrator.id), county.county, settings_here[0].instance)
    for n in range(30):
        factories.make_class(factories.make_school(county.township, f"第{n}小学"))
    with statements() as many:
        steps_of(User.get_by_id(administrator.id), county.county, settings_here[0].instance)
    assert len(many) == len(few) < 25


def test_the_first_minute(app):
    slip = begin_county(**BEGIN)
    user = User.get()
    assert user.password_hash == "" and [(m.role, m.org.name) for m in user.memberships] == [("bureau_admin", "云岭县")]
    assert slip.user.username.startswith("wangming")
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert entry.action == "setup.begin_county"


@pytest.mark.parametrize("change", [{"code": "9901"}, {"code": "99010a"}, {"code": "９９０１００"}, {"city": " "}, {"person": ""}, {"county": "长" * 101}])
def test_a_slip_of_the_first_minute_makes_nothing(app, change):
    with pytest.raises(Refused):
        begin_county(**BEGIN | change)
    assert not Org.select().exists() and not User.select().exists()


def test_there_is_only_one_first_minute(county, administrator):
    with pytest.raises(Refused, match="不是第一次"):
        begin_county(**BEGIN)

"""The pages of the rollover, of split and merged classes, of school years: who sees what, and that the buttons do it."""

import datetime

import pytest

from aidtracker.db import today_in_china
from aidtracker.jobs.models import Job
from aidtracker.orgs.models import Org
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_rollover import Feeder, Rollover, RolloverOrder
from aidtracker.terms.models_years import ClosedYear
from tests import factories

ACT = {"on_day": str(today_in_china()), "document": "教字〔2026〕9号", "reason": "班额太大"}


@pytest.fixture
def last(county):
    """A class that finished in August, and was forgotten."""
    room = factories.make_class(county.school, "六年级", "1", factories.YEAR - 1)
    pupil = factories.make_student(room, "王毕业")
    Enrollment.update(starts_on=datetime.date(2025, 9, 1)).where(Enrollment.student == pupil).execute()
    return pupil


def test_the_county_sees_every_school_and_a_school_itself(county, last, administrator, school_admin, coordinator, sign_in):
    page = sign_in(administrator).get("students.show_rollover")
    assert "双河镇中心小学" in page.text and "石门乡中心小学" in page.text and "全县升级" in page.text
    own = sign_in(school_admin).get("students.show_rollover")
    assert "双河镇中心小学" in own.text and "石门乡中心小学" not in own.text and "全县升级" not in own.text
    sign_in(coordinator).get("students.show_rollover", status=403)


def test_a_school_looks_before_it_rolls_and_can_take_it_back(county, last, school_admin, sign_in, jobs_at_once):
    client = sign_in(school_admin)
    page = client.get("students.show_school_rollover", school_id=county.school.id)
    assert "王毕业" in page.text and "毕业离校" in page.text
    client.post("students.start_school_rollover", school_id=county.school.id, page=client.url("students.show_school_rollover", school_id=county.school.id))
    assert Student.get_by_id(last.id).class_org_id is None
    assert Job.get().state == "done" and "已升级 1 所学校" in Job.get().message
    done = Rollover.get()
    assert "回到办理以前" in client.get("students.show_done_rollover", rollover_id=done.id).text
    client.post("students.undo_rollover", rollover_id=done.id, page=client.url("students.show_done_rollover", rollover_id=done.id))
    assert Student.get_by_id(last.id).class_org_id is not None
    assert "已撤销" in client.get("students.show_done_rollover", rollover_id=done.id).text


def test_what_stands_in_the_way_is_on_the_page(county, last, school_admin, administrator, sign_in, jobs_at_once):
    client = sign_in(school_admin)
    client.post("students.start_school_rollover", school_id=county.school.id, page=client.url("students.show_school_rollover", school_id=county.school.id))
    sign_in(administrator).post("students.enroll_student", {"class_org": county.room.id, "mode": "day", "starts_on": str(today_in_china())}, student_id=last.id)
    page = client.get("students.show_done_rollover", rollover_id=Rollover.get().id)
    assert "不能撤销" in page.text and "王毕业" in page.text


def test_before_september_the_county_books_it_and_can_cancel(county, administrator, sign_in, monkeypatch):
    for module in ("actions_rollover", "views_rollover"):
        monkeypatch.setattr(f"aidtracker.students.{module}.today_in_china", lambda: datetime.date(2027, 7, 20))
    client = sign_in(administrator)
    here = client.url("students.show_rollover")
    assert "预约全县升级" in client.get("students.show_rollover").text
    client.post("students.start_rollover", county_id=county.county.id, page=here)
    order = RolloverOrder.get()
    assert (order.school_year, order.started_at) == (2027, None)
    assert "已预约全县升级" in client.get("students.show_rollover").text
    client.post("students.withdraw_rollover_order", order_id=order.id, page=here)
    assert RolloverOrder.get().withdrawn_at


def test_the_bureau_says_where_pupils_go_on(county, administrator, school_admin, sign_in):
    form = {"stage": "primary", "to_school": str(county.other_school.id), "classes": "3"}
    sign_in(school_admin).get("students.set_feeder", school_id=county.school.id, status=403)
    client = sign_in(administrator)
    client.post("students.set_feeder", form, school_id=county.school.id)
    assert (Feeder.get().to_school_id, Feeder.get().classes) == (county.other_school.id, 3)
    assert "石门乡中心小学" in client.get("students.set_feeder", school_id=county.school.id).text
    client.post("students.set_feeder", form | {"to_school": str(county.far_school.id)}, school_id=county.school.id, status=400)


def test_a_class_is_split_by_its_page(county, school_admin, sign_in):
    for n in range(4):
        factories.make_student(county.room, f"王小{n}")
    client = sign_in(school_admin)
    assert "王小3" in client.get("students.split_class", class_id=county.room.id).text
    client.post("students.split_class", ACT, class_id=county.room.id)
    assert Org.get(Org.name == "三年级3班", Org.parent == county.school)
    sign_in(school_admin).get("students.split_class", class_id=county.other_room.id, status=404)


def test_classes_are_joined_and_a_school_merged_by_their_pages(county, administrator, sign_in):
    second = factories.make_class(county.school, "三年级", "5")
    pupil = factories.make_student(second, "王并班")
    client = sign_in(administrator)
    client.post("students.combine_classes", ACT | {"on_day": str(today_in_china() - datetime.timedelta(days=1)), "rooms": str(second.id)}, class_id=county.room.id)
    assert Student.get_by_id(pupil.id).class_org_id == county.room.id
    asked = {"to_school": county.other_school.id, "way": "join"}
    assert "三年级1班" in client.get("students.merge_school", school_id=county.school.id, **asked).text
    client.post("students.merge_school", ACT | {"to_school": str(county.other_school.id), "way": "join"}, school_id=county.school.id)
    assert Org.get_by_id(county.school.id).closed_on == today_in_china()
    assert Student.get_by_id(pupil.id).class_org_id == county.other_room.id
    assert "已经停办" in client.get("students.show_school_rollover", school_id=county.school.id).text


def test_a_year_is_closed_and_opened_again_by_the_bureau(county, last, administrator, officer, sign_in):
    client, form = sign_in(administrator), {"school_year": "2025", "reason": "已上报"}
    client.post("students.close_year", form, county_id=county.county.id)
    page = sign_in(officer).get("students.list_years", county_id=county.county.id)
    assert "已封存" in page.text and "封存学年" not in page.text
    sign_in(officer).get("students.close_year", county_id=county.county.id, status=403)
    client.post("students.reopen_year", form | {"reason": "更正"}, county_id=county.county.id)
    assert ClosedYear.get().reopen_reason == "更正"
    assert "更正" in client.get("students.list_years", county_id=county.county.id).text

"""Leave on a phone: asked for by the teacher, approved by the school, ticked on the roll beforehand, and 销假."""

import datetime
import re

from aidtracker.attendance.models import Absence, RollCall
from aidtracker.attendance.models_leaves import Leave
from aidtracker.db import database, today_in_china
from aidtracker.students.models import Student
from tests.browser.looks import calm


def test_from_asking_for_leave_to_being_back(site, enter, small_page, county, teacher, school_admin):
    page, today = small_page, today_in_china()
    pupil = Student.get(Student.name == "陈丹", Student.class_org == county.room.id)
    enter(page, teacher)
    page.goto(f"{site}/students/{pupil.id}/attendance")
    page.get_by_role("link", name="登记请假").click()
    calm(page)
    page.get_by_label("事假", exact=True).check()
    page.get_by_label("到哪天").fill((today + datetime.timedelta(days=3)).isoformat())
    page.get_by_label("原因").fill("回老家")
    page.get_by_role("button", name="提交").click()
    assert "等学校批准" in page.inner_text("body")
    leave = page.url

    enter(page, school_admin)
    page.get_by_role("link", name=re.compile("待我批准的请假")).click()
    page.get_by_role("link", name="陈丹").click()
    page.get_by_role("link", name="批准", exact=True).click()
    page.get_by_role("button", name="批准", exact=True).click()
    assert "已批准" in page.inner_text("#main")

    enter(page, teacher)
    page.goto(f"{site}/roll/{county.room.id}/{today}/morning")
    calm(page)
    assert "已替你点上" in page.inner_text("#main")
    page.get_by_role("button", name="1 人请假，提交").click()  # no last look: nobody else is away
    page.get_by_text("回执号").wait_for()

    page.goto(f"{site}/roll/{county.room.id}/{today}/afternoon")
    page.locator(".tile", has_text="陈丹").locator(".face").click()
    page.get_by_role("button", name="全勤，提交").click()
    page.get_by_text("回执号").wait_for()
    page.get_by_role("link", name=re.compile("销假")).click()
    calm(page)
    page.get_by_role("button", name="确认销假").click()
    assert page.url == leave and "已销假" in page.inner_text("#main")

    database.close()
    database.connect()
    closed = Leave.get()
    assert (closed.state, closed.last_on, closed.last_session) == ("closed", today, "morning")
    assert [(absence.mark, RollCall.get_by_id(absence.roll_call_id).session) for absence in Absence.select()] == [("personal_leave", "morning")]

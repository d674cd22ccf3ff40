"""The list of pupils taught at home: plans, this month, the year; each reader sees the own pupils only."""

import io

from openpyxl import load_workbook

from aidtracker.audit.models import AuditEntry
from aidtracker.visits.actions import record_tutoring
from aidtracker.visits.tutored import tutored_pupils
from tests import factories
from tests.visits.conftest import lesson


def test_the_list_says_how_plan_and_month_stand(pupils, teacher, today):
    factories.school_day_today()
    record_tutoring(student=pupils.at_home, values=lesson(), by=teacher)
    (one,) = tutored_pupils(teacher, None, today)
    assert (one.name, one.plan, one.state, one.month.done, one.month.needed, one.year) == ("陈居家", "none", "short", 1, 2, (1, 2))
    record_tutoring(student=pupils.at_home, values=lesson(), by=teacher)
    assert tutored_pupils(teacher, None, today)[0].state == "met"


def test_the_list_narrows_sorts_and_says_the_rule(pupils, county, teacher, school_admin, coordinator, officer, sign_in):
    factories.school_day_today()
    for reader in (teacher, school_admin, coordinator, officer):
        page = sign_in(reader).get("visits.list_tutored").text
        assert "陈居家" in page and "次仁卓玛" not in page and "每月至少 2 次" in page and "0/1" in page
    client = sign_in(coordinator)
    assert "陈居家" in client.get("visits.list_tutored", plan="none", state="short", sort="-plan", school=county.school.id).text
    assert "没有符合条件" in client.get("visits.list_tutored", plan="ok").text
    client.get("visits.list_tutored", school=county.other_school.id, status=404)


def test_another_school_has_none_and_is_told_what_stands_there(pupils, stranger, sign_in):
    page = sign_in(stranger).get("visits.list_tutored").text
    assert "陈居家" not in page and "现在没有送教上门的学生" in page


def test_the_list_is_taken_away_as_a_workbook_and_that_is_told(pupils, county, teacher, stranger, sign_in):
    factories.school_day_today()
    record_tutoring(student=pupils.at_home, values=lesson(), by=teacher)
    client = sign_in(teacher)
    assert "/visits/tutoring.xlsx" in client.get("visits.list_tutored").text
    sheet = load_workbook(io.BytesIO(client.get("visits.fetch_tutored", state="short").data)).active
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    assert ["陈居家", county.school.name, county.room.name, "没有方案", 1, 2, 1, 2, "本月还不够"] in rows
    entry = AuditEntry.get(AuditEntry.action == "visits.export_list")
    assert (entry.count, entry.fields) == (1, "tutored")
    sheet = load_workbook(io.BytesIO(sign_in(stranger).get("visits.fetch_tutored").data)).active
    assert not any("陈居家" in str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)

"""A school year that is closed is changed by nobody, whichever door is tried; opened again it is, and both stand in the trail."""

import datetime

import pytest

from aidtracker.attendance.actions import submit_roll_call
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.students.actions_correcting import correct_spell
from aidtracker.students.actions_moving import withdraw_move
from aidtracker.students.actions_placing import change_mode, leave_class
from aidtracker.students.actions_years import close_year, reopen_year
from aidtracker.students.models import Enrollment
from aidtracker.students.models_moves import Move
from aidtracker.terms.models_years import ClosedYear
from aidtracker.terms.years import refuse_closed_year
from aidtracker.visits.actions import edit_visit, record_visit, send_back_visit, verify_visit
from aidtracker.visits.models import Visit

LAST = 2025  # the school year before the present one
DAY = datetime.date(2026, 3, 2)
VISIT = {"form": "on_site", "on": DAY, "purposes": ["routine"], "teachers": "张老师", "at_home": "好"}
CLOSED = "2025–2026学年已封存"


@pytest.fixture
def closed(county, pupils, administrator):
    """The year before is closed, with a pupil who was there in it and a visit of it."""
    Enrollment.update(starts_on=datetime.date(2025, 9, 1)).execute()
    visit = record_visit(students=[pupils.mine], values=VISIT, by=administrator)
    close_year(county=county.county, school_year=LAST, reason="已上报", by=administrator)
    return visit


def test_nothing_of_the_year_is_changed(closed, county, pupils, administrator, coordinator, school_admin):
    with pytest.raises(Refused, match=CLOSED):
        submit_roll_call(class_org=county.room, on=DAY, session="morning", marks={}, base_revision=0, by=school_admin)
    with pytest.raises(Refused, match=CLOSED):
        record_visit(students=[pupils.mine], values=VISIT, by=administrator)
    with pytest.raises(Refused, match=CLOSED):
        edit_visit(visit=closed, revision=closed.revision, values=VISIT | {"at_home": "不好"}, by=administrator)
    with pytest.raises(Refused, match=CLOSED):
        verify_visit(visit=closed, revision=closed.revision, by=coordinator)
    with pytest.raises(Refused, match=CLOSED):
        send_back_visit(visit=closed, revision=closed.revision, reason="不全", by=coordinator)
    with pytest.raises(Refused, match=CLOSED):
        change_mode(student=pupils.mine, mode="boarding", starts_on=DAY, by=administrator)
    with pytest.raises(Refused, match=CLOSED):
        leave_class(student=pupils.mine, left_on=DAY, reason="随父母外出", by=administrator)
    assert not Move.select().exists()
    assert Visit.get_by_id(closed.id).state == "recorded"


def test_nor_may_a_visit_of_now_be_moved_into_it(closed, pupils, administrator):
    visit = record_visit(students=[pupils.mine], values=VISIT | {"on": today_in_china()}, by=administrator)
    with pytest.raises(Refused, match=CLOSED):
        edit_visit(visit=visit, revision=visit.revision, values=VISIT, by=administrator)
    with pytest.raises(Refused, match=CLOSED):
        edit_visit(visit=closed, revision=closed.revision, values=VISIT | {"on": today_in_china()}, by=administrator)

def test_nor_is_a_spell_or_a_move_of_it_taken_back(closed, county, pupils, administrator):
    """Also where the new day lies in a year that is open."""
    spell = Enrollment.get(Enrollment.student == pupils.mine)
    for starts_on, room in ((datetime.date(2026, 9, 1), county.room), (datetime.date(2025, 9, 1), county.sibling_room), (datetime.date(2025, 3, 1), county.room)):
        if starts_on.year == 2025 and starts_on.month == 3:
            Enrollment.update(starts_on=datetime.date(2026, 9, 7)).where(Enrollment.id == spell.id).execute()
        with pytest.raises(Refused, match=CLOSED):
            correct_spell(spell=spell, starts_on=starts_on, ends_on=None, class_org=room, reason="录错", by=administrator)
    move = Move.create(county=county.county, student=pupils.mine, kind="leave", on_day=DAY, from_class=county.room, recorded_by=administrator)
    with pytest.raises(Refused, match=CLOSED):
        withdraw_move(move=move, reason="录错", by=administrator)


def test_the_present_year_and_other_counties_go_on(closed, county, pupils, administrator):
    leave_class(student=pupils.sibling, left_on=today_in_china(), reason="随父母外出", by=administrator)
    refuse_closed_year(county.other_county.id, DAY)
    refuse_closed_year(county.county.id, datetime.date(2025, 8, 31))


def test_it_ends_with_august(closed, county, pupils, administrator):
    """Whoever left on its last day left for the next year, which is open."""
    leave_class(student=pupils.mine, left_on=datetime.date(2026, 8, 31), reason="毕业", by=administrator)
    with pytest.raises(Refused, match=CLOSED):
        refuse_closed_year(county.county.id, datetime.date(2026, 8, 31))


def test_opened_again_it_can_be_mended(closed, county, administrator):
    with pytest.raises(Refused, match="请写明为什么"):
        reopen_year(county=county.county, school_year=LAST, reason=" ", by=administrator)
    reopen_year(county=county.county, school_year=LAST, reason="更正日期", by=administrator)
    edit_visit(visit=closed, revision=closed.revision, values=VISIT | {"at_home": "不好"}, by=administrator)
    assert (ClosedYear.get().reopen_reason, ClosedYear.get().reopened_by) == ("更正日期", administrator)
    close_year(county=county.county, school_year=LAST, reason="改完", by=administrator)
    assert [one.action for one in AuditEntry.select().where(AuditEntry.action.endswith("_year")).order_by(AuditEntry.id)] == [
        "students.close_year", "students.reopen_year", "students.close_year",
    ]  # fmt: skip


def test_refusals(closed, county, administrator, officer):
    for act in (close_year, reopen_year):
        with pytest.raises(Forbidden):
            act(county=county.county, school_year=LAST, reason="x", by=officer)
        with pytest.raises(Forbidden):
            act(county=county.other_county, school_year=LAST, reason="x", by=administrator)
    with pytest.raises(Refused, match="已经结束"):
        close_year(county=county.county, school_year=2026, reason="x", by=administrator)
    with pytest.raises(Refused, match="已经封存"):
        close_year(county=county.county, school_year=LAST, reason="x", by=administrator)


def test_the_page_says_it_and_a_workbook_cannot_change_it(closed, county, administrator, sign_in):
    page = sign_in(administrator).get("students.list_years", county_id=county.county.id)
    assert "已封存" in page.text and "已上报" in page.text and "永久" in page.text

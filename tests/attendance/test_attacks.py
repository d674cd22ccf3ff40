"""Ways round a rule: through the workbook, through another leave, through another day."""
# ruff: noqa: F811

import datetime
import re

import pytest

from aidtracker.attendance import actions_leaves as acts
from aidtracker.attendance.actions_illness import record_symptoms
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.models_illness import IllnessAlert
from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Refused
from aidtracker.students.models import Enrollment, Student
from tests import factories
from tests.attendance.test_class_book import download, upload  # noqa: F401
from tests.attendance.test_leaves import again, ahead, ask, edit  # noqa: F401

ONE_DAY = datetime.timedelta(days=1)


def test_a_workbook_does_not_put_a_teachers_mark_in_the_place_of_the_schools(take, pupils, teacher, school_admin, today, marks, download, upload):
    take({pupils.first: "unexplained"}, by=teacher)
    book = download()
    book.put(today, first="迟到")
    take({pupils.first: "sick_leave"}, by=school_admin, base=1)
    key = f"{today.isoformat()} morning {pupils.first.id}"
    plan = upload(book, choices={key: "mine|late|sick_leave"})
    assert (plan.refused, plan.conflicts) == (1, [])
    assert (RollCall.get().revision, marks(RollCall.get())) == (2, {pupils.first.id: "sick_leave"})


def test_closing_what_continues_it_is_no_way_round_the_certificate(ask, teacher, school_admin, today, yesterday):
    leave = ask(1, first=yesterday, symptoms=["rash"])
    more = ask(1, first=today, kind="personal_leave", continues=again(leave), by=school_admin)
    with pytest.raises(Refused, match="复课证明"):
        acts.close_leave(leave=more, back_on=today, back_session="afternoon", clearance="", words="", by=teacher)
    assert again(leave).state == "approved"


def test_calling_it_another_kind_is_no_way_round_the_certificate(ask, teacher, today, yesterday):
    leave = ask(1, first=yesterday, symptoms=["rash"])
    edit(again(leave), teacher, kind="personal_leave", revision=again(leave).revision)
    with pytest.raises(Refused, match="复课证明"):
        acts.close_leave(leave=again(leave), back_on=today, back_session="morning", clearance="", words="", by=teacher)



@pytest.fixture
def moved(county, take, pupils, today, school_admin, stranger):
    """A pupil of the teacher's since today, ill with a rash three days ago at the other school."""
    pupil = factories.make_student(county.other_room, "扎西")
    long_ago = today - 3 * ONE_DAY
    other = factories.make_user("school_admin", county.other_school)
    take({pupil: "sick_leave"}, room=county.other_room, on=long_ago, by=other)
    record_symptoms(student=pupil, on=long_ago, onset_on=None, symptoms=["rash"], by=other)
    Enrollment.update(ends_on=today - ONE_DAY).where(Enrollment.student == pupil).execute()
    Enrollment.create(student=pupil, class_org=county.room, mode="day", starts_on=today)
    Student.update(class_org=county.room).where(Student.id == pupil.id).execute()
    return pupil, long_ago


def test_what_another_school_noted_of_an_illness_is_not_shown(sign_in, teacher, moved):
    pupil, day = moved
    page = sign_in(teacher).get("attendance.record_symptoms", student_id=pupil.id, on=day.isoformat()).text
    assert not re.search(r'value="rash"[^>]*checked|checked[^>]*value="rash"', page)


@pytest.mark.parametrize("page", ["extend_leave", "edit_leave", "close_leave", "withdraw_leave"])
def test_a_look_at_a_leave_is_on_record(sign_in, teacher, ask, page):
    leave = ask(1)
    client = sign_in(teacher)
    assert "发烧" in client.get(f"attendance.{page}", leave_id=leave.id).text or page in ("close_leave", "withdraw_leave")
    assert AuditEntry.select().where(AuditEntry.action == "students.view_student").count() == 1


def test_a_look_at_who_is_ill_is_on_record(sign_in, school_admin, county, take, pupils, today):
    four = [factories.make_student(county.room, f"李{n}") for n in "一二三"]
    take(dict.fromkeys(four, "sick_leave"), by=school_admin)
    for pupil in four:
        record_symptoms(student=pupil, on=today, onset_on=None, symptoms=["fever"], by=school_admin)
    page = sign_in(school_admin).get("attendance.show_alert", alert_id=IllnessAlert.get().id).text
    assert "李一" in page
    assert AuditEntry.select().where(AuditEntry.action == "students.view_student").count() == 3


def test_a_long_leave_in_small_pieces_is_still_the_schools_to_approve(ask, today, yesterday):
    leave = ask(1, first=yesterday, kind="personal_leave")
    more = ask(1, first=today, kind="personal_leave", continues=again(leave))
    assert again(more).state == "asked"

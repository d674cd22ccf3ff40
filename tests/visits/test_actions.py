"""Recording, mending, verifying and sending back, with what is refused."""

import datetime
import json

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.db import database
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.students.models import Enrollment
from aidtracker.visits import actions
from aidtracker.visits.models import Visit, VisitStudent, VisitVersion
from aidtracker.visits.queries import may_verify, to_verify
from tests import factories
from tests.visits.conftest import lesson, values

ONE_DAY = datetime.timedelta(days=1)


def last_entry():
    return AuditEntry.select().order_by(AuditEntry.id.desc()).first()


def test_record_visit_keeps_the_day_the_class_and_the_words(visit, pupils, county, teacher):
    made = Visit.get_by_id(visit(receipt="ABCDE-23456").id)
    assert (made.form, made.purposes, made.state, made.receipt) == ("on_site", ["routine", "absence"], "recorded", "ABCDE-23456")
    assert (made.at_home, made.views, made.agreed) == ("表现良好", None, "继续关注")
    of = VisitStudent.get()
    assert (of.student_id, of.class_org_id, of.school_id) == (pupils.first.id, county.room.id, county.school.id)
    entry = last_entry()
    assert (entry.action, entry.object_id, entry.actor_id) == ("visits.record_visit", made.uid, teacher.id)
    assert "at_home" in entry.fields and "表现" not in entry.fields and "views" not in entry.fields


def test_what_was_said_at_the_house_is_sealed(visit):
    visit(at_home="爷爷奶奶照看")
    (stored,) = database.execute_sql("SELECT at_home FROM visit").fetchone()
    assert "爷爷" not in bytes(stored).decode(errors="replace")


def test_one_visit_of_brothers_and_sisters(visit, pupils, school_admin):
    made = visit(pupils.first, pupils.sibling, pupils.first, by=school_admin)
    assert {row.student_id for row in VisitStudent.select().where(VisitStudent.visit == made)} == {pupils.first.id, pupils.sibling.id}


def test_the_class_is_that_of_the_visits_own_day(visit, pupils, county, today):
    mine = Enrollment.student == pupils.first
    Enrollment.update(ends_on=today - 10 * ONE_DAY).where(mine).execute()
    Enrollment.create(student=pupils.first, class_org=county.sibling_room, mode="day", starts_on=today - 9 * ONE_DAY)
    visit(on=today - 20 * ONE_DAY)
    assert VisitStudent.get().class_org_id == county.room.id


def test_whoever_left_is_visited_by_the_class_that_was_left(visit, pupils, county, today):
    Enrollment.update(ends_on=today - 5 * ONE_DAY).where(Enrollment.student == pupils.first).execute()
    visit()
    assert VisitStudent.get().class_org_id == county.room.id


def test_a_day_before_school_entry_is_fine(visit):
    assert visit(on=datetime.date(2020, 3, 1)).id


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"on": None}, "请填写家访日期"),
        ({"form": "letter"}, "家访形式"),
        ({"form": ""}, "家访形式"),
        ({"form": "tutoring"}, "记送教"),
        ({"purposes": []}, "目的"),
        ({"purposes": ["routine", "gossip"]}, "目的"),
        ({"teachers": " "}, "去的人"),
        ({"minutes": 0}, "时长"),
        ({"minutes": 601}, "时长"),
        ({"at_home": "长" * 2001}, "太长"),
        ({"follow_up_on": datetime.date(2020, 1, 1)}, "跟进"),
    ],
)
def test_record_visit_is_refused_with_words(visit, changes, words):
    with pytest.raises(Refused, match=words):
        visit(**changes)
    assert Visit.select().count() == 0


def test_a_day_to_come_is_refused(visit, today):
    with pytest.raises(Refused, match="不能晚于今天"):
        visit(on=today + ONE_DAY)


def test_record_visit_is_for_whoever_may_be_sent_to_the_pupil(visit, pupils, county, stranger):
    officer = factories.make_user("village_officer", county.village)
    assert visit(pupils.homeward, by=officer).id  # registered in the village, at school elsewhere
    with pytest.raises(Forbidden):
        visit(pupils.first, by=stranger)
    with pytest.raises(Forbidden):
        visit(pupils.first, pupils.elsewhere, by=stranger)
    with pytest.raises(Forbidden):
        visit(pupils.first, by=factories.make_user("auditor", county.county))


def test_record_tutoring_is_for_pupils_taught_at_home_on_that_day(pupils, teacher, today):
    made = actions.record_tutoring(student=pupils.at_home, values=lesson(), by=teacher)
    assert (made.form, made.lessons, made.signed_by, made.purposes) == ("tutoring", 2, "陈父", [])
    with pytest.raises(Refused, match="不是送教上门"):
        actions.record_tutoring(student=pupils.first, values=lesson(), by=teacher)
    Enrollment.update(starts_on=today - ONE_DAY).where(Enrollment.student == pupils.at_home).execute()
    with pytest.raises(Refused, match="不是送教上门"):
        actions.record_tutoring(student=pupils.at_home, values=lesson(on=today - 2 * ONE_DAY), by=teacher)


@pytest.mark.parametrize("changes", [{"lessons": None}, {"lessons": 0}, {"lessons": 13}, {"place": "moon"}, {"place": ""}])
def test_record_tutoring_needs_lessons_and_a_place(pupils, teacher, changes):
    with pytest.raises(Refused):
        actions.record_tutoring(student=pupils.at_home, values=lesson(**changes), by=teacher)


def test_listeners_hear_of_a_visit_within_its_transaction(visit, monkeypatch):
    def fails(made):
        assert made.id
        raise Refused("不行")

    monkeypatch.setattr(actions, "when_visit_recorded", [fails])
    with pytest.raises(Refused, match="不行"):
        visit()
    assert Visit.select().count() == 0


def test_edit_visit_keeps_what_stood_sealed(visit, teacher, yesterday):
    made = visit(at_home="表现良好")
    changed = actions.edit_visit(visit=made, revision=1, values=values(on=yesterday, at_home="沉迷手机"), by=teacher)
    assert set(changed) == {"on", "at_home"}
    after, before = Visit.get_by_id(made.id), VisitVersion.get()
    assert (after.revision, after.at_home, after.on) == (2, "沉迷手机", yesterday)
    assert (before.revision, json.loads(before.content)["at_home"], before.replaced_by_id) == (1, "表现良好", teacher.id)
    assert last_entry().action == "visits.edit_visit" and "沉迷" not in last_entry().fields


def test_edit_visit_without_a_change_writes_nothing(visit, teacher):
    made = visit()
    assert actions.edit_visit(visit=made, revision=1, values=values(), by=teacher) == []
    assert VisitVersion.select().count() == 0 and Visit.get().revision == 1


def test_edit_visit_on_an_old_revision_is_a_conflict_with_both(visit, teacher):
    made = visit()
    actions.edit_visit(visit=made, revision=1, values=values(at_home="先改的"), by=teacher)
    with pytest.raises(Conflict) as caught:
        actions.edit_visit(visit=Visit.get(), revision=1, values=values(at_home="后改的"), by=teacher)
    assert (caught.value.theirs["at_home"], caught.value.theirs["revision"]) == ("先改的", 2)
    assert Visit.get().at_home == "先改的" and VisitVersion.select().count() == 1


def test_of_two_who_read_the_same_revision_one_wins(visit, teacher):
    made = visit()
    one, other = Visit.get_by_id(made.id), Visit.get_by_id(made.id)
    actions.edit_visit(visit=one, revision=1, values=values(agreed="甲"), by=teacher)
    with pytest.raises(Conflict):
        actions.edit_visit(visit=other, revision=1, values=values(agreed="乙"), by=teacher)
    assert Visit.get().agreed == "甲" and VisitVersion.select().count() == 1


def test_edit_visit_is_for_who_recorded_it_and_for_offices(visit, pupils, county, teacher, school_admin, coordinator):
    made = visit(by=school_admin)
    with pytest.raises(Forbidden):
        actions.edit_visit(visit=made, revision=1, values=values(agreed="x"), by=teacher)
    with pytest.raises(Forbidden):
        actions.edit_visit(visit=made, revision=1, values=values(agreed="x"), by=factories.make_user("village_officer", county.village))
    actions.edit_visit(visit=made, revision=1, values=values(agreed="x"), by=coordinator)
    assert Visit.get().agreed == "x"


def test_a_home_visit_never_becomes_a_lesson(visit, teacher):
    with pytest.raises(Refused):
        actions.edit_visit(visit=visit(), revision=1, values=lesson(form="tutoring"), by=teacher)


def test_verify_visit_ends_the_editing(visit, coordinator, teacher):
    made = visit()
    actions.verify_visit(visit=made, revision=1, by=coordinator)
    after = Visit.get()
    assert (after.state, after.checked_by_id, last_entry().action) == ("verified", coordinator.id, "visits.verify_visit")
    with pytest.raises(Refused, match="已核实"):
        actions.edit_visit(visit=after, revision=1, values=values(agreed="x"), by=teacher)


def test_nobody_verifies_what_he_recorded_himself(visit, coordinator, officer):
    made = visit(by=coordinator)
    with pytest.raises(Forbidden, match="别人"):
        actions.verify_visit(visit=made, revision=1, by=coordinator)
    with pytest.raises(Forbidden, match="别人"):
        actions.send_back_visit(visit=made, revision=1, reason="补", by=coordinator)
    actions.verify_visit(visit=made, revision=1, by=officer)
    assert Visit.get().state == "verified"


def test_schools_do_not_verify(visit, school_admin, teacher, stranger):
    for user in (school_admin, stranger):
        with pytest.raises(Forbidden):
            actions.verify_visit(visit=visit(), revision=1, by=user)


def test_send_back_visit_needs_words_and_comes_again_after_an_edit(visit, coordinator, teacher):
    made = visit()
    with pytest.raises(Refused, match="补充什么"):
        actions.send_back_visit(visit=made, revision=1, reason="  ", by=coordinator)
    actions.send_back_visit(visit=made, revision=1, reason="没有写意见", by=coordinator)
    sent = Visit.get()
    assert (sent.state, sent.remark) == ("sent_back", "没有写意见")
    actions.edit_visit(visit=sent, revision=1, values=values(views="满意"), by=teacher)
    after = Visit.get()
    assert (after.state, after.checked_by_id, after.checked_at, after.revision) == ("recorded", None, None, 2)
    assert json.loads(VisitVersion.get().content)["remark"] == "没有写意见"


def test_of_two_decisions_one_holds(visit, coordinator, officer):
    made = visit()
    one, other = Visit.get_by_id(made.id), Visit.get_by_id(made.id)
    actions.verify_visit(visit=one, revision=1, by=coordinator)
    with pytest.raises(Conflict):
        actions.send_back_visit(visit=other, revision=1, reason="补", by=officer)
    with pytest.raises(Conflict):
        actions.verify_visit(visit=Visit.get(), revision=1, by=officer)
    assert (Visit.get().state, Visit.get().checked_by_id) == ("verified", coordinator.id)


def test_nobody_verifies_what_has_changed_since_it_was_shown(visit, coordinator, teacher):
    made = visit()
    actions.edit_visit(visit=made, revision=1, values=values(agreed="x"), by=teacher)
    with pytest.raises(Conflict):
        actions.verify_visit(visit=Visit.get(), revision=1, by=coordinator)
    assert Visit.get().state == "recorded"


def test_nobody_verifies_what_he_mended_himself(visit, coordinator, officer):
    """Else a coordinator writes what stands, under a teacher's name, and verifies it."""
    recorded = visit()
    actions.edit_visit(visit=recorded, revision=1, values=values(at_home="改过"), by=coordinator)
    recorded = type(recorded).get_by_id(recorded.id)
    assert not to_verify(coordinator).exists()
    assert not may_verify(coordinator, recorded)
    with pytest.raises(Forbidden, match="自己改过的家访要由别人核实"):
        actions.verify_visit(visit=recorded, revision=2, by=coordinator)
    with pytest.raises(Forbidden):
        actions.send_back_visit(visit=recorded, revision=2, reason="x", by=coordinator)
    assert to_verify(officer).exists()
    actions.verify_visit(visit=recorded, revision=2, by=officer)

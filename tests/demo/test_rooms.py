"""What the rooms above the rolls hold in the small demo county: aid, lists, visits, cases; and the published table in full."""

import datetime
from collections import Counter, defaultdict
from decimal import Decimal

import peewee
import pytest

from aidtracker.accounts.models import User
from aidtracker.aid.models import Batch, Payment
from aidtracker.attendance.models import Absence, RollCall
from aidtracker.attendance.sessions import TEACHING
from aidtracker.cases.models import STATES, Case, CaseStep, FollowUp
from aidtracker.cases.queries import open_cases, overdue, to_open
from aidtracker.census.matching import (
    disabled_not_enrolled,
    enrolled_not_registered,
    likely_pupils,
    lists_on,
    registered_not_enrolled,
)
from aidtracker.census.models import ListedChild, Snapshot
from aidtracker.demo.actions import draw
from aidtracker.demo.cohorts import COLUMNS, published
from aidtracker.demo.known import Filled, Known
from aidtracker.demo.payments import Payments
from aidtracker.demo.places import PRIMARY, make_places
from aidtracker.demo.pupils import Pupils
from aidtracker.orgs.models import Org
from aidtracker.reports.registry import figures
from aidtracker.students.models import Student
from aidtracker.students.queries import visible_students
from aidtracker.visits.models import FORMS, PURPOSES, Visit, VisitStudent
from aidtracker.visits.queries import to_verify, visible_visits
from aidtracker.visits.tutoring import tutoring_months
from aidtracker.web.menu import items_for
from tests.demo.conftest import ON

AMOUNT = {"小学走读": "250", "小学寄宿": "500", "初中走读": "312.5", "初中寄宿": "625"}  # yuan per term, as published


def user(name):
    return User.get(User.username == name)


def county():
    return Org.get(Org.code == "341524")


# Aid.


def test_last_spring_is_the_published_table_to_the_yuan():
    """All of it, as the lines that a build of the whole county brings in."""
    slots = Pupils(make_places(draw("any", "places"), False), 2026, draw("any", "pupils")).slots(False)
    whole = Filled(slots, [], [], Known({}, {}, {}, {}), [], ON, 2026, False)
    lines = Payments(whole, draw("any", "payments")).spring()
    homes = {slot.row["student_number"]: slot.home for slot in slots}
    counts, yuan = defaultdict(Counter), Decimal(0)
    for line in lines:
        column = ("小学" if line["grade"] in PRIMARY else "初中") + ("寄宿" if line["is_boarding"] == "是" else "走读")
        counts[homes[line["student_number"]]][column] += 1
        yuan += Decimal(line["amount_fen"])
        assert (line["amount_fen"], line["term"], line["status"]) == (AMOUNT[column], "2026年春季", "成功")
    assert {home: tuple(found[column] for column in COLUMNS) for home, found in counts.items()} == {line.home: line.aided for line in published()}
    assert (len(lines), len(homes), yuan) == (11302, len(slots), Decimal(4431875))


def test_the_report_of_last_spring_shows_the_townships_published_line(demo):
    line = next(line for line in published() if line.home == "341524101")
    assert line.aided == (75, 23, 8, 69)
    shown = figures(user("bureau"), "aid", term="2026-spring", group="home")
    fen = sum(count * int(Decimal(AMOUNT[column]) * 100) for count, column in zip(line.aided, COLUMNS, strict=True))
    mine = shown["by_home_township"]["341524101"]
    assert (mine["counts"], mine["persons"], mine["amount_fen"], fen) == (list(line.aided), 175, fen, 7587500)


def test_the_batch_of_last_spring_says_whose_figures_it_holds(demo):
    names = {batch.name for batch in Batch.select().where(Batch.term == "2026-spring")}
    assert names == {"2026春-01（按金寨县2021年春公布数）"}


def test_this_autumn_has_batches_paid_returned_and_pending_of_several_programs(demo):
    lines = list(Payment.select().where(Payment.term == "2026-autumn"))
    assert {line.status for line in lines} == {"paid", "returned", "pending"}
    assert len({line.program_id for line in lines}) == 3
    assert all(line.return_reason for line in lines if line.status == "returned")
    assert any(line.amount_fen % 100 == 50 for line in lines)
    again = {line.student_id for line in lines if line.batch.name.endswith("补发")}
    assert again <= {line.student_id for line in lines if line.status == "returned"}
    assert again


# Lists.


def test_each_list_is_there_of_september_and_newer(demo):
    days = defaultdict(set)
    for snapshot in Snapshot.select():
        days[snapshot.kind].add(snapshot.dated)
    assert set(map(frozenset, days.values())) == {frozenset({datetime.date(2026, 9, 5), datetime.date(2026, 11, 10)})}
    assert set(days) == {"household_registry", "monitored_households", "disabled_children"}


def test_the_lists_disagree_with_the_pupils_in_every_way(demo):
    lists = lists_on(county().id, ON)
    out = list(ListedChild.select().where(registered_not_enrolled(lists)))
    assert out
    assert likely_pupils(lists, lists.household_registry, out), "no wrong ID that a hint can find"
    assert ListedChild.select().where(disabled_not_enrolled(lists)).exists()
    assert Student.select().where(enrolled_not_registered(lists)).exists()
    told = figures(user("bureau"), "matching", as_of=ON)
    assert told["monitored_without_aid"] > 0
    assert told["disabled_listed"] > told["disabled_enrolled"] > 0
    assert len(out) > 5


def test_a_listed_id_belongs_to_nobody(demo):
    assert all(child.id_number.startswith("99") for child in ListedChild.select())


# Visits.


def test_visits_of_all_forms_and_purposes_lie_in_the_three_months(demo):
    visits = list(Visit.select())
    assert {visit.form for visit in visits} == set(FORMS)
    assert {code for visit in visits for code in visit.purposes} == set(PURPOSES)
    assert {visit.on.month for visit in visits} == {9, 10, 11}
    assert max(visit.on for visit in visits) < ON


def test_brothers_and_sisters_share_a_visit(demo):
    shared = VisitStudent.select(VisitStudent.visit).group_by(VisitStudent.visit).having(peewee.fn.COUNT(VisitStudent.student) > 1)
    families = [[row.student for row in VisitStudent.select().where(VisitStudent.visit == visit.visit_id)] for visit in shared]
    assert families
    assert all(len({pupil.home_code for pupil in pupils}) == 1 for pupils in families)


def test_every_pupil_taught_at_home_has_months_and_some_are_not_met(demo):
    months = tutoring_months(county().id, datetime.date(2026, 9, 1), ON)
    assert {due.is_met for due in months} == {True, False}
    taught = {row.student_id for row in VisitStudent.select().join(Visit).where(Visit.form == "tutoring")}
    assert {due.student_id for due in months} <= taught


def test_visits_recorded_by_hand_wait_are_verified_and_are_sent_back(demo):
    by_hand = Visit.select().where(~Visit.is_imported)
    assert {visit.state for visit in by_hand} == {"recorded", "verified", "sent_back"}
    assert all(visit.receipt for visit in by_hand)
    assert to_verify(user("township")).count() > 0


def test_the_shown_teacher_has_a_visit_to_add_to(demo):
    sent_back = visible_visits(user("teacher")).where(Visit.state == "sent_back")
    assert [visit.recorded_by.username for visit in sent_back] == ["teacher"]
    assert sent_back.get().remark


# Cases.


def test_a_case_stands_at_every_stage(demo):
    assert {case.state for case in Case.select()} == set(STATES)
    outcomes = {case.outcome for case in Case.select().where(Case.state == "closed")}
    assert {"returned", "household", "studying_elsewhere"} <= outcomes


def test_one_case_was_opened_again_after_a_relapse(demo):
    steps = CaseStep.select().where((CaseStep.from_state == "closed") & (CaseStep.to_state == "suspected"))
    assert [step.case.state != "closed" for step in steps] == [True]


def test_a_case_begins_with_an_absence_that_the_rolls_know(demo):
    for case in Case.select().where(Case.origin != "matching"):
        away = Absence.select().join(RollCall).where((Absence.student == case.student) & (Absence.on == case.absent_from) & RollCall.session.in_(TEACHING))
        assert {absence.mark for absence in away} == {"unexcused"}
        assert case.absent_from < case.found_on <= ON


def test_a_child_who_returned_is_present_again(demo):
    returned = FollowUp.select().where(FollowUp.result == "returned")
    assert returned.count() >= 3
    reopened = {step.case_id for step in CaseStep.select().where(CaseStep.from_state == "closed")}
    for follow_up in returned:
        student, room = follow_up.case.student_id, follow_up.case.class_org_id
        later = (RollCall.class_org == room) & (RollCall.on >= follow_up.on)
        away = Absence.select().join(RollCall).where(later & (Absence.student == student) & (Absence.mark == "unexcused"))
        assert RollCall.select().where(later).exists()
        assert away.exists() == (follow_up.case_id in reopened)


def test_who_works_on_cases_has_something_to_do(demo):
    teacher, township = user("teacher"), user("township")
    assert [row.days for row in to_open(teacher, ON)] == [3]
    assert [case.owner.username for case in open_cases(teacher)] == ["teacher"]
    assert overdue(township, ON).count() > 0
    assert to_open(user("bureau"), ON)


# Everybody's pages.


@pytest.mark.parametrize("name", "teacher principal village township bureau finance admin city auditor system bureau2".split())
def test_every_page_of_the_menu_opens_for_every_role(demo, sign_in, name):
    client = sign_in(user(name), "Yunling-2026")
    with demo.app_context():
        opened = [item.endpoint for item in items_for(user(name))]
    assert opened
    for endpoint in opened:
        client.get(endpoint)


def test_the_village_officer_has_children_and_a_case(demo):
    officer = user("village")
    assert visible_students(officer).count() > 5
    assert {case.student.home.code for case in open_cases(officer)} == {officer.memberships[0].org.code}

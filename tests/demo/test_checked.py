"""The demo has something to show on every page of visits: photos, sheets of paper, a plan, calls back, second looks."""

from aidtracker.attachments.models import Attachment
from aidtracker.demo.known import shown_user
from aidtracker.visits.models_calls import CallBack, CallDraw
from aidtracker.visits.models_looks import SecondLook
from aidtracker.visits.models_papers import Paper
from aidtracker.visits.models_plans import IndividualPlan
from aidtracker.visits.queries_calls import visible_call_backs
from aidtracker.visits.queries_looks import visible_second_looks


def test_calls_back_of_last_month_are_begun(demo):
    states = {one.state for one in CallBack.select()}
    assert {"confirmed", "waiting"} <= states and {one.month for one in CallDraw.select()} == {"2026-10"}
    assert visible_call_backs(shown_user("township_coordinator")).count() == 2


def test_something_is_worth_a_second_look_and_something_was_looked_at(demo):
    found = {(one.reason, one.looked_at is not None) for one in SecondLook.select()}
    assert {("same_words", False), ("odd_hours", True)} <= found
    assert visible_second_looks(shown_user("township_coordinator")).count() >= 2


def test_sheets_photos_and_a_plan_are_there(demo):
    assert [(paper.visit_id is not None) for paper in Paper.select().order_by(Paper.id)] == [True, False, False, False]
    assert Attachment.select().count() == 2 and IndividualPlan.select().count() == 1

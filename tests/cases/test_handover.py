"""Handing a case to another place: offered with a reason, accepted or refused; it is never without an owner."""

import pytest

from aidtracker.cases import actions, actions_handover
from aidtracker.cases.handovers import handovers_in, places_to_take
from aidtracker.cases.models import Case
from aidtracker.cases.models_handover import CaseHandover
from aidtracker.cases.timeline import timeline_of
from aidtracker.db import run_sql
from aidtracker.errors import Forbidden, Refused
from aidtracker.home.waiting import waiting_for
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import my_open_tasks
from tests import factories


@pytest.fixture
def far_side(county):
    """The school and township at which at_home, registered in the village here, sits."""
    return factories.make_user("township_coordinator", county.other_township, "孙专干", "other.side")


@pytest.fixture
def case(opened, pupils, stranger):
    """Of the child who is registered here and sits in the next township's school; its teacher answers for it."""
    return opened(pupils.at_home, stranger)


@pytest.fixture
def hand(case, county, stranger):
    def make(to_org=None, by=None):
        return actions_handover.hand_case(case=Case.get_by_id(case.id), to_org_id=(to_org or county.township).id, reason="雀移", by=by or stranger)

    return make


def accept(handover, by, owner=None, words=""):
    actions_handover.accept_handover(handover=handover, owner_id=(owner or by).id, words=words, by=by)


def test_it_may_go_to_every_place_that_answers_for_the_child_but_ones_own(case, county):
    assert [name for _, name in places_to_take(case)] == ["双河镇", "扎多村", "石门乡"]
    case.owner = None
    assert "石门乡中心小学" in [name for _, name in places_to_take(case)]


def test_accepting_makes_the_new_owner_and_a_next_step(case, hand, county, coordinator, stranger, today):
    handover = hand()
    assert Case.get().owner_id == stranger.id and [task.kind for task in my_open_tasks(coordinator)] == ["handover"]
    assert {str(each.label): each.number for each in waiting_for(coordinator, today)}["要我接收的个案"] == 1
    accept(handover, coordinator, words="雀答")
    after, now = Case.get(), CaseHandover.get()
    assert after.owner_id == coordinator.id and after.due_on > today
    assert (now.state, now.new_owner_id, now.from_owner_id, now.ended_by_id) == ("accepted", coordinator.id, stranger.id, coordinator.id)
    titles = [(str(event.title), event.words) for event in timeline_of(after)]
    assert ("双河镇接收了个案", "雀答") in titles and ("移交给双河镇", "雀移") in titles
    assert my_open_tasks(coordinator).count() == 0 and Task.get().how == "decided"


def test_refusing_needs_a_word_and_leaves_the_case_where_it_is(case, hand, coordinator, stranger):
    handover = hand()
    with pytest.raises(Refused, match="请写明为什么不接收"):
        actions_handover.refuse_handover(handover=handover, words=" ", by=coordinator)
    actions_handover.refuse_handover(handover=handover, words="已搬走", by=coordinator)
    assert Case.get().owner_id == stranger.id and CaseHandover.get().state == "refused"
    hand()


def test_only_the_other_side_answers_and_only_who_offered_withdraws(case, hand, coordinator, stranger, far_side, teacher):
    handover = hand()
    for by in (stranger, far_side, teacher):
        with pytest.raises(Forbidden):
            accept(handover, by)
    with pytest.raises(Forbidden, match="只有申请的人"):
        actions_handover.withdraw_handover(handover=handover, words="", by=coordinator)
    actions_handover.withdraw_handover(handover=handover, words="", by=stranger)
    with pytest.raises(Refused, match="已撤回"):
        accept(handover, coordinator)
    assert handovers_in(coordinator, "answer").count() == 0 and handovers_in(coordinator, "ended").count() == 1


def test_the_new_owner_works_at_the_place_that_took_it(case, hand, coordinator, stranger, officer):
    handover = hand()
    for owner in (stranger, officer):
        with pytest.raises(Refused, match="从名单里选"):
            accept(handover, coordinator, owner)
    assert Case.get().owner_id == stranger.id


def test_a_place_that_has_nothing_to_do_with_the_child_is_refused_and_a_second_offer(case, hand, county, far_side):
    with pytest.raises(Refused, match="只能移交给"):
        hand(county.school)
    with pytest.raises(Refused, match="只能移交给"):
        hand(county.county)
    hand()
    with pytest.raises(Refused, match="已经在移交"):
        hand(county.village, far_side)


def test_the_village_may_take_it(case, hand, county, village_officer):
    accept(hand(county.village), village_officer)
    assert Case.get().owner_id == village_officer.id


def test_closing_the_case_ends_the_handover(case, hand, officer, today):
    hand()
    now = Case.get()
    actions.close_case(case=now, revision=now.revision, outcome="transferred", conclusion="x", closed_on=today, by=officer)
    assert CaseHandover.get().state == "closed" and not Task.get().is_open


def test_what_was_written_of_a_handover_is_sealed(case, hand, coordinator):
    accept(hand(), coordinator, words="雀答")
    for column in ("reason", "words"):
        assert "雀".encode() not in bytes(run_sql(f"SELECT {column} FROM case_handover").fetchone()[0])


def test_pages_of_a_handover(case, county, sign_in, stranger, coordinator, teacher):
    school, township = sign_in(stranger), sign_in(coordinator)
    school.post("cases.hand_case", {"to_org": county.township.id, "reason": "住在户籍地"}, case_id=case.id)
    handover = CaseHandover.get()
    assert "等对方接收" in school.get("cases.show_case", case_id=case.id).text
    assert "央金拉姆" in township.get("cases.list_handovers").text and "住在户籍地" in township.get("cases.show_handover", handover_id=handover.id).text
    sign_in(teacher).get("cases.show_handover", status=404, handover_id=handover.id)
    school.post("cases.accept_handover", {"owner": stranger.id}, status=400, handover_id=handover.id)
    township.post("cases.accept_handover", {"owner": coordinator.id}, handover_id=handover.id)
    assert Case.get().owner_id == coordinator.id
    for tab in ("answer", "asked", "ended"):
        township.get("cases.list_handovers", tab=tab)

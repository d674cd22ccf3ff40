"""Following up: the number of the time, what the result moves, a visit that is named and not copied."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.cases.models import RESULTS, STATES, Case, CaseStep, FollowUp
from aidtracker.cases.states import MOVES, STEPS, state_after, step_of
from aidtracker.cases.timeline import timeline_of
from aidtracker.errors import Refused

TABLE = """
            returned  promised  not_returned  not_met    refused
suspected   returned  promised  dropout       suspected  dropout
dropout     returned  promised  dropout       dropout    dropout
promised    returned  promised  dropout       promised   dropout
returned    returned  promised  dropout       returned   dropout
closed      -         -         -             -          -
"""
RESULT_ORDER, *LINES = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [(state, result, after) for state, *cells in LINES for result, after in zip(RESULT_ORDER, cells, strict=True)]


def test_the_table_names_every_state_and_every_result():
    assert {(state, result) for state, result, _ in CELLS} == {(state, result) for state in STATES for result in RESULTS}
    assert set(MOVES) == set(STATES) - {"closed"}


@pytest.mark.parametrize(("state", "result", "after"), CELLS)
def test_a_result_moves_the_state(state, result, after):
    if after == "-":
        with pytest.raises(Refused, match="请先重新开案"):
            state_after(state, result)
    else:
        assert state_after(state, result) == after


def test_the_steps_of_the_way_follow_the_states():
    assert [step_of(state) for state in STATES] == [0, 1, 2, 3, len(STEPS)]


def test_add_follow_up_counts_moves_and_says_when_next(opened, follow, teacher, today):
    case, later = opened(), today + datetime.timedelta(days=6)
    first = follow(case, "not_met", next_on=later, person_met="", relation="")
    assert (first.ordinal, Case.get().state, Case.get().due_on) == (1, "suspected", later)
    second = follow(case, "not_returned")
    assert (second.ordinal, Case.get().state, Case.get().due_on) == (2, "dropout", today + datetime.timedelta(days=3))
    step = CaseStep.get(CaseStep.follow_up == second)
    assert (step.from_state, step.to_state, step.on, step.by_id) == ("suspected", "dropout", today, teacher.id)
    assert not CaseStep.select().where(CaseStep.follow_up == first).exists()
    entries = AuditEntry.select().where(AuditEntry.action == "cases.add_follow_up").order_by(AuditEntry.id)
    assert [entry.fields.endswith(",state") for entry in entries] == [False, True]
    assert all("雀话" not in entry.fields + entry.reason for entry in entries)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "letter"}, "请选择方式和结果"),
        ({"result": "fine"}, "请选择方式和结果"),
        ({"on": datetime.date(2999, 1, 1)}, "跟进日期要在"),
        ({"on": datetime.date(2020, 1, 1)}, "跟进日期要在"),
        ({"on": None}, "跟进日期要在"),
        ({"next_on": datetime.date(2020, 1, 1)}, "不能早于这次跟进"),
        ({"people": " "}, "谁去的"),
        ({"person_met": ""}, "见到了谁"),
        ({"words": ""}, "请写明谈了什么"),
        ({"visit": 99}, "这次家访不能选"),
    ],
)
def test_add_follow_up_refuses_what_cannot_be(opened, follow, values, words):
    case = opened()
    with pytest.raises(Refused, match=words):
        follow(case, **values)
    assert not FollowUp.select().exists() and Case.get().revision == 1


def test_a_visit_that_is_named_gives_day_people_and_whom_they_met(opened, follow, visited, pupils, days):
    case, visit = opened(), visited(pupils.mine, days(1))
    made = follow(case, "promised", visit=visit.id, kind="phone", on=None, people="", person_met="", relation="", words="")
    assert (made.visit_id, made.kind, made.on, made.people) == (visit.id, "on_site", days(1), "张老师、李老师")
    assert (made.person_met, made.relation, made.words) == ("卓玛", "母亲", None)
    event = next(event for event in timeline_of(case) if event.visit_id)
    assert (event.words, event.may_name, event.who) == ("雀访", False, "张老师、李老师")


def test_a_visit_is_named_once_and_only_the_childs_own(opened, follow, visited, pupils, days):
    case, mine, other, old = opened(), visited(pupils.mine, days(1)), visited(pupils.sibling, days(1)), visited(pupils.mine, days(9))
    follow(case, visit=mine.id)
    for visit in (mine, other, old):
        with pytest.raises(Refused, match="这次家访不能选"):
            follow(case, visit=visit.id)


def test_visits_since_it_was_found_stand_in_the_timeline(opened, visited, follow, pupils, days, today):
    case = opened()
    visited(pupils.mine, days(1)), visited(pupils.mine, days(9)), visited(pupils.sibling, days(1))
    follow(case)
    assert [(str(event.title), event.on) for event in timeline_of(case)] == [
        ("第 1 次跟进：电话", today),
        ("家访：入户", days(1)),
        ("建案", days(3)),
    ]

"""待我处理: each number of the first page equals the number of things on the page that it leads to."""

import datetime
import re

import pytest
from flask import url_for

from aidtracker.aid.models import Batch, Payment, Program
from aidtracker.attendance.actions import submit_roll_call
from aidtracker.cases.models import Case
from aidtracker.db import today_in_china
from aidtracker.home.waiting import waiting_for
from aidtracker.terms.calendar import school_days, term_of
from aidtracker.visits.actions import record_visit, send_back_visit
from aidtracker.visits.models import Visit
from tests import factories

ONE_DAY = datetime.timedelta(days=1)
TOTAL = re.compile(r"共 ([\d,]+) [个次条笔人]|第 \d+–\d+ 条，共 ([\d,]+) 条")


@pytest.fixture
def busy(county, school_admin, teacher, coordinator, officer):
    """Two pupils here and one in the next township, each with a case and a visit; one away for three days; money that came back."""
    today = today_in_china()
    here = [factories.make_student(county.room, f"雀{n}", home=county.village) for n in "甲乙"]
    there = factories.make_student(county.other_room, "雀丙")
    for number, (pupil, late) in enumerate(((here[0], 1), (here[1], -3), (there, 2))):
        due_on = today - late * ONE_DAY
        Case.create(
            student=pupil, county=county.county, number=f"990100-2026-{number:04}", origin="roll", found_on=due_on, due_on=due_on, owner=teacher
        )
    away = factories.make_student(county.room, "雀丁")
    for day in [day for day in school_days(today - 30 * ONE_DAY, today) if day < today][-3:]:
        submit_roll_call(class_org=county.room, on=day, session="morning", marks={away.id: ("unexcused", None)}, base_revision=0, by=school_admin)
    values = {"form": "on_site", "on": today, "purposes": ["routine"], "teachers": "张老师"}
    visits = [record_visit(students=[pupil], values=values, by=teacher) for pupil in here]
    send_back_visit(visit=Visit.get_by_id(visits[0].id), revision=1, reason="请补上见到了谁", by=coordinator)
    program = Program.create(county=county.county, name="生活补助")
    batch = Batch.create(county=county.county, program=program, term=term_of(today).code, name="秋-01")
    for pupil, status in ((here[0], "returned"), (here[1], "paid"), (there, "returned")):
        line = {"stage": "primary", "grade": "三年级", "is_boarding": False, "amount_fen": 31250, "status": status}
        Payment(batch=batch, program=program, term=batch.term, student=pupil, **line).save(force_insert=True)
    return {"teacher": teacher, "coordinator": coordinator, "officer": officer}


def figures(user) -> dict:
    return {str(each.label): each.number for each in waiting_for(user, today_in_china())}


def test_everybody_is_told_of_their_own(busy):
    teacher, coordinator, officer = (figures(busy[name]) for name in ("teacher", "coordinator", "officer"))
    assert teacher == {"待办": 2, "超期个案": 1, "待建案学生": 1, "退回给我的家访": 1, "我负责的个案": 2, "跟进中的个案": 2}
    assert coordinator == {"待办": 1, "超期个案": 1, "待建案学生": 1, "待核实家访": 1, "跟进中的个案": 2}
    assert officer == {"超期个案": 2, "待建案学生": 1, "待核实家访": 1, "退回未补发": 2, "跟进中的个案": 3}


@pytest.mark.parametrize("name", ["teacher", "coordinator", "officer"])
def test_a_number_leads_to_a_list_of_as_many(app, busy, sign_in, name):
    client = sign_in(busy[name])
    for each in waiting_for(busy[name], today_in_china()):
        with app.test_request_context():
            page = client.http.get(url_for(each.endpoint, **each.query)).text
        if each.label == "待建案学生":
            section = page.partition('id="to-open"')[2].partition("</section>")[0]
            assert section.count("<li") == each.number
        else:
            shown = [int((a or b).replace(",", "")) for a, b in TOTAL.findall(page)]
            assert each.number in shown, f"{each.label}: {each.number}, the page says {shown}"


def test_what_needs_a_person_first_stands_first(busy):
    kinds = [each.kind for each in waiting_for(busy["officer"], today_in_china())]
    assert kinds == sorted(kinds, key=("bad", "warn", "info").index)


def test_whoever_sees_sums_alone_has_nothing_waiting(busy, county):
    for role in ("finance", "system_admin"):
        assert waiting_for(factories.make_user(role, county.county), today_in_china()) == []

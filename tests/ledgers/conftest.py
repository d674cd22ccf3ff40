"""A pupil here, one of the next township, one who lives here and learns there; each with a line in every ledger."""

import datetime
from types import SimpleNamespace

import pytest

from aidtracker.aid.models import Batch, Payment, Program
from aidtracker.attendance.models import Absence, RollCall
from aidtracker.cases.models import Case, CaseStep, FollowUp
from aidtracker.crypto.field import sealed_column
from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import transaction
from aidtracker.students.models import Tag
from aidtracker.visits.models import Visit, VisitStudent
from tests import factories

CARD = "6217990000001234567"
ON = datetime.date(2026, 11, 10)
TERM = "2026-autumn"


@pytest.fixture
def lines(county):
    """Pupils `here`, `there` and `home` (registered here, in school there), each with a line of everything."""
    made = SimpleNamespace(county=county)
    made.here = make_pupil(county.room, "雀甲一", county.village, "13900990011", "扎多村一组")
    made.there = make_pupil(county.other_room, "雀乙二", None, "13900990022", "石门村二组")
    made.home = make_pupil(county.other_room, "雀丙三", county.village, "13900990033", "扎多村三组")
    made.pupils = [made.here, made.there, made.home]
    with transaction():
        program = Program.create(county=county.county, name="生活补助")
        made.batch = Batch.create(county=county.county, program=program, term=TERM, name="2026秋-01")
        for n, pupil in enumerate(made.pupils, 1):
            pay(made.batch, pupil, CARD)
            visit(pupil, "on_site")
            visit(pupil, "tutoring", lessons=2)
            case(pupil, f"990100-2026-{n:04}")
            absence(pupil)
    return made


def make_pupil(room, name, home, phone, address):
    pupil = factories.make_student(room, name, home=home, phone=phone, address=address)
    factories.make_guardian(pupil, name=f"{name}母", relation="母亲", phone=f"138{phone[3:]}")
    Tag.create(student=pupil, kind="disabled", detail="肢体残疾", starts_on=datetime.date(2026, 9, 1), source="残疾证")
    return pupil


def pay(batch, pupil, card=CARD, **more):
    given = {"amount_fen": 62_550, "standard_fen": 62_500, "status": "paid", "paid_on": ON, "holder_name": "雀母", "holder_relation": "母亲"} | more
    return Payment.create(
        batch=batch, program=batch.program, term=batch.term, student=pupil, school=pupil.class_org.parent, stage="primary", grade="三年级",
        class_number="2", is_boarding=True, hardship="脱贫家庭", bank_name="云岭农商银行", card_number=card, card_index=keyed("index_bank", card), **given,
    )  # fmt: skip


def visit(pupil, form, on=ON, **more):
    given = {"teachers": "张老师、李老师", "person_met": "雀母", "relation": "母亲", "purposes": ["absence", "safety"], "place": "home"}
    made = Visit.create(county=pupil.county, form=form, on=on, at_home="在家帮忙", views="支持", agreed="按时到校", subject="语文", **given, **more)
    VisitStudent.create(visit=made, student=pupil, class_org=pupil.class_org, school=pupil.class_org.parent, force_insert=True)
    return made


def case(pupil, number):
    given = {"origin": "roll", "found_on": ON, "absent_from": ON, "main_reason": "01", "second_reason": "02", "state": "promised"}
    made = Case.create(number=number, county=pupil.county, student=pupil, class_org=pupil.class_org, school=pupil.class_org.parent, **given)
    for before, after in (("", "suspected"), ("suspected", "dropout"), ("dropout", "promised")):
        CaseStep.create(case=made, from_state=before, to_state=after, on=ON)
    FollowUp.create(case=made, kind="on_site", ordinal=1, on=ON, people="张老师、王支书", person_met="雀母", relation="母亲", result="promised", words="劝说")
    return made


def absence(pupil, on=ON, session="morning", reason="发烧"):
    counts = dict.fromkeys(("present", "personal_leave", "unexcused", "late", "left_early", "official"), 0)
    roll, _ = RollCall.get_or_create(
        class_org=pupil.class_org, on=on, session=session, defaults={"school": pupil.class_org.parent, "expected": 1, "sick_leave": 1, **counts}
    )
    sealed = sealed_column(Absence.reason)(f"{roll.id}-{pupil.id}", reason)
    return Absence.create(roll_call=roll, student=pupil, on=on, mark="sick_leave", reason=sealed)


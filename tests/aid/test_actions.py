"""Recording and mending payments; nobody is paid twice for one program and term."""

import datetime
import json
import threading

import pytest

from aidtracker.aid import actions
from aidtracker.aid.actions import create_batch, edit_payment
from aidtracker.aid.models import Payment, PaymentVersion
from aidtracker.aid.queries import visible_batches, visible_payment, visible_payments
from aidtracker.aid.versions import versions_of
from aidtracker.audit.models import AuditEntry
from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import database, today_in_china
from aidtracker.errors import Conflict, Forbidden, NotFound, Refused
from aidtracker.students.models import Enrollment, Student
from tests import factories
from tests.aid.conftest import CARD, OTHER_CARD, PROGRAM


def other_batch(county, officer, name="2026秋-补发", program=PROGRAM, term="2026-autumn"):
    return create_batch(county=county.county, program_name=program, term_code=term, name=name, by=officer)


def test_record_payment_takes_school_grade_and_boarding_from_the_open_spell(pay, pupils, county, officer):
    payment = Payment.get_by_id(pay(pupils.first).id)
    assert (payment.school, payment.stage, payment.grade, payment.class_number, payment.is_boarding) == (county.school, "primary", "三年级", "2", True)
    assert (payment.amount_fen, payment.card_number, bytes(payment.card_index)) == (62500, CARD, keyed("index_bank", CARD))
    assert (payment.is_imported, payment.recorded_by_id, payment.term) == (False, officer.id, "2026-autumn")


def test_record_payment_leaves_one_entry_in_the_pupils_trail_without_values(pay, pupils):
    pay(pupils.first)
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.object_kind, entry.object_id) == ("aid.record_payment", "student", pupils.first.uid)
    assert "amount_fen" in entry.fields and "62500" not in str(entry.__data__) and CARD not in str(entry.__data__)


@pytest.mark.parametrize("status", ["paid", "pending"])
def test_record_payment_is_refused_while_one_of_the_same_program_and_term_lives(pay, pupils, county, officer, status):
    pay(pupils.first, status=status)
    with pytest.raises(Refused, match="已经登记过（批次「2026秋-01」"):
        pay(pupils.first, into=other_batch(county, officer))
    assert Payment.select().count() == 1


def test_record_payment_is_refused_against_imported_history_too(bring, line, pay, pupils):
    bring([line(pupils.first, term="2026年秋季", batch="导入的")])
    with pytest.raises(Refused, match="已经登记过（批次「导入的」"):
        pay(pupils.first)


def test_another_program_or_term_is_another_payment(pay, pupils, county, officer):
    pay(pupils.first)
    pay(pupils.first, into=other_batch(county, officer, "01", program="县级困难学生补助"))
    pay(pupils.first, into=other_batch(county, officer, "01", term="2026-spring"))
    assert Payment.select().count() == 3


def test_what_came_back_may_be_paid_again_in_another_batch(pay, pupils, county, officer):
    pay(pupils.first, status="returned", return_reason="账户注销")
    with pytest.raises(Refused, match="这个批次里有一笔退回的"):
        pay(pupils.first)
    pay(pupils.first, into=other_batch(county, officer))
    assert sorted(payment.status for payment in Payment.select()) == ["paid", "returned"]


def test_a_returned_payment_does_not_come_alive_beside_its_successor(pay, pupils, county, officer, values):
    first = pay(pupils.first, status="returned", return_reason="账户注销")
    pay(pupils.first, into=other_batch(county, officer))
    with pytest.raises(Refused, match="不能重复发放"):
        edit_payment(payment=first, revision=1, values=values(), by=officer)
    assert Payment.get_by_id(first.id).status == "returned"


def test_of_two_who_record_at_once_one_wins_and_the_other_reads_why(pay, pupils, county, officer, monkeypatch):
    """Both have looked before either writes: only the index stands between them."""
    batches, outcomes, start = [other_batch(county, officer, name) for name in ("甲", "乙")], [], threading.Barrier(2)
    looked, first_look = actions.refuse_second, threading.local()
    officer.memberships  # noqa: B018 read before the threads start

    def look(student, batch, own):
        if getattr(first_look, "over", False):
            looked(student, batch, own)
        first_look.over = True

    monkeypatch.setattr(actions, "refuse_second", look)

    def record(batch):
        with database.connection_context():
            start.wait()
            try:
                outcomes.append(pay(pupils.first, into=batch).id and "recorded")
            except Refused as refused:
                outcomes.append("refused" if "不能重复发放" in refused.message else refused.message)

    threads = [threading.Thread(target=record, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["recorded", "refused"] and Payment.select().count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount_fen": 0}, "大于 0"),
        ({"paid_on": None}, "填写发放日期"),
        ({"paid_on": datetime.date(2099, 1, 1)}, "还没到"),
        ({"status": "returned"}, "写明原因"),
        ({"return_reason": "账户注销"}, "只有退回的"),
        ({"status": "lost"}, "没有这种发放状态"),
    ],
)
def test_record_payment_is_refused_when_its_parts_do_not_fit(pay, pupils, changes, words):
    with pytest.raises(Refused, match=words):
        pay(pupils.first, **changes)
    assert Payment.select().count() == 0


def test_record_payment_is_refused_for_a_pupil_without_a_class(pay, pupils):
    with pytest.raises(Refused, match="不在任何班级"):
        pay(pupils.nowhere)


def test_record_payment_needs_the_right_over_the_pupil_and_a_batch_of_the_county(pay, pupils, county, school_admin, officer):
    with pytest.raises(Forbidden):
        pay(pupils.first, by=school_admin)
    far_officer = factories.make_user("bureau_staff", county.other_county)
    with pytest.raises(Forbidden):
        pay(pupils.first, by=far_officer)
    far = create_batch(county=county.other_county, program_name=PROGRAM, term_code="2026-autumn", name="01", by=far_officer)
    with pytest.raises(Refused, match="不是学生所在县"):
        pay(pupils.first, into=far)


def test_edit_payment_marks_a_return_and_keeps_the_former_line(pay, pupils, officer, values):
    payment = pay(pupils.first)
    changed = edit_payment(payment=payment, revision=1, values=values(status="returned", return_reason="户名不符"), by=officer)
    stood = PaymentVersion.get()
    assert changed == ["status", "return_reason"]
    assert (Payment.get().status, Payment.get().revision) == ("returned", 2)
    assert json.loads(stood.content)["status"] == "paid" and json.loads(stood.content)["card_number"] == CARD
    [(version, content)] = versions_of(payment)
    assert version.revision == 1 and content["card_number"].endswith(CARD[-4:]) and CARD not in str(content)
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).first().fields == "status,return_reason"


def test_edit_payment_with_a_right_card_pays_what_came_back(pay, pupils, officer, values):
    payment = pay(pupils.first, status="returned", return_reason="户名不符")
    edit_payment(payment=payment, revision=1, values=values(card_number=OTHER_CARD), by=officer)
    now = Payment.get()
    assert (now.status, now.card_number, bytes(now.card_index)) == ("paid", OTHER_CARD, keyed("index_bank", OTHER_CARD))


def test_edit_payment_leaves_a_card_that_was_not_typed_and_empties_one_that_is_none(pay, pupils, officer, values):
    payment = pay(pupils.first)
    untyped = {name: value for name, value in values(amount_fen=100).items() if name != "card_number"}
    edit_payment(payment=payment, revision=1, values=untyped, by=officer)
    assert Payment.get().card_number == CARD
    edit_payment(payment=payment, revision=2, values=values(amount_fen=100, card_number=None), by=officer)
    assert (Payment.get().card_number, Payment.get().card_index) == (None, None)


def test_edit_payment_without_a_change_writes_nothing(pay, pupils, officer, values):
    payment, before = pay(pupils.first), AuditEntry.select().count()
    assert edit_payment(payment=payment, revision=1, values=values(), by=officer) == []
    assert (Payment.get().revision, AuditEntry.select().count()) == (1, before)


def test_edit_payment_overwrites_nothing_that_came_between_its_look_and_its_write(pay, pupils, officer, values):
    pay(pupils.first)
    looked, faster = Payment.get(), Payment.get()
    edit_payment(payment=faster, revision=1, values=values(amount_fen=100), by=officer)
    with pytest.raises(Conflict) as refused:
        edit_payment(payment=looked, revision=1, values=values(amount_fen=200), by=officer)
    assert (refused.value.theirs["amount_fen"], refused.value.theirs["revision"]) == (100, 2)
    assert (Payment.get().amount_fen, PaymentVersion.select().count()) == (100, 1)


def test_edit_payment_of_a_stale_revision_is_a_conflict_with_the_card_masked(pay, pupils, officer, values):
    payment = pay(pupils.first)
    edit_payment(payment=Payment.get_by_id(payment.id), revision=1, values=values(amount_fen=100), by=officer)
    with pytest.raises(Conflict) as caught:
        edit_payment(payment=Payment.get_by_id(payment.id), revision=1, values=values(amount_fen=200), by=officer)
    assert (caught.value.theirs["amount_fen"], caught.value.theirs["revision"]) == (100, 2)
    assert CARD not in str(caught.value.theirs)
    assert Payment.get().amount_fen == 100


def test_create_batch_makes_the_program_once_and_refuses_the_same_name(county, officer, batch, school_admin):
    second = other_batch(county, officer, "2026秋-02")
    assert second.program == batch.program
    with pytest.raises(Refused, match="已有批次"):
        other_batch(county, officer, "2026秋-01")
    assert other_batch(county, officer, "2026秋-01", term="2026-spring").program == batch.program
    with pytest.raises(Forbidden):
        other_batch(county, school_admin)


def test_batches_and_payments_are_seen_by_pupil_below_the_county(pay, pupils, county, officer, batch, coordinator, teacher, stranger, school_admin):
    mine, theirs = pay(pupils.first), pay(pupils.elsewhere, card_number=None)
    empty = other_batch(county, officer)
    for user, seen in ((officer, {mine.id, theirs.id}), (coordinator, {mine.id}), (school_admin, {mine.id}), (teacher, {mine.id}), (stranger, {theirs.id})):
        assert {payment.id for payment in visible_payments(user)} == seen, user.username
    assert {one.id for one in visible_batches(officer)} == {batch.id, empty.id}
    assert [one.id for one in visible_batches(teacher)] == [batch.id]
    with pytest.raises(NotFound):
        visible_payment(teacher, theirs.id)
    far = factories.make_user("bureau_staff", county.other_county)
    assert visible_batches(far).count() == visible_payments(far).count() == 0


def test_a_payment_is_seen_where_the_pupil_is_at_home(pay, pupils, county):
    away = factories.make_student(county.other_room, "出门求学", home=county.village)
    payment = pay(away)
    coordinator = factories.make_user("township_coordinator", county.township)
    assert [one.id for one in visible_payments(coordinator)] == [payment.id]


def test_a_pupil_who_left_is_still_the_countys(pay, pupils, officer, teacher):
    pay(pupils.first)
    Enrollment.update(ends_on=today_in_china()).where(Enrollment.student == pupils.first).execute()
    Student.update(class_org=None, home=None).where(Student.id == pupils.first.id).execute()
    assert visible_payments(officer).count() == 1 and visible_payments(teacher).count() == 0

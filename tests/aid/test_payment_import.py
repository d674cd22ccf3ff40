"""Workbooks of payments: the history of what was paid, taken as it was."""

import datetime
import json

import openpyxl
import pytest

from aidtracker.aid import payment_save
from aidtracker.aid.actions import create_batch
from aidtracker.aid.models import Batch, Payment, PaymentVersion, Program
from aidtracker.aid.payment_save import save_payments
from aidtracker.aid.sheets import PAYMENTS
from aidtracker.audit.models import AuditEntry
from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import database
from aidtracker.errors import Forbidden
from aidtracker.excel.files import BadWorkbook
from aidtracker.excel.reader import open_workbook, read_tables
from aidtracker.imports.intake import plan_tables
from aidtracker.imports.kinds import KINDS
from tests import factories
from tests.aid.conftest import CARD, HEADINGS, OTHER_CARD, PROGRAM
from tests.workbooks import counts


def problems(plan):
    return [(p.row, p.column, p.code) for p in plan.problems]


def test_a_workbook_of_payments_is_saved(bring, line, pupils, county, officer):
    plan = bring([line(pupils.first), line(pupils.second, amount=312.5, standard=312.5, boarding="否", card=OTHER_CARD)])
    assert counts(plan) == (2, 0, 0, 0) and plan.problems == []
    first, second = Payment.select().order_by(Payment.id)
    assert (first.amount_fen, second.amount_fen, second.standard_fen) == (62500, 31250, 31250)
    assert (first.school, first.stage, first.grade, first.class_number, first.is_boarding) == (county.school, "primary", "三年级", "2", True)
    assert (first.status, first.paid_on, first.hardship, first.holder_name) == ("paid", datetime.date(2026, 5, 20), "农村低保", "次仁")
    assert (first.is_imported, first.recorded_by_id, first.revision) == (True, officer.id, 1)
    assert (first.batch.name, first.batch.term, first.program.name, first.batch.county) == ("2026春-01", "2026-spring", PROGRAM, county.county)


def test_a_card_is_kept_sealed_with_its_keyed_index(bring, line, pupils):
    bring([line(pupils.first)])
    payment = Payment.get()
    assert payment.card_number == CARD and bytes(payment.card_index) == keyed("index_bank", CARD)
    assert CARD.encode() not in bytes(database.execute_sql("SELECT card_number FROM payment").fetchone()[0])


def test_the_same_workbook_again_changes_nothing(bring, line, pupils):
    rows = [line(pupils.first), line(pupils.second, card="")]
    bring(rows)
    trail = AuditEntry.select().count()
    assert counts(bring(rows)) == (0, 0, 2, 0)
    assert PaymentVersion.select().count() == 0 and AuditEntry.select().count() == trail


def test_a_changed_amount_or_state_is_an_update_that_keeps_what_stood(bring, line, pupils, officer):
    bring([line(pupils.first)])
    plan = bring([line(pupils.first, amount=600, status="退回", reason="账户注销", card=OTHER_CARD)])
    assert counts(plan) == (0, 1, 0, 0)
    payment, version = Payment.get(), PaymentVersion.get()
    assert (payment.amount_fen, payment.status, payment.return_reason, payment.revision) == (60000, "returned", "账户注销", 2)
    assert payment.card_number == OTHER_CARD and bytes(payment.card_index) == keyed("index_bank", OTHER_CARD)
    stood = json.loads(version.content)
    assert (version.revision, version.replaced_by_id) == (1, officer.id)
    assert (stood["amount_fen"], stood["status"], stood["card_number"], stood["paid_on"]) == (62500, "paid", CARD, "2026-05-20")


def test_a_blank_cell_changes_nothing(bring, line, pupils):
    bring([line(pupils.first)])
    assert counts(bring([line(pupils.first, card="", hardship="", holder="", standard=None)])) == (0, 0, 1, 0)
    assert counts(bring([line(pupils.first, card="", amount=100)])) == (0, 1, 0, 0)
    assert Payment.get().card_number == CARD


def test_what_somebody_changed_since_the_plan_stays_as_it_is(bring, line, pupils, officer):
    bring([line(pupils.first)])
    plan = bring([line(pupils.first, amount=100)], save=False)
    Payment.update(revision=2, amount_fen=5).execute()
    payment_save.save_payments(plan, by=officer)
    assert (Payment.get().amount_fen, PaymentVersion.select().count()) == (5, 0)


def test_a_reason_is_kept_only_of_what_was_returned(bring, line, pupils):
    bring([line(pupils.first, reason="户名不符")])
    assert Payment.get().return_reason == ""
    bring([line(pupils.first, status="退回", reason="户名不符")])
    bring([line(pupils.first)])
    assert (Payment.get().status, Payment.get().return_reason, Payment.get().revision) == ("paid", "", 3)


def test_one_pupil_may_stand_in_several_programs_terms_and_batches(bring, line, pupils):
    other = [line(pupils.first, program="县级困难学生补助"), line(pupils.first, term="2025年秋季"), line(pupils.first, batch="2026春-02")]
    assert counts(bring([line(pupils.first), *other])) == (4, 0, 0, 0)  # history is exempt from being paid once
    assert (Program.select().count(), Batch.select().count()) == (2, 4)


def test_the_second_of_two_rows_with_one_key_is_refused(bring, line, pupils):
    plan = bring([line(pupils.first), line(pupils.first, amount=1)])
    assert problems(plan) == [(4, "学籍号", "duplicate_in_file")] and Payment.get().amount_fen == 62500


def test_a_pupil_is_known_by_the_id_when_the_student_number_is_not(bring, line, pupils):
    assert counts(bring([line(pupils.first, number=""), line(pupils.second, number="L990101201705040011", card="")])) == (2, 0, 0, 0)
    without = [heading for heading in HEADINGS if heading != "学籍号"]
    assert counts(bring([line(pupils.first)], headings=without)) == (0, 0, 1, 0)
    without = [heading for heading in HEADINGS if heading != "身份证号"]
    assert counts(bring([line(pupils.first)], headings=without)) == (0, 0, 1, 0)


@pytest.mark.parametrize("heading", ["资助项目", "学期", "批次", "应发金额(元)", "发放日期"])
def test_a_workbook_without_a_column_of_the_key_the_amount_or_the_day_is_none(bring, line, pupils, heading):
    with pytest.raises(BadWorkbook, match="缺少必需的列"):
        bring([line(pupils.first)], headings=[each for each in HEADINGS if each != heading])


def test_a_workbook_without_either_number_is_none_and_says_so(bring, line, pupils):
    with pytest.raises(BadWorkbook, match="身份证号或学籍号"):
        bring([line(pupils.first)], headings=[each for each in HEADINGS if each not in ("身份证号", "学籍号")])


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"number": "", "id": ""}, "身份证号", "missing"),
        ({"number": "G990101201705049999", "id": ""}, "学籍号", "unknown_student"),
        ({"id": 9.90101201705045e17, "number": ""}, "身份证号", "id_truncated"),
        ({"program": ""}, "资助项目", "missing"),
        ({"batch": None}, "批次", "missing"),
        ({"term": "2026年"}, "学期", "bad_choice"),
        ({"amount": 312.555}, "应发金额(元)", "bad_number"),
        ({"amount": -1}, "应发金额(元)", "bad_number"),
        ({"amount": None}, "应发金额(元)", "missing"),
        ({"standard": "六百"}, "标准(元/生·学期)", "bad_number"),
        ({"card": 6217000099009900996}, "社保卡/银行卡号", "id_truncated"),
        ({"on": "2026-13-45"}, "发放日期", "bad_date"),
        ({"on": None}, "发放日期", "missing"),
        ({"status": "不明"}, "发放状态", "bad_choice"),
        ({"school": "没有这所小学"}, "学校", "unknown_school"),
        ({"grade": "十年级"}, "年级", "bad_choice"),
        ({"boarding": "也许"}, "是否寄宿", "bad_choice"),
        ({"batch": "批" * 61}, "批次", "bad_choice"),
    ],
)
def test_a_bad_row_is_refused_and_the_good_one_saved(bring, line, pupils, changes, column, code):
    plan = bring([line(pupils.first, **changes), line(pupils.second, card="")])
    assert problems(plan) == [(3, column, code)]
    assert [payment.student_id for payment in Payment.select()] == [pupils.second.id]


def test_two_numbers_of_two_pupils_are_a_conflict(bring, line, pupils):
    assert problems(bring([line(pupils.first, id=pupils.second.id_number)])) == [(3, "学籍号", "conflict")]


def test_footers_and_blank_rows_are_no_rows(bring, line, pupils):
    plan = bring([line(pupils.first)], after=([None], ["合计", "", "", "", "", "", "", "", "", "", "", "", "", 625.0], ["", "", "", "", "制表人："]))
    assert (plan.rows, plan.created) == (1, 1)


def test_a_waiting_payment_needs_no_day_and_a_blank_state_is_told_by_it(bring, line, pupils):
    bring([line(pupils.first, status="待发放", on=None), line(pupils.second, status="", on=None, card="")])
    bring([line(pupils.first, status="", batch="2026春-02")])
    assert [payment.status for payment in Payment.select().order_by(Payment.id)] == ["pending", "pending", "paid"]


def test_of_two_schools_of_one_name_the_pupils_own_of_that_day_is_meant(bring, line, pupils, county):
    twin = factories.make_school(county.other_township, "双河镇中心小学", "2199000009")
    assert counts(bring([line(pupils.first)])) == (1, 0, 0, 0)
    assert Payment.get().school == county.school
    plan = bring([line(pupils.elsewhere)])
    assert problems(plan) == [(3, "学校", "unknown_school")]
    assert twin.id not in {payment.school_id for payment in Payment.select()}


def test_what_the_row_does_not_tell_is_that_of_the_class_of_that_day(bring, line, pupils, county):
    bring([line(pupils.first, school="", grade="", room="", boarding="", on="2025-05-20", term="2025年春季")])
    payment = Payment.get()
    assert (payment.school, payment.grade, payment.class_number, payment.is_boarding) == (county.school, "一年级", "2", True)
    assert problems(bring([line(pupils.nowhere, school="")])) == [(3, "学校", "unknown_school")]


def test_a_card_with_a_wrong_check_digit_is_saved_and_told(bring, line, pupils):
    plan = bring([line(pupils.first, card=CARD[:-1] + str((int(CARD[-1]) + 1) % 10))])
    assert (problems(plan), plan.warned, plan.created) == ([(3, "社保卡/银行卡号", "card_checksum")], 1, 1)


def test_a_card_of_two_pupils_is_told_of_both_in_the_file_and_against_the_database(bring, line, pupils):
    plan = bring([line(pupils.first), line(pupils.second)])
    assert problems(plan) == [(3, "社保卡/银行卡号", "shared_card"), (4, "社保卡/银行卡号", "shared_card")]
    plan = bring([line(pupils.elsewhere, school="石门乡中心小学")])
    assert problems(plan) == [(3, "社保卡/银行卡号", "shared_card")]


def test_one_pupils_own_card_twice_is_no_shared_card(bring, line, pupils):
    assert bring([line(pupils.first), line(pupils.first, batch="2026春-02")]).problems == []
    assert bring([line(pupils.first, batch="2026春-03")]).problems == []


def test_pupils_and_schools_of_another_county_do_not_exist(bring, line, pupils, county):
    far = factories.make_student(county.far_room, "陈远河")
    plan = bring([line(far, school="远河镇中心小学"), line(pupils.first, school="远河镇中心小学")])
    assert problems(plan) == [(3, "学籍号", "unknown_student"), (4, "学校", "unknown_school")]


def test_only_whoever_records_aid_may_bring_it_in(county, school_admin, tmp_path):
    with pytest.raises(Forbidden):
        plan_tables(KINDS["aid-payments"], [], by=school_admin)


def test_an_import_leaves_one_entry_a_county_that_counts(bring, line, pupils, county):
    before = AuditEntry.select().count()
    bring([line(pupils.first), line(pupils.second, card="")])
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert AuditEntry.select().count() == before + 1
    assert (entry.action, entry.count, entry.county_id) == ("aid.import_payments", 2, county.county.id)


def test_a_long_workbook_is_saved_in_parts_with_progress(bring, line, pupils, officer, monkeypatch):
    monkeypatch.setattr(payment_save, "ROWS", 2)
    plan, heard = bring([line(pupils.first, batch=f"批{n}") for n in range(5)], save=False), []
    payment_save.save_payments(plan, by=officer, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(2, 5), (4, 5), (5, 5)] and Payment.select().count() == 5




def test_the_blank_workbook_has_the_headings(tmp_path, line, pupils):
    book = openpyxl.Workbook()
    book.active.append([column.heading for column in PAYMENTS.columns])
    book.save(tmp_path / "blank.xlsx")
    (table,) = read_tables(open_workbook(tmp_path / "blank.xlsx"), PAYMENTS)
    assert table.notices == [] and len(table) == 0


def test_a_workbook_is_no_way_to_pay_a_second_time_what_was_recorded_by_hand(bring, line, pay, pupils):
    """History lies beside history; what was recorded here stands against a second payment, whichever door it comes through."""
    pay(pupils.first)
    plan = bring([line(pupils.first, term="2026年秋季", batch="别的批次"), line(pupils.second, term="2026年秋季", batch="别的批次")])
    assert [(problem.column, problem.code) for problem in plan.problems if problem.level == "refused"] == [("批次", "conflict")]
    assert "2026秋-01" in next(problem.message for problem in plan.problems)
    assert (plan.created, plan.refused) == (1, 1)
    assert Payment.select().where(Payment.student == pupils.first).count() == 1
    bring([line(pupils.first, term="2026年秋季", batch="别的批次", status="退回", reason="账户注销")])
    assert Payment.select().where(Payment.student == pupils.first).count() == 2


def test_a_payment_that_was_recorded_by_hand_stays_one_of_those_that_the_index_knows(bring, line, pay, pupils):
    pay(pupils.first)
    plan = bring([line(pupils.first, term="2026年秋季", batch="2026秋-01", amount=1)])
    assert plan.updated == 1
    assert [(each.amount_fen, each.is_imported) for each in Payment.select()] == [(100, False)]


def test_a_returned_one_recorded_by_hand_is_not_brought_back_to_life_beside_its_successor(bring, line, pay, pupils, county, officer):
    pay(pupils.first, status="returned", return_reason="账户注销")
    pay(pupils.first, into=create_batch(county=county.county, program_name=PROGRAM, term_code="2026-autumn", name="补发", by=officer))
    plan = bring([line(pupils.first, term="2026年秋季", batch="2026秋-01")])
    assert (plan.updated, plan.refused) == (0, 1)
    assert sorted(each.status for each in Payment.select()) == ["paid", "returned"]


def test_what_is_recorded_between_plan_and_save_is_not_paid_again(bring, line, pay, pupils, officer):
    plan = bring([line(pupils.first, term="2026年秋季", batch="别的批次")], save=False)
    pay(pupils.first)
    save_payments(plan, by=officer)
    assert Payment.select().count() == 1


def test_the_trail_counts_what_was_written_and_not_what_somebody_else_had(bring, line, pupils, officer):
    lines = [line(pupils.first), line(pupils.second)]
    plans = [bring(lines[:some], save=False) for some in (1, 2, 2)]
    for plan in plans:
        save_payments(plan, by=officer)
    assert [entry.count for entry in AuditEntry.select().where(AuditEntry.action == "aid.import_payments").order_by(AuditEntry.id)] == [1, 1]

"""The pages of aid: lists with their sums, recording, mending, what a pupil was paid."""

import pytest

from aidtracker.aid.actions import create_batch, edit_payment
from aidtracker.aid.models import Batch, Payment
from tests import factories
from tests.aid.conftest import CARD, OTHER_CARD, PROGRAM

PAID = {"hardship": "农村低保", "standard": "625", "amount": "312.50", "bank_name": "农村商业银行", "holder_name": "次仁", "holder_relation": "父亲",
        "paid_on": "2026-11-20", "state": "paid", "return_reason": "", "card_number": CARD}  # fmt: skip


def test_the_list_sums_each_batch_and_all_of_them(pay, pupils, batch, officer, sign_in):
    pay(pupils.first)
    pay(pupils.second, card_number=None, amount_fen=31250)
    pay(pupils.elsewhere, card_number=None, status="returned", return_reason="账户注销")
    page = sign_in(officer).get("aid.list_batches").text
    assert PROGRAM in page and "2026秋-01" in page and "937.50" in page and "0.09375" in page and "1 笔" in page


def test_a_school_reads_its_own_sums_and_is_told_so(pay, pupils, batch, school_admin, sign_in):
    pay(pupils.first)
    pay(pupils.elsewhere, card_number=None, amount_fen=99900)
    client = sign_in(school_admin)
    listed, shown = client.get("aid.list_batches").text, client.get("aid.show_batch", batch_id=batch.id).text
    assert "只含本范围" in listed and "625.00" in listed and "1,624.00" not in listed
    assert "本范围 人数" in shown and "次仁卓玛" in shown and "央金拉姆" not in shown and "999.00" not in shown


def test_an_empty_list_says_what_will_stand_there(officer, teacher, sign_in):
    assert "先导入以往的发放表" in sign_in(officer).get("aid.list_batches").text
    assert "教育局导入发放表后" in sign_in(teacher).get("aid.list_batches").text


def test_the_list_is_narrowed_by_term_program_and_name(batch, officer, sign_in):
    client = sign_in(officer)
    assert "没有符合条件的批次" in client.get("aid.list_batches", q="春").text
    assert "2026秋-01" in client.get("aid.list_batches", term="2026-autumn", program=batch.program_id, q="秋").text


def test_a_batch_is_narrowed_and_shows_returned_ones_first(pay, pupils, batch, officer, county, sign_in):
    pay(pupils.first)
    pay(pupils.second, card_number=None, status="returned", return_reason="账户注销")
    client = sign_in(officer)

    def names(**filters):
        page = client.get("aid.show_batch", batch_id=batch.id, **filters).text
        return [name for _, name in sorted((page.index(name), name) for name in ("次仁卓玛", "王小明") if name in page)]

    assert names() == ["次仁卓玛", "王小明"]
    assert names(sort="returned") == ["王小明", "次仁卓玛"]
    assert names(state="returned") == names(boarding="day") == names(q="wang") == ["王小明"]
    assert names(school=county.other_school.id) == [] and names(township=county.township.id) == ["次仁卓玛", "王小明"]
    client.get("aid.show_batch", status=404, batch_id=batch.id, school=county.far_school.id)


def test_returned_and_paid_since_is_no_longer_waiting(pay, pupils, batch, officer, county, sign_in):
    pay(pupils.first, card_number=None, status="returned", return_reason="账户注销")
    pay(pupils.second, card_number=None, status="returned", return_reason="账户注销")
    again = create_batch(county=county.county, program_name=batch.program.name, term_code=batch.term, name="2026秋-01补发", by=officer)
    pay(pupils.second, into=again)
    client = sign_in(officer)
    page = client.get("aid.show_batch", batch_id=batch.id, state="unpaid").text
    assert "次仁卓玛" in page and "王小明" not in page
    assert "王小明" in client.get("aid.show_batch", batch_id=batch.id, state="returned").text


def test_cards_are_masked_on_every_page(pay, pupils, batch, officer, values, sign_in):
    payment = pay(pupils.first)
    edit_payment(payment=payment, revision=1, values=values(card_number=OTHER_CARD), by=officer)
    client = sign_in(officer)
    for page in (
        client.get("aid.show_batch", batch_id=batch.id),
        client.get("aid.show_student", student_id=pupils.first.id),
        client.get("aid.edit_payment", payment_id=payment.id),
    ):
        assert OTHER_CARD not in page.text and CARD not in page.text and OTHER_CARD[-4:] in page.text


def test_an_account_of_nobody_known_is_hinted_at(pay, pupils, batch, officer, sign_in):
    hint, client = "开户人不是登记的监护人", sign_in(officer)
    pay(pupils.first, holder_name="过路人")
    assert hint not in client.get("aid.show_batch", batch_id=batch.id).text  # nobody knows any guardian
    factories.make_guardian(pupils.first, name="次仁")
    assert hint in client.get("aid.show_batch", batch_id=batch.id).text
    for own in ("次仁", "次仁卓玛"):
        Payment.update(holder_name=own).execute()
        assert hint not in client.get("aid.show_student", student_id=pupils.first.id).text


def test_a_batch_is_made_and_found_again(county, officer, sign_in):
    client = sign_in(officer)
    client.post("aid.create_batch", {"program_name": "县级补助", "term": "2026-autumn", "name": "01"})
    batch = Batch.get()
    assert (batch.program.name, batch.term, batch.name, batch.county) == ("县级补助", "2026-autumn", "01", county.county)
    assert "已有批次" in client.post("aid.create_batch", {"program": batch.program_id, "term": "2026-autumn", "name": "01"}, status=400).text
    assert "请选择资助项目" in client.post("aid.create_batch", {"program": "99999", "term": "2026-autumn", "name": "02"}, status=400).text
    assert Batch.select().count() == 1


def test_a_payment_is_recorded_once_however_often_it_is_sent(batch, pupils, officer, sign_in):
    client = sign_in(officer)
    page = client.get("aid.record_payment", student_id=pupils.first.id)
    key = page.text.split('name="key" value="')[1].split('"')[0]
    for _ in range(2):
        client.post("aid.record_payment", {**PAID, "batch": batch.id, "key": key}, student_id=pupils.first.id)
    assert Payment.get().amount_fen == 31250
    again = client.post("aid.record_payment", {**PAID, "batch": batch.id}, status=400, student_id=pupils.first.id)
    assert "不能重复发放" in again.text and Payment.select().count() == 1
    assert "312.50 元" in client.get("aid.show_student", student_id=pupils.first.id).text


@pytest.mark.parametrize(("field", "typed", "words"), [("amount", "312.555", "最多两位小数"), ("amount", "", "请填写金额"), ("amount", "-5", "最多两位小数"), ("card_number", "见存折", "卡号只写数字")])
def test_what_is_badly_typed_is_said_and_nothing_is_lost(batch, pupils, officer, sign_in, field, typed, words):
    page = sign_in(officer).post("aid.record_payment", {**PAID, "batch": batch.id, field: typed}, status=400, student_id=pupils.first.id)
    assert words in page.text and "农村商业银行" in page.text and Payment.select().count() == 0


def test_a_return_is_marked_and_both_versions_of_a_conflict_are_shown(pay, pupils, officer, sign_in):
    payment, client = pay(pupils.first), sign_in(officer)
    sent = {**PAID, "amount": "625", "card_number": "", "state": "returned", "return_reason": "户名不符"}
    client.post("aid.edit_payment", {**sent, "revision": "1"}, payment_id=payment.id)
    assert (Payment.get().status, Payment.get().card_number) == ("returned", CARD)
    page = client.post("aid.edit_payment", {**sent, "return_reason": "账户注销", "revision": "1"}, status=409, payment_id=payment.id)
    assert "两份内容" in page.text and "户名不符" in page.text and "账户注销" in page.text
    client.post("aid.edit_payment", {**sent, "return_reason": "账户注销", "revision": "2"}, payment_id=payment.id)
    assert Payment.get().return_reason == "账户注销"
    assert "更正前的内容" in client.get("aid.edit_payment", payment_id=payment.id).text


def test_only_the_bureau_is_offered_to_record(pay, pupils, batch, officer, teacher, sign_in):
    pay(pupils.first)
    assert "登记发放" in sign_in(officer).get("aid.show_student", student_id=pupils.first.id).text
    client = sign_in(teacher)
    page = client.get("aid.show_student", student_id=pupils.first.id).text
    assert "登记发放" not in page and "更正" not in page and "625.00 元" in page
    client.get("aid.record_payment", status=403, student_id=pupils.first.id)
    client.get("aid.show_student", status=404, student_id=pupils.elsewhere.id)


@pytest.mark.parametrize("amount", ["1e5", "1_000", "1e999999", "１e９９９９９９", "NaN", "Infinity", "-5", "99999999999999", "0.001", "٣"])
def test_what_is_no_amount_is_refused_in_words(batch, pupils, officer, sign_in, amount):
    answer = sign_in(officer).post("aid.record_payment", PAID | {"batch": batch.id, "amount": amount}, 400, student_id=pupils.first.id)
    assert "请填写金额，单位元" in answer.text
    assert Payment.select().count() == 0


def test_a_key_that_stands_for_another_body_is_422(batch, officer, sign_in):
    client, key = sign_in(officer), "11111111-1111-4111-8111-111111111111"
    client.post("aid.create_batch", {"key": key, "program_name": "营养膳食补助", "term": "2026-autumn", "name": "一"})
    again = client.post("aid.create_batch", {"key": key, "program_name": "营养膳食补助", "term": "2026-autumn", "name": "二"}, 422)
    assert "这次提交的编号已经用过" in again.text
    assert Batch.select().count() == 2


@pytest.mark.parametrize("id_", ["9" * 23, str(2**63), str(2**31), "-1", "abc", ""])
def test_a_batch_that_can_be_none_is_refused(pupils, batch, officer, sign_in, id_):
    sign_in(officer).post("aid.record_payment", PAID | {"batch": id_}, 400, student_id=pupils.first.id)
    assert Payment.select().count() == 0


def test_a_number_that_was_typed_for_a_name_leaves_the_address(batch, pupils, officer, sign_in):
    client = sign_in(officer)
    for endpoint, values in (("aid.list_batches", {}), ("aid.show_batch", {"batch_id": batch.id})):
        for number in (pupils.first.id_number, CARD, pupils.first.id_number[-6:]):
            answer = client.get(endpoint, 303, q=number, **values)
            assert number not in answer.headers["Location"] and number not in answer.text
        assert "那里不会留在地址里" in client.get(endpoint, **values).text


def test_a_text_of_any_length_is_looked_for(batch, officer, sign_in):
    client = sign_in(officer)
    client.get("aid.list_batches", q="字" * 60_000)
    client.get("aid.show_batch", batch_id=batch.id, q="字" * 60_000)

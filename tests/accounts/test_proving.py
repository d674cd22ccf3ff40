"""Proving once more who it is, before numbers, files and money; what was typed goes on."""

import datetime
import html
import re

import pytest

from aidtracker.accounts.models import Membership, SignInAttempt, User, UserSession
from aidtracker.aid.models import Batch
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china, utcnow
from aidtracker.imports.models import ImportFile
from tests import factories

HOUR = datetime.timedelta(hours=1)


def told(action):
    return AuditEntry.select().where(AuditEntry.action == action).count()


@pytest.fixture
def aged(sign_in):
    """aged(user): signed in, and proved an hour ago; used since."""

    def enter(user):
        client = sign_in(user)
        UserSession.update(proved_at=utcnow() - HOUR).where(UserSession.user == user).execute()
        return client

    return enter


def fields_of(page):
    """What the form of the page sends, as a browser reads it."""
    [form] = re.findall(r'<form method="post" action="([^"]*)" novalidate>(.*?)</form>', page.text, re.S)
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[1])
    return html.unescape(form[0]), {name: html.unescape(value) for name, value in hidden}


def asked(client, endpoint, data, **values):
    """The page that asks, after this was sent."""
    page = client.post(endpoint, data, 401, **values)
    assert "请再确认一次是你本人" in page.text
    return page


def proved(client, page, proof):
    address, fields = fields_of(page)
    return client.http.post(address, data={**fields, "proof": proof})


def test_a_number_is_shown_after_a_proof_and_the_reason_was_kept(aged, teacher, pupils, password):
    client = aged(teacher)
    client.get("students.reveal", student_id=pupils.mine.id, field="id_number")  # the form asks nothing yet
    words = "打电话 \"<b>&'请假"
    page = asked(client, "students.reveal", {"field": "id_number", "reason": "verify", "words": words}, student_id=pupils.mine.id)
    assert told("students.reveal") == 0
    assert fields_of(page)[1]["words"] == words and password not in page.text
    answer = proved(client, page, password)
    assert pupils.mine.id_number in answer.text
    assert AuditEntry.get(AuditEntry.action == "students.reveal").reason.endswith(words)
    assert told("accounts.prove") == 1


def test_within_half_an_hour_nobody_is_asked_again(aged, teacher, pupils, password):
    client = aged(teacher)
    given = {"field": "id_number", "reason": "verify"}
    proved(client, asked(client, "students.reveal", given, student_id=pupils.mine.id), password)
    client.post("students.reveal", given | {"field": "phone"}, 200, student_id=pupils.mine.id)
    UserSession.update(proved_at=utcnow() - datetime.timedelta(minutes=29)).execute()
    client.post("students.reveal", given, 200, student_id=pupils.mine.id)
    UserSession.update(proved_at=utcnow() - datetime.timedelta(minutes=31)).execute()
    asked(client, "students.reveal", given, student_id=pupils.mine.id)
    UserSession.update(proved_at=utcnow() + 2 * HOUR).execute()  # of a clock that was ahead
    asked(client, "students.reveal", given, student_id=pupils.mine.id)


def test_another_device_proves_nothing_here(aged, sign_in, teacher, pupils, password):
    client = aged(teacher)
    sign_in(teacher)
    asked(client, "students.reveal", {"field": "id_number", "reason": "verify"}, student_id=pupils.mine.id)


def test_a_wrong_proof_keeps_what_was_typed_and_counts_as_a_guess(aged, teacher, pupils, password):
    client = aged(teacher)
    page = asked(client, "students.reveal", {"field": "id_number", "reason": "verify"}, student_id=pupils.mine.id)
    for n in range(5):
        page = proved(client, page, "Wrong-password-7")
        assert page.status_code == (429 if n == 4 else 400)
        assert fields_of(page)[1]["reason"] == "verify" and "Wrong-password-7" not in page.text
    assert proved(client, page, password).status_code == 429
    assert told("students.reveal") == 0 and told("accounts.refuse_code") == 5
    assert SignInAttempt.select().where(~SignInAttempt.succeeded).count() == 5


def test_whoever_has_a_second_factor_proves_by_its_code(aged, county, pupils, password):
    clerk = factories.make_user("school_admin", county.school, "周主任", "clerk")
    client = aged(clerk)
    phone = factories.give_second_factor(clerk)
    page = asked(client, "students.reveal", {"field": "id_number", "reason": "verify"}, student_id=pupils.mine.id)
    assert "6 位验证码" in page.text
    assert proved(client, page, password).status_code == 400
    code = factories.code_of(phone)
    assert pupils.mine.id_number in proved(client, page, code).text
    UserSession.update(proved_at=utcnow() - HOUR).execute()
    page = asked(client, "students.reveal", {"field": "id_number", "reason": "verify"}, student_id=pupils.mine.id)
    assert "已经用过" in proved(client, page, code).text


def test_money_is_recorded_once_after_a_proof(aged, officer, password):
    client = aged(officer)
    given = {"program_name": "家庭经济困难学生生活补助", "name": "01"}
    page = asked(client, "aid.create_batch", given)
    assert not Batch.select().exists()
    address, fields = fields_of(page)
    term = re.search(r'name="term".*?<option[^>]*value="([^"]+)"', client.get("aid.create_batch").text, re.S)[1]
    for _ in range(2):  # a second tap
        assert client.http.post(address, data={**fields, "term": term, "program": "", "proof": password}).status_code == 303
    assert Batch.select().count() == 1


def test_only_a_file_with_whole_numbers_asks(aged, officer, pupils, password):
    client = aged(officer)
    page = client.url("ledgers.show_ledger", name="pupils")
    client.post("ledgers.export_ledger", {"format": "csv"}, page=page, name="pupils")
    asked(client, "ledgers.export_ledger", {"format": "csv", "is_whole": "y", "reason": "核对学籍"}, page=page, name="pupils")


@pytest.mark.parametrize(("kind", "is_asked"), [("aid-payments", True), ("staff", True), ("students", False)])
def test_payments_and_staff_of_a_workbook_are_committed_after_a_proof(aged, administrator, kind, is_asked, jobs_wait):
    file = ImportFile.create(kind=kind, file_name="x.xlsx", sha256="0" * 64, size=1, by=administrator, state="checked", outcome={"rows": 1})
    client = aged(administrator)
    answer = client.post("imports.commit_import", status=401 if is_asked else 303, page=client.url("web.show_me"), uid=file.uid)
    assert ("请再确认一次是你本人" in answer.text) is is_asked


def test_a_program_is_told_in_json(aged, teacher, pupils):
    client = aged(teacher)
    data = {"csrf_token": client.token(), "field": "id_number", "reason": "x"}
    answer = client.http.post(client.url("students.reveal", student_id=pupils.mine.id), data=data, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["message"]) == (401, "请先再确认一次是你本人，然后接着办。")


def test_a_proof_without_the_token_of_the_page_is_none(aged, teacher, pupils, password):
    client = aged(teacher)
    answer = client.http.post(client.url("students.reveal", student_id=pupils.mine.id), data={"field": "id_number", "proof": password})
    assert answer.status_code == 400 and told("accounts.prove") == 0


ACCOUNTS = {
    "create_user": {"name": "李老师", "username": "li", "role": "teacher"},
    "give_role": {"role": "teacher", "starts_on": "2026-09-01"},
    "reset_password": {},
    "invite_user": {},
    "invite_users": {},
    "delegate_role": {"starts_on": str(today_in_china()), "ends_on": str(today_in_china()), "reason": "外出培训"},
}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_accounts_are_opened_and_roles_given_after_a_proof(aged, county, school_admin, teacher, administrator, name):
    """A stolen cookie of an administrator opens no other door."""
    deputy = factories.make_user("teacher", county.school, "周老师", "deputy")
    client = aged(administrator)
    factories.give_second_factor(administrator)
    place = {"org": county.school.id} if name in ("create_user", "give_role") else {}
    head = Membership.get(Membership.user == school_admin)
    whom = {"user_id": school_admin.id, "membership_id": head.id} if name == "delegate_role" else {"user_id": teacher.id}
    before = User.select(User.id, User.epoch, User.password_hash).order_by(User.id).tuples()
    before = list(before)
    page = asked(client, f"accounts.{name}", ACCOUNTS[name] | {"user": deputy.id} | place, **({} if name in ("create_user", "invite_users") else whom), **place)
    assert "6 位验证码" in page.text
    assert list(User.select(User.id, User.epoch, User.password_hash).order_by(User.id).tuples()) == before
    assert not told(f"accounts.{name}") and Membership.select().count() == len(before)

"""Seeing a whole number: with a reason, once, on record, not more than the quota."""

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.policies.models import PolicyValue
from tests import factories


def look(client, pupil, status=200, field="id_number", **data):
    page = client.url("students.reveal", student_id=pupil.id, field=field)
    return client.post("students.reveal", {"field": field, "reason": "verify", **data}, status, page=page, student_id=pupil.id)


@pytest.mark.parametrize("field", ["id_number", "student_number", "phone", "guardian-1"])
def test_a_reason_shows_the_number_once_and_is_on_record(field, pupils, teacher, sign_in):
    pupil, client = pupils.mine, sign_in(teacher)
    value = {"guardian-1": "13800001234"}.get(field) or getattr(pupil, field)
    page = look(client, pupil, field=field, words="打电话请假")
    assert value in page.text and "60 秒" in page.text and page.headers["Cache-Control"] == "no-store"
    assert value not in page.request.path and value not in page.text.partition("</title>")[0]
    assert value not in str(page.headers)
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.fields, entry.reason) == ("students.reveal", field, "核对学籍或身份信息：打电话请假")
    assert first_broken_entry() is None
    assert value not in client.get("students.show_student", student_id=pupil.id).text


def test_the_same_page_sent_again_shows_nothing(pupils, teacher, sign_in):
    client, key = sign_in(teacher), "5f0d4a3e-6f4f-4a52-9a6c-0f3f2a7c1b12"
    look(client, pupils.mine, key=key)
    look(client, pupils.mine, 303, key=key)
    assert AuditEntry.select().where(AuditEntry.action == "students.reveal").count() == 1


def test_another_reason_must_be_written_out(pupils, teacher, sign_in):
    page = look(sign_in(teacher), pupils.mine, 400, reason="other")
    assert pupils.mine.id_number not in page.text
    assert not AuditEntry.select().where(AuditEntry.action == "students.reveal").exists()


def test_only_within_the_scope_and_with_the_right(pupils, county, teacher, sign_in):
    client = sign_in(teacher)
    client.get("students.reveal", status=404, student_id=pupils.sibling.id, field="id_number")
    village = sign_in(factories.make_user("village_officer", county.village))
    village.get("students.reveal", status=403, student_id=pupils.mine.id, field="id_number")


@pytest.mark.parametrize("field", ["", "name", "id_index", "guardian-2", "guardian-x", "guardian-", "uid", "__class__"])
def test_nothing_else_can_be_seen_so(field, pupils, teacher, sign_in):
    sign_in(teacher).get("students.reveal", status=404, student_id=pupils.mine.id, field=field)


def test_the_quota_of_a_day_ends(pupils, county, teacher, sign_in):
    """As the county has set it."""
    PolicyValue.create(county=county.county, key="reveal_quota", value="2", holds_from="2026-01-01", reason="文件", set_by=teacher)
    client = sign_in(teacher)
    look(client, pupils.mine)
    look(client, pupils.mine)
    page = look(client, pupils.mine, 429)
    assert pupils.mine.id_number not in page.text and "已满 2 次" in page.text
    assert AuditEntry.select().where(AuditEntry.action == "students.reveal").count() == 2

"""Who looked at a pupil: on record once a day, and shown to whoever may see it."""

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.db import run_sql, transaction
from aidtracker.ledgers.registry import LEDGERS
from aidtracker.ledgers.trail import record_export
from aidtracker.orgs.scopes import scope_of
from aidtracker.permissions import Permission
from aidtracker.students import actions_looking
from tests import factories
from tests.tampering import disarm

TABS = ("students.show_student", "students.list_guardians", "students.list_tags", "attendance.show_student", "visits.show_student", "aid.show_student")


def looks(pupil=None):
    found = AuditEntry.select().where(AuditEntry.action == "students.view_student")
    return found.where(AuditEntry.object_id == pupil.uid) if pupil else found


def test_the_first_look_of_a_day_is_on_record_and_the_second_writes_nothing(pupils, teacher, school_admin, sign_in):
    client, other = sign_in(teacher), sign_in(school_admin)
    for endpoint in (*TABS, *TABS):
        client.get(endpoint, student_id=pupils.mine.id)
    entry = looks().get()
    assert (entry.actor_id, entry.object_id, entry.county_id, entry.fields) == (teacher.id, pupils.mine.uid, pupils.mine.county_id, "")
    other.get("students.show_student", student_id=pupils.mine.id)
    other.get("students.show_student", student_id=pupils.sibling.id)
    assert (looks().count(), looks(pupils.mine).count()) == (3, 2) and first_broken_entry() is None


def test_the_next_day_is_a_look_again(pupils, teacher, sign_in):
    client = sign_in(teacher)
    client.get("students.show_student", student_id=pupils.mine.id)
    disarm()
    run_sql("UPDATE audit_entry SET at_us = at_us - 86400000000 WHERE action = 'students.view_student'")
    client.get("students.show_student", student_id=pupils.mine.id)
    assert looks().count() == 2


def test_whoever_is_refused_has_not_looked(pupils, county, teacher, sign_in):
    client = sign_in(teacher)
    client.get("students.show_student", status=404, student_id=pupils.sibling.id)
    client.get("students.list_changes", status=403, student_id=pupils.mine.id)
    assert looks().count() == 0


def test_a_form_that_is_sent_without_having_been_opened_is_a_look_too(pupils, school_admin, sign_in):
    """It comes back filled with what stands."""
    client = sign_in(school_admin)
    page = client.url("students.create_student")
    client.post("students.edit_student", {"name": ""}, 400, page=page, student_id=pupils.mine.id)
    assert looks(pupils.mine).count() == 1


def test_what_cannot_be_put_on_record_is_not_shown(pupils, teacher, sign_in, monkeypatch):
    def broken(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(actions_looking, "record", broken)
    assert pupils.mine.name not in sign_in(teacher).get("students.show_student", status=507, student_id=pupils.mine.id).text


def test_a_visit_to_a_family_is_a_look_at_each_child(pupils, county, teacher, sign_in):
    sibling = factories.make_student(county.room, "次仁旺堆", home=county.village)
    actions_looking.view_students(ids=[pupils.mine.id, sibling.id], by=teacher)
    assert looks().count() == 2


@pytest.fixture
def trodden(pupils, county, teacher, officer, school_admin, sign_in):
    """A look, a reveal, a change, a ledger of the school and one of another school."""
    sign_in(teacher).get("students.show_student", student_id=pupils.mine.id)
    page = sign_in(teacher).url("students.reveal", student_id=pupils.mine.id, field="phone")
    sign_in(teacher).post("students.reveal", {"field": "phone", "reason": "verify"}, 200, page=page, student_id=pupils.mine.id)
    tag = {"kind": "disabled", "disability_class": "肢体", "starts_on": "2026-09-01", "source": "残疾证"}
    sign_in(school_admin).post("students.add_tag", tag, 303, page=page, student_id=pupils.mine.id)
    for school, count in ((county.school, 777), (county.other_school, 888)):
        scope = scope_of(officer, None, school.id, Permission.LEDGER_EXPORT)
        record_export(ledger=LEDGERS["pupils"], scope=scope, given={}, format="xlsx", count=count, whole_because="核对资助", by=officer)
    return pupils.mine


def test_the_page_shows_who_looked_revealed_exported_and_changed(trodden, school_admin, administrator, sign_in):
    for reader in (school_admin, administrator):
        client = sign_in(reader)
        text = client.get("students.list_changes", student_id=trodden.id).text
        for words in ("看过学生资料", "查看完整号码", "新增特殊群体类别", "导出台账", "台账里查看完整号码", "张老师", "李干事", "777"):
            assert words in text
        assert "888" not in text
        seen = client.get("students.list_changes", student_id=trodden.id, only="looks").text
        assert "看过学生资料" in seen and "导出台账" in seen and "新增特殊群体类别" not in seen
        changed = client.get("students.list_changes", student_id=trodden.id, only="changes").text
        assert "新增特殊群体类别" in changed and "看过学生资料" not in changed and "导出台账" not in changed


def test_the_newest_stands_first_and_the_rest_on_further_pages(pupils, school_admin, sign_in):
    for number in range(60):
        user = factories.make_user("teacher", pupils.mine.class_org, f"看客{number:02}号")
        with transaction():
            actions_looking.view_student(student=pupils.mine, by=user)
    client = sign_in(school_admin)
    first, second = (client.get("students.list_changes", student_id=pupils.mine.id, page=n).text for n in (1, 2))
    assert first.index("看客59号") < first.index("看客58号") and "看客01号" not in first and "看客01号" in second

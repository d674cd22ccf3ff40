"""The trail only grows: what the database itself refuses, and what walking the chain finds where it was made to give way."""

import peewee
import pytest

from aidtracker.audit.actions import record
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.db import is_sqlite, run_sql, transaction
from tests.tampering import chain_anew, disarm, refused


@pytest.fixture
def four(app):
    for number in range(4):
        with transaction():
            record(action="students.edit_student", by=None, object_kind="student", object_id="1", reason=f"第{number}次")
    return list(AuditEntry.select().order_by(AuditEntry.id).tuples())


def test_the_database_refuses_to_change_or_remove_an_entry(four):
    for statement in refused():
        with pytest.raises(peewee.PeeweeException, match="an audit entry"), transaction():
            run_sql(statement)
    assert list(AuditEntry.select().order_by(AuditEntry.id).tuples()) == four
    assert first_broken_entry() is None


def test_an_entry_belongs_to_a_transaction(app):
    with pytest.raises(RuntimeError):
        record(action="students.edit_student", by=None, object_kind="student")


def test_a_walk_may_begin_behind_an_entry_and_end_at_one(four):
    disarm()
    run_sql("UPDATE audit_entry SET reason = 'x' WHERE id = 2")
    assert [first_broken_entry(since=since) for since in range(6)] == [2, 2, None, None, None, 5]
    assert (first_broken_entry(until=1), first_broken_entry(until=2)) == (None, 2)


@pytest.mark.parametrize("broken", [1, 3, 4])
def test_bytes_that_are_no_text_are_tampering(four, broken):
    if not is_sqlite():
        pytest.skip("PostgreSQL takes no text that is none")
    disarm()
    run_sql("UPDATE audit_entry SET reason = CAST(x'ff41' AS TEXT) WHERE id = ?", (broken,))
    assert first_broken_entry() == broken


def test_a_chain_made_anew_with_the_key_holds_but_for_the_anchors(four):
    disarm()
    run_sql("UPDATE audit_entry SET reason = 'x' WHERE id = 2")
    chain_anew(2)
    assert first_broken_entry() is None

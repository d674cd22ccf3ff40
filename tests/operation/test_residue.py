"""What is deleted leaves nothing in the file: not a name, not a search word, not a sealed value."""

from pathlib import Path

import pytest

from aidtracker import db
from aidtracker.students.models import Enrollment, Guardian, NameReading, Student
from tests import factories

NAME, MANY = "蔺璩霁", 40
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "temp_store": 2, "trusted_schema": 0, "cell_size_check": 1}


@pytest.fixture
def on_sqlite(app):
    if not db.is_sqlite():
        pytest.skip("PostgreSQL keeps dead rows until VACUUM")


def traces(parts: set[bytes]) -> set[bytes]:
    """Which of them the file or its WAL holds after a checkpoint."""
    db.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(db.database.database)
    content = b"".join(each.read_bytes() for each in (path, path.with_name(f"{path.name}-wal")) if each.exists())
    return {part for part in parts if part in content}


def make_and_delete(room) -> set[bytes]:
    """Enough pupils to fill pages; returns what each of them left in rows: name, reading, sealed values and indexes."""
    parts: set[bytes] = set()
    for number in range(MANY):
        student = factories.make_student(room, f"{NAME}{number}", phone="13900001234", address="扎多村3组", mode="day")
        factories.make_guardian(student, f"{NAME}父{number}")
        stored = Student.get_by_id(student.id).__data__
        parts |= {bytes(stored[name]) for name in ("id_number", "id_index", "last_six_index", "phone", "address")}
    readings = {reading for (reading,) in NameReading.select(NameReading.reading).tuples()}
    parts |= {reading.encode() for reading in readings if len(reading) > 8} | {NAME.encode()}  # shorter ones stand anywhere by chance
    assert traces(parts) == parts
    with db.transaction():
        for model in (Guardian, Enrollment, NameReading, Student):
            model.delete().execute()
    return parts


def test_a_deleted_pupil_leaves_nothing_in_the_file(on_sqlite, county):
    assert traces(make_and_delete(county.room)) == set()


def test_without_secure_delete_it_would(on_sqlite, county):
    """Or the test above would prove nothing."""
    db.database.execute_sql("PRAGMA secure_delete = 0")
    assert len(traces(make_and_delete(county.room))) > MANY


def test_every_connection_of_the_house_is_set_up_so(on_sqlite):
    with db.database.connection_context() if db.database.is_closed() else db.transaction():
        assert {name: db.database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS} == PRAGMAS

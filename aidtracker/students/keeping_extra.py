"""Writing values of a county's own fields, one pupil or many; inside the transaction of whoever puts the change on record."""

from aidtracker.crypto.field import sealed_column
from aidtracker.crypto.keyed_index import keyer
from aidtracker.db import new_uid, run_many, utcnow
from aidtracker.students.models_extra import ExtraValue

PUT = """INSERT INTO extra_value (uid, student_id, field_id, value, value_index, changed_by_id, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (student_id, field_id) DO UPDATE SET uid = excluded.uid, value = excluded.value, value_index = excluded.value_index,
changed_by_id = excluded.changed_by_id, changed_at = excluded.changed_at"""
DROP = "DELETE FROM extra_value WHERE student_id = ? AND field_id = ?"


def put_values(rows: list[tuple[int, int, str]], by_id: int | None) -> None:
    """(pupil, field, what is said); '' for nothing."""
    said, nothing = [row for row in rows if row[2]], [row[:2] for row in rows if not row[2]]
    if said:
        sealed, index, now = sealed_column(ExtraValue.value), keyer("index_id"), str(utcnow())
        uids = [new_uid() for _ in said]
        values = [(uid, student, field, sealed(uid, text), index(text), by_id, now) for uid, (student, field, text) in zip(uids, said, strict=True)]
        run_many(PUT, values)
    if nothing:
        run_many(DROP, nothing)

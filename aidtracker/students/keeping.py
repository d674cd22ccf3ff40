"""Keeping what a change replaces; each inside the transaction of whoever makes the change, which puts it on record."""

import json

from aidtracker.crypto.field import sealed_column
from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import is_sqlite, new_uid, run_many, today_in_china, utcnow
from aidtracker.students.models import Student
from aidtracker.students.models_history import FormerNumber, StudentVersion
from aidtracker.students.pinyin import readings

NUMBERS = ("id_number", "student_number")
READING = "INSERT INTO name_reading (county_id, reading, student_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
NAME = """INSERT INTO former_name (student_id, name, replaced_on, reason, recorded_by_id, recorded_at)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""


def keep_version(student: Student, before: dict, *, by, cause: str = "edit", cause_uid: str = "", **more) -> None:
    """`before`: the former values of the fields that changed; dates become texts. more: what else the cause touched."""
    content = json.dumps({"fields": before, **more}, ensure_ascii=False, default=str)
    values = {"revision": student.revision, "cause": cause, "cause_uid": cause_uid, "content": content}
    StudentVersion.create(student=student, replaced_by=by, **values)


def keep_former(*, student_id: int, county_id: int, before: dict, reason: str, by_id: int | None) -> None:
    """Of a record's former values: an ID and a 学籍号 by which it is still found, and a 曾用名. Empty ones are none."""
    for kind in NUMBERS:
        if before.get(kind):
            keep_number(student_id, county_id, kind, before[kind], reason, by_id)
    if before.get("name"):
        keep_name(student_id, county_id, before["name"], reason, by_id)


def keep_number(student_id: int, county_id: int, kind: str, number: str, reason: str, by_id: int | None) -> None:
    uid = new_uid()
    sealed, index = sealed_column(FormerNumber.number)(uid, number), keyed("index_id", number)
    about = {"county": county_id, "student": student_id, "kind": kind, "replaced_on": today_in_china(), "reason": reason[:200]}
    FormerNumber.insert(uid=uid, number=sealed, number_index=index, replaced_by=by_id, **about).execute()


def keep_name(student_id: int, county_id: int, name: str, reason: str, by_id: int | None) -> None:
    """It is found as it was written, and by its pinyin."""
    now = str(utcnow()) if is_sqlite() else utcnow()
    run_many(NAME, [(student_id, name, str(today_in_china()), reason[:200], by_id, now)])
    run_many(READING, [(county_id, reading[:200], student_id) for reading in sorted({*readings(name), name.lower()})])

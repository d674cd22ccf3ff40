"""Rows of every room that point to a pupil, taken over to another one and back: found by the foreign keys, so that no room is named.

A row that the other pupil has already (both absent in one roll) stays where it is. What is sealed under the pupil's id is sealed anew.
"""

from collections.abc import Iterator
from typing import NamedTuple

import peewee

from aidtracker.crypto.field import EncryptedField
from aidtracker.db import database, run_sql
from aidtracker.students.hooks import kept_rows
from aidtracker.students.models import Enrollment, Guardian, Student

# Handled by the merger itself: readings, guardians and spells; what is the record's own history stays with it; what follows from
# the rolls is derived from them anew.
APART = ("name_reading", "guardian", "enrollment", "student", "student_version", "not_same", "student_merge", "absence_warning")
WORDS = {  # what the rows of a table are called
    "enrollment": "就读经历",
    "guardian": "监护人",
    "tag": "特殊群体",
    "extra_value": "自定义项目",
    "move": "学籍异动",
    "transfer": "转学",
    "former_number": "用过的号码",
    "former_name": "曾用名",
    "absence": "考勤",
    "leave": "请假",
    "symptom_report": "因病缺课",
    "visit_student": "家访",
    "visit_plan": "家访计划",
    "individual_plan": "送教方案",
    "individual_goal": "送教目标",
    "paper": "纸质表",
    "dropout_case": "个案",
    "payment": "资助发放",
}
OTHER = "其他记录"


class Stuck(NamedTuple):
    """A row that stays with its pupil, because the other has one like it."""

    table: str
    key: list
    is_open: bool  # a case or a transfer that is not over


def movable() -> Iterator[tuple[type, peewee.ForeignKeyField]]:
    for pointer, model in Student._meta.backrefs.items():
        if model._meta.table_name not in APART:
            yield model, pointer


def keys_of(model, pointer) -> list:
    """The columns by which a row is known, whoever's it is."""
    return [field for field in model._meta.get_primary_keys() if field is not pointer]


def counted(student: Student, user_id: int) -> dict[str, int]:
    """{table: rows that point to the pupil}, guardians and spells too, but for what is kept from this person."""
    pairs = [*movable(), (Guardian, Guardian.student), (Enrollment, Enrollment.student)]
    found = {model._meta.table_name: model.select().where(pointer == student.id).count() for model, pointer in pairs}
    kept = kept_rows(student.id, user_id)
    left = {table: number - kept.get(table, 0) for table, number in found.items()}
    return {table: number for table, number in left.items() if number}


def would_stay(from_id: int, to_id: int) -> list[str]:
    """The tables of rows that could not move, one for each row: read from the unique indexes, conditions and all."""
    found = []
    for model, pointer in movable():
        table, column, taken = model._meta.table_name, pointer.column_name, set()
        keys = ", ".join(f"a.{field.column_name}" for field in keys_of(model, pointer))
        for index in database.get_indexes(table):
            if not index.unique or column not in index.columns:
                continue
            where = (index.sql or "").partition(" WHERE ")[2]
            mine = f"(SELECT * FROM {table} WHERE {column} = ?{f' AND ({where})' if where else ''})"  # noqa: S608 our own names
            alike = " AND ".join(["1 = 1", *(f"a.{name} = b.{name}" for name in index.columns if name != column)])
            taken.update(run_sql(f"SELECT {keys} FROM {mine} a JOIN {mine} b ON {alike}", (from_id, to_id)).fetchall())  # noqa: S608
        found += [table] * len(taken)
    return found


def move_all(from_id: int, to_id: int) -> tuple[dict[str, list], list[Stuck]]:
    """({table.column: keys of the rows that moved}, rows that stay); inside the merger's transaction."""
    moved, stuck = {}, []
    for model, pointer in movable():
        keys = [list(key) for key in model.select(*keys_of(model, pointer)).where(pointer == from_id).tuples()]
        taken, left = move_rows(model, pointer, keys, from_id, to_id)
        if taken:
            moved[place_of(pointer)] = taken
        stuck += [Stuck(model._meta.table_name, key, is_open(model, pointer, key, from_id)) for key in left]
    return moved, stuck


def move_back(moved: dict[str, list], from_id: int, to_id: int) -> None:
    for model, pointer in movable():
        move_rows(model, pointer, moved.get(place_of(pointer), []), from_id, to_id)


def place_of(pointer) -> str:
    return f"{pointer.model._meta.table_name}.{pointer.column_name}"


def move_rows(model, pointer, keys: list, from_id: int, to_id: int) -> tuple[list, list]:
    """One by one behind a savepoint: which indexes a room has is the room's own affair."""
    moved, stuck = [], []
    for key in keys:
        try:
            with database.atomic():
                move_row(model, pointer, key, from_id, to_id)
            moved.append(key)
        except peewee.IntegrityError:
            stuck.append(key)
    return moved, stuck


def move_row(model, pointer, key: list, from_id: int, to_id: int) -> None:
    here = row_of(model, pointer, key, from_id)
    values = {pointer: to_id}
    if not isinstance(model.__dict__.get("uid"), property):
        model.update(values).where(here).execute()
        return
    for row in model.select().where(here):
        values |= sealed_anew(row, pointer, to_id)
        model.update(values).where(here).execute()


def sealed_anew(row, pointer, to_id: int, **more) -> dict:
    """The sealed columns of a row whose seals are bound to its pupil; more: other columns of which its uid is made."""
    fields = [field for field in row._meta.sorted_fields if isinstance(field, EncryptedField)]
    texts = {field: getattr(row, field.name) for field in fields}
    for name, value in {pointer.name: to_id, **more}.items():
        setattr(row, name, value)
    for field, text in texts.items():
        setattr(row, field.name, text)
    return {field: row.__data__[field.name] for field in fields}


def row_of(model, pointer, key: list, student_id: int):
    found = pointer == student_id
    for field, value in zip(keys_of(model, pointer), key, strict=True):
        found &= field == value
    return found


def is_open(model, pointer, key: list, student_id: int) -> bool:
    end = next((model._meta.fields[name] for name in ("closed_at", "ended_at") if name in model._meta.fields), None)
    return end is not None and model.select().where(row_of(model, pointer, key, student_id) & end.is_null()).exists()

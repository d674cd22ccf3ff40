"""A county's own fields: which there are, what a text means in one, what pupils' records say in them."""

from collections import defaultdict
from decimal import Decimal, InvalidOperation

from aidtracker.crypto.field import unsealed_column
from aidtracker.crypto.keyed_index import keyed
from aidtracker.errors import NotFound, Refused
from aidtracker.excel.cells import BadCell, day, text
from aidtracker.excel.columns import Column
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import counties_of
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.models_extra import ExtraField, ExtraValue

LONGEST = 200
COLUMN = "extra:"  # before the label, in the keys of a roster's columns
NAME = "extra-{}"  # of a form's field
HIDDEN = "***"


def fields_of(county_ids) -> list[ExtraField]:
    """Those in use, in their order."""
    found = ExtraField.select().where(ExtraField.county.in_([*county_ids]) & ExtraField.withdrawn_at.is_null())
    return list(found.order_by(ExtraField.county, ExtraField.position, ExtraField.id))


def all_fields_of(county: Org) -> list[ExtraField]:
    """Those in use first."""
    found = ExtraField.select().where(ExtraField.county == county)
    return list(found.order_by(ExtraField.withdrawn_at.is_null(False), ExtraField.position, ExtraField.id))


def field_of(county: Org, field_id: int) -> ExtraField:
    found = ExtraField.get_or_none((ExtraField.county == county) & (ExtraField.id == field_id))
    if found is None:
        raise NotFound
    return found


def fields_for(user) -> list[ExtraField]:
    """Of the counties whose pupils the reader sees."""
    return fields_of(county.id for county in counties_of(user, Permission.STUDENT_VIEW))


def meant(field: ExtraField, typed: str) -> str:
    """The one way in which the value is kept; '' for nothing. Refused what is none of the field's kind."""
    said = typed.strip()
    if not said:
        return ""
    if len(said) > LONGEST:
        raise Refused("「%(label)s」太长了，最多 %(limit)s 个字。", label=field.label, limit=LONGEST)
    return READ[field.kind](field, said)


def as_text(_field: ExtraField, said: str) -> str:
    return said


def as_number(field: ExtraField, said: str) -> str:
    try:
        number = Decimal(said.replace(",", "").replace("，", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 12:
        raise Refused("「%(label)s」要填数字，例如 12 或 3.5。", label=field.label)
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def as_date(field: ExtraField, said: str) -> str:
    try:
        return str(day(said) or "")
    except BadCell:
        raise Refused("「%(label)s」要填日期，例如：2012-03-05。", label=field.label) from None


def as_choice(field: ExtraField, said: str) -> str:
    if said not in field.words:
        raise Refused("「%(label)s」只能填：%(words)s。", label=field.label, words="、".join(field.words))
    return said


READ = {"text": as_text, "number": as_number, "date": as_date, "choice": as_choice}


def values_of(student: Student) -> dict[int, str]:
    """{field: what is said}, of fields that were retired too."""
    return {row.field_id: row.value for row in ExtraValue.select().where(ExtraValue.student == student)}


def values_of_many(ids, fields: list[ExtraField], read=None) -> dict[int, dict[int, str]]:
    """{pupil: {field: what is said}}; `read` runs the statement where it is not the request's own connection that does."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    if not fields or not ids:
        return found
    opened = unsealed_column(ExtraValue.value)
    asked = ExtraValue.select(ExtraValue.student_id, ExtraValue.field_id, ExtraValue.uid, ExtraValue.value)
    asked = asked.where(ExtraValue.student.in_(list(ids)) & ExtraValue.field.in_([field.id for field in fields]))
    for student_id, field_id, uid, sealed in read(asked) if read else asked.tuples():
        found[student_id][field_id] = opened(uid, sealed) or ""
    return found


def filterable(fields: list[ExtraField]) -> list[ExtraField]:
    """By which the list can be narrowed."""
    return [field for field in fields if field.kind == "choice" and not field.is_sensitive]


def saying(field_id: int, word: str):
    """Pupils in whose record the field says this, as a select of their ids."""
    return ExtraValue.select(ExtraValue.student).where((ExtraValue.field == field_id) & (ExtraValue.value_index == keyed("index_id", word)))


def shown(field: ExtraField, value: str, may_open: bool) -> str:
    return HIDDEN if value and field.is_sensitive and not may_open else value


def roster_columns() -> tuple[Column, ...]:
    """Every label in use, whichever county's: whose the row is shows when its school is known."""
    labels = ExtraField.select(ExtraField.label).where(ExtraField.withdrawn_at.is_null()).distinct().order_by(ExtraField.label).tuples()
    return tuple(Column(COLUMN + label, label, text) for (label,) in labels)

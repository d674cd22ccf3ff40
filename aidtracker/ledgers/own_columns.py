"""Columns that a county added to the pupils' ledger: its own fields, behind those that every county has."""

from dataclasses import replace

from aidtracker.ledgers.ledger import Column, Ledger
from aidtracker.ledgers.reading import NOT_FOR_YOU, Reading
from aidtracker.orgs.scopes import Scope
from aidtracker.students.extra_fields import fields_of, values_of_many
from aidtracker.students.models_extra import ExtraField

LEDGER = "pupils"


def with_own_columns(ledger: Ledger, scope: Scope) -> Ledger:
    """The same ledger where the county has no fields, or where a line is no pupil."""
    fields = fields_of([scope.county.id]) if ledger.name == LEDGER else []
    if not fields:
        return ledger
    columns = tuple(Column(f"extra-{field.id}", field.label) for field in fields)

    def lines(reading: Reading, keys: list[tuple]) -> dict[tuple, tuple]:
        said = values_of_many([id_ for (id_,) in keys], fields, reading.read)
        return {key: (*line, *(cell(field, said[key[0]].get(field.id, ""), reading) for field in fields)) for key, line in ledger.lines(reading, keys).items()}

    return replace(ledger, columns=ledger.columns + columns, lines=lines)


def cell(field: ExtraField, text: str, reading: Reading) -> str:
    return NOT_FOR_YOU if text and field.is_sensitive and not reading.may_see_addresses else text

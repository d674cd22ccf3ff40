"""What a request wrote, to the column, with what differs by itself from one time to the next taken out."""

import re

import peewee

from aidtracker import db
from aidtracker.orgs.models import Org
from aidtracker.schema import MODELS

SMUGGLED = "夹带"
LONG_AGO = "2001-01-01"
RANDOM = ("uid", "receipt", "number", "key", "token_hash", "code_hash", "password_hash", "mac", "previous", "request_id", "at_us", "object_id", "body_hash", "sealing", "whole", "small", "paper.code")
ANY_UID = re.compile(r"\b[0-9a-f]{32}\b")


def changes() -> int:
    """Rows written so far by this connection; SQLite counts them, also those rolled back."""
    return db.database.connection().total_changes if db.is_sqlite() else 0


def contents() -> dict:
    """{(model, primary key): {column: value}} of the whole database, sealed texts opened."""
    return {(model, str(row._pk)): {field.name: plain(row, field) for field in model._meta.sorted_fields} for model in MODELS for row in model.select()}


def plain(row, field):
    value = row.__data__[field.name] if isinstance(field, peewee.ForeignKeyField) else getattr(row, field.name)
    is_random = field.name in RANDOM or f"{row._meta.table_name}.{field.name}" in RANDOM or isinstance(field, peewee.DateTimeField)
    if is_random and value and not is_smuggled(value):
        return "…"
    return ANY_UID.sub("…", str(value)) if isinstance(value, str | dict) else value


def is_smuggled(value) -> bool:
    return SMUGGLED in str(value) or LONG_AGO in str(value) or str(value) == "77"


def written(before: dict, after: dict) -> dict:
    """{(model, key): {column: value}} of what came or changed."""
    return {key: {name: value for name, value in row.items() if before.get(key, {}).get(name) != value} for key, row in after.items() if before.get(key) != row}


def smuggled(owned, foreign: dict) -> dict:
    """Every column of the database that the form does not own, with something that would be seen. `foreign`: {model: an id}."""
    found = {"id": "77", "uid": SMUGGLED, "is_admin": "1", "is_staff": "1", "path": "/", "org_path": "/", "role": "bureau_admin", "roles": "bureau_admin"}
    for model in MODELS:
        for field in model._meta.sorted_fields:
            found |= dict.fromkeys((field.name, field.column_name, f"{model._meta.table_name}-{field.name}"), value_for(field, foreign))
    return {name: value for name, value in found.items() if name not in owned}


def value_for(field, foreign: dict) -> str:
    if isinstance(field, peewee.ForeignKeyField):
        return str(foreign.get(field.rel_model, foreign[Org]))
    kinds = {peewee.DateTimeField: f"{LONG_AGO} 00:00:00", peewee.DateField: LONG_AGO, peewee.BooleanField: "1", peewee.IntegerField: "77"}
    return next((value for kind, value in kinds.items() if isinstance(field, kind)), SMUGGLED)

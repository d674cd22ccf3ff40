"""Tables as the migrations write them out: one text for both databases, with the words in which they differ."""

import re

import peewee

TYPES = {
    "sqlite": {
        "id": "INTEGER PRIMARY KEY",
        "blob": "BLOB",
        "time": "DATETIME",
        "bool": "INTEGER",
        "json": "TEXT",
        "without_rowid": "WITHOUT ROWID",
        "bytewise": "",
    },
    "postgresql": {
        "id": "SERIAL PRIMARY KEY",
        "blob": "BYTEA",
        "time": "TIMESTAMP",
        "bool": "BOOLEAN",
        "json": "JSONB",
        "without_rowid": "",
        "bytewise": 'COLLATE "C"',  # prefixes are found as ranges of an index, whatever the server's language
    },
}


def create_tables(db, text: str) -> None:
    """Runs the statements of the text, each ended by a semicolon at the end of its line."""
    types = TYPES["sqlite" if isinstance(db, peewee.SqliteDatabase) else "postgresql"]
    for statement in text.format(**types).split(";\n"):
        if statement.strip():
            db.execute_sql(statement)


def drop_tables(db, text: str) -> None:
    """Drops the tables that the text creates, the last first."""
    for table in reversed(re.findall(r"^CREATE TABLE (\w+)", text, re.M)):
        db.execute_sql(f"DROP TABLE {table}")

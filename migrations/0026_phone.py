"""What came from a phone without signal: when it was written down there, and who pasted it in for somebody."""

from aidtracker.operation.tables import create_tables

COLUMNS = ("phone_at {time}", "brought_by INTEGER")


def up(migrator, db):
    create_tables(db, ";\n".join(f"ALTER TABLE receipt ADD COLUMN {column}" for column in COLUMNS))


def down(migrator, db):
    for column in reversed(COLUMNS):
        db.execute_sql(f"ALTER TABLE receipt DROP COLUMN {column.split()[0]}")

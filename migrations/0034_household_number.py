"""户编号: a household may have a number of its own, which no other one of the county has."""

from aidtracker.operation.tables import create_tables

COLUMN = """
ALTER TABLE household ADD COLUMN number VARCHAR(20) CHECK (number <> '');
CREATE UNIQUE INDEX household_number ON household (county_id, number) WHERE number IS NOT NULL;
"""


def up(migrator, db):
    create_tables(db, COLUMN)


def down(migrator, db):
    db.execute_sql("DROP INDEX household_number")
    db.execute_sql("ALTER TABLE household DROP COLUMN number")

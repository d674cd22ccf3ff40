"""A persuasion says who went of either line and what was promised by when; a county's own names of the reasons."""

from aidtracker.operation.tables import create_tables, drop_tables

COLUMNS = """
ALTER TABLE follow_up ADD COLUMN people_gov VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE follow_up ADD COLUMN promise {blob};
ALTER TABLE follow_up ADD COLUMN promised_on DATE;
"""
TABLES = """
CREATE TABLE reason_name (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, code VARCHAR(2) NOT NULL, label VARCHAR(20) NOT NULL CHECK (label <> ''),
  set_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, set_at {time} NOT NULL, UNIQUE (county_id, code));
"""


def up(migrator, db):
    create_tables(db, COLUMNS)
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)
    for name in ("promised_on", "promise", "people_gov"):
        db.execute_sql(f"ALTER TABLE follow_up DROP COLUMN {name}")

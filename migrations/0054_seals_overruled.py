"""When the bureau overruled who sealed a case: other named people, or no seal any more, and why."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE case_overruling (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, case_id INTEGER NOT NULL REFERENCES dropout_case (id) ON DELETE RESTRICT,
  what VARCHAR(10) NOT NULL CHECK (what IN ('readers', 'lift')), reason {blob} NOT NULL,
  by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, at {time} NOT NULL);
CREATE INDEX case_overruling_case ON case_overruling (case_id);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

"""What a county has set: a row for each change; an old value is never changed, and one that has not begun may be withdrawn."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE policy_value (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  "key" VARCHAR(40) NOT NULL, value VARCHAR(40) NOT NULL, holds_from DATE NOT NULL, reason VARCHAR(200) NOT NULL CHECK (reason <> ''),
  set_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, set_at {time} NOT NULL,
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)));
CREATE INDEX policy_value_key ON policy_value (county_id, "key", holds_from);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

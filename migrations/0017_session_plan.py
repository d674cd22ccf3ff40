"""Which sessions a school takes, from a day on; a county's own row is what its schools do by default. A row is withdrawn, never changed."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE session_plan (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, sessions VARCHAR(60) NOT NULL CHECK (sessions <> '' OR org_id <> county_id),
  holds_from DATE NOT NULL, reason VARCHAR(200) NOT NULL CHECK (reason <> ''),
  set_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, set_at {time} NOT NULL,
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)));
CREATE INDEX session_plan_county ON session_plan (county_id, org_id);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

"""What needs whom by when (待办)."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE task (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, person_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT,
  kind VARCHAR(20) NOT NULL, since DATE NOT NULL, after INTEGER NOT NULL CHECK (after > 0),
  unit VARCHAR(10) NOT NULL CHECK (unit IN ('school', 'calendar')), due_on DATE NOT NULL, asked_at {time} NOT NULL,
  done_at {time}, done_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, how VARCHAR(12) NOT NULL, note {blob},
  withdrawn_at {time}, why VARCHAR(12) NOT NULL, escalated_at {time}, escalated_to_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  CHECK ((done_at IS NULL) = (how = '')), CHECK ((withdrawn_at IS NULL) = (why = '')), CHECK (done_at IS NULL OR withdrawn_at IS NULL),
  CHECK (done_at IS NOT NULL OR (done_by_id IS NULL AND note IS NULL)), CHECK ((escalated_at IS NULL) = (escalated_to_id IS NULL)));
CREATE INDEX task_place ON task (org_id, due_on);
CREATE INDEX task_county ON task (county_id, due_on);
CREATE INDEX task_open ON task (org_id, due_on) WHERE done_at IS NULL AND withdrawn_at IS NULL;
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

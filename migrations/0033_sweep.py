"""返校核查: a county's further days for it, a class's answer in each round, and the pupils who had not come back."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE sweep_day (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, on_day DATE NOT NULL, reason VARCHAR(100) NOT NULL CHECK (reason <> ''),
  declared_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, declared_at {time} NOT NULL,
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)));
CREATE UNIQUE INDEX sweep_day_live ON sweep_day (county_id, on_day) WHERE withdrawn_at IS NULL;

CREATE TABLE sweep (
  id {id}, class_org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  round VARCHAR(12) NOT NULL, on_day DATE NOT NULL, expected INTEGER NOT NULL, revision SMALLINT NOT NULL, is_late {bool} NOT NULL,
  confirmed_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, confirmed_at {time} NOT NULL,
  changed_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, changed_at {time},
  CHECK ((changed_at IS NULL) = (changed_by_id IS NULL)), CHECK (expected > 0), UNIQUE (class_org_id, round));
CREATE INDEX sweep_round ON sweep (round, school_id);

CREATE TABLE not_returned (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE RESTRICT,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT,
  kind VARCHAR(12) NOT NULL CHECK (kind IN ('unknown', 'contacted', 'unreachable', 'transferring', 'ill', 'away', 'working', 'refused')),
  expected_on DATE, note {blob}, changed_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, changed_at {time} NOT NULL,
  cleared_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, cleared_at {time},
  CHECK ((cleared_at IS NULL) = (cleared_by_id IS NULL)), UNIQUE (sweep_id, student_id));
CREATE INDEX not_returned_student ON not_returned (student_id);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

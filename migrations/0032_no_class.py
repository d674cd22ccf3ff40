"""无课: a class or a school has no session on a day, declared and taken back; and which rolls came late (迟报)."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE no_class (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  on_day DATE NOT NULL, session VARCHAR(12) NOT NULL CHECK (session IN ('early', 'morning', 'afternoon', 'evening', 'night')),
  kind VARCHAR(10) NOT NULL CHECK (kind IN ('outing', 'exam', 'stopped', 'shifted', 'other')), reason VARCHAR(100) NOT NULL,
  declared_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, declared_at {time} NOT NULL,
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)), CHECK (kind <> 'other' OR reason <> ''));
CREATE UNIQUE INDEX no_class_live ON no_class (org_id, on_day, session) WHERE withdrawn_at IS NULL;
CREATE INDEX no_class_day ON no_class (county_id, on_day);
ALTER TABLE roll_call ADD COLUMN is_late {bool} NOT NULL DEFAULT FALSE;
CREATE INDEX roll_call_late ON roll_call (on_day, school_id) WHERE is_late;
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    db.execute_sql("DROP INDEX roll_call_late")
    db.execute_sql("ALTER TABLE roll_call DROP COLUMN is_late")
    drop_tables(db, TABLES)

"""Blank forms of visits, printed with a code each: which were printed together, for whom, and the visit that was typed in from one."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE paper_batch (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, class_org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  form VARCHAR(10) NOT NULL CHECK (form IN ('visit', 'tutoring')),
  printed_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, printed_at {time} NOT NULL);
CREATE INDEX paper_batch_class ON paper_batch (class_org_id, printed_at);

CREATE TABLE paper (
  id {id}, batch_id INTEGER NOT NULL REFERENCES paper_batch (id) ON DELETE RESTRICT,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT, code VARCHAR(8) NOT NULL UNIQUE CHECK (length(code) = 8),
  visit_id INTEGER UNIQUE REFERENCES visit (id) ON DELETE RESTRICT);
CREATE INDEX paper_of_batch ON paper (batch_id);
CREATE INDEX paper_of_student ON paper (student_id);
ALTER TABLE visit ADD COLUMN starts_at VARCHAR(5) NOT NULL DEFAULT '' CHECK (starts_at = '' OR length(starts_at) = 5);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    db.execute_sql("ALTER TABLE visit DROP COLUMN starts_at")
    drop_tables(db, TABLES)

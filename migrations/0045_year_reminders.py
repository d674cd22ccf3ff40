"""Reminders of what a pupil's school year still lacks of lessons at home, each with its task; photos of visits that are still to come."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE year_reminder (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT,
  school_year SMALLINT NOT NULL, class_org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  task_id INTEGER NOT NULL UNIQUE REFERENCES task (id) ON DELETE RESTRICT, asked_at {time} NOT NULL, UNIQUE (student_id, school_year));
CREATE INDEX year_reminder_county ON year_reminder (county_id, school_year);

CREATE TABLE awaited_file (
  visit_id INTEGER NOT NULL REFERENCES visit (id) ON DELETE CASCADE, sent VARCHAR(64) NOT NULL CHECK (length(sent) = 64), PRIMARY KEY (visit_id, sent));
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

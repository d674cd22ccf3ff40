"""Home visits and lessons at home."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE visit (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  form VARCHAR(10) NOT NULL CHECK (form IN ('on_site', 'phone', 'video', 'invited', 'tutoring')),
  on_day DATE NOT NULL, minutes SMALLINT CHECK (minutes > 0), purposes {json} NOT NULL, teachers VARCHAR(200) NOT NULL,
  person_met VARCHAR(100) NOT NULL, relation VARCHAR(20) NOT NULL,
  at_home {blob}, views {blob}, agreed {blob}, follow_up_on DATE,
  lessons SMALLINT CHECK (lessons > 0), place VARCHAR(40) NOT NULL, subject VARCHAR(100) NOT NULL, signed_by VARCHAR(100) NOT NULL,
  ordinal SMALLINT NOT NULL CHECK (ordinal > 0), is_imported {bool} NOT NULL,
  state VARCHAR(10) NOT NULL CHECK (state IN ('recorded', 'verified', 'sent_back')),
  checked_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, checked_at {time}, remark {blob},
  recorded_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, recorded_at {time} NOT NULL,
  receipt VARCHAR(12) NOT NULL, revision SMALLINT NOT NULL,
  CHECK ((form = 'tutoring') = (lessons IS NOT NULL)),
  CHECK ((state = 'recorded') = (checked_at IS NULL)));
CREATE INDEX visit_day ON visit (on_day, id, county_id, form);
CREATE INDEX visit_to_check ON visit (on_day, id) WHERE state = 'recorded' AND NOT is_imported;
CREATE INDEX visit_receipt ON visit (receipt) WHERE receipt <> '';

CREATE TABLE visit_student (
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT,
  visit_id INTEGER NOT NULL REFERENCES visit (id) ON DELETE CASCADE,
  class_org_id INTEGER REFERENCES org (id) ON DELETE RESTRICT, school_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  PRIMARY KEY (student_id, visit_id)) {without_rowid};
CREATE INDEX visit_student_visit ON visit_student (visit_id, student_id, class_org_id, school_id);

CREATE TABLE visit_version (
  id {id}, visit_id INTEGER NOT NULL REFERENCES visit (id) ON DELETE CASCADE, revision SMALLINT NOT NULL,
  content {blob} NOT NULL, replaced_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, replaced_at {time} NOT NULL,
  UNIQUE (visit_id, revision));
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

"""Moves of pupils (学籍异动), transfers between two schools, and what a record said before: former numbers, names and values."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE move (
  id {id}, uid VARCHAR(32) NOT NULL, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE,
  kind VARCHAR(20) NOT NULL, on_day DATE NOT NULL, until_on DATE,
  from_class_id INTEGER REFERENCES org (id) ON DELETE RESTRICT, to_class_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  place VARCHAR(100) NOT NULL, document VARCHAR(100) NOT NULL, reason {blob},
  recorded_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, recorded_at {time} NOT NULL,
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  CHECK (until_on IS NULL OR until_on >= on_day),
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)));
CREATE INDEX move_student ON move (student_id, on_day);
CREATE INDEX move_county ON move (county_id, on_day, kind);

CREATE TABLE transfer (
  id {id}, uid VARCHAR(32) NOT NULL, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE,
  from_class_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, from_school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  to_school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, to_class_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  state VARCHAR(12) NOT NULL CHECK (state IN ('asked', 'confirmed', 'arrived', 'refused', 'withdrawn', 'missing')),
  asked_by_school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  leaves_on DATE NOT NULL, arrive_by DATE NOT NULL, arrived_on DATE, document VARCHAR(100) NOT NULL, reason {blob}, answer {blob},
  asked_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, asked_at {time} NOT NULL,
  confirmed_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, confirmed_at {time},
  ended_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, ended_at {time}, missed_at {time},
  CHECK (from_school_id <> to_school_id), CHECK (asked_by_school_id = from_school_id OR asked_by_school_id = to_school_id), CHECK (arrive_by >= leaves_on),
  CHECK ((confirmed_at IS NULL) = (confirmed_by_id IS NULL)), CHECK ((ended_at IS NULL) = (ended_by_id IS NULL)),
  CHECK ((state IN ('arrived', 'refused', 'withdrawn')) = (ended_at IS NOT NULL)),
  CHECK ((state = 'arrived') = (arrived_on IS NOT NULL AND to_class_id IS NOT NULL AND ended_at IS NOT NULL AND confirmed_at IS NOT NULL)),
  CHECK (state NOT IN ('confirmed', 'missing') OR confirmed_at IS NOT NULL), CHECK (state <> 'missing' OR missed_at IS NOT NULL));
CREATE UNIQUE INDEX transfer_one_open ON transfer (student_id) WHERE ended_at IS NULL;
CREATE INDEX transfer_from ON transfer (from_school_id, state);
CREATE INDEX transfer_to ON transfer (to_school_id, state);
CREATE INDEX transfer_due ON transfer (state, arrive_by);

CREATE TABLE former_number (
  id {id}, uid VARCHAR(32) NOT NULL, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE,
  kind VARCHAR(20) NOT NULL CHECK (kind IN ('id_number', 'student_number')),
  number {blob} NOT NULL, number_index {blob} NOT NULL, replaced_on DATE NOT NULL, reason VARCHAR(200) NOT NULL,
  replaced_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, replaced_at {time} NOT NULL);
CREATE INDEX former_number_student ON former_number (student_id);
CREATE INDEX former_number_index ON former_number (county_id, kind, number_index);

CREATE TABLE former_name (
  id {id}, student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE, name VARCHAR(100) NOT NULL,
  replaced_on DATE NOT NULL, reason VARCHAR(200) NOT NULL,
  recorded_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, recorded_at {time} NOT NULL, UNIQUE (student_id, name));

CREATE TABLE student_version (
  id {id}, uid VARCHAR(32) NOT NULL, student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE,
  revision INTEGER NOT NULL, cause VARCHAR(20) NOT NULL, cause_uid VARCHAR(32) NOT NULL, content {blob} NOT NULL,
  replaced_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, replaced_at {time} NOT NULL);
CREATE INDEX student_version_student ON student_version (student_id, revision);
CREATE INDEX student_version_cause ON student_version (cause_uid) WHERE cause_uid <> '';
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

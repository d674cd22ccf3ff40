"""Dropout prevention: the case, what was done about it, how its state changed, what stood before an edit."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE dropout_case (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, number VARCHAR(30) NOT NULL UNIQUE,
  county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  student_id INTEGER NOT NULL UNIQUE REFERENCES student (id) ON DELETE RESTRICT,
  class_org_id INTEGER REFERENCES org (id) ON DELETE RESTRICT, school_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  state VARCHAR(10) NOT NULL CHECK (state IN ('suspected', 'dropout', 'promised', 'returned', 'closed')),
  origin VARCHAR(10) NOT NULL CHECK (origin IN ('roll', 'no_show', 'matching', 'report', 'transfer')),
  absent_from DATE, found_on DATE NOT NULL, main_reason VARCHAR(2) NOT NULL, second_reason VARCHAR(2) NOT NULL, detail {blob},
  owner_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, due_on DATE,
  opened_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, opened_at {time} NOT NULL,
  outcome VARCHAR(20) NOT NULL, conclusion {blob}, closed_on DATE,
  closed_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, closed_at {time}, revision SMALLINT NOT NULL,
  CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
  CHECK ((state = 'closed') = (closed_on IS NOT NULL)),
  CHECK ((state = 'closed') = (outcome <> '')));
CREATE INDEX dropout_case_open ON dropout_case (county_id, due_on) WHERE state <> 'closed';

CREATE TABLE follow_up (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, case_id INTEGER NOT NULL REFERENCES dropout_case (id) ON DELETE RESTRICT,
  kind VARCHAR(10) NOT NULL CHECK (kind IN ('phone', 'on_site', 'video', 'chase', 'notice')),
  ordinal SMALLINT NOT NULL CHECK (ordinal > 0), on_day DATE NOT NULL, people VARCHAR(200) NOT NULL,
  person_met VARCHAR(100) NOT NULL, relation VARCHAR(20) NOT NULL,
  result VARCHAR(12) NOT NULL CHECK (result IN ('returned', 'promised', 'not_returned', 'not_met', 'refused')),
  words {blob}, next_on DATE, visit_id INTEGER REFERENCES visit (id) ON DELETE RESTRICT,
  recorded_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, recorded_at {time} NOT NULL, receipt VARCHAR(12) NOT NULL,
  UNIQUE (case_id, ordinal));
CREATE INDEX follow_up_visit ON follow_up (visit_id) WHERE visit_id IS NOT NULL;

CREATE TABLE case_step (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, case_id INTEGER NOT NULL REFERENCES dropout_case (id) ON DELETE RESTRICT,
  from_state VARCHAR(10) NOT NULL, to_state VARCHAR(10) NOT NULL, outcome VARCHAR(20) NOT NULL, on_day DATE NOT NULL, words {blob},
  follow_up_id INTEGER REFERENCES follow_up (id) ON DELETE RESTRICT,
  by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, at {time} NOT NULL);
CREATE INDEX case_step_case ON case_step (case_id);

CREATE TABLE case_version (
  id {id}, case_id INTEGER NOT NULL REFERENCES dropout_case (id) ON DELETE RESTRICT, revision SMALLINT NOT NULL,
  content {blob} NOT NULL, replaced_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, replaced_at {time} NOT NULL,
  UNIQUE (case_id, revision));
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

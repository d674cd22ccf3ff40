"""Closing a case (销号) that one asks for and another approves; which case a task is about."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE case_closing (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, case_id INTEGER NOT NULL REFERENCES dropout_case (id) ON DELETE RESTRICT,
  case_revision SMALLINT NOT NULL, level VARCHAR(10) NOT NULL CHECK (level IN ('township', 'county')),
  outcome VARCHAR(20) NOT NULL CHECK (outcome <> ''), conclusion {blob} NOT NULL, closed_on DATE NOT NULL,
  state VARCHAR(10) NOT NULL CHECK (state IN ('asked', 'approved', 'sent_back', 'withdrawn')),
  asked_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, asked_at {time} NOT NULL,
  ended_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, ended_at {time}, words {blob},
  CHECK ((state = 'asked') = (ended_at IS NULL)), CHECK ((ended_at IS NULL) = (ended_by_id IS NULL)),
  CHECK (state NOT IN ('approved', 'sent_back') OR ended_by_id <> asked_by_id), CHECK (state <> 'withdrawn' OR ended_by_id = asked_by_id),
  CHECK (state <> 'sent_back' OR words IS NOT NULL));
CREATE UNIQUE INDEX case_closing_one_asked ON case_closing (case_id) WHERE state = 'asked';
CREATE INDEX case_closing_case ON case_closing (case_id);

CREATE TABLE case_task (
  task_id INTEGER NOT NULL PRIMARY KEY REFERENCES task (id) ON DELETE RESTRICT,
  case_id INTEGER NOT NULL REFERENCES dropout_case (id) ON DELETE RESTRICT);
CREATE INDEX case_task_case ON case_task (case_id);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

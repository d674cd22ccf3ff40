"""Sealed cases (保密个案): why and since when, who may read one, and who looked in need."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE case_seal (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, case_id INTEGER NOT NULL REFERENCES dropout_case (id) ON DELETE RESTRICT, reason {blob} NOT NULL,
  sealed_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, sealed_at {time} NOT NULL,
  lifted_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, lifted_at {time}, words {blob},
  CHECK ((lifted_at IS NULL) = (lifted_by_id IS NULL)), CHECK ((lifted_at IS NULL) = (words IS NULL)));
CREATE UNIQUE INDEX case_seal_standing ON case_seal (case_id) WHERE lifted_at IS NULL;

CREATE TABLE case_reader (
  id {id}, case_id INTEGER NOT NULL REFERENCES dropout_case (id) ON DELETE RESTRICT, user_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT,
  named_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, named_at {time} NOT NULL,
  ended_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, ended_at {time}, CHECK ((ended_at IS NULL) = (ended_by_id IS NULL)));
CREATE UNIQUE INDEX case_reader_standing ON case_reader (user_id, case_id) WHERE ended_at IS NULL;
CREATE INDEX case_reader_case ON case_reader (case_id);

CREATE TABLE case_glance (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, case_id INTEGER NOT NULL REFERENCES dropout_case (id) ON DELETE RESTRICT,
  user_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, reason {blob} NOT NULL, at {time} NOT NULL, until_at {time} NOT NULL,
  CHECK (until_at > at));
CREATE INDEX case_glance_user ON case_glance (user_id, until_at);
CREATE INDEX case_glance_case ON case_glance (case_id);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

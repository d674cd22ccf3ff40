"""Handing a case (移交) to another place that answers for the child: offered, accepted or refused, withdrawn."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE case_handover (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, case_id INTEGER NOT NULL REFERENCES dropout_case (id) ON DELETE RESTRICT,
  to_org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, from_owner_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT,
  reason {blob} NOT NULL, answer_by DATE NOT NULL,
  state VARCHAR(10) NOT NULL CHECK (state IN ('asked', 'accepted', 'refused', 'withdrawn', 'closed')),
  asked_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, asked_at {time} NOT NULL,
  new_owner_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT,
  ended_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, ended_at {time}, words {blob},
  CHECK ((state = 'asked') = (ended_at IS NULL)), CHECK ((ended_at IS NULL) = (ended_by_id IS NULL)),
  CHECK ((state = 'accepted') = (new_owner_id IS NOT NULL)), CHECK (state NOT IN ('accepted', 'refused') OR ended_by_id <> asked_by_id),
  CHECK (state <> 'refused' OR words IS NOT NULL));
CREATE UNIQUE INDEX case_handover_one_asked ON case_handover (case_id) WHERE state = 'asked';
CREATE INDEX case_handover_case ON case_handover (case_id);
CREATE INDEX case_handover_to ON case_handover (to_org_id, state);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

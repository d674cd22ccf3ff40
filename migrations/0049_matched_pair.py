"""Whether a child of another department's list is a pupil whose number is another one or none: what a person said, until it is withdrawn."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE matched_pair (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  id_number {blob} NOT NULL, id_index {blob} NOT NULL, student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE,
  is_same {bool} NOT NULL, decided_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, decided_at {time} NOT NULL,
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)));
CREATE UNIQUE INDEX matched_pair_standing ON matched_pair (county_id, id_index, student_id) WHERE withdrawn_at IS NULL;
CREATE UNIQUE INDEX matched_pair_one_pupil ON matched_pair (county_id, id_index) WHERE is_same AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX matched_pair_one_child ON matched_pair (student_id) WHERE is_same AND withdrawn_at IS NULL;
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

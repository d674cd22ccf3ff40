"""One child, one record: households, guardians' telephones that are found again, pairs that are two children, and mergers."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE household (
  id {id}, uid VARCHAR(32) NOT NULL, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  head_name VARCHAR(100) NOT NULL, home_id INTEGER REFERENCES org (id) ON DELETE RESTRICT, address {blob},
  created_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, created_at {time} NOT NULL);
CREATE INDEX household_county ON household (county_id);

CREATE TABLE not_same (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  first_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE,
  second_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE, reason VARCHAR(200) NOT NULL,
  decided_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, decided_at {time} NOT NULL,
  UNIQUE (first_id, second_id), CHECK (first_id < second_id), CHECK (reason <> ''));
CREATE INDEX not_same_second ON not_same (second_id);

CREATE TABLE student_merge (
  id {id}, uid VARCHAR(32) NOT NULL, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  kept_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT,
  dropped_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT,
  kept_revision INTEGER NOT NULL, dropped_revision INTEGER NOT NULL, reason VARCHAR(200) NOT NULL, journal {blob} NOT NULL,
  merged_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, merged_at {time} NOT NULL,
  undone_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, undone_at {time},
  CHECK (kept_id <> dropped_id), CHECK ((undone_at IS NULL) = (undone_by_id IS NULL)));
CREATE INDEX student_merge_kept ON student_merge (kept_id);
CREATE UNIQUE INDEX student_merge_standing ON student_merge (dropped_id) WHERE undone_at IS NULL;
"""
COLUMNS = """
ALTER TABLE student ADD COLUMN phone_index {blob};
ALTER TABLE student ADD COLUMN household_id INTEGER REFERENCES household (id) ON DELETE RESTRICT;
ALTER TABLE student ADD COLUMN merged_into_id INTEGER REFERENCES student (id) ON DELETE RESTRICT;
ALTER TABLE guardian ADD COLUMN phone_index {blob};
ALTER TABLE guardian ADD COLUMN has_custody {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE guardian ADD COLUMN lives_with {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE guardian ADD COLUMN holds_card {bool} NOT NULL DEFAULT FALSE;
CREATE INDEX student_phone ON student (phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX student_household ON student (household_id) WHERE household_id IS NOT NULL;
CREATE INDEX student_merged ON student (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX guardian_phone ON guardian (phone_index) WHERE phone_index IS NOT NULL;
"""
ADDED = {
    "guardian": ("holds_card", "lives_with", "has_custody", "phone_index"),
    "student": ("merged_into_id", "household_id", "phone_index"),
}
INDEXES = ("guardian_phone", "student_merged", "student_household", "student_phone")


def up(migrator, db):
    create_tables(db, TABLES + COLUMNS)


def down(migrator, db):
    for index in INDEXES:
        db.execute_sql(f"DROP INDEX {index}")
    for table, columns in ADDED.items():
        for column in columns:
            db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
    drop_tables(db, TABLES)

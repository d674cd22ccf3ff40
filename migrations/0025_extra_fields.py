"""Fields of a county's own (自定义项目), and what pupils' records say in them."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE extra_field (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, key VARCHAR(32) NOT NULL UNIQUE, label VARCHAR(20) NOT NULL,
  kind VARCHAR(10) NOT NULL CHECK (kind IN ('text', 'number', 'date', 'choice')), choices TEXT NOT NULL, position INTEGER NOT NULL,
  is_sensitive {bool} NOT NULL, shown_in_list {bool} NOT NULL CHECK (NOT (is_sensitive AND shown_in_list)),
  set_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, set_at {time} NOT NULL,
  withdrawn_at {time}, withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT,
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)), CHECK ((kind = 'choice') = (choices <> '')));
CREATE UNIQUE INDEX extra_field_label ON extra_field (county_id, label) WHERE withdrawn_at IS NULL;

CREATE TABLE extra_value (
  id {id}, uid VARCHAR(32) NOT NULL, student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE,
  field_id INTEGER NOT NULL REFERENCES extra_field (id) ON DELETE RESTRICT, value {blob} NOT NULL, value_index {blob} NOT NULL,
  changed_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, changed_at {time} NOT NULL, UNIQUE (student_id, field_id));
CREATE INDEX extra_value_field ON extra_value (field_id, value_index);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

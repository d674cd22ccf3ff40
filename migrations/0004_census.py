"""Other departments' lists, as dated snapshots."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE snapshot (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  kind VARCHAR(20) NOT NULL CHECK (kind IN ('household_registry', 'monitored_households', 'disabled_children')),
  dated DATE NOT NULL, brought_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, brought_at {time} NOT NULL,
  UNIQUE (county_id, kind, dated));

CREATE TABLE listed_child (
  id {id}, uid VARCHAR(32) NOT NULL, snapshot_id INTEGER NOT NULL REFERENCES snapshot (id) ON DELETE CASCADE,
  id_number {blob} NOT NULL, id_index {blob} NOT NULL, name VARCHAR(100) NOT NULL, sex VARCHAR(1) NOT NULL CHECK (sex IN ('', 'M', 'F')),
  born_on DATE, ethnicity VARCHAR(30) NOT NULL, head_name VARCHAR(100) NOT NULL, relation VARCHAR(20) NOT NULL,
  home_code VARCHAR(12) NOT NULL, home_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  category VARCHAR(40) NOT NULL, level VARCHAR(20) NOT NULL, certificate {blob}, listed_on DATE, cleared_on DATE,
  CHECK (cleared_on IS NULL OR listed_on IS NULL OR cleared_on >= listed_on),
  UNIQUE (snapshot_id, id_index));
CREATE INDEX listed_child_home ON listed_child (home_id);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

"""Other departments' lists of whatever kind a county names: the kinds are rows, and no longer three words of a CHECK."""

import peewee

from aidtracker.operation.tables import TYPES, create_tables, drop_tables

TABLES = """
CREATE TABLE list_kind (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  label VARCHAR(40) NOT NULL CHECK (label <> ''), giver VARCHAR(40) NOT NULL, tag VARCHAR(20) NOT NULL,
  added_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, added_at {time} NOT NULL,
  ended_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, ended_at {time},
  CHECK ((ended_at IS NULL) = (ended_by_id IS NULL)));
CREATE UNIQUE INDEX list_kind_label ON list_kind (county_id, label) WHERE ended_at IS NULL;
"""
THREE = "kind IN ('household_registry', 'monitored_households', 'disabled_children')"
ANY = "kind <> ''"
SNAPSHOT = """CREATE TABLE snapshot_again (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  kind VARCHAR(20) NOT NULL CHECK ({kinds}),
  dated DATE NOT NULL, brought_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, brought_at {time} NOT NULL,
  UNIQUE (county_id, kind, dated))"""
CHILD = """CREATE TABLE listed_child_again (
  id {id}, uid VARCHAR(32) NOT NULL, snapshot_id INTEGER NOT NULL REFERENCES snapshot_again (id) ON DELETE CASCADE,
  id_number {blob} NOT NULL, id_index {blob} NOT NULL, name VARCHAR(100) NOT NULL, sex VARCHAR(1) NOT NULL CHECK (sex IN ('', 'M', 'F')),
  born_on DATE, ethnicity VARCHAR(30) NOT NULL, head_name VARCHAR(100) NOT NULL, relation VARCHAR(20) NOT NULL,
  home_code VARCHAR(12) NOT NULL, home_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  category VARCHAR(40) NOT NULL, level VARCHAR(20) NOT NULL, certificate {blob}, listed_on DATE, cleared_on DATE,
  CHECK (cleared_on IS NULL OR listed_on IS NULL OR cleared_on >= listed_on),
  UNIQUE (snapshot_id, id_index))"""
OTHERS = "kind NOT IN ('household_registry', 'monitored_households', 'disabled_children')"


def up(migrator, db):
    create_tables(db, TABLES)
    allow(db, ANY)
    db.execute_sql("ALTER TABLE import_file ADD COLUMN list_kind_id INTEGER REFERENCES list_kind (id) ON DELETE RESTRICT")


def down(migrator, db):
    """Lists of a county's own kinds go with the kinds."""
    db.execute_sql("ALTER TABLE import_file DROP COLUMN list_kind_id")
    db.execute_sql(f"DELETE FROM snapshot WHERE {OTHERS}")  # noqa: S608 our own text
    allow(db, THREE)
    drop_tables(db, TABLES)


def allow(db, kinds: str) -> None:
    """SQLite changes no constraint of a table that stands; dropping the parent first would take the children with it."""
    if not isinstance(db, peewee.SqliteDatabase):
        db.execute_sql("ALTER TABLE snapshot DROP CONSTRAINT snapshot_kind_check")
        db.execute_sql(f"ALTER TABLE snapshot ADD CONSTRAINT snapshot_kind_check CHECK ({kinds})")
        return
    db.execute_sql(SNAPSHOT.format(**TYPES["sqlite"], kinds=kinds))
    db.execute_sql("INSERT INTO snapshot_again SELECT * FROM snapshot")
    db.execute_sql(CHILD.format(**TYPES["sqlite"]))
    db.execute_sql("INSERT INTO listed_child_again SELECT * FROM listed_child")
    db.execute_sql("DROP TABLE listed_child")
    db.execute_sql("DROP TABLE snapshot")
    db.execute_sql("ALTER TABLE snapshot_again RENAME TO snapshot")
    db.execute_sql("ALTER TABLE listed_child_again RENAME TO listed_child")
    db.execute_sql("CREATE INDEX listed_child_home ON listed_child (home_id)")

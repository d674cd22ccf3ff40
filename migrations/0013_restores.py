"""How often this installation was restored, and each backup that was made: when, how large, whether it could be opened again."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE backup (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, file_name VARCHAR(100) NOT NULL, made_at {time} NOT NULL, size BIGINT NOT NULL,
  checked_at {time}, problem VARCHAR(200) NOT NULL);
"""


def up(migrator, db):
    db.execute_sql("ALTER TABLE installation ADD COLUMN generation INTEGER NOT NULL DEFAULT 1")
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)
    db.execute_sql("ALTER TABLE installation DROP COLUMN generation")

"""Imports that can be undone: what each step wrote, which columns a sender means, files that came together.

The readings of a name lose their foreign key: nothing finds them by the pupil alone, and whoever removes a pupil removes
them by name. A pupil's tags and transfers are found by an index of their own.
"""

import peewee

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE roster_step (
  id {id}, import_uid VARCHAR(32) NOT NULL, kind VARCHAR(20) NOT NULL, ids TEXT NOT NULL, made_at {time} NOT NULL);
CREATE INDEX roster_step_import ON roster_step (import_uid, id);

CREATE TABLE import_heading (
  id {id}, user_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE, kind VARCHAR(30) NOT NULL,
  heading VARCHAR(100) NOT NULL, column_key VARCHAR(40) NOT NULL, set_at {time} NOT NULL, UNIQUE (user_id, kind, heading));

CREATE INDEX tag_student ON tag (student_id);
CREATE INDEX transfer_student ON transfer (student_id);
"""
READINGS = """
CREATE TABLE name_reading_again (
  county_id INTEGER NOT NULL, reading VARCHAR(200) {bytewise} NOT NULL,
  student_id INTEGER NOT NULL{reference}, PRIMARY KEY (county_id, reading, student_id)) {without_rowid}
"""
COLUMNS = (
    "batch_uid VARCHAR(32) NOT NULL DEFAULT ''",
    "undone_at {time}",
    "undone_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT CHECK ((undone_at IS NULL) = (undone_by_id IS NULL))",
)
REFERENCE = " REFERENCES student (id) ON DELETE CASCADE"


def up(migrator, db):
    create_tables(db, TABLES)
    is_sqlite = isinstance(db, peewee.SqliteDatabase)
    for column in COLUMNS:
        db.execute_sql("ALTER TABLE import_file ADD COLUMN " + column.format(time="DATETIME" if is_sqlite else "TIMESTAMP"))
    db.execute_sql("CREATE INDEX import_file_batch ON import_file (batch_uid) WHERE batch_uid <> ''")
    copy_readings(db, is_sqlite, "")


def down(migrator, db):
    copy_readings(db, isinstance(db, peewee.SqliteDatabase), REFERENCE)
    db.execute_sql("DROP INDEX import_file_batch")
    for column in reversed(COLUMNS):
        db.execute_sql("ALTER TABLE import_file DROP COLUMN " + column.split()[0])
    for index in ("transfer_student", "tag_student"):
        db.execute_sql(f"DROP INDEX {index}")
    drop_tables(db, TABLES)


def copy_readings(db, is_sqlite: bool, reference: str) -> None:
    """SQLite changes no constraint of a table that stands."""
    if not is_sqlite:
        name = "name_reading_student_id_fkey"
        change = f"ADD CONSTRAINT {name} FOREIGN KEY (student_id){reference}" if reference else f"DROP CONSTRAINT {name}"
        db.execute_sql(f"ALTER TABLE name_reading {change}")
        return
    db.execute_sql(READINGS.format(bytewise="", without_rowid="WITHOUT ROWID", reference=reference))
    db.execute_sql("INSERT INTO name_reading_again SELECT county_id, reading, student_id FROM name_reading ORDER BY county_id, reading, student_id")
    db.execute_sql("DROP TABLE name_reading")
    db.execute_sql("ALTER TABLE name_reading_again RENAME TO name_reading")

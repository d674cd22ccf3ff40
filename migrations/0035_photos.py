"""Photos and signatures: each sealed by a key of its own; which visit they are of; why a visit has none."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE attachment (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, kind VARCHAR(10) NOT NULL CHECK (kind IN ('photo', 'signature')), sealing {blob},
  width SMALLINT NOT NULL CHECK (width > 0), height SMALLINT NOT NULL CHECK (height > 0), size INTEGER NOT NULL CHECK (size > 0),
  look VARCHAR(16) NOT NULL, look_1 VARCHAR(4) NOT NULL, look_2 VARCHAR(4) NOT NULL, look_3 VARCHAR(4) NOT NULL, look_4 VARCHAR(4) NOT NULL,
  added_at {time} NOT NULL, removed_at {time}, CHECK ((removed_at IS NULL) = (sealing IS NOT NULL)));
CREATE INDEX attachment_look_1 ON attachment (look_1) WHERE look <> '';
CREATE INDEX attachment_look_2 ON attachment (look_2) WHERE look <> '';
CREATE INDEX attachment_look_3 ON attachment (look_3) WHERE look <> '';
CREATE INDEX attachment_look_4 ON attachment (look_4) WHERE look <> '';
CREATE INDEX attachment_added ON attachment (added_at) WHERE removed_at IS NULL;

CREATE TABLE attachment_content (
  attachment_id INTEGER NOT NULL PRIMARY KEY REFERENCES attachment (id) ON DELETE CASCADE, whole {blob} NOT NULL, small {blob} NOT NULL);

CREATE TABLE visit_file (
  attachment_id INTEGER NOT NULL PRIMARY KEY REFERENCES attachment (id) ON DELETE RESTRICT,
  visit_id INTEGER NOT NULL REFERENCES visit (id) ON DELETE CASCADE, sent VARCHAR(64) NOT NULL, UNIQUE (visit_id, sent));
ALTER TABLE visit ADD COLUMN no_photo VARCHAR(10) NOT NULL DEFAULT '' CHECK (no_photo IN ('', 'declined', 'remote', 'unable', 'other'));
ALTER TABLE visit ADD COLUMN unsigned VARCHAR(10) NOT NULL DEFAULT '' CHECK (unsigned IN ('', 'absent', 'declined', 'unable', 'remote'));
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    db.execute_sql("ALTER TABLE visit DROP COLUMN unsigned")
    db.execute_sql("ALTER TABLE visit DROP COLUMN no_photo")
    drop_tables(db, TABLES)

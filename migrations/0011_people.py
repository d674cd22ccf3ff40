"""Staff with their numbers and telephones, one-time invitations, what a role is held as, devices that several people share."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE staff_record (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, user_id INTEGER NOT NULL UNIQUE REFERENCES user_account (id) ON DELETE CASCADE,
  county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, staff_number VARCHAR(30) NOT NULL,
  phone {blob}, phone_index {blob}, leaves_on DATE,
  CHECK ((phone IS NULL) = (phone_index IS NULL)));
CREATE UNIQUE INDEX staff_record_number ON staff_record (county_id, staff_number) WHERE staff_number <> '';
CREATE INDEX staff_record_phone ON staff_record (county_id, phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX staff_record_leaving ON staff_record (leaves_on) WHERE leaves_on IS NOT NULL;

CREATE TABLE invitation (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, user_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  epoch INTEGER NOT NULL, token_hash {blob} NOT NULL UNIQUE, code_hash {blob} NOT NULL,
  created_at {time} NOT NULL, created_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT,
  expires_at {time} NOT NULL, used_at {time}, ended_at {time},
  CHECK (used_at IS NULL OR ended_at IS NOT NULL));
CREATE UNIQUE INDEX invitation_one_open ON invitation (user_id) WHERE ended_at IS NULL;
"""
COLUMNS = (
    ("membership", "duty", "VARCHAR(12) NOT NULL DEFAULT '' CHECK (duty IN ('', 'homeroom', 'substitute', 'acting'))"),
    ("membership", "stands_in_for_id", "INTEGER REFERENCES user_account (id) ON DELETE RESTRICT"),
    ("membership", "reason", "VARCHAR(200) NOT NULL DEFAULT ''"),
    ("user_session", "is_shared", "{bool} NOT NULL DEFAULT FALSE"),
)
ONE_HOMEROOM = "CREATE UNIQUE INDEX membership_homeroom ON membership (org_id) WHERE duty = 'homeroom' AND ends_on IS NULL"


def up(migrator, db):
    create_tables(db, TABLES)
    for table, name, words in COLUMNS:
        create_tables(db, f"ALTER TABLE {table} ADD COLUMN {name} {words};\n")
    create_tables(db, "CREATE INDEX membership_stands_in_for_id ON membership (stands_in_for_id);\n" + ONE_HOMEROOM + ";\n")


def down(migrator, db):
    db.execute_sql("DROP INDEX membership_homeroom")
    db.execute_sql("DROP INDEX membership_stands_in_for_id")
    for table, name, _words in reversed(COLUMNS):
        db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {name}")
    drop_tables(db, TABLES)

"""How old a password is, what a session may do without being used, when its holder last proved who they are; second factors with
their recovery codes; and sign-ins that wait for the second factor."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE second_factor (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, user_id INTEGER NOT NULL UNIQUE REFERENCES user_account (id) ON DELETE CASCADE,
  secret {blob}, new_secret {blob}, last_step BIGINT NOT NULL, confirmed_at {time},
  CHECK ((secret IS NULL) = (confirmed_at IS NULL)));

CREATE TABLE recovery_code (
  id {id}, user_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE, code_hash {blob} NOT NULL UNIQUE, used_at {time});
CREATE INDEX recovery_code_user_id ON recovery_code (user_id);

CREATE TABLE half_sign_in (
  token_hash {blob} NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  epoch INTEGER NOT NULL, is_shared {bool} NOT NULL, expires_at {time} NOT NULL);
CREATE INDEX half_sign_in_user_id ON half_sign_in (user_id);
"""
COLUMNS = (
    ("user_account", "password_set_at", "{time}"),
    ("user_account", "is_exempt", "{bool} NOT NULL DEFAULT FALSE"),
    ("user_session", "idle_seconds", "INTEGER NOT NULL DEFAULT 0"),
    ("user_session", "is_teachers", "{bool} NOT NULL DEFAULT FALSE"),
    ("user_session", "proved_at", "{time}"),
)
# A password counts from today on; who is signed in stays so, as before; the demo's accounts stay open to its visitors.
FILL = """
UPDATE user_account SET password_set_at = CURRENT_TIMESTAMP;
UPDATE user_account SET is_exempt = TRUE WHERE EXISTS (SELECT 1 FROM installation WHERE is_demo);
UPDATE user_session SET is_teachers = TRUE WHERE NOT EXISTS (SELECT 1 FROM membership m WHERE m.user_id = user_session.user_id AND m.role <> 'teacher');
UPDATE user_session SET idle_seconds = CASE WHEN is_shared THEN 900 WHEN is_teachers THEN 259200 ELSE 1800 END;
"""


def up(migrator, db):
    create_tables(db, TABLES)
    for table, name, words in COLUMNS:
        create_tables(db, f"ALTER TABLE {table} ADD COLUMN {name} {words};\n")
    create_tables(db, FILL)


def down(migrator, db):
    for table, name, _words in reversed(COLUMNS):
        db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {name}")
    drop_tables(db, TABLES)

"""Roles of administrators, each asked for by one person and confirmed by another."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE role_request (
  id {id}, user_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  role VARCHAR(30) NOT NULL, org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  starts_on DATE NOT NULL, ends_on DATE, stands_in_for_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, reason VARCHAR(200) NOT NULL,
  requested_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, requested_at {time} NOT NULL, expires_at {time} NOT NULL,
  decided_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, decided_at {time}, is_given {bool} NOT NULL,
  CHECK ((decided_by_id IS NULL) = (decided_at IS NULL)), CHECK (NOT is_given OR decided_by_id <> requested_by_id));
CREATE UNIQUE INDEX role_request_one_open ON role_request (user_id, role, org_id) WHERE decided_at IS NULL;
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

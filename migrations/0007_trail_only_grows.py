"""The trail only grows: the database refuses to change or remove an entry, whoever asks. And who looked at whom, as an index."""

import peewee

LOOKS = "CREATE INDEX audit_entry_looks ON audit_entry (object_id, actor_id, at_us) WHERE action = 'students.view_student'"
# INSERT OR REPLACE removes an entry without asking the trigger for DELETE: a new one must therefore be the next.
SQLITE = (
    """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'an audit entry cannot be changed'); END""",
    """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'an audit entry cannot be removed'); END""",
    """CREATE TRIGGER audit_entry_next BEFORE INSERT ON audit_entry
    WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM audit_entry)
    BEGIN SELECT RAISE(ABORT, 'an audit entry comes after the last'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'an audit entry cannot be changed or removed'; END $$""",
    """CREATE TRIGGER audit_entry_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()""",
)


def up(migrator, db):
    db.execute_sql(LOOKS)
    for statement in SQLITE if isinstance(db, peewee.SqliteDatabase) else POSTGRESQL:
        db.execute_sql(statement)


def down(migrator, db):
    if isinstance(db, peewee.SqliteDatabase):
        for name in ("audit_entry_next", "audit_entry_no_delete", "audit_entry_no_update"):
            db.execute_sql(f"DROP TRIGGER {name}")
    else:
        db.execute_sql("DROP TRIGGER audit_entry_only_grows ON audit_entry")
        db.execute_sql("DROP FUNCTION audit_entry_refuse()")
    db.execute_sql("DROP INDEX audit_entry_looks")

"""Practice installations: a mark that goes into an empty database only and never out again, whoever asks; and when a reset was asked for."""

import peewee

from aidtracker.operation.tables import create_tables

COLUMNS = """
ALTER TABLE installation ADD COLUMN is_practice {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE installation ADD COLUMN reset_wanted_at {time};
"""
IN_USE = "EXISTS (SELECT 1 FROM user_account) OR EXISTS (SELECT 1 FROM org)"
INTO, OUT = "the mark of practice goes into an empty database only", "the mark of practice stays"
SQLITE = (
    f"""CREATE TRIGGER installation_practice_insert BEFORE INSERT ON installation WHEN NEW.is_practice AND ({IN_USE})
    BEGIN SELECT RAISE(ABORT, '{INTO}'); END""",
    f"""CREATE TRIGGER installation_practice_update BEFORE UPDATE ON installation WHEN NEW.is_practice AND NOT OLD.is_practice AND ({IN_USE})
    BEGIN SELECT RAISE(ABORT, '{INTO}'); END""",
    f"""CREATE TRIGGER installation_practice_stays BEFORE UPDATE ON installation WHEN OLD.is_practice AND NOT (NEW.is_practice AND NEW.is_demo)
    BEGIN SELECT RAISE(ABORT, '{OUT}'); END""",
    f"""CREATE TRIGGER installation_practice_delete BEFORE DELETE ON installation WHEN OLD.is_practice
    BEGIN SELECT RAISE(ABORT, '{OUT}'); END""",
    # INSERT OR REPLACE removes the row without asking the trigger for DELETE.
    f"""CREATE TRIGGER installation_practice_replace BEFORE INSERT ON installation
    WHEN NOT NEW.is_practice AND EXISTS (SELECT 1 FROM installation WHERE is_practice)
    BEGIN SELECT RAISE(ABORT, '{OUT}'); END""",  # noqa: S608 our own words
)
POSTGRESQL = (
    f"""CREATE FUNCTION installation_keep_practice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        IF EXISTS (SELECT 1 FROM installation WHERE is_practice) THEN RAISE EXCEPTION '{OUT}'; END IF;
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.is_practice AND (TG_OP = 'DELETE' OR NOT (NEW.is_practice AND NEW.is_demo)) THEN RAISE EXCEPTION '{OUT}'; END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF NEW.is_practice AND (TG_OP = 'INSERT' OR NOT OLD.is_practice) AND ({IN_USE}) THEN RAISE EXCEPTION '{INTO}'; END IF;
    RETURN NEW;
    END $$""",  # noqa: S608
    """CREATE TRIGGER installation_practice BEFORE INSERT OR UPDATE OR DELETE ON installation
    FOR EACH ROW EXECUTE FUNCTION installation_keep_practice()""",
    """CREATE TRIGGER installation_practice_truncate BEFORE TRUNCATE ON installation
    FOR EACH STATEMENT EXECUTE FUNCTION installation_keep_practice()""",
)
SQLITE_TRIGGERS = ("insert", "update", "stays", "delete", "replace")


def up(migrator, db):
    create_tables(db, COLUMNS)
    for statement in SQLITE if isinstance(db, peewee.SqliteDatabase) else POSTGRESQL:
        db.execute_sql(statement)


def down(migrator, db):
    if isinstance(db, peewee.SqliteDatabase):
        for name in SQLITE_TRIGGERS:
            db.execute_sql(f"DROP TRIGGER installation_practice_{name}")
    else:
        db.execute_sql("DROP TRIGGER installation_practice_truncate ON installation")
        db.execute_sql("DROP TRIGGER installation_practice ON installation")
        db.execute_sql("DROP FUNCTION installation_keep_practice()")
    db.execute_sql("ALTER TABLE installation DROP COLUMN reset_wanted_at")
    db.execute_sql("ALTER TABLE installation DROP COLUMN is_practice")

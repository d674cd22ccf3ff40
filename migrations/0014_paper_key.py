"""Which key file was last shown to be readable from its sheets of paper."""

from aidtracker.operation.tables import create_tables


def up(migrator, db):
    db.execute_sql("ALTER TABLE installation ADD COLUMN paper_key VARCHAR(8) NOT NULL DEFAULT ''")
    create_tables(db, "ALTER TABLE installation ADD COLUMN paper_key_at {time};\n")


def down(migrator, db):
    db.execute_sql("ALTER TABLE installation DROP COLUMN paper_key_at")
    db.execute_sql("ALTER TABLE installation DROP COLUMN paper_key")

"""The day that an uploaded list of another department speaks of."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE import_file ADD COLUMN dated DATE")


def down(migrator, db):
    db.execute_sql("ALTER TABLE import_file DROP COLUMN dated")

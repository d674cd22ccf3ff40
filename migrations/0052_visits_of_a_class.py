"""The visits of a class are found by the class: not by what its school was ever visited."""

INDEX = "CREATE INDEX visit_student_class ON visit_student (class_org_id, visit_id)"


def up(migrator, db):
    db.execute_sql(INDEX)


def down(migrator, db):
    db.execute_sql("DROP INDEX visit_student_class")

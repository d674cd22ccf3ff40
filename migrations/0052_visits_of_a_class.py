"""The visits of a class or school are found by the place: not by whatever its pupils or the county were ever visited."""

PLACES = {"visit_student_class": "class_org_id", "visit_student_school": "school_id"}


def up(migrator, db):
    for name, column in PLACES.items():
        db.execute_sql(f"CREATE INDEX {name} ON visit_student ({column}, visit_id)")


def down(migrator, db):
    for name in PLACES:
        db.execute_sql(f"DROP INDEX {name}")

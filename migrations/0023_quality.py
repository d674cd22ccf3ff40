"""What is wrong with pupils' records (数据质量): each finding since when, and its sums day by day."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE quality_finding (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE CASCADE, school_id INTEGER REFERENCES org (id) ON DELETE CASCADE,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE, kind VARCHAR(20) NOT NULL, found_on DATE NOT NULL,
  UNIQUE (student_id, kind));
CREATE INDEX quality_finding_school ON quality_finding (county_id, kind, school_id);

CREATE TABLE quality_sum (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE CASCADE, school_id INTEGER REFERENCES org (id) ON DELETE CASCADE,
  kind VARCHAR(20) NOT NULL, on_day DATE NOT NULL, number INTEGER NOT NULL CHECK (number >= 0));
CREATE INDEX quality_sum_day ON quality_sum (county_id, on_day, kind);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

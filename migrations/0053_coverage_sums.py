"""What the coverage of home visits comes to, class by class: kept, since no page can count 300,000 visits."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE coverage_sum (
  class_org_id INTEGER NOT NULL PRIMARY KEY REFERENCES org (id) ON DELETE CASCADE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  pupils INTEGER NOT NULL CHECK (pupils > 0), visited INTEGER NOT NULL, on_site INTEGER NOT NULL, year_met INTEGER NOT NULL,
  term_due INTEGER NOT NULL, term_met INTEGER NOT NULL, entry_due INTEGER NOT NULL, entry_met INTEGER NOT NULL, key_due INTEGER NOT NULL, key_met INTEGER NOT NULL,
  classes SMALLINT NOT NULL CHECK (classes = 1), door_met SMALLINT NOT NULL CHECK (door_met IN (0, 1)), share_met SMALLINT NOT NULL CHECK (share_met IN (0, 1)),
  planned INTEGER NOT NULL, lacking INTEGER NOT NULL, late INTEGER NOT NULL);
CREATE INDEX coverage_sum_school ON coverage_sum (county_id, school_id);

CREATE TABLE coverage_kept (
  county_id INTEGER NOT NULL PRIMARY KEY REFERENCES org (id) ON DELETE CASCADE, on_day DATE NOT NULL, entry_id INTEGER NOT NULL CHECK (entry_id >= 0));
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

"""What is worth a second look among the visits of a county, in view of which other visits, and who has looked."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE second_look (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  visit_id INTEGER NOT NULL REFERENCES visit (id) ON DELETE RESTRICT,
  reason VARCHAR(12) NOT NULL CHECK (reason IN ('odd_hours', 'past_midnight', 'two_places', 'many_at_once', 'same_words', 'same_photo')),
  others {json} NOT NULL, found_at {time} NOT NULL,
  looked_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, looked_at {time}, remark {blob},
  UNIQUE (visit_id, reason), CHECK ((looked_at IS NULL) = (looked_by_id IS NULL)), CHECK (looked_at IS NOT NULL OR remark IS NULL));
CREATE INDEX second_look_open ON second_look (county_id, id) WHERE looked_at IS NULL;

CREATE TABLE former_look (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, second_look_id INTEGER NOT NULL REFERENCES second_look (id) ON DELETE RESTRICT,
  looked_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, looked_at {time} NOT NULL, remark {blob},
  withdrawn_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time} NOT NULL);
CREATE INDEX former_look_of ON former_look (second_look_id);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

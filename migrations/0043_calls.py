"""Calls back: how many of a month's visits were drawn at each place, which they are, and every call that was made about one."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE call_draw (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, place_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  month VARCHAR(7) NOT NULL CHECK (length(month) = 7), visits INTEGER NOT NULL, drawn INTEGER NOT NULL CHECK (drawn >= 0 AND drawn <= visits),
  share SMALLINT NOT NULL CHECK (share BETWEEN 0 AND 100), drawn_at {time} NOT NULL, UNIQUE (place_id, month));
CREATE INDEX call_draw_county ON call_draw (county_id, month);

CREATE TABLE call_back (
  id {id}, draw_id INTEGER NOT NULL REFERENCES call_draw (id) ON DELETE RESTRICT, visit_id INTEGER NOT NULL UNIQUE REFERENCES visit (id) ON DELETE RESTRICT,
  state VARCHAR(10) NOT NULL CHECK (state IN ('waiting', 'again', 'confirmed', 'denied', 'declined', 'unreached')),
  tries SMALLINT NOT NULL CHECK (tries >= 0), CHECK ((state = 'waiting') = (tries = 0)));
CREATE INDEX call_back_draw ON call_back (draw_id, state);
CREATE INDEX call_back_open ON call_back (visit_id) WHERE state IN ('waiting', 'again');

CREATE TABLE call_made (
  id {id}, call_back_id INTEGER NOT NULL REFERENCES call_back (id) ON DELETE RESTRICT, number SMALLINT NOT NULL CHECK (number > 0),
  outcome VARCHAR(12) NOT NULL CHECK (outcome IN ('confirmed', 'denied', 'declined', 'no_answer', 'wrong_number')),
  spoke_to VARCHAR(100) NOT NULL CHECK ((spoke_to = '') = (outcome IN ('no_answer', 'wrong_number'))), remark {blob},
  called_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, called_at {time} NOT NULL, UNIQUE (call_back_id, number));

CREATE INDEX visit_recorded ON visit (county_id, recorded_at) WHERE NOT is_imported;
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    db.execute_sql("DROP INDEX visit_recorded")
    drop_tables(db, TABLES)

"""The year rollover (升级) with its journal, where finishing pupils go on (对口升学), and school years that are closed."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE closed_year (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  school_year INTEGER NOT NULL CHECK (school_year BETWEEN 1990 AND 2100), reason VARCHAR(200) NOT NULL,
  closed_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, closed_at {time} NOT NULL,
  reopen_reason VARCHAR(200) NOT NULL,
  reopened_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, reopened_at {time},
  CHECK ((reopened_at IS NULL) = (reopened_by_id IS NULL)), CHECK ((reopened_at IS NULL) = (reopen_reason = '')));
CREATE UNIQUE INDEX closed_year_one ON closed_year (county_id, school_year) WHERE reopened_at IS NULL;

CREATE TABLE feeder (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  stage VARCHAR(12) NOT NULL CHECK (stage IN ('preschool', 'primary', 'junior')),
  to_school_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  classes SMALLINT NOT NULL CHECK (classes BETWEEN 1 AND 40),
  set_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, set_at {time} NOT NULL,
  UNIQUE (school_id, stage));
CREATE INDEX feeder_county ON feeder (county_id, to_school_id);

CREATE TABLE rollover (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  kind VARCHAR(12) NOT NULL CHECK (kind IN ('year', 'split', 'combine', 'merge')),
  school_year INTEGER NOT NULL CHECK (school_year BETWEEN 1990 AND 2100), on_day DATE NOT NULL,
  document VARCHAR(100) NOT NULL, reason {blob},
  classes INTEGER NOT NULL CHECK (classes >= 0), moved INTEGER NOT NULL CHECK (moved >= 0), graduated INTEGER NOT NULL CHECK (graduated >= 0),
  held INTEGER NOT NULL CHECK (held >= 0), journal {blob} NOT NULL,
  done_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, done_at {time} NOT NULL,
  undone_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, undone_at {time},
  CHECK ((undone_at IS NULL) = (undone_by_id IS NULL)));
CREATE UNIQUE INDEX rollover_once ON rollover (school_id, school_year) WHERE kind = 'year' AND undone_at IS NULL;
CREATE INDEX rollover_school ON rollover (school_id, done_at);

CREATE TABLE rollover_order (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  place_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  school_year INTEGER NOT NULL CHECK (school_year BETWEEN 1990 AND 2100),
  asked_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, asked_at {time} NOT NULL, started_at {time},
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)), CHECK (started_at IS NULL OR withdrawn_at IS NULL));
CREATE UNIQUE INDEX rollover_order_waiting ON rollover_order (place_id, school_year) WHERE started_at IS NULL AND withdrawn_at IS NULL;
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

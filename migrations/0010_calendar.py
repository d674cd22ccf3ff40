"""The county's own calendar: days without school or made up for, dates of terms, weeks of boarders. A row is ended, never changed."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE closure (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, kind VARCHAR(10) NOT NULL CHECK (kind IN ('closure', 'makeup')),
  first_on DATE NOT NULL, last_on DATE NOT NULL CHECK (last_on >= first_on), reason VARCHAR(100) NOT NULL CHECK (reason <> ''),
  declared_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, declared_at {time} NOT NULL,
  ended_on DATE CHECK (ended_on < last_on), ended_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, ended_at {time},
  CHECK ((ended_on IS NULL) = (ended_at IS NULL)), CHECK ((ended_on IS NULL) = (ended_by_id IS NULL)));
CREATE INDEX closure_county ON closure (county_id, last_on);

CREATE TABLE term_dates (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, term VARCHAR(12) NOT NULL,
  first_on DATE NOT NULL, last_on DATE NOT NULL CHECK (last_on > first_on),
  set_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, set_at {time} NOT NULL);
CREATE INDEX term_dates_county ON term_dates (county_id, term);

CREATE TABLE rota (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, starts_on DATE NOT NULL,
  days_in SMALLINT NOT NULL CHECK (days_in >= 0), days_off SMALLINT NOT NULL CHECK (days_off >= 0),
  set_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, set_at {time} NOT NULL,
  CHECK ((days_in = 0) = (days_off = 0)));
CREATE INDEX rota_county ON rota (county_id, school_id);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

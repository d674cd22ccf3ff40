"""Notices (文书) of a case: their texts by county, what was issued under which 文号, how each was served."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE notice_text (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  kind VARCHAR(10) NOT NULL CHECK (kind IN ('return', 'other', 'penalty', 'suit')), title VARCHAR(40) NOT NULL CHECK (title <> ''),
  series VARCHAR(20) NOT NULL CHECK (series <> ''), body TEXT NOT NULL CHECK (body <> ''), days SMALLINT NOT NULL CHECK (days BETWEEN 1 AND 90),
  set_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, set_at {time} NOT NULL,
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)));
CREATE UNIQUE INDEX notice_text_title ON notice_text (county_id, title) WHERE withdrawn_at IS NULL;

CREATE TABLE notice (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, case_id INTEGER NOT NULL REFERENCES dropout_case (id) ON DELETE RESTRICT,
  office_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, kind VARCHAR(10) NOT NULL CHECK (kind IN ('return', 'other', 'penalty', 'suit')),
  title VARCHAR(40) NOT NULL, series VARCHAR(60) NOT NULL, year SMALLINT NOT NULL, number INTEGER NOT NULL CHECK (number > 0),
  addressee VARCHAR(100) NOT NULL CHECK (addressee <> ''), relation VARCHAR(20) NOT NULL, body {blob} NOT NULL,
  issued_on DATE NOT NULL, due_on DATE NOT NULL,
  state VARCHAR(10) NOT NULL CHECK (state IN ('issued', 'served', 'not_served', 'withdrawn')),
  issued_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, issued_at {time} NOT NULL,
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time}, words {blob},
  serve_task_id INTEGER REFERENCES task (id) ON DELETE RESTRICT, late_task_id INTEGER REFERENCES task (id) ON DELETE RESTRICT,
  UNIQUE (office_id, series, year, number), CHECK (due_on > issued_on),
  CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)), CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)),
  CHECK (state <> 'withdrawn' OR words IS NOT NULL));
CREATE INDEX notice_case ON notice (case_id);
CREATE INDEX notice_due ON notice (due_on) WHERE state <> 'withdrawn' AND late_task_id IS NULL;

CREATE TABLE notice_service (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, notice_id INTEGER NOT NULL REFERENCES notice (id) ON DELETE RESTRICT,
  ordinal SMALLINT NOT NULL, is_served {bool} NOT NULL, way VARCHAR(10) NOT NULL CHECK (way IN ('direct', 'left', 'post', 'entrusted', 'public', 'other')),
  on_day DATE NOT NULL, place {blob}, receiver VARCHAR(100) NOT NULL, relation VARCHAR(20) NOT NULL,
  servers VARCHAR(200) NOT NULL CHECK (servers <> ''), witness VARCHAR(100) NOT NULL, words {blob},
  evidence_id INTEGER REFERENCES attachment (id) ON DELETE RESTRICT,
  recorded_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, recorded_at {time} NOT NULL, receipt VARCHAR(12) NOT NULL,
  UNIQUE (notice_id, ordinal), CHECK (NOT is_served OR way IN ('left', 'public') OR receiver <> ''), CHECK (way <> 'left' OR NOT is_served OR witness <> ''),
  CHECK (is_served OR words IS NOT NULL));
CREATE UNIQUE INDEX notice_service_served ON notice_service (notice_id) WHERE is_served;
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

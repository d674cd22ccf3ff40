"""The first schema: written by hand, for both databases, with its CHECKs and partial indexes."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE keyring_key (
  id {id}, purpose VARCHAR(30) NOT NULL, kid SMALLINT NOT NULL,
  state VARCHAR(10) NOT NULL CHECK (state IN ('active', 'retired')),
  wrapped {blob} NOT NULL, created_at {time} NOT NULL,
  UNIQUE (purpose, kid));
CREATE UNIQUE INDEX keyring_key_one_active ON keyring_key (purpose) WHERE state = 'active';

CREATE TABLE audit_entry (
  id INTEGER PRIMARY KEY CHECK (id > 0), at_us BIGINT NOT NULL, actor_id INTEGER, actor_name VARCHAR(100) NOT NULL,
  action VARCHAR(60) NOT NULL, object_kind VARCHAR(30) NOT NULL, object_id VARCHAR(64) NOT NULL, county_id INTEGER,
  fields TEXT NOT NULL, count INTEGER, reason TEXT NOT NULL, network VARCHAR(45) NOT NULL,
  request_id VARCHAR(32) NOT NULL, previous {blob} NOT NULL UNIQUE, mac {blob} NOT NULL);
CREATE INDEX audit_entry_object ON audit_entry (object_kind, object_id);
CREATE INDEX audit_entry_actor ON audit_entry (actor_id);

CREATE TABLE receipt (
  id {id}, user_id INTEGER NOT NULL, key VARCHAR(64) NOT NULL, kind VARCHAR(60) NOT NULL, body_hash {blob} NOT NULL,
  number VARCHAR(12) NOT NULL UNIQUE, result {json}, created_at {time} NOT NULL,
  UNIQUE (user_id, key));

CREATE TABLE org (
  id {id},
  kind VARCHAR(10) NOT NULL CHECK (kind IN ('city', 'county', 'township', 'village', 'school', 'class')),
  code VARCHAR(40) NOT NULL UNIQUE, name VARCHAR(100) NOT NULL,
  parent_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  county_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  path VARCHAR(120) {bytewise} UNIQUE, closed_on DATE, created_at {time} NOT NULL,
  CHECK (kind IN ('city', 'county') OR parent_id IS NOT NULL),
  CHECK (kind = 'city' OR path IS NULL OR county_id IS NOT NULL));
CREATE INDEX org_parent_name ON org (parent_id, name);
CREATE INDEX org_county_kind ON org (county_id, kind);
CREATE INDEX org_counties ON org (id) WHERE kind = 'county';

CREATE TABLE school (
  org_id INTEGER PRIMARY KEY REFERENCES org (id) ON DELETE CASCADE,
  category VARCHAR(30) NOT NULL, sponsor VARCHAR(30) NOT NULL);

CREATE TABLE school_class (
  org_id INTEGER PRIMARY KEY REFERENCES org (id) ON DELETE CASCADE,
  school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  stage VARCHAR(12) NOT NULL CHECK (stage IN ('preschool', 'primary', 'junior', 'senior', 'vocational')),
  entry_year INTEGER NOT NULL CHECK (entry_year BETWEEN 1990 AND 2100), number VARCHAR(20) NOT NULL,
  UNIQUE (school_id, stage, entry_year, number));

CREATE TABLE user_account (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, username VARCHAR(60) NOT NULL UNIQUE CHECK (username = lower(username)),
  name VARCHAR(100) NOT NULL, password_hash VARCHAR(200) NOT NULL, must_change_password {bool} NOT NULL,
  language VARCHAR(5) NOT NULL CHECK (language IN ('zh', 'en')), epoch INTEGER NOT NULL, disabled_at {time},
  created_at {time} NOT NULL, created_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT);

CREATE TABLE membership (
  id {id}, user_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE, role VARCHAR(30) NOT NULL,
  org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, starts_on DATE NOT NULL, ends_on DATE,
  given_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, given_at {time} NOT NULL,
  CHECK (ends_on IS NULL OR ends_on >= starts_on));
CREATE INDEX membership_user ON membership (user_id);
CREATE INDEX membership_org ON membership (org_id);

CREATE TABLE user_session (
  token_hash {blob} PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  epoch INTEGER NOT NULL, created_at {time} NOT NULL, seen_at {time} NOT NULL, expires_at {time} NOT NULL,
  ended_at {time}, network VARCHAR(45) NOT NULL, agent VARCHAR(200) NOT NULL);
CREATE INDEX user_session_user ON user_session (user_id);

CREATE TABLE sign_in_attempt (
  id {id}, account VARCHAR(60) NOT NULL, network VARCHAR(45) NOT NULL, at {time} NOT NULL, succeeded {bool} NOT NULL);
CREATE INDEX sign_in_attempt_account ON sign_in_attempt (account, at);

CREATE TABLE job (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, kind VARCHAR(40) NOT NULL,
  state VARCHAR(10) NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')), owner_id INTEGER NOT NULL,
  args {json} NOT NULL, attempts SMALLINT NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL, message TEXT NOT NULL,
  result {json},
  result_file TEXT, download_name TEXT, created_at {time} NOT NULL, started_at {time}, finished_at {time},
  heartbeat_at {time}, expires_at {time});
CREATE INDEX job_owner ON job (owner_id, created_at);
CREATE INDEX job_unfinished ON job (state) WHERE state IN ('queued', 'running');

CREATE TABLE calendar_day (
  id {id}, on_day DATE NOT NULL, county_id INTEGER REFERENCES org (id) ON DELETE CASCADE,
  kind VARCHAR(10) NOT NULL CHECK (kind IN ('holiday', 'workday', 'closure')), name VARCHAR(40) NOT NULL);
CREATE UNIQUE INDEX calendar_day_national ON calendar_day (on_day) WHERE county_id IS NULL;
CREATE UNIQUE INDEX calendar_day_county ON calendar_day (county_id, on_day) WHERE county_id IS NOT NULL;

CREATE TABLE student (
  id {id}, uid VARCHAR(32) NOT NULL, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  name VARCHAR(100) {bytewise} NOT NULL, pinyin VARCHAR(200) {bytewise} NOT NULL,
  sex VARCHAR(1) NOT NULL CHECK (sex IN ('M', 'F')), born_on DATE NOT NULL, ethnicity VARCHAR(30) NOT NULL,
  id_kind VARCHAR(20) NOT NULL, id_number {blob}, id_index {blob}, student_number {blob},
  student_number_index {blob}, last_six_index {blob}, phone {blob}, address {blob}, entered_on VARCHAR(6) NOT NULL,
  home_code VARCHAR(12) NOT NULL, home_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  class_org_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  mode VARCHAR(12) NOT NULL CHECK (mode IN ('day', 'boarding', 'home_taught')), revision INTEGER NOT NULL,
  created_at {time} NOT NULL, updated_at {time} NOT NULL,
  CHECK ((id_number IS NULL) = (id_index IS NULL)),
  CHECK ((student_number IS NULL) = (student_number_index IS NULL)));
CREATE UNIQUE INDEX student_id_number ON student (county_id, id_index) WHERE id_index IS NOT NULL;
CREATE UNIQUE INDEX student_student_number ON student (county_id, student_number_index)
  WHERE student_number_index IS NOT NULL;
CREATE INDEX student_last_six ON student (county_id, last_six_index) WHERE last_six_index IS NOT NULL;
CREATE INDEX student_name ON student (county_id, name);
CREATE INDEX student_pinyin ON student (pinyin);
CREATE INDEX student_class ON student (class_org_id);
CREATE INDEX student_home ON student (home_id);

CREATE TABLE name_reading (
  county_id INTEGER NOT NULL, reading VARCHAR(200) {bytewise} NOT NULL,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE, PRIMARY KEY (county_id, reading, student_id)) {without_rowid};

CREATE TABLE guardian (
  id {id}, student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE, position SMALLINT NOT NULL, name VARCHAR(100) NOT NULL, relation VARCHAR(20) NOT NULL, phone {blob},
  is_guardian {bool} NOT NULL, UNIQUE (student_id, position));

CREATE TABLE enrollment (
  id {id}, student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE,
  class_org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  mode VARCHAR(12) NOT NULL CHECK (mode IN ('day', 'boarding', 'home_taught')), seat SMALLINT,
  starts_on DATE NOT NULL, ends_on DATE, created_at {time} NOT NULL,
  CHECK (ends_on IS NULL OR ends_on >= starts_on));
CREATE INDEX enrollment_student ON enrollment (student_id, starts_on);
CREATE INDEX enrollment_class ON enrollment (class_org_id, starts_on);
CREATE UNIQUE INDEX enrollment_one_open ON enrollment (student_id) WHERE ends_on IS NULL;

CREATE TABLE tag (
  id {id}, student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE, kind VARCHAR(20) NOT NULL,
  detail VARCHAR(60) NOT NULL, starts_on DATE NOT NULL, ends_on DATE, source VARCHAR(60) NOT NULL,
  created_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, created_at {time} NOT NULL,
  CHECK (ends_on IS NULL OR ends_on >= starts_on));
CREATE UNIQUE INDEX tag_one_open ON tag (student_id, kind) WHERE ends_on IS NULL;
CREATE INDEX tag_kind ON tag (kind, student_id);

CREATE TABLE roll_call (
  id {id}, expected INTEGER NOT NULL CHECK (expected >= 0), present INTEGER NOT NULL CHECK (present >= 0),
  sick_leave INTEGER NOT NULL, personal_leave INTEGER NOT NULL, unexcused INTEGER NOT NULL, late INTEGER NOT NULL,
  left_early INTEGER NOT NULL, official INTEGER NOT NULL,
  class_org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, on_day DATE NOT NULL,
  session VARCHAR(12) NOT NULL, revision SMALLINT NOT NULL,
  submitted_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, submitted_at {time} NOT NULL,
  receipt VARCHAR(12) NOT NULL,
  UNIQUE (class_org_id, on_day, session),
  CHECK (expected = present + sick_leave + personal_leave + unexcused));
CREATE INDEX roll_call_day ON roll_call (on_day, school_id);

CREATE TABLE absence (
  id {id}, roll_call_id INTEGER NOT NULL REFERENCES roll_call (id) ON DELETE CASCADE,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT, on_day DATE NOT NULL,
  mark VARCHAR(16) NOT NULL, reason {blob}, UNIQUE (roll_call_id, student_id));
CREATE INDEX absence_student ON absence (student_id, on_day);
CREATE INDEX absence_day_mark ON absence (on_day, mark, student_id);

CREATE TABLE roll_call_version (
  id {id}, roll_call_id INTEGER NOT NULL REFERENCES roll_call (id) ON DELETE CASCADE, revision SMALLINT NOT NULL,
  expected INTEGER NOT NULL, marks {json} NOT NULL, reasons {blob}, submitted_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT,
  submitted_at {time} NOT NULL, replaced_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT,
  replaced_at {time} NOT NULL, reason TEXT NOT NULL, UNIQUE (roll_call_id, revision));

CREATE TABLE day_sum (
  id {id}, expected INTEGER NOT NULL, present INTEGER NOT NULL, sick_leave INTEGER NOT NULL,
  personal_leave INTEGER NOT NULL, unexcused INTEGER NOT NULL, late INTEGER NOT NULL, left_early INTEGER NOT NULL,
  official INTEGER NOT NULL, school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, on_day DATE NOT NULL,
  session VARCHAR(12) NOT NULL, rolls INTEGER NOT NULL CHECK (rolls >= 0), UNIQUE (school_id, on_day, session));

CREATE TABLE import_file (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, kind VARCHAR(30) NOT NULL, file_name VARCHAR(200) NOT NULL,
  sha256 VARCHAR(64) NOT NULL, size INTEGER NOT NULL, school_year INTEGER,
  state VARCHAR(12) NOT NULL CHECK (state IN ('uploaded', 'checked', 'committed', 'discarded', 'failed')),
  outcome {blob}, job_uid VARCHAR(32), by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT,
  created_at {time} NOT NULL, committed_at {time},
  CHECK ((state = 'committed') = (committed_at IS NOT NULL)));
CREATE INDEX import_file_by ON import_file (by_id, created_at);

CREATE TABLE installation (
  id INTEGER PRIMARY KEY CHECK (id = 1), is_demo {bool} NOT NULL, created_at {time} NOT NULL);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

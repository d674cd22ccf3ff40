"""Leave of several days (请假): asked for, approved by its length, ended by 销假; and every step that was taken with it."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE leave (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, class_org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT, kind VARCHAR(16) NOT NULL CHECK (kind IN ('sick_leave', 'personal_leave', 'official')),
  first_on DATE NOT NULL, first_session VARCHAR(12) NOT NULL CHECK (first_session IN ('early', 'morning', 'afternoon', 'evening', 'night')),
  last_on DATE NOT NULL CHECK (last_on >= first_on), last_session VARCHAR(12) NOT NULL CHECK (last_session IN ('early', 'morning', 'afternoon', 'evening', 'night')),
  days SMALLINT NOT NULL CHECK (days >= 0), reason {blob} NOT NULL, applicant VARCHAR(40) NOT NULL CHECK (applicant <> ''), way VARCHAR(12) NOT NULL,
  is_proved {bool} NOT NULL, level VARCHAR(10) NOT NULL CHECK (level IN ('class', 'school', 'principal')),
  state VARCHAR(10) NOT NULL CHECK (state IN ('asked', 'approved', 'sent_back', 'withdrawn', 'closed')),
  continues_id INTEGER REFERENCES leave (id) ON DELETE RESTRICT CHECK (continues_id <> id), revision SMALLINT NOT NULL,
  asked_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, asked_at {time} NOT NULL,
  decided_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, decided_at {time},
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  closed_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, closed_at {time}, back_on DATE, clearance VARCHAR(8) NOT NULL CHECK (clearance IN ('', 'seen', 'waived')),
  CHECK ((decided_at IS NULL) = (decided_by_id IS NULL)), CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)),
  CHECK ((closed_at IS NULL) = (closed_by_id IS NULL)), CHECK ((closed_at IS NULL) = (back_on IS NULL)),
  CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)), CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
  CHECK (state <> 'asked' OR decided_at IS NULL), CHECK (state NOT IN ('approved', 'sent_back', 'closed') OR decided_at IS NOT NULL),
  CHECK (clearance = '' OR closed_at IS NOT NULL));
CREATE INDEX leave_student ON leave (student_id, last_on);
CREATE INDEX leave_open ON leave (school_id, last_on) WHERE state IN ('asked', 'approved');
CREATE INDEX leave_class ON leave (class_org_id, state);
CREATE INDEX leave_continues ON leave (continues_id) WHERE continues_id IS NOT NULL;

CREATE TABLE leave_step (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, leave_id INTEGER NOT NULL REFERENCES leave (id) ON DELETE CASCADE,
  kind VARCHAR(10) NOT NULL CHECK (kind IN ('asked', 'edited', 'approved', 'sent_back', 'withdrawn', 'closed')),
  done_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, done_at {time} NOT NULL, words {blob}, former {blob});
CREATE INDEX leave_step_leave ON leave_step (leave_id);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

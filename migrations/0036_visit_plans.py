"""Plans of visits, individual plans of pupils taught at home with their goals, reminders of what a month still lacks, lessons made up for."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE visit_plan (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT,
  planned_on DATE NOT NULL, planned_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, planned_at {time} NOT NULL,
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)));
CREATE UNIQUE INDEX visit_plan_live ON visit_plan (student_id) WHERE withdrawn_at IS NULL;

CREATE TABLE individual_plan (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT, starts_on DATE NOT NULL, ends_on DATE NOT NULL CHECK (ends_on >= starts_on),
  place VARCHAR(40) NOT NULL, schedule VARCHAR(100) NOT NULL, assessed {blob}, consent_on DATE NOT NULL, consent_by VARCHAR(100) NOT NULL CHECK (consent_by <> ''),
  teacher_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, second_teacher_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT,
  made_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, made_at {time} NOT NULL,
  ended_on DATE, end_reason VARCHAR(100) NOT NULL, ended_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, ended_at {time},
  CHECK (second_teacher_id IS NULL OR second_teacher_id <> teacher_id), CHECK ((ended_at IS NULL) = (ended_by_id IS NULL)),
  CHECK ((ended_at IS NULL) = (ended_on IS NULL)), CHECK ((ended_at IS NULL) = (end_reason = '')));
CREATE INDEX individual_plan_student ON individual_plan (student_id, starts_on);

CREATE TABLE individual_goal (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT,
  term VARCHAR(12) NOT NULL CHECK (term <> ''), goals {blob} NOT NULL, result {blob},
  set_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, set_at {time} NOT NULL);
CREATE INDEX individual_goal_student ON individual_goal (student_id, term, id);

CREATE TABLE quota_reminder (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT,
  month VARCHAR(7) NOT NULL, class_org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  task_id INTEGER NOT NULL UNIQUE REFERENCES task (id) ON DELETE RESTRICT, asked_at {time} NOT NULL, UNIQUE (student_id, month));
CREATE INDEX quota_reminder_county ON quota_reminder (county_id, month);

ALTER TABLE visit ADD COLUMN makes_up_on DATE CHECK (makes_up_on IS NULL OR (makes_up_on < on_day AND form = 'tutoring'));
CREATE INDEX visit_tutoring ON visit (county_id, on_day, id) WHERE form = 'tutoring';
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    db.execute_sql("DROP INDEX visit_tutoring")
    db.execute_sql("ALTER TABLE visit DROP COLUMN makes_up_on")
    drop_tables(db, TABLES)

"""What a pupil who is ill has (症状), and clusters of like cases in a class or a school with what was done about them."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE symptom_report (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, class_org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT, leave_id INTEGER REFERENCES leave (id) ON DELETE RESTRICT,
  on_day DATE NOT NULL, onset_on DATE NOT NULL CHECK (onset_on <= on_day), symptoms {blob} NOT NULL,
  recorded_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, recorded_at {time} NOT NULL,
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)));
CREATE UNIQUE INDEX symptom_report_standing ON symptom_report (student_id, on_day) WHERE withdrawn_at IS NULL;
CREATE INDEX symptom_report_school ON symptom_report (school_id, on_day);

CREATE TABLE illness_alert (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  school_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, class_org_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  on_day DATE NOT NULL, symptom VARCHAR(12) NOT NULL, cases INTEGER NOT NULL CHECK (cases >= 0), found_at {time} NOT NULL, lifted_at {time},
  handled_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, handled_at {time}, reported_on DATE, measures {blob},
  CHECK ((handled_at IS NULL) = (handled_by_id IS NULL)), CHECK ((handled_at IS NULL) = (measures IS NULL)));
CREATE UNIQUE INDEX illness_alert_class ON illness_alert (class_org_id, on_day, symptom) WHERE class_org_id IS NOT NULL;
CREATE UNIQUE INDEX illness_alert_school ON illness_alert (school_id, on_day, symptom) WHERE class_org_id IS NULL;
CREATE INDEX illness_alert_days ON illness_alert (school_id, on_day);
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

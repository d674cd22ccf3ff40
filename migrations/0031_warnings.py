"""Early warning: the steps that a pupil who stays away has reached, and classes that take no roll."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE absence_warning (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, class_org_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  student_id INTEGER REFERENCES student (id) ON DELETE RESTRICT, step VARCHAR(20) NOT NULL, first_on DATE NOT NULL,
  reached_on DATE NOT NULL CHECK (reached_on >= first_on), raised_at {time} NOT NULL, ended_at {time},
  task_id INTEGER NOT NULL UNIQUE REFERENCES task (id) ON DELETE RESTRICT, CHECK ((student_id IS NULL) = (step = 'class_silent')));
CREATE UNIQUE INDEX absence_warning_standing ON absence_warning (student_id, step) WHERE ended_at IS NULL AND student_id IS NOT NULL;
CREATE UNIQUE INDEX absence_warning_silent ON absence_warning (class_org_id) WHERE ended_at IS NULL AND student_id IS NULL;
CREATE INDEX absence_warning_county ON absence_warning (county_id, ended_at);
CREATE INDEX absence_warning_student ON absence_warning (student_id, step);

CREATE TABLE warning_round (
  county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, on_day DATE NOT NULL, changed INTEGER NOT NULL CHECK (changed >= 0),
  made_at {time} NOT NULL, PRIMARY KEY (county_id, on_day));
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

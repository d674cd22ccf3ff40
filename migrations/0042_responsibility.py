"""包保: who answers for a child, a class, a school, a village, a township or the county, on which line, from when to when."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE responsibility (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  org_id INTEGER REFERENCES org (id) ON DELETE RESTRICT, student_id INTEGER REFERENCES student (id) ON DELETE RESTRICT,
  line VARCHAR(4) NOT NULL CHECK (line IN ('gov', 'edu')),
  duty VARCHAR(10) NOT NULL CHECK (duty IN ('county', 'bureau', 'township', 'village', 'principal', 'teacher', 'parent', 'other')),
  name VARCHAR(40) NOT NULL CHECK (name <> ''), post VARCHAR(40) NOT NULL, phone {blob},
  person_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT,
  starts_on DATE NOT NULL, ends_on DATE CHECK (ends_on >= starts_on),
  recorded_by_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT, recorded_at {time} NOT NULL,
  ended_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, ended_at {time},
  withdrawn_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, withdrawn_at {time},
  CHECK ((org_id IS NULL) <> (student_id IS NULL)), CHECK ((ended_at IS NULL) = (ended_by_id IS NULL)),
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)), CHECK (ended_at IS NULL OR ends_on IS NOT NULL));
CREATE INDEX responsibility_org ON responsibility (org_id) WHERE org_id IS NOT NULL;
CREATE INDEX responsibility_student ON responsibility (student_id) WHERE student_id IS NOT NULL;
CREATE INDEX responsibility_person ON responsibility (person_id) WHERE person_id IS NOT NULL;
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

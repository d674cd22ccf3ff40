"""Student aid as it was paid: programs, batches, payments."""

from aidtracker.operation.tables import create_tables, drop_tables

TABLES = """
CREATE TABLE program (
  id {id}, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT, name VARCHAR(100) NOT NULL, created_at {time} NOT NULL,
  UNIQUE (county_id, name));

CREATE TABLE batch (
  id {id}, uid VARCHAR(32) NOT NULL UNIQUE, county_id INTEGER NOT NULL REFERENCES org (id) ON DELETE RESTRICT,
  program_id INTEGER NOT NULL REFERENCES program (id) ON DELETE RESTRICT,
  term VARCHAR(12) NOT NULL, name VARCHAR(60) NOT NULL,
  created_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, created_at {time} NOT NULL,
  UNIQUE (program_id, term, name));
CREATE INDEX batch_term ON batch (county_id, term);

CREATE TABLE payment (
  id {id}, uid VARCHAR(32) NOT NULL, batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE RESTRICT,
  program_id INTEGER NOT NULL REFERENCES program (id) ON DELETE RESTRICT, term VARCHAR(12) NOT NULL,
  student_id INTEGER NOT NULL REFERENCES student (id) ON DELETE RESTRICT,
  school_id INTEGER REFERENCES org (id) ON DELETE RESTRICT,
  stage VARCHAR(12) NOT NULL CHECK (stage IN ('preschool', 'primary', 'junior', 'senior', 'vocational')),
  grade VARCHAR(20) NOT NULL, class_number VARCHAR(20) NOT NULL, is_boarding {bool} NOT NULL, hardship VARCHAR(60) NOT NULL,
  standard_fen INTEGER CHECK (standard_fen >= 0), amount_fen INTEGER NOT NULL CHECK (amount_fen >= 0),
  bank_name VARCHAR(100) NOT NULL, card_number {blob}, card_index {blob}, holder_name VARCHAR(100) NOT NULL,
  holder_relation VARCHAR(20) NOT NULL, paid_on DATE, status VARCHAR(10) NOT NULL CHECK (status IN ('pending', 'paid', 'returned')),
  return_reason VARCHAR(200) NOT NULL, is_imported {bool} NOT NULL,
  recorded_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, recorded_at {time} NOT NULL, revision SMALLINT NOT NULL,
  CHECK ((card_number IS NULL) = (card_index IS NULL)),
  CHECK (status = 'returned' OR return_reason = ''),
  UNIQUE (batch_id, student_id));
CREATE INDEX payment_student ON payment (student_id, term);
CREATE INDEX payment_term ON payment (term, status, school_id);
CREATE INDEX payment_card ON payment (card_index) WHERE card_index IS NOT NULL;
CREATE UNIQUE INDEX payment_once ON payment (student_id, program_id, term) WHERE NOT is_imported AND status <> 'returned';

CREATE TABLE payment_version (
  id {id}, payment_id INTEGER NOT NULL REFERENCES payment (id) ON DELETE RESTRICT, revision SMALLINT NOT NULL,
  content {blob} NOT NULL, replaced_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT, replaced_at {time} NOT NULL,
  reason VARCHAR(200) NOT NULL, UNIQUE (payment_id, revision));
"""


def up(migrator, db):
    create_tables(db, TABLES)


def down(migrator, db):
    drop_tables(db, TABLES)

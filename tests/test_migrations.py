"""The migrations make the models' schema, with the CHECKs and partial indexes that no model mentions; up, down and up again."""

import datetime
import importlib
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import peewee
import pytest
from playhouse.migrations import Runner

import aidtracker
from aidtracker import db
from aidtracker.config import load_settings
from aidtracker.crypto import keyring
from aidtracker.errors import CannotStart
from aidtracker.operation import migration
from aidtracker.schema import MODELS
from tests import postgres
from tests.conftest import ON_POSTGRESQL
from tests.test_floor_plan import FLOORS

CHECKOUT = Path(__file__).resolve().parent.parent
HISTORY = "schema_migration"
SPELL = "ends_on IS NULL OR ends_on >= starts_on"
MODE = "mode IN ('day', 'boarding', 'home_taught')"
CHECKS = {
    "keyring_key": ["state IN ('active', 'retired')"],
    "audit_entry": ["id > 0"],
    "org": [
        "kind IN ('city', 'county', 'township', 'village', 'school', 'class')",
        "kind IN ('city', 'county') OR parent_id IS NOT NULL",
        "kind = 'city' OR path IS NULL OR county_id IS NOT NULL",
    ],
    "school_class": [
        "stage IN ('preschool', 'primary', 'junior', 'senior', 'vocational')",
        "entry_year BETWEEN 1990 AND 2100",
    ],
    "user_account": ["username = lower(username)", "language IN ('zh', 'en')"],
    "membership": [SPELL, "duty IN ('', 'homeroom', 'substitute', 'acting')"],
    "staff_record": ["(phone IS NULL) = (phone_index IS NULL)"],
    "invitation": ["used_at IS NULL OR ended_at IS NOT NULL"],
    "second_factor": ["(secret IS NULL) = (confirmed_at IS NULL)"],
    "job": ["state IN ('queued', 'running', 'done', 'failed')"],
    "attachment": ["kind IN ('photo', 'signature')", "width > 0", "height > 0", "size > 0", "(removed_at IS NULL) = (sealing IS NOT NULL)"],
    "calendar_day": ["kind IN ('holiday', 'workday', 'closure')"],
    "student": [
        "sex IN ('M', 'F')",
        MODE,
        "(id_number IS NULL) = (id_index IS NULL)",
        "(student_number IS NULL) = (student_number_index IS NULL)",
    ],
    "enrollment": [MODE, SPELL],
    "move": ["until_on IS NULL OR until_on >= on_day", "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)"],
    "transfer": [
        "state IN ('asked', 'confirmed', 'arrived', 'refused', 'withdrawn', 'missing')",
        "from_school_id <> to_school_id",
        "asked_by_school_id = from_school_id OR asked_by_school_id = to_school_id",
        "arrive_by >= leaves_on",
        "(confirmed_at IS NULL) = (confirmed_by_id IS NULL)",
        "(ended_at IS NULL) = (ended_by_id IS NULL)",
        "(state IN ('arrived', 'refused', 'withdrawn')) = (ended_at IS NOT NULL)",
        "(state = 'arrived') = (arrived_on IS NOT NULL AND to_class_id IS NOT NULL AND ended_at IS NOT NULL AND confirmed_at IS NOT NULL)",
        "state NOT IN ('confirmed', 'missing') OR confirmed_at IS NOT NULL",
        "state <> 'missing' OR missed_at IS NOT NULL",
    ],
    "quality_sum": ["number >= 0"],
    "coverage_sum": ["pupils > 0", "classes = 1", "door_met IN (0, 1)", "share_met IN (0, 1)"],
    "coverage_kept": ["entry_id >= 0"],
    "former_number": ["kind IN ('id_number', 'student_number')"],
    "closed_year": ["school_year BETWEEN 1990 AND 2100", "(reopened_at IS NULL) = (reopened_by_id IS NULL)", "(reopened_at IS NULL) = (reopen_reason = '')"],
    "feeder": ["stage IN ('preschool', 'primary', 'junior')", "classes BETWEEN 1 AND 40"],
    "rollover": [
        "kind IN ('year', 'split', 'combine', 'merge')", "school_year BETWEEN 1990 AND 2100", "classes >= 0", "moved >= 0", "graduated >= 0", "held >= 0",
        "(undone_at IS NULL) = (undone_by_id IS NULL)",
    ],
    "rollover_order": [
        "school_year BETWEEN 1990 AND 2100", "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", "started_at IS NULL OR withdrawn_at IS NULL"
    ],
    "household": ["number <> ''"],
    "not_same": ["first_id < second_id", "reason <> ''"],
    "student_merge": ["kept_id <> dropped_id", "(undone_at IS NULL) = (undone_by_id IS NULL)"],
    "tag": [SPELL, "certificate IS NULL OR uid <> ''", "end_reason = '' OR ends_on IS NOT NULL", "end_recorded_at IS NULL OR ends_on IS NOT NULL"],
    "extra_field": [
        "kind IN ('text', 'number', 'date', 'choice')", "NOT (is_sensitive AND shown_in_list)", "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
        "(kind = 'choice') = (choices <> '')",
    ],
    "no_class": [
        "session IN ('early', 'morning', 'afternoon', 'evening', 'night')", "kind IN ('outing', 'exam', 'stopped', 'shifted', 'other')",
        "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", "kind <> 'other' OR reason <> ''",
    ],
    "sweep_day": ["reason <> ''", "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)"],
    "sweep": ["(changed_at IS NULL) = (changed_by_id IS NULL)", "expected > 0"],
    "not_returned": [
        "kind IN ('unknown', 'contacted', 'unreachable', 'transferring', 'ill', 'away', 'working', 'refused')",
        "(cleared_at IS NULL) = (cleared_by_id IS NULL)",
    ],
    "session_plan": ["sessions <> '' OR org_id <> county_id", "reason <> ''", "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)"],
    "roll_call": ["expected >= 0", "present >= 0", "expected = present + sick_leave + personal_leave + unexcused"],
    "day_sum": ["rolls >= 0"],
    "case_closing": [
        "level IN ('township', 'county')",
        "outcome <> ''",
        "state IN ('asked', 'approved', 'sent_back', 'withdrawn')",
        "(state = 'asked') = (ended_at IS NULL)",
        "(ended_at IS NULL) = (ended_by_id IS NULL)",
        "state NOT IN ('approved', 'sent_back') OR ended_by_id <> asked_by_id",
        "state <> 'withdrawn' OR ended_by_id = asked_by_id",
        "state <> 'sent_back' OR words IS NOT NULL",
    ],
    "matched_pair": ["(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)"],
    "case_seal": ["(lifted_at IS NULL) = (lifted_by_id IS NULL)", "(lifted_at IS NULL) = (words IS NULL)"],
    "case_reader": ["(ended_at IS NULL) = (ended_by_id IS NULL)"],
    "case_glance": ["until_at > at"],
    "reason_name": ["label <> ''"],
    "notice_text": [
        "kind IN ('return', 'other', 'penalty', 'suit')",
        "title <> ''",
        "series <> ''",
        "body <> ''",
        "days BETWEEN 1 AND 90",
        "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
    ],
    "notice": [
        "kind IN ('return', 'other', 'penalty', 'suit')",
        "number > 0",
        "addressee <> ''",
        "due_on > issued_on",
        "state IN ('issued', 'served', 'not_served', 'withdrawn')",
        "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)",
        "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
        "state <> 'withdrawn' OR words IS NOT NULL",
    ],
    "notice_service": [
        "way IN ('direct', 'left', 'post', 'entrusted', 'public', 'other')",
        "servers <> ''",
        "NOT is_served OR way IN ('left', 'public') OR receiver <> ''",
        "way <> 'left' OR NOT is_served OR witness <> ''",
        "is_served OR words IS NOT NULL",
    ],
    "case_handover": [
        "state IN ('asked', 'accepted', 'refused', 'withdrawn', 'closed')",
        "(state = 'asked') = (ended_at IS NULL)",
        "(ended_at IS NULL) = (ended_by_id IS NULL)",
        "(state = 'accepted') = (new_owner_id IS NOT NULL)",
        "state NOT IN ('accepted', 'refused') OR ended_by_id <> asked_by_id",
        "state <> 'refused' OR words IS NOT NULL",
    ],
    "responsibility": [
        "line IN ('gov', 'edu')",
        "duty IN ('county', 'bureau', 'township', 'village', 'principal', 'teacher', 'parent', 'other')",
        "name <> ''",
        "ends_on >= starts_on",
        "(org_id IS NULL) <> (student_id IS NULL)",
        "(ended_at IS NULL) = (ended_by_id IS NULL)",
        "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
        "ended_at IS NULL OR ends_on IS NOT NULL",
    ],
    "leave": [
        "kind IN ('sick_leave', 'personal_leave', 'official')",
        "first_session IN ('early', 'morning', 'afternoon', 'evening', 'night')",
        "last_session IN ('early', 'morning', 'afternoon', 'evening', 'night')",
        "last_on >= first_on",
        "days >= 0",
        "applicant <> ''",
        "level IN ('class', 'school', 'principal')",
        "state IN ('asked', 'approved', 'sent_back', 'withdrawn', 'closed')",
        "continues_id <> id",
        "clearance IN ('', 'seen', 'waived')",
        "(decided_at IS NULL) = (decided_by_id IS NULL)",
        "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
        "(closed_at IS NULL) = (closed_by_id IS NULL)",
        "(closed_at IS NULL) = (back_on IS NULL)",
        "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)",
        "(state = 'closed') = (closed_at IS NOT NULL)",
        "state <> 'asked' OR decided_at IS NULL",
        "state NOT IN ('approved', 'sent_back', 'closed') OR decided_at IS NOT NULL",
        "clearance = '' OR closed_at IS NOT NULL",
    ],
    "leave_step": ["kind IN ('asked', 'edited', 'approved', 'sent_back', 'withdrawn', 'closed')"],
    "symptom_report": ["onset_on <= on_day", "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)"],
    "illness_alert": ["cases >= 0", "(handled_at IS NULL) = (handled_by_id IS NULL)", "(handled_at IS NULL) = (measures IS NULL)"],
    "task": [
        "after > 0",
        "unit IN ('school', 'calendar')",
        "(done_at IS NULL) = (how = '')",
        "(withdrawn_at IS NULL) = (why = '')",
        "done_at IS NULL OR withdrawn_at IS NULL",
        "done_at IS NOT NULL OR (done_by_id IS NULL AND note IS NULL)",
        "(escalated_at IS NULL) = (escalated_to_id IS NULL)",
    ],
    "absence_warning": ["reached_on >= first_on", "(student_id IS NULL) = (step = 'class_silent')"],
    "warning_round": ["changed >= 0"],
    "import_file": [
        "state IN ('uploaded', 'checked', 'committed', 'discarded', 'failed')",
        "(state = 'committed') = (committed_at IS NOT NULL)",
        "(undone_at IS NULL) = (undone_by_id IS NULL)",
    ],
    "visit_plan": ["(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)"],
    "individual_plan": [
        "ends_on >= starts_on",
        "consent_by <> ''",
        "second_teacher_id IS NULL OR second_teacher_id <> teacher_id",
        "(ended_at IS NULL) = (ended_by_id IS NULL)",
        "(ended_at IS NULL) = (ended_on IS NULL)",
        "(ended_at IS NULL) = (end_reason = '')",
    ],
    "individual_goal": ["term <> ''"],
    "paper_batch": ["form IN ('visit', 'tutoring')"],
    "paper": ["length(code) = 8"],
    "call_draw": ["length(month) = 7", "drawn >= 0 AND drawn <= visits", "share BETWEEN 0 AND 100"],
    "call_back": ["state IN ('waiting', 'again', 'confirmed', 'denied', 'declined', 'unreached')", "tries >= 0", "(state = 'waiting') = (tries = 0)"],
    "awaited_file": ["length(sent) = 64"],
    "second_look": [
        "reason IN ('odd_hours', 'past_midnight', 'two_places', 'many_at_once', 'same_words', 'same_photo')",
        "(looked_at IS NULL) = (looked_by_id IS NULL)",
        "looked_at IS NOT NULL OR remark IS NULL",
    ],
    "call_made": [
        "number > 0",
        "outcome IN ('confirmed', 'denied', 'declined', 'no_answer', 'wrong_number')",
        "(spoke_to = '') = (outcome IN ('no_answer', 'wrong_number'))",
    ],
    "visit": [
        "starts_at = '' OR length(starts_at) = 5",
        "makes_up_on IS NULL OR (makes_up_on < on_day AND form = 'tutoring')",
        "form IN ('on_site', 'phone', 'video', 'invited', 'tutoring')",
        "minutes > 0",
        "lessons > 0",
        "ordinal > 0",
        "state IN ('recorded', 'verified', 'sent_back')",
        "(form = 'tutoring') = (lessons IS NOT NULL)",
        "(state = 'recorded') = (checked_at IS NULL)",
        "no_photo IN ('', 'declined', 'remote', 'unable', 'other')",
        "unsigned IN ('', 'absent', 'declined', 'unable', 'remote')",
    ],
    "dropout_case": [
        "state IN ('suspected', 'dropout', 'promised', 'returned', 'closed')",
        "origin IN ('roll', 'no_show', 'matching', 'report', 'transfer')",
        "(state = 'closed') = (closed_at IS NOT NULL)",
        "(state = 'closed') = (closed_on IS NOT NULL)",
        "(state = 'closed') = (outcome <> '')",
    ],
    "follow_up": [
        "kind IN ('phone', 'on_site', 'video', 'chase', 'notice')",
        "ordinal > 0",
        "result IN ('returned', 'promised', 'not_returned', 'not_met', 'refused')",
    ],
    "list_kind": ["label <> ''", "(ended_at IS NULL) = (ended_by_id IS NULL)"],
    "snapshot": ["kind <> ''"],
    "listed_child": ["sex IN ('', 'M', 'F')", "cleared_on IS NULL OR listed_on IS NULL OR cleared_on >= listed_on"],
    "closure": [
        "ended_on < last_on", "(ended_on IS NULL) = (ended_at IS NULL)", "(ended_on IS NULL) = (ended_by_id IS NULL)",
        "kind IN ('closure', 'makeup')", "last_on >= first_on", "reason <> ''",
    ],
    "term_dates": ["last_on > first_on"],
    "rota": ["(days_in = 0) = (days_off = 0)", "days_in >= 0", "days_off >= 0"],
    "role_request": ["(decided_by_id IS NULL) = (decided_at IS NULL)", "NOT is_given OR decided_by_id <> requested_by_id"],
    "policy_value": ["reason <> ''", "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)"],
    "payment": [
        "stage IN ('preschool', 'primary', 'junior', 'senior', 'vocational')",
        "standard_fen >= 0",
        "amount_fen >= 0",
        "status IN ('pending', 'paid', 'returned')",
        "(card_number IS NULL) = (card_index IS NULL)",
        "status = 'returned' OR return_reason = ''",
    ],
    "installation": ["id = 1"],
}
PARTIAL = {  # name: (table, columns, is unique, condition)
    "keyring_key_one_active": ("keyring_key", "purpose", True, "state = 'active'"),
    "job_unfinished": ("job", "state", False, "state IN ('queued', 'running')"),
    "org_counties": ("org", "id", False, "kind = 'county'"),
    "calendar_day_national": ("calendar_day", "on_day", True, "county_id IS NULL"),
    "calendar_day_county": ("calendar_day", "county_id on_day", True, "county_id IS NOT NULL"),
    "student_id_number": ("student", "county_id id_index", True, "id_index IS NOT NULL"),
    "student_student_number": ("student", "county_id student_number_index", True, "student_number_index IS NOT NULL"),
    "student_last_six": ("student", "county_id last_six_index", False, "last_six_index IS NOT NULL"),
    "student_phone": ("student", "phone_index", False, "phone_index IS NOT NULL"),
    "student_household": ("student", "household_id", False, "household_id IS NOT NULL"),
    "household_number": ("household", "county_id number", True, "number IS NOT NULL"),
    "student_merged": ("student", "merged_into_id", False, "merged_into_id IS NOT NULL"),
    "guardian_phone": ("guardian", "phone_index", False, "phone_index IS NOT NULL"),
    "student_merge_standing": ("student_merge", "dropped_id", True, "undone_at IS NULL"),
    "enrollment_one_open": ("enrollment", "student_id", True, "ends_on IS NULL"),
    "transfer_one_open": ("transfer", "student_id", True, "ended_at IS NULL"),
    "student_version_cause": ("student_version", "cause_uid", False, "cause_uid <> ''"),
    "import_file_batch": ("import_file", "batch_uid", False, "batch_uid <> ''"),
    "extra_field_label": ("extra_field", "county_id label", True, "withdrawn_at IS NULL"),
    "no_class_live": ("no_class", "org_id on_day session", True, "withdrawn_at IS NULL"),
    "roll_call_late": ("roll_call", "on_day school_id", False, "is_late"),
    "sweep_day_live": ("sweep_day", "county_id on_day", True, "withdrawn_at IS NULL"),
    "closed_year_one": ("closed_year", "county_id school_year", True, "reopened_at IS NULL"),
    "rollover_once": ("rollover", "school_id school_year", True, "kind = 'year' AND undone_at IS NULL"),
    "rollover_order_waiting": ("rollover_order", "place_id school_year", True, "started_at IS NULL AND withdrawn_at IS NULL"),
    **{f"attachment_look_{n}": ("attachment", f"look_{n}", False, "look <> ''") for n in range(1, 5)},
    "attachment_added": ("attachment", "added_at", False, "removed_at IS NULL"),
    "visit_to_check": ("visit", "on_day id", False, "state = 'recorded' AND NOT is_imported"),
    "visit_tutoring": ("visit", "county_id on_day id", False, "form = 'tutoring'"),
    "visit_recorded": ("visit", "county_id recorded_at", False, "NOT is_imported"),
    "second_look_open": ("second_look", "county_id id", False, "looked_at IS NULL"),
    "call_back_open": ("call_back", "visit_id", False, "state IN ('waiting', 'again')"),
    "visit_plan_live": ("visit_plan", "student_id", True, "withdrawn_at IS NULL"),
    "visit_receipt": ("visit", "receipt", False, "receipt <> ''"),
    "dropout_case_open": ("dropout_case", "county_id due_on", False, "state <> 'closed'"),
    "case_closing_one_asked": ("case_closing", "case_id", True, "state = 'asked'"),
    "case_seal_standing": ("case_seal", "case_id", True, "lifted_at IS NULL"),
    "case_reader_standing": ("case_reader", "user_id case_id", True, "ended_at IS NULL"),
    "notice_text_title": ("notice_text", "county_id title", True, "withdrawn_at IS NULL"),
    "notice_due": ("notice", "due_on", False, "state <> 'withdrawn' AND late_task_id IS NULL"),
    "notice_service_served": ("notice_service", "notice_id", True, "is_served"),
    "case_handover_one_asked": ("case_handover", "case_id", True, "state = 'asked'"),
    "list_kind_label": ("list_kind", "county_id label", True, "ended_at IS NULL"),
    "matched_pair_standing": ("matched_pair", "county_id id_index student_id", True, "withdrawn_at IS NULL"),
    "matched_pair_one_pupil": ("matched_pair", "county_id id_index", True, "is_same AND withdrawn_at IS NULL"),
    "matched_pair_one_child": ("matched_pair", "student_id", True, "is_same AND withdrawn_at IS NULL"),
    "responsibility_org": ("responsibility", "org_id", False, "org_id IS NOT NULL"),
    "responsibility_student": ("responsibility", "student_id", False, "student_id IS NOT NULL"),
    "responsibility_person": ("responsibility", "person_id", False, "person_id IS NOT NULL"),
    "leave_open": ("leave", "school_id last_on", False, "state IN ('asked', 'approved')"),
    "leave_continues": ("leave", "continues_id", False, "continues_id IS NOT NULL"),
    "symptom_report_standing": ("symptom_report", "student_id on_day", True, "withdrawn_at IS NULL"),
    "illness_alert_class": ("illness_alert", "class_org_id on_day symptom", True, "class_org_id IS NOT NULL"),
    "illness_alert_school": ("illness_alert", "school_id on_day symptom", True, "class_org_id IS NULL"),
    "task_open": ("task", "org_id due_on", False, "done_at IS NULL AND withdrawn_at IS NULL"),
    "absence_warning_standing": ("absence_warning", "student_id step", True, "ended_at IS NULL AND student_id IS NOT NULL"),
    "absence_warning_silent": ("absence_warning", "class_org_id", True, "ended_at IS NULL AND student_id IS NULL"),
    "follow_up_visit": ("follow_up", "visit_id", False, "visit_id IS NOT NULL"),
    "payment_card": ("payment", "card_index", False, "card_index IS NOT NULL"),
    "payment_once": ("payment", "student_id program_id term", True, "NOT is_imported AND status <> 'returned'"),
    "membership_homeroom": ("membership", "org_id", True, "duty = 'homeroom' AND ends_on IS NULL"),
    "staff_record_number": ("staff_record", "county_id staff_number", True, "staff_number <> ''"),
    "staff_record_phone": ("staff_record", "county_id phone_index", False, "phone_index IS NOT NULL"),
    "staff_record_leaving": ("staff_record", "leaves_on", False, "leaves_on IS NOT NULL"),
    "invitation_one_open": ("invitation", "user_id", True, "ended_at IS NULL"),
    "role_request_one_open": ("role_request", "user_id role org_id", True, "decided_at IS NULL"),
    "tag_one_open": ("tag", "student_id kind", True, "ends_on IS NULL"),
    "audit_entry_looks": ("audit_entry", "object_id actor_id at_us", False, "action = 'students.view_student'"),
}
TRIGGERS = {"audit_entry_no_update", "audit_entry_no_delete", "audit_entry_next"} | {f"installation_practice_{n}" for n in ("insert", "update", "stays", "delete", "replace")}  # of SQLite
TRIGGERS_ON_POSTGRESQL = {  # and the functions that they call
    "audit_entry_only_grows", "audit_entry_refuse", "installation_practice", "installation_practice_truncate", "installation_keep_practice",
}  # fmt: skip


@pytest.fixture
def empty(tmp_path):
    """empty(name) -> URL of an empty database."""
    made = []

    def make(name="empty"):
        made.append(postgres.create_database() if ON_POSTGRESQL else f"sqlite:///{tmp_path}/{name}.db")
        return made[-1]

    yield make
    for url in made:
        if ON_POSTGRESQL:
            postgres.drop_database(url)


@pytest.fixture
def opened(empty):
    """opened() -> a connected, empty database that the models are not bound to."""
    all_of_them = []

    def make(url=None):
        all_of_them.append(db.open_database(url or empty(f"empty{len(all_of_them)}")))
        all_of_them[-1].connect()
        return all_of_them[-1]

    yield make
    for database in all_of_them:
        database.close()


def runner(database, folder=migration.FOLDER):
    return Runner(database, str(folder))


# What a schema is made of, read from the database itself.


def tables_of(database):
    return set(database.get_tables()) - {HISTORY, "sqlite_sequence"}


def columns_of(database, table):
    """{name: (type, may be null, is a number of the database's own)}"""
    return {c.name: (type_of(c, database), c.null and not c.primary_key, c.is_auto) for c in read_columns(database, table)}


def read_columns(database, table):
    found = database.get_columns(table)
    return [SimpleColumn(c) for c in found]


class SimpleColumn:
    def __init__(self, column):
        self.name, self.null, self.primary_key = column.name, column.null, column.primary_key
        self.type = (column[6] or column.data_type).upper()
        self.is_auto = bool(column[7])


def type_of(column, database):
    """On SQLite a small and a big integer are one type."""
    is_sqlite = isinstance(database, peewee.SqliteDatabase)
    return re.sub(r"^(SMALLINT|BIGINT)$", "INTEGER", column.type) if is_sqlite else column.type


def foreign_keys_of(database, table):
    if isinstance(database, peewee.SqliteDatabase):
        rows = database.execute_sql(f'PRAGMA foreign_key_list("{table}")').fetchall()
        return {(row[3], row[2], row[4], row[6]) for row in rows}
    rules = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
    found = database.execute_sql(
        """SELECT a.attname, t.relname, b.attname, c.confdeltype FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        JOIN pg_class t ON t.oid = c.confrelid
        JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
        WHERE c.contype = 'f' AND c.conrelid = %s::regclass""",
        (table,),
    )
    return {(*row[:3], rules[row[3]]) for row in found.fetchall()}


def unique_of(database, table):
    """Column sets that are unique over the whole table; the primary key among them."""
    found = {tuple(sorted(i.columns)) for i in database.get_indexes(table) if i.unique and i.name not in partial_of(database)}
    return found | {tuple(sorted(database.get_primary_keys(table)))}


def partial_of(database):
    """{name: (table, columns, is unique, condition)}"""
    if isinstance(database, peewee.SqliteDatabase):
        asked = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
    else:
        asked = """SELECT c.relname, t.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid WHERE i.indpred IS NOT NULL"""
    found = {}
    for name, table, statement in database.execute_sql(asked).fetchall():
        before, condition = re.split(r"\sWHERE\s", statement, maxsplit=1)
        columns = " ".join(re.findall(r"\w+", before[before.rindex("(") :]))
        found[name] = (table, columns, "UNIQUE" in before, plain(condition))
    return {name: each for name, each in found.items() if not each[0].startswith("job_queue_")}


def checks_of(database, table):
    if isinstance(database, peewee.SqliteDatabase):
        [(statement,)] = database.execute_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchall()
        return sorted(plain(text) for text in balanced(statement, "CHECK"))
    asked = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass"
    return sorted(plain(balanced(row[0], "CHECK")[0]) for row in database.execute_sql(asked, (table,)).fetchall())


def triggers_of(database):
    """{name: what it does}; on PostgreSQL the functions too."""
    if isinstance(database, peewee.SqliteDatabase):
        return dict(database.execute_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
    asked = """SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"""
    return dict(database.execute_sql(asked).fetchall())


def balanced(statement, word):
    """What stands in the parentheses after each of these words."""
    found = []
    for match in re.finditer(rf"\b{word}\s*\(", statement):
        depth, end = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(statement[end], 0)
            end += 1
        found.append(statement[match.end() : end - 1])
    return found


def plain(condition):
    """A condition in one spelling: PostgreSQL writes IN as = ANY (ARRAY[...]), NOT IN as <> ALL, BETWEEN as two comparisons, and casts everything."""
    text = re.sub(r"::\s*(?:character varying|text)(?:\[\])?", "", condition)
    text = re.sub(r"(\w+) BETWEEN (\d+) AND (\d+)", r"\1 >= \2 AND \1 <= \3", text)
    text = re.sub(r"\s+NOT IN\s*\(([^)]*)\)", r" <> ALL ARRAY[\1]", text)
    text = re.sub(r"\s+IN\s*\(([^)]*)\)", r" = ANY ARRAY[\1]", text)
    return re.sub(r"[\s()]+", " ", text).replace(" ,", ",").replace(" ]", "]").strip()


def schema_of(database):
    """Everything, to compare one state with another."""
    tables = sorted(tables_of(database))
    return {
        table: (
            columns_of(database, table),
            foreign_keys_of(database, table),
            unique_of(database, table),
            sorted((tuple(i.columns), i.unique, i.name) for i in database.get_indexes(table)),
            checks_of(database, table),
        )
        for table in tables
    } | {"partial": partial_of(database), "triggers": triggers_of(database)}


# The two schemas.


@pytest.fixture
def both(opened):
    """(made by the migrations, made from the models)"""
    migrated, modelled = opened(), opened()
    runner(migrated).up()
    with modelled.bind_ctx(MODELS):
        modelled.create_tables(MODELS)
    return migrated, modelled


def test_the_migrations_make_the_tables_of_the_models(both):
    migrated, modelled = both
    assert tables_of(migrated) == tables_of(modelled) == {model._meta.table_name for model in MODELS}


def test_the_migrations_make_the_columns_of_the_models(both):
    migrated, modelled = both
    for model in MODELS:
        table = model._meta.table_name
        assert columns_of(migrated, table) == columns_of(modelled, table), table


def test_the_migrations_make_the_foreign_keys_of_the_models_with_what_becomes_of_orphans(both):
    migrated, modelled = both
    for model in MODELS:
        table = model._meta.table_name
        assert foreign_keys_of(migrated, table) == foreign_keys_of(modelled, table), table


def test_the_migrations_make_what_the_models_call_unique(both):
    migrated, modelled = both
    beyond = {"audit_entry": {("previous",)}}  # a chain that forks cannot be written; the model need not know
    for model in MODELS:
        table = model._meta.table_name
        assert unique_of(migrated, table) - beyond.get(table, set()) == unique_of(modelled, table), table


def test_the_checks_written_by_hand_are_there(opened):
    migrated = opened()
    runner(migrated).up()
    there = {table: checks_of(migrated, table) for table in tables_of(migrated)}
    wanted = {table: sorted(plain(text) for text in CHECKS.get(table, [])) for table in there}
    assert there == wanted


def test_the_partial_indexes_written_by_hand_are_there(opened):
    migrated = opened()
    runner(migrated).up()
    wanted = {name: (*rest, plain(condition)) for name, (*rest, condition) in PARTIAL.items()}
    assert partial_of(migrated) == wanted


def test_the_triggers_written_by_hand_are_there(opened):
    migrated = opened()
    runner(migrated).up()
    assert set(triggers_of(migrated)) == (TRIGGERS_ON_POSTGRESQL if ON_POSTGRESQL else TRIGGERS)


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite compares bytes unless told otherwise")
@pytest.mark.parametrize(("table", "column"), [("org", "path"), ("name_reading", "reading")])
def test_what_is_compared_as_a_prefix_is_compared_byte_by_byte(opened, table, column):
    """A scope is a range of paths; in a language's own order /1/20/ may well lie between /1/2/ and /1/2/~."""
    migrated = opened()
    runner(migrated).up()
    asked = """SELECT c.collname FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation
        WHERE a.attrelid = %s::regclass AND a.attname = %s"""
    assert migrated.execute_sql(asked, (table, column)).fetchall() == [("C",)]


def test_it_notices_a_check_an_index_a_type_or_a_rule_that_is_missing(opened, tmp_path):
    """The migrations with five slips, compared by the same functions."""
    slips = {
        r"CHECK \(rolls >= 0\)": "",
        r"CREATE UNIQUE INDEX enrollment_one_open": "CREATE INDEX enrollment_one_open",
        r"pinyin VARCHAR\(\d+\)": "pinyin VARCHAR(7)",
        r"home_id INTEGER REFERENCES org \(id\) ON DELETE RESTRICT": "home_id INTEGER REFERENCES org (id) ON DELETE CASCADE",
        r"fields TEXT NOT NULL": "fields TEXT",
    }
    source = (migration.FOLDER / "0001_initial.py").read_text()
    for right, wrong in slips.items():
        source, changed = re.subn(right, wrong, source)
        assert changed, right
    (tmp_path / "slips").mkdir()
    (tmp_path / "slips" / "0001_initial.py").write_text(source)
    good, bad = opened(), opened()
    runner(good).up(target="0001_initial")
    runner(bad, tmp_path / "slips").up()
    assert checks_of(good, "day_sum") != checks_of(bad, "day_sum")
    assert partial_of(good) != partial_of(bad)
    assert columns_of(good, "student") != columns_of(bad, "student")
    assert foreign_keys_of(good, "student") != foreign_keys_of(bad, "student")
    assert columns_of(good, "audit_entry") != columns_of(bad, "audit_entry")


# Up, down, up.


def test_each_migration_can_be_taken_back_and_leaves_nothing(opened):
    database = opened()
    steps = runner(database)
    states = [at_a_glance(database)]
    for each in steps.migrations():
        steps.up(target=each.name)
        states.append(at_a_glance(database))
    for former in reversed(states[:-1]):
        steps.down()
        assert at_a_glance(database) == former
    assert left_over(database) == set()
    steps.up()
    assert at_a_glance(database) == states[-1]


GLANCE = """
    SELECT a.attrelid::regclass::text, a.attname::text, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
        pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tablename::text, indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT tgrelid::regclass::text, tgname::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""


def at_a_glance(database):
    """Everything too; PostgreSQL tells it at once, where asking table by table takes it half a second."""
    if isinstance(database, peewee.SqliteDatabase):
        return schema_of(database)
    return sorted(row for row in database.execute_sql(GLANCE).fetchall() if row[0] != HISTORY)


def left_over(database):
    """Tables, indexes, sequences and types that nobody dropped."""
    if isinstance(database, peewee.SqliteDatabase):
        found = database.execute_sql("SELECT name FROM sqlite_master WHERE tbl_name NOT IN (?, 'sqlite_sequence')", (HISTORY,))
    else:
        found = database.execute_sql(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'schema!_migration%%' ESCAPE '!'"
        )
    return {row[0] for row in found.fetchall()}


def test_down_also_goes_with_rows_in_the_tables(app, county, teacher):
    """Foreign keys are on: the order in which the tables go matters."""
    database = db.database.obj
    runner(database).down(target="0001_initial")
    assert {name for name in left_over(database) if not name.startswith("job_queue_")} == set()  # the queue makes its own tables


def test_a_migration_that_fails_leaves_nothing_behind(opened, tmp_path):
    folder = tmp_path / "migrations"
    shutil.copytree(migration.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "0999_broken.py").write_text(
        "def up(migrator, db):\n"
        "    db.execute_sql('CREATE TABLE half (id INTEGER PRIMARY KEY)')\n"
        "    db.execute_sql('ALTER TABLE org ADD COLUMN half INTEGER')\n"
        "    raise RuntimeError('the power went out')\n"
    )
    database = opened()
    runner(database).up()
    before = schema_of(database)
    with pytest.raises(RuntimeError):
        runner(database, folder).up()
    assert schema_of(database) == before
    assert "0999_broken" not in runner(database).applied()


# migrate(): the command's own work.


@pytest.fixture
def installation(empty, tmp_path):
    """Settings of an installation that has no database yet."""
    folder = tmp_path / "installation"
    folder.mkdir(mode=0o700)
    url = empty("installation") if ON_POSTGRESQL else f"sqlite:///{folder}/aidtracker.db"
    return load_settings({"AIDTRACKER_INSTANCE": str(folder), "DATABASE_URL": url, "AIDTRACKER_JOBS": "off"})


@pytest.fixture
def keys():
    """The keys of the other tests, put back afterwards."""
    names = [name for name, value in vars(keyring).items() if name.startswith("_") and not name.startswith("__") and not callable(value)]
    before = {name: getattr(keyring, name) for name in names}
    yield
    for name, value in before.items():
        setattr(keyring, name, value)


def started(settings, *command):
    env = os.environ | {"AIDTRACKER_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url, "AIDTRACKER_JOBS": "off"}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(command, cwd=CHECKOUT, env=env, text=True, **pipes)


def flask(settings, *arguments):
    return started(settings, sys.executable, "-m", "flask", "--app", "wsgi", *arguments)


def rows_in(settings, query):
    database = db.open_database(settings.database_url)
    with database.connection_context():
        return database.execute_sql(query).fetchall()


RACER = """
import json, sys
from aidtracker import db
from aidtracker.config import load_settings
from aidtracker.operation.migration import migrate
settings = load_settings()
db.init_database(settings)
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps({"applied": migrate(settings)}))
"""


def test_four_processes_may_migrate_at_once(installation):
    """They stand at the line with everything loaded, and start together."""
    running = [started(installation, sys.executable, "-c", RACER) for _ in range(4)]
    assert [process.stdout.readline() for process in running] == ["ready\n"] * 4
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [(process.communicate(timeout=120), process.returncode) for process in running]
    assert [code for _, code in said] == [0, 0, 0, 0], said
    applied = [json.loads(out)["applied"] for (out, _), _ in said]
    assert sorted(map(len, applied)) == [0, 0, 0, len(list(migration.FOLDER.glob("0*.py")))]
    purposes = rows_in(installation, "SELECT purpose FROM keyring_key WHERE state = 'active'")
    assert len(purposes) == len(set(purposes)) >= 5
    assert rows_in(installation, "SELECT id FROM installation") == [(1,)]
    days = rows_in(installation, "SELECT on_day FROM calendar_day WHERE county_id IS NULL")
    assert len(days) == len(set(days)) > 200


def test_a_newer_schema_is_refused_and_left_alone(installation):
    done = flask(installation, "migrate")
    assert (done.communicate(timeout=120), done.returncode)[1] == 0
    database = db.open_database(installation.database_url)
    with database.connection_context():
        stamp = datetime.datetime(2030, 1, 1)
        runner(database).History.create(name="9999_of_the_future", applied=stamp)
        before = schema_of(database)
    refused = flask(installation, "migrate")
    out, err = refused.communicate(timeout=120)
    assert refused.returncode == 2
    assert "9999_of_the_future" in err
    assert len(err.strip().splitlines()) == 1
    assert out == ""
    with database.connection_context():
        assert schema_of(database) == before


def test_migrate_repeats_without_a_change(installation, keys):
    mine = db.database.obj
    try:
        db.init_database(installation)
        names = [path.stem for path in sorted(migration.FOLDER.glob("0*.py"))]
        assert migration.migrate(installation) == names
        before = rows_in(installation, "SELECT id, wrapped FROM keyring_key")
        assert migration.migrate(installation) == []
        assert rows_in(installation, "SELECT id, wrapped FROM keyring_key") == before
        db.database.close()
        with db.database.connection_context():
            assert migration.is_migrated()
            runner(db.database.obj).History.create(name="9999_of_the_future")
        with pytest.raises(CannotStart, match="9999_of_the_future"):
            migration.migrate(installation)
    finally:
        db.database.close()
        db.database.initialize(mine)


# The list of models.


def every_model():
    """Leaves of BaseModel in the whole house; a model with models below it has no table."""
    for module in pkgutil.walk_packages(aidtracker.__path__, "aidtracker."):
        importlib.import_module(module.name)
    waiting, found = [db.BaseModel], set()
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        found |= {model for model in below if not model.__subclasses__() and model.__module__.startswith("aidtracker.")}
    return found


def test_schema_names_every_model_once_in_floor_order():
    assert set(MODELS) == every_model()
    assert len(MODELS) == len(set(MODELS))
    floors = [FLOORS.index(model.__module__.split(".")[1]) for model in MODELS]
    assert floors == sorted(floors)


def test_a_table_comes_after_those_it_points_to():
    for place, model in enumerate(MODELS):
        pointed = {key.rel_model for key in model._meta.refs}
        assert pointed <= set(MODELS[: place + 1]), model.__name__


def test_no_two_models_share_a_table():
    names = [model._meta.table_name for model in MODELS]
    assert len(names) == len(set(names))

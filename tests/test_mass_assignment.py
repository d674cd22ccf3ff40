"""Every form of the site is sent twice: as it is, and with every other column of the database added. Both must write the same."""

import datetime
import itertools

import pytest

from aidtracker import db
from aidtracker.accounts.models import User
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student
from tests import matrix
from tests.conftest import ON_POSTGRESQL
from tests.matrix_contents import changes, contents, smuggled, written
from tests.matrix_fields import DAYS_TO_COME, DRAWN, SAMPLES
from tests.matrix_walk import SAFE, address_of, ask, asked, cases_of, expected, signed

TODAY = db.today_in_china()
SENDERS = ["bureau_admin at county", "township_coordinator at township", "school_admin at school", "teacher at class", "anonymous"]
# Fields that a form shows only to whoever sees more than one county, or has chosen a place.
SOMETIMES = {"accounts.export_unused": {"org"}, "accounts.disable_users": {"org"}, "ledgers.export_ledger": {"county"}, "reports.export_report": {"county"}}
SOMETIMES["census.put_on_ledger"] = set("kind county township q only state change every".split())  # what the list is narrowed to goes with it
BETTER = {  # than what the page would send by itself
    **dict.fromkeys(("students.add_field", "students.edit_field"), {"is_sensitive": ""}),  # what is sensitive stands in no list
    "students.correct_tag": {"detail": "另写的说明", "disability_class": "肢体", "starts_on": "2026-09-01", "ends_on": ""},
    "census.match_child": {"verdict": "other"},
    "students.change_mode": {"mode": "boarding"},
    "students.leave_class": {"kind": "leave"},
    **DAYS_TO_COME,
    **dict.fromkeys(("cases.close_case", "cases.ask_closing"), {"outcome": "transferred", "closed_on": str(TODAY)}),
    "terms.set_rota": {"starts_on": SAMPLES["first_on"]},
    "visits.add_files": {"signature": DRAWN},
    "cases.issue_notice": {"due_on": str(TODAY + datetime.timedelta(days=7))},
    "cases.reopen_case": {"second_reason": "", "found_on": str(TODAY), "absent_from": str(TODAY)},
    **dict.fromkeys(("cases.open_case", "cases.edit_case"), {"second_reason": ""}),
}
WRITE_NOTHING = {
    *("cases.search_cases", "students.search_students", "visits.search_pupils", "visits.search_visits", "visits.search_papers"),  # they only look
    "students.ask_for_pupil",  # without a number
    "imports.upload_workbook",  # without a file
    *("accounts.set_second_factor", "accounts.sign_in_with_code"),  # without a phone
    "mobile.take_in",  # takes no form
    "mobile.hand_in",  # without a text that a phone has sealed
    *("orgs.close_org", "orgs.reopen_org"),  # every school has pupils, none was closed
}
MOST = 5  # objects that a form is tried with, until it writes


def fields_of(world, person, rule, address) -> dict:
    """Of the form that sends to this address, on its own page or on the one above it; of a bare button none."""
    here = address.partition("?")[0]
    shown = ask(world, person, "GET", address if "GET" in rule.methods else here.rpartition("/")[0] or "/")
    forms = matrix.Page(shown.text).forms if shown.mimetype == "text/html" else []
    return next((form["fields"] for form in forms if form["method"] == "POST" and (form["action"] or here).partition("?")[0] == here), {})


def filled(fields: dict) -> dict:
    """A good form: samples for what is typed, the page's own choices and revisions."""
    own = ("revision", "base_revision")
    found = {name: value if name in own or kind == "select" else SAMPLES.get(name) or value for name, (kind, value) in fields.items()}
    return {name: value for name, value in found.items() if value}


@pytest.mark.skipif(ON_POSTGRESQL, reason="what a form owns does not depend on the database; numbers of rows that were rolled back do")
def test_a_form_writes_no_column_that_it_does_not_own(world, rules):
    before, holes, wrote, silent = contents(), [], set(), set()
    empty = world.batches["empty", "990100"].id
    better = BETTER | {"census.put_on_ledger": {"children": world.listed["village"].id}, "aid.record_payment": {"batch": empty}, "visits.set_plans": {"pupils": world.pupils["own class"].id, "planned_on": SAMPLES["planned_on"]}}
    foreign = {Org: world.orgs.far_county.id, User: world.people["far officer"].user.id, Student: world.pupils["other county"].id}
    for rule, label in itertools.product([rule for rule in rules if rule.methods - set(SAFE)], SENDERS):
        person = world.people[label]
        for case in [case for case in cases_of(world, rule) if expected(world, person, rule, "POST", case) == {"in"}][:MOST]:
            if rule.endpoint in wrote:
                break
            address = address_of(world, rule, case, person)
            fields = fields_of(world, person, rule, address)
            if not fields and "GET" in rule.methods:  # the page says why there is no form
                continue
            good = filled(fields) | better.get(rule.endpoint, {}) | signed(person)
            more = smuggled({*fields, *good, *SOMETIMES.get(rule.endpoint, ())}, foreign)
            alone, together = (sent(world, person, address, data, before) for data in (good, more | good))
            (wrote if alone[0] else silent).add(rule.endpoint)
            if alone != together:
                holes.append(f"{rule.endpoint} as {label}: {alone} and, with more sent along, {together}")
    assert not holes, "\n".join(holes)
    assert silent - wrote == WRITE_NOTHING, "a good form is needed of each, or a word here why there is none"


def sent(world, person, address, data, before) -> tuple:
    wrote = changes()
    with asked(world, person, "POST", address, data) as answer:
        return written(before, contents()) if changes() != wrote else {}, answer.status_code

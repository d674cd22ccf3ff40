"""Whatever a form changes is told to the trail: one entry for each change, in its transaction; and none where nothing changed."""

import datetime

import pytest

from aidtracker import db
from aidtracker.audit.models import AuditEntry
from aidtracker.receipts.models import Receipt
from tests import matrix
from tests.drills._changes import state
from tests.matrix_fields import DAYS_TO_COME, DRAWN, SAMPLES
from tests.matrix_walk import address_of, cases_of, expected, signed
from tests.test_pointers import crawled  # noqa: F401 the fixture

SENDERS = ("bureau_admin at county", "school_admin at school")
MOST = 12  # things that a form is tried with until it changes one
KEPT = ("revision", "base_revision", "owner")  # are sent back as the page has them
GOOD = {
    "cases.ask_closing": {"outcome": "transferred", "closed_on": str(db.today_in_china())},
    "cases.open_case": {"main_reason": "02", "second_reason": ""},
    "cases.edit_case": {"main_reason": "02", "second_reason": ""},
    "cases.add_follow_up": {"result": "not_returned"},
    "cases.issue_notice": {"due_on": str(db.today_in_china() + datetime.timedelta(days=7))},
    "census.match_child": {"verdict": "other"},
    "census.put_on_ledger": {"every": ""},  # nobody: each child's case is an entry of its own beside that of the press
    "students.change_mode": {"mode": "boarding"},
    **DAYS_TO_COME,
    "students.reveal": {"field": "phone", "reason": "verify"},
    "visits.add_files": {"signature": DRAWN},
    "terms.set_rota": {"starts_on": SAMPLES["first_on"]},
}
# Looks that change nothing, and are told.
QUIET = {name: [name] for name in ("students.reveal", "accounts.export_staff", "accounts.export_unused")}
LATER = ("ledgers.export_ledger", "reports.export_report")  # told by the job, when the file has been written and its lines counted
# Not reached by a form filled with samples; what these leave is looked at by the tests of their rooms.
ELSEWHERE = set("""
    census.put_on_ledger cases.break_seal students.withdraw_merge students.leave_household imports.upload_workbook orgs.close_org orgs.reopen_org aid.record_payment visits.record_tutoring visits.set_plans visits.add_individual_plan cases.close_case cases.reopen_case accounts.enable_user
    students.ask_for_pupil students.withdraw_move students.withdraw_approval students.add_field students.edit_field students.merge_school
    mobile.hand_in operation.confirm_paper_key operation.start_backup operation.verify_backup operation.fetch_backup accounts.sign_out accounts.create_second_factor accounts.set_second_factor accounts.create_recovery_codes accounts.sign_in_with_code
""".split())  # fmt: skip


def sent(world, person, address, data, stands) -> tuple:
    """(whether it is no more as it stands, the actions that were told), taken back afterwards."""
    jar = dict(person.http._cookies)
    with db.database.atomic() as all_of_it:
        page = person.http.get(address)  # the look at a pupil is an entry of its own
        for form in matrix.Page(page.text).forms if page.status_code == 200 else ():
            if (form["action"] or address).partition("?")[0] == address:
                data |= {name: value for name, (_, value) in form["fields"].items() if name in KEPT}
        number = AuditEntry.select().count()
        person.http.post(address, data=data).get_data()
        after = AuditEntry.select(AuditEntry.action).where(AuditEntry.id > number).order_by(AuditEntry.id).tuples()
        found = (state(Receipt) != stands, [action for (action,) in after])
        all_of_it.rollback()
    person.http._cookies.clear()
    person.http._cookies.update(jar)
    return found


@pytest.mark.by_turns
def test_each_change_is_one_entry(world, rules, crawled):  # noqa: F811
    holes, changing, forms, stands = [], set(), crawled[0], state(Receipt)
    own = {"org": world.orgs.school.id, "class_org": world.orgs.sibling.id, "user": world.people["teacher at school"].user.id, "role": "teacher"}
    wanted = [(rule, forms["POST", rule.endpoint]) for rule in rules if "POST" in rule.methods and ("POST", rule.endpoint) in forms]
    for label, (rule, fields) in [(label, each) for label in SENDERS for each in wanted]:
        person = world.people[label]
        good = [case for case in cases_of(world, rule) if expected(world, person, rule, "POST", case) == {"in"}]
        for case in good[:MOST]:
            filled = {field: SAMPLES.get(field) or value for field, (_, value) in fields.items()}
            filled |= {name: value for name, value in own.items() if name in fields} | GOOD.get(rule.endpoint, {})
            changed, told = sent(world, person, address_of(world, rule, case, person).partition("?")[0], filled | signed(person), stands)
            if len(told) != (changed and rule.endpoint not in LATER) and told != QUIET.get(rule.endpoint):
                holes.append(f"POST {rule.endpoint} as {label} {'changes something' if changed else 'changes nothing'} and tells {told}")
            if changed or told:
                changing.add(rule.endpoint)
                break
    assert not holes, "\n".join(holes)
    untried = {rule.endpoint for rule, _ in wanted if ".search_" not in rule.endpoint} - changing
    assert untried <= ELSEWHERE, f"none of these changed anything: {sorted(untried - ELSEWHERE)}"

"""The authorisation matrix: every address of the site x every method x everybody x own, sibling's, other township's, other
county's, nonexistent and impossible objects. What must come back is computed in matrix.py; a route without a guard, a part
of an address without things to name, or a field that nobody has declared fails here before anybody uses it.
"""

import datetime
import itertools
import re

import pytest

from aidtracker import db
from aidtracker.accounts.models import UserSession
from aidtracker.permissions import ROLES, Permission
from tests import matrix
from tests.matrix_contents import changes
from tests.matrix_walk import (
    SAFE,
    address_of,
    ask,
    cases_for,
    cases_of,
    described,
    expected,
    guard_of,
    leaked,
    signed,
    todays,
    without_number,
)

# Looks that leave a line in the trail, that one row and nothing else; every other GET writes nothing.
WRITES_ON_GET = """
    jobs.fetch_result
    students.show_student students.list_guardians students.list_enrollments students.list_tags students.list_changes students.reveal
    students.edit_student students.add_guardian students.edit_guardian students.remove_guardian students.add_tag students.end_tag students.correct_tag
    students.enroll_student students.change_mode students.leave_class students.suspend_student students.defer_student
    students.withdraw_move students.withdraw_approval students.correct_spell students.transfer_student
    students.merge_students students.set_not_same students.withdraw_merge students.set_household students.edit_household students.leave_household
    tasks.show_task attendance.ask_leave attendance.show_leave attendance.record_symptoms attendance.extend_leave attendance.edit_leave
    attendance.approve_leave attendance.send_back_leave attendance.withdraw_leave attendance.close_leave
    attendance.fetch_board attendance.fetch_often_late attendance.fetch_not_returned attendance.fetch_class_book
    attendance.show_student aid.show_student aid.record_payment aid.edit_payment
    visits.show_student visits.record_visit visits.record_tutoring visits.show_visit visits.edit_visit visits.send_back_visit
    visits.fetch_file visits.fetch_small visits.add_files visits.remove_file visits.record_call visits.close_second_look visits.fetch_tutored visits.fetch_call_results
    visits.show_individual visits.add_individual_plan visits.end_individual_plan visits.set_goals
    visits.show_page visits.fetch_page visits.show_pages visits.fetch_pages visits.open_paper visits.show_sheets visits.fetch_sheets
    cases.show_student cases.show_case cases.open_case cases.edit_case cases.add_follow_up cases.close_case cases.reopen_case
    cases.add_child_responsibility cases.hand_case cases.show_handover cases.accept_handover cases.refuse_handover cases.withdraw_handover
    cases.fetch_responsibilities cases.seal_case cases.set_readers cases.lift_seal cases.break_seal
    cases.issue_notice cases.show_notice cases.serve_notice cases.withdraw_notice cases.show_notice_page cases.fetch_notice_photo
    census.match_child census.fetch_matching
    cases.ask_closing cases.show_closing cases.send_back_closing cases.withdraw_closing
""".split()
PEOPLE = [
    "anonymous", *(f"{role} at {kind}" for role, about in ROLES.items() for kind in about.held_at),
    "two hats", "new head", "new chief", "leaver", "ended", "next teacher", "far officer", "alien teacher",
]  # fmt: skip


def test_everybody_of_the_world_is_tried(world):
    assert list(world.people) == PEOPLE


def test_every_route_has_a_guard_and_a_name_of_its_own(session_app, rules):
    bare = [rule.endpoint for rule in rules if not (guard_of(session_app, rule) in ("public", "login") or isinstance(guard_of(session_app, rule), Permission))]
    assert bare == []
    assert all("." in rule.endpoint for rule in rules)


def test_every_part_of_an_address_can_be_filled(world, rules):
    unknown = []
    for rule in rules:
        for name in rule.arguments:
            try:
                assert world.things(rule.endpoint.partition(".")[0], name)
            except KeyError:
                unknown.append(f"{rule.endpoint}: {name} (declare in matrix_things.World.things what it may name)")
    assert unknown == []


def test_a_number_in_an_address_is_typed(rules):
    loose = [rule.endpoint for rule in rules for name in rule.arguments if name.endswith("_id") and f"<int:{name}>" not in rule.rule]
    assert loose == []


def test_every_page_of_a_pupil_is_a_look_on_record(rules):
    assert {rule.endpoint for rule in rules if "student_id" in rule.arguments} <= set(WRITES_ON_GET)


@pytest.mark.by_turns
@pytest.mark.parametrize("label", PEOPLE)
def test_the_matrix(world, rules, label):
    person, holes = world.people[label], []
    missing = without_number(ask(world, person, "GET", "/no/such/page"))
    for rule in todays(rules, label):
        for case in cases_for(world, rule, person):
            address = address_of(world, rule, case, person)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}) if address else ():
                wanted = expected(world, person, rule, method, case)
                data = None if method in SAFE else signed(person)
                before = changes()
                answer = ask(world, person, method, address, data)
                got = matrix.outcome(answer, method)
                what = described(rule, method, person, case)
                if got not in wanted and not (got == "missing" and is_no_address(world, address)):
                    holes.append(f"{what}: got {got} ({answer.status_code}), expected {' or '.join(sorted(wanted))}")
                if leaked(person, answer):
                    holes.append(f"{what}: shows {leaked(person, answer)}")
                is_somebody = any(thing.kind for thing in case.values())
                if got == "missing" and wanted == {"missing"} and is_somebody and without_number(answer) != missing:
                    holes.append(f"{what}: its 404 says more than that of an address that is none")
                if unprotected(answer):
                    holes.append(f"{what}: {unprotected(answer)}")
                written = changes() - before
                if method == "GET" and got == "in" and db.is_sqlite() and written not in looks_of(rule, case):
                    holes.append(f"{what}: a look that writes {written} rows")
    assert not holes, f"{len(holes)} holes\n" + "\n".join(holes[:80])


def unprotected(answer) -> str:
    """What the browser was not told, on a page, a redirect, a file or an error alike."""
    policy, cookies = answer.headers.get("Content-Security-Policy", ""), answer.headers.getlist("Set-Cookie")
    if not {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} <= set(policy.split("; ")):
        return "no content security policy"
    if "unsafe" in policy or answer.headers.get("X-Content-Type-Options") != "nosniff":
        return "a weak content security policy, or none against sniffing"
    if answer.headers.get("Cache-Control") != "no-store":
        return "may be kept by the browser"
    if any("HttpOnly" not in cookie or "SameSite=Lax" not in cookie for cookie in cookies):
        return "a cookie that scripts can read"
    return ""


def looks_of(rule, case) -> tuple:
    """How many entries the look may leave: one for each pupil whom the page is about and the reader may see."""
    if rule.endpoint not in WRITES_ON_GET:
        return (0,)
    if "other_id" in case:
        return (2,)
    return (1, 2) if any(thing.label == "two classes" for thing in case.values()) else (1,)


def is_no_address(world, address) -> bool:
    """The address is refused before anybody asks who is there: a number past any id."""
    try:
        world.app.url_map.bind("localhost").match(address.partition("?")[0])
    except Exception:
        return True
    return False


@pytest.mark.by_turns
@pytest.mark.parametrize("label", ["anonymous", "teacher at class", "school_admin at school", "bureau_admin at county", "new head", "leaver"])
def test_no_write_without_the_token_of_this_session(world, rules, label):
    person, holes = world.people[label], []
    foreign = world.people["next teacher" if label != "next teacher" else "two hats"].token
    for rule in todays(rules, label):
        for case in cases_of(world, rule)[:1]:
            address = address_of(world, rule, case, person)
            for method in sorted(rule.methods - set(SAFE)):
                for name, data in {"no token": {}, "a foreign token": {"csrf_token": foreign}, "an empty token": {"csrf_token": ""}}.items():
                    before = changes()
                    answer = ask(world, person, method, address, data | {"key": matrix.new_key()})
                    sent_away = matrix.outcome(answer, method) == "password" and person.state == "must_change"
                    if not (sent_away or (answer.status_code == 400 and "页面停留太久" in answer.text)) or changes() != before:
                        holes.append(f"{described(rule, method, person, case)} with {name}: {answer.status_code}")
    assert not holes, "\n".join(holes)


@pytest.mark.by_turns
@pytest.mark.parametrize("label", ["bureau_admin at county", "school_admin at school", "teacher at class"])
def test_numbers_files_and_money_ask_for_a_fresh_proof_and_nothing_else_does(world, rules, label):
    """Who it is was proved an hour ago. What is asked again is written nowhere."""
    person, holes = world.people[label], []
    for rule in todays(rules, label):
        case = next((case for case in cases_of(world, rule) if expected(world, person, rule, "POST", case) & {"in", "second factor"}), None)
        if "POST" not in rule.methods or case is None:
            continue
        address = address_of(world, rule, case, person)
        for more in ({}, matrix.FRESH_WHEN.get(rule.endpoint, {})):
            with db.database.atomic() as hour:
                UserSession.update(proved_at=db.utcnow() - datetime.timedelta(minutes=31)).execute()
                before = changes()
                answer = ask(world, person, "POST", address, signed(person) | more)
                is_asked, written = "请再确认一次是你本人".encode() in answer.get_data(), changes() - before
                hour.rollback()
            wanted = rule.endpoint in matrix.FRESH or bool(more)
            if is_asked is not wanted or (is_asked and (answer.status_code != 401 or written)):
                holes.append(f"{described(rule, 'POST', person, case)} {more}: {answer.status_code}, asked: {is_asked}, {written} written")
    assert not holes, "\n".join(holes)


def test_what_is_marked_as_asking_for_a_proof_does(session_app):
    marked = {rule.endpoint for rule in session_app.url_map.iter_rules() if getattr(session_app.view_functions[rule.endpoint], "is_fresh", False)}
    assert marked == set(matrix.FRESH)


@pytest.mark.once
@pytest.mark.parametrize("label", ["anonymous", "finance at county"])
def test_other_methods_and_other_spellings_open_nothing(world, rules, label):
    person, holes = world.people[label], []
    for rule in todays(rules, label):
        case = next(iter(cases_of(world, rule)), None)
        if case is None:
            continue
        address = address_of(world, rule, case, person)
        allowed = {method for other in rules if other.rule == rule.rule for method in other.methods}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - allowed:
            answer = ask(world, person, method, address, signed(person))
            if answer.status_code != 405 or leaked(person, answer):
                holes.append(f"{method} {address}: {answer.status_code}")
        if "GET" in rule.methods and expected(world, person, rule, "GET", case) != {"in"}:
            for spelling in (address + "/", address.upper(), "/" + address, address + "%2f", address + "?_method=POST", address + "/."):
                answer = ask(world, person, "GET", spelling, headers={"X-HTTP-Method-Override": "POST"})
                if answer.status_code == 200 or leaked(person, answer):
                    holes.append(f"GET {spelling}: {answer.status_code}")
        if "GET" in rule.methods:
            head, full = ask(world, person, "HEAD", address), ask(world, person, "GET", address)
            if head.status_code != full.status_code or head.get_data():
                holes.append(f"HEAD {address}: {head.status_code}, GET {full.status_code}")
        if ask(world, person, "OPTIONS", address).get_data():
            holes.append(f"OPTIONS {address} says something")
    assert not holes, "\n".join(holes)


def test_a_program_gets_401_403_and_404_as_json(world, rules):
    """Of every address one thing for each answer; words and a number, and nothing else."""
    holes = []
    for rule, label in itertools.product(rules, ("anonymous", "leaver", "finance at county", "teacher at class")):
        person, tried = world.people[label], set()
        for case in cases_for(world, rule, person) if "GET" in rule.methods else ():
            wanted, address = expected(world, person, rule, "GET", case), address_of(world, rule, case, person)
            right = {"sign-in": 401, "forbidden": 403, "missing": 404}.get(next(iter(wanted))) if len(wanted) == 1 and address else None
            if right is None or right in tried:
                continue
            tried.add(right)
            answer = ask(world, person, "GET", address, headers={"Accept": "application/json"})
            is_right = answer.status_code == right or is_no_address(world, address)
            if not is_right or not answer.is_json or set(answer.json) != {"message", "request_id"} or leaked(person, answer):
                holes.append(f"{rule.endpoint} as {label}: {answer.status_code} {answer.mimetype}, expected {right}")
    assert holes == []


READERS = [
    "teacher at class", "school_admin at school", "village_officer at village", "township_coordinator at township", "finance at county",
    "bureau_staff at county", "city_viewer at city", "auditor at county", "system_admin at county",
]  # fmt: skip


@pytest.mark.once
@pytest.mark.in_thirds
@pytest.mark.parametrize("label", READERS)
def test_no_page_offers_what_its_reader_may_not_open(world, rules, label):
    """Every kind of link on every page, once."""
    person, holes, seen = world.people[label], [], set()
    for rule in rules:
        case = next((case for case in cases_of(world, rule) if expected(world, person, rule, "GET", case) == {"in"}), None)
        if case is None or "GET" not in rule.methods:
            continue
        address = address_of(world, rule, case, person)
        page = ask(world, person, "GET", address)
        for link in matrix.Page(page.text).links if page.mimetype == "text/html" else ():
            kind = (re.sub(r"\d+|[0-9a-f]{32}", "#", link.partition("?")[0]), tuple(sorted(matrix.queries_of(link))))
            if not link.startswith(("/", "?")) or kind in seen:
                continue
            seen.add(kind)
            answer = ask(world, person, "GET", address.partition("?")[0] + link if link.startswith("?") else link)
            if answer.status_code >= 400 or leaked(person, answer):
                holes.append(f"{address} offers {link} to {label}: {answer.status_code} {leaked(person, answer)}")
    assert not holes, "\n".join(holes)


# The matrix itself: would it see?


def test_it_notices_a_bare_route_a_missing_right_and_a_wrong_scope(world):
    teacher, finance = world.people["teacher at class"], world.people["finance at county"]
    own, sibling = (matrix.Thing(label, pupil.id, "student", world.places_of(pupil)) for label, pupil in list(world.pupils.items())[:2])
    assert matrix.expected(teacher, "x", Permission.STUDENT_VIEW, [own]) == {"in"}
    assert matrix.expected(teacher, "x", Permission.STUDENT_VIEW, [sibling]) == {"missing"}
    assert matrix.expected(finance, "x", Permission.STUDENT_VIEW, [own]) == {"forbidden"}
    assert matrix.expected(world.people["anonymous"], "x", Permission.STUDENT_VIEW, [own]) == {"sign-in"}
    assert matrix.expected(world.people["leaver"], "x", "login", []) == {"sign-in"}
    assert matrix.expected(world.people["ended"], "x", Permission.STUDENT_VIEW, [own]) == {"forbidden"}
    assert matrix.expected(world.people["new head"], "x", "login", []) == {"password"}


def test_it_notices_a_canary_in_any_spelling(world):
    teacher = world.people["teacher at class"]
    foreign, own = world.pupils["other county"].name, world.pupils["own class"].name
    for spelling in matrix.spellings(foreign):
        assert teacher.forbidden.search(f"<td>{spelling}</td>")
    assert not teacher.forbidden.search(f"<td>{own}</td>")

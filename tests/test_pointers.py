"""What stands in bodies and queries: every field says what it may name, and what names a foreign thing shows and writes nothing."""

import itertools
import re
from urllib.parse import urlencode

import pytest

from aidtracker import db
from aidtracker.schema import MODELS
from tests import matrix
from tests.matrix_fields import CHOICES, DAYS_TO_COME, POINTERS, SAMPLES
from tests.matrix_looking import looked_for
from tests.matrix_walk import SAFE, address_of, ask, cases_of, expected, leaked, signed, todays

pytestmark = pytest.mark.once

OF_SCRIPTS = {"mobile.take_in"}  # sent by static/js/outbox.js; tests/mobile tries it with ids of others
OF_PRACTICE = {"operation.start_reset"}  # a real site has no such button; tests/demo/test_practice.py presses it


@pytest.fixture(scope="module")
def crawled(world, rules):
    """{(method, endpoint): {field: (type, value)}} of every form, and the names of all queries in links, as officials see them:
    one on every page there is, the others once at every address."""
    forms, names = {}, set()
    for label in ("bureau_admin at county", "school_admin at school", "teacher at class", "system_admin at county", "anonymous"):
        person = world.people[label]
        for rule in rules:
            open_to = [case for case in cases_of(world, rule) if "GET" in rule.methods and expected(world, person, rule, "GET", case) == {"in"}]
            for case in open_to[: None if label.startswith("bureau") else 1]:
                address = address_of(world, rule, case, person)
                answer = ask(world, person, "GET", address)
                collect(world, forms, names, address, answer)
                for link in behind(address, answer):
                    collect(world, forms, names, link, ask(world, person, "GET", link))
    return forms, names


def behind(address, answer) -> list[str]:
    """A page that first asks of which kind the thing is has its form at its own address, with the kind."""
    if answer.mimetype != "text/html":
        return []
    page = matrix.Page(answer.text)
    chosen = [link for link in page.links if link.startswith(f"{address}?kind=")]
    return [] if any(form["method"] == "POST" and form["action"] in ("", address) for form in page.forms) else chosen


def collect(world, forms, names, address, answer):
    if answer.mimetype != "text/html":
        return
    page = matrix.Page(answer.text)
    for link in page.links:
        names.update(matrix.queries_of(link))
    for form in page.forms:
        target = (form["action"] or address).partition("?")[0]
        names.update(matrix.queries_of(form["action"]))
        endpoint = world.app.url_map.bind("localhost").match(target, method=form["method"])[0]
        forms.setdefault((form["method"], endpoint), {}).update(form["fields"])


def declared(name: str) -> bool:
    return name in SAMPLES or name in CHOICES or name in POINTERS or bool(re.match(r"(mark|reason|teacher|heading|extra)-\d+$", name))


def test_every_field_and_query_says_what_it_names(crawled):
    forms, names = crawled
    unknown = {f"{endpoint}: {name}" for (_, endpoint), fields in forms.items() for name in fields if not declared(name)}
    unknown |= {f"a link: {name}" for name in names if not declared(name)}
    assert unknown == set(), "declare in SAMPLES, CHOICES or POINTERS whether it points to somebody"


def test_every_form_that_writes_can_be_found_on_a_page(crawled, rules):
    forms, _ = crawled
    writes = {(method, rule.endpoint) for rule in rules for method in rule.methods - set(SAFE)}
    assert {endpoint for _, endpoint in writes - set(forms)} == OF_PRACTICE | OF_SCRIPTS


def pointed(world, person, kind) -> list:
    """What lies outside every place where the person holds a role; of each kind of place one."""
    if kind == "student":
        return [pupil.id for label, pupil in world.pupils.items() if label in ("other county", "other city")]
    if kind == "visit":
        return [visit.id for label, visit in world.case_visits.items() if label in ("other county", "other city")]
    if kind == "listed":
        return [world.listed[label].id for label in ("other county", "other city")]
    if kind == "user":
        return [world.people[label].user.id for label in ("far officer", "alien teacher") if label != person.label]
    if kind in ("batch", "program"):
        held = {"batch": world.batches, "program": world.programs}[kind]
        return [held[code].id for code in ("990200", "980100") if code in held]
    foreign = [org for org in vars(world.orgs).values() if not any(org.path.startswith(at.path) or at.path.startswith(org.path) for _, at in person.held)]
    if kind == "county":
        return [org.code for org in foreign if org.kind == "county"]
    return [org.id for org in {org.kind: org for org in foreign}.values() if org.kind in ("class", "school", "county")]


WORDS = ["金丝", "金", "jinsi", "js", "雀", "%", "_", "'"]
OFFICIALS = ["teacher at class", "school_admin at school", "township_coordinator at township", "bureau_admin at county", "two hats"]


@pytest.mark.parametrize("label", [*OFFICIALS, "village_officer at village", "auditor at county"])
def test_a_foreign_id_in_a_query_shows_nothing_foreign(world, rules, crawled, label):
    """Also where no page offers it: every page is asked with every pointer that it looks for."""
    person, holes = world.people[label], []
    strange = itertools.cycle([(0, "-1"), matrix.HUGE, ("' OR 1=1", "x")])
    for rule in todays(rules, label):
        good = [case for case in cases_of(world, rule) if "GET" in rule.methods and expected(world, person, rule, "GET", case) == {"in"}]
        for case in good[:1]:
            address, tried = address_of(world, rule, case, person), set()
            _, known = looked_for(lambda: ask(world, person, "GET", address), set(POINTERS))  # noqa: B023 asked at once
            while known - tried:
                name = min(known - tried)
                tried.add(name)
                values = [*pointed(world, person, POINTERS[name]), *next(strange)]
                for value in values if not rule.arguments else values[-3:]:
                    asked = f"{address}{'&' if '?' in address else '?'}{urlencode({name: value})}"
                    answer, more = looked_for(lambda: ask(world, person, "GET", asked), set(POINTERS))  # noqa: B023 asked at once
                    known |= more
                    if answer.status_code >= 500 or leaked(person, answer):
                        holes.append(f"{address}?{name}={value} as {label}: {answer.status_code} {leaked(person, answer)}")
    assert not holes, "\n".join(holes)


def rows() -> dict:
    """How many rows each table has, without what a refusal itself may leave: the trail, receipts, guesses."""
    silent = ("audit_entry", "receipt", "sign_in_attempt", "user_session")
    return {model._meta.table_name: model.select().count() for model in MODELS if model._meta.table_name not in silent}


@pytest.mark.parametrize("label", OFFICIALS)
def test_a_foreign_id_in_a_form_writes_nothing(world, rules, crawled, label):
    """Each pointer of each form in turn names what lies outside the sender's scope; the rest of the form is good."""
    person, holes, forms = world.people[label], [], crawled[0]
    for rule in todays(rules, label):
        fields = forms.get(("POST", rule.endpoint), {})
        pointers = [name for name in fields if name in POINTERS]
        good = [case for case in cases_of(world, rule) if expected(world, person, rule, "POST", case) == {"in"}]
        for name, case in itertools.product(pointers, good[:1]):
            address = address_of(world, rule, case, person).partition("?")[0]
            filled = {field: SAMPLES.get(field) or value for field, (_, value) in fields.items()}
            for value in pointed(world, person, POINTERS[name]):
                before = rows()
                with db.database.atomic() as all_of_it:
                    answer = person.http.post(address, data={**filled, **signed(person), name: value})
                    after = rows()
                    all_of_it.rollback()
                if after != before or leaked(person, answer) or answer.status_code >= 500:
                    changed = [table for table in before if before[table] != after[table]]
                    holes.append(f"POST {address} {name}={value} as {label}: {answer.status_code} wrote {changed} {leaked(person, answer)}")
    assert not holes, "\n".join(holes)


ADD_NO_ROW = ("accounts.export_staff", "accounts.record_leaver")  # a look; roles that end
OWN = {"org": "school", "class_org": "sibling", "absent": "own class", "user": "teacher at school"}


def test_the_same_forms_write_when_they_point_inside(world, rules, crawled):
    """Otherwise the test above would be green for forms that never write at all. A report's org is only looked at."""
    person, silent, forms = world.people["school_admin at school"], [], crawled[0]
    for rule in rules:
        fields = forms.get(("POST", rule.endpoint), {})
        good = [case for case in cases_of(world, rule) if expected(world, person, rule, "POST", case) == {"in"}]
        for name, case in itertools.product([name for name in fields if name in OWN], good[:1]):
            own = {"absent": world.pupils, "user": {label: each.user for label, each in world.people.items()}}.get(name, vars(world.orgs))
            address = address_of(world, rule, case, person).partition("?")[0]
            filled = {field: SAMPLES.get(field) or value for field, (_, value) in fields.items()}
            choices = {"org": {"role": "teacher"}}.get(name, {}) | DAYS_TO_COME.get(rule.endpoint, {})
            data = {**filled, **choices, **signed(person), name: own[OWN[name]].id}
            before = rows()
            with db.database.atomic() as all_of_it:
                answer = person.http.post(address, data=data)
                after = rows()
                all_of_it.rollback()
            if after == before and rule.endpoint not in ADD_NO_ROW:
                silent.append(f"POST {address} {name}={data[name]}: {answer.status_code} wrote nothing")
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize("label", [*OFFICIALS, "village_officer at village", "finance at county", "city_viewer at city"])
def test_searching_finds_nobody_outside(world, rules, crawled, label):
    """Every page is asked with every box of the site, and again with other words where it looked for one."""
    person, holes = world.people[label], []
    boxes = {name for (method, _), fields in crawled[0].items() if method == "GET" for name, (kind, _) in fields.items() if kind in ("search", "text")}
    for rule in todays(rules, label):
        for words in WORDS if "GET" in rule.methods and not rule.arguments else ():
            query = dict.fromkeys(boxes | {"q"}, words)
            answer, known = looked_for(lambda: ask(world, person, "GET", rule.rule, query_string=query), set(query))  # noqa: B023 asked at once
            if answer.status_code >= 500 or leaked(person, answer):
                holes.append(f"{rule.rule} {words}: {answer.status_code} {leaked(person, answer)}")
            if not known:
                break
    assert not holes, "\n".join(holes)

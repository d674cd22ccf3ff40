"""The authorisation matrix: every address of the site x every method x everybody x own, sibling's, other township's, other
county's, nonexistent and impossible objects. What must come back is computed in matrix.py; a route without a guard, a part
of an address without things to name, or a field that nobody has declared fails here before anybody uses it.
"""

import datetime
import io
import itertools
import re
import zipfile
from urllib.parse import urlencode

import pytest
from flask import url_for
from werkzeug.routing import BuildError

from aidtracker import db
from aidtracker.accounts.models import UserSession
from aidtracker.config import load_settings
from aidtracker.jobs import files
from aidtracker.permissions import ROLES, Permission
from aidtracker.schema import MODELS
from tests import matrix, postgres
from tests.cast import Client
from tests.conftest import ON_POSTGRESQL, fresh_copy
from tests.factories import PASSWORD

SAFE = ("GET", "HEAD", "OPTIONS")
# Looks that leave a line in the trail, or a file on record; every other GET writes nothing.
WRITES_ON_GET = ("jobs.fetch_result",)
# What the forms and links of the site may name, by field: a sample to send, or the kind of thing that it points to.
SAMPLES = {
    "csrf_token": None, "key": None, "file": None, "next": "/", "language": "en", "username": "new.person", "name": "新名字",
    "old": PASSWORD, "new": "Sunny-hills-2027", "again": "Sunny-hills-2027", "password": "Sunny-hills-2027",
    "reason": "家长已说明情况", "words": "核对", "detail": "肢体", "source": "残疾证", "base_revision": "0", "revision": "1", "seat": "7",
    "born_on": "2017-05-04", "starts_on": "2026-11-02", "left_on": "2026-11-02", "ends_on": "2026-11-02", "sex": "F", "mode": "day",
    "id_number": "", "student_number": "", "phone": "13700990077", "address": "新巷", "home_code": "", "entered_on": "202309",
    "ethnicity": "汉族", "is_guardian": "y", "minutes": "30", "teachers": "张老师", "person_met": "次仁", "at_home": "表现良好", "views": "满意",
    "agreed": "继续关注", "follow_up_on": "", "lessons": "2", "subject": "语文", "teacher": "张老师", "second_teacher": "", "signed_by": "次仁",
    "form": "on_site", "purposes": "routine", "met": "self", "place": "home",
    "hardship": "农村低保", "standard": "625", "amount": "312.50", "bank_name": "农村商业银行",
    "card_number": "", "holder_name": "新名字", "holder_relation": "父亲", "paid_on": "2026-11-02", "return_reason": "", "program_name": "",
    "dated": "2026-11-01", "absent_from": "2026-11-02", "found_on": "2026-11-02", "due_on": "2999-01-04",
    "next_on": "2999-01-04", "people": "张老师", "conclusion": "证明已存档", "closed_on": "2026-11-02",
}  # fmt: skip
CHOICES = """
    role only page sort order month term edit per_page choice session on from to q grade tag by kind field id_kind relation
    state sponsor category school-year school_year first last person action format is_whole
    at_home_picks views_picks agreed_picks purpose
    boarding group list as-of
    main_reason second_reason origin opened_from opened_to mine overdue result outcome
""".split()
POINTERS = {
    "org": "org", "org_id": "org", "township": "org", "school": "org", "room": "org", "class_org": "org", "county": "county",
    "batch": "batch", "program": "program", "absent": "student", "student_id": "student", "user": "user", "user_id": "user",
    "also": "student", "owner": "user", "visit": "visit",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(session_app, template, tmp_path_factory):
    """One database for all the cases; the site's own closing of a connection in a transaction is taken out, for the cases
    are transactions that are rolled back."""
    settings, url = template
    folder = tmp_path_factory.mktemp("matrix")
    mine = fresh_copy(url, folder)
    own = load_settings({"AIDTRACKER_INSTANCE": str(settings.instance), "DATABASE_URL": mine, "AIDTRACKER_JOBS": "off"})
    before, kept = session_app.config["SETTINGS"], dict(session_app.teardown_request_funcs)
    session_app.config["SETTINGS"] = own
    opened = db.init_database(own)
    opened.connect()
    files.configure(folder)
    made = matrix.World()
    made.app = session_app
    for person in made.people.values():
        enter(made, person)
    session_app.teardown_request_funcs.clear()
    yield made
    session_app.teardown_request_funcs.update(kept)
    session_app.config["SETTINGS"] = before
    files.configure(settings.instance)
    opened.close()
    if ON_POSTGRESQL:
        postgres.drop_database(mine)


def enter(world, person):
    """Signs the person in on two devices, with a token for their forms; whoever is disabled was disabled while signed in."""
    client = Client(world.app)
    if person.user:
        Client(world.app).post("accounts.sign_in", {"username": person.user.username, "password": PASSWORD})
        client.post("accounts.sign_in", {"username": person.user.username, "password": PASSWORD})
    page = {"anonymous": "accounts.sign_in", "new head": "accounts.change_password"}.get(person.label, "web.show_me")
    shown = client.http.get(client.url(page)).text
    person.token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', shown)[1]
    person.http = client.http
    person.forbidden = world.forbidden_words(person)
    # Nobody is seen anew while the cases run, however long they take: a look must write nothing.
    UserSession.update(seen_at=db.utcnow() + datetime.timedelta(days=1)).execute()
    if person.state == "disabled":
        type(person.user).update(disabled_at=db.utcnow()).where(type(person.user).id == person.user.id).execute()


@pytest.fixture(scope="module")
def rules(session_app):
    return [rule for rule in session_app.url_map.iter_rules() if rule.endpoint != "static"]


def guard_of(app, rule):
    return getattr(app.view_functions[rule.endpoint], "guard", None)


def expected(world, person, rule, method, case) -> set[str]:
    needed = world.rights.get((method, rule.endpoint), ())
    return matrix.expected(person, rule.endpoint, guard_of(world.app, rule), list(case.values()), needed)


def ask(world, person, method, address, data=None, **options):
    """The answer, with what the case wrote rolled back and the cookie put back as it was."""
    jar = dict(person.http._cookies)
    if address.startswith("//"):  # no host of another name, but two slashes
        options["environ_overrides"], address = {"PATH_INFO": address}, "/"
    with db.database.atomic() as case:
        answer = person.http.open(address, method=method, data=data, **options)
        answer.get_data()
        case.rollback()
    person.http._cookies.clear()
    person.http._cookies.update(jar)
    return answer


def signed(person, **data):
    return {"csrf_token": person.token, "key": matrix.new_key(), **data}


def text_of(answer) -> str:
    """Headers and body; a workbook unpacked."""
    body = answer.get_data()
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name) for name in archive.namelist())
    return "\n".join(str(value) for value in answer.headers.values()) + body.decode(errors="replace")


def leaked(person, answer) -> str:
    found = person.forbidden.search(text_of(answer))
    return found[0] if found else ""


def address_of(world, rule, case, person):
    """The URL, or None where the address itself takes no such value."""
    query = matrix.QUERIES.get(rule.endpoint, lambda _: {})(person)
    with world.app.test_request_context():
        try:
            return url_for(rule.endpoint, **{name: thing.value for name, thing in case.items()}, **query)
        except (BuildError, ValueError):
            return None


def cases_for(world, rule, person):
    """Whoever is turned away at the door is tried with one thing that exists and one that does not."""
    cases, guard = cases_of(world, rule), guard_of(world.app, rule)
    sent_away = person.is_stranger or person.state or (isinstance(guard, Permission) and not person.scopes(guard))
    if guard == "public" or not sent_away or len(cases) < 3:
        return cases
    return [cases[0], next(case for case in cases if not all(thing.exists for thing in case.values()))]


def cases_of(world, rule):
    """[{part: thing}]: each part in turn takes everything that it may name, the others something good."""
    blueprint = rule.endpoint.partition(".")[0]
    try:
        parts = {name: world.things(blueprint, name) for name in sorted(rule.arguments, key=rule.rule.index)}
    except KeyError:  # said by test_every_part_of_an_address_can_be_filled
        return []
    found = [dict(zip(parts, things, strict=True)) for things in itertools.product(*parts.values())] if len(parts) < 2 else one_by_one(parts)
    return [{name: thing.of(case) if thing.of else thing for name, thing in case.items()} for case in found]


def one_by_one(parts):
    good = {name: things[0] for name, things in parts.items()}
    found = []
    for name, things in parts.items():
        found += [good | {name: thing} for thing in things if thing is not good[name] or name == next(iter(parts))]
    return found


def described(rule, method, person, case):
    things = ", ".join(f"{name}={thing.label}" for name, thing in case.items())
    return f"{method} {rule.endpoint}({things}) as {person.label}"


def without_number(answer) -> str:
    return re.sub(r"\b[0-9A-F]{6}\b", "", answer.text)


PEOPLE = [
    "anonymous", *(f"{role} at {kind}" for role, about in ROLES.items() for kind in about.held_at),
    "two hats", "new head", "leaver", "ended", "next teacher", "far officer", "alien teacher",
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
                unknown.append(f"{rule.endpoint}: {name} (declare in matrix.World.things what it may name)")
    assert unknown == []


def test_a_number_in_an_address_is_typed(rules):
    loose = [rule.endpoint for rule in rules for name in rule.arguments if name.endswith("_id") and f"<int:{name}>" not in rule.rule]
    assert loose == []


@pytest.mark.parametrize("label", PEOPLE)
def test_the_matrix(world, rules, label):
    person, holes = world.people[label], []
    missing = without_number(ask(world, person, "GET", "/no/such/page"))
    for rule in rules:
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
                if method == "GET" and changes() != before and rule.endpoint not in WRITES_ON_GET and got == "in":
                    holes.append(f"{what}: a look that writes")
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


def changes() -> int:
    """Rows written so far by this connection; SQLite counts them, also those rolled back."""
    return db.database.connection().total_changes if db.is_sqlite() else 0


def is_no_address(world, address) -> bool:
    """The address is refused before anybody asks who is there: a number past any id."""
    try:
        world.app.url_map.bind("localhost").match(address.partition("?")[0])
    except Exception:
        return True
    return False


@pytest.mark.parametrize("label", ["anonymous", "teacher at class", "school_admin at school", "bureau_admin at county", "new head", "leaver"])
def test_no_write_without_the_token_of_this_session(world, rules, label):
    person, holes = world.people[label], []
    foreign = world.people["next teacher" if label != "next teacher" else "two hats"].token
    for rule in rules:
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


@pytest.mark.parametrize("label", ["anonymous", "finance at county"])
def test_other_methods_and_other_spellings_open_nothing(world, rules, label):
    person, holes = world.people[label], []
    for rule in rules:
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


def test_a_program_gets_401_and_403_as_json(world, rules):
    holes = []
    for rule in rules:
        case = next(iter(cases_of(world, rule)), None)
        if case is None:
            continue
        for label in ("anonymous", "leaver", "finance at county"):
            person = world.people[label]
            address = address_of(world, rule, case, person)
            if "GET" not in rule.methods:
                continue
            wanted = expected(world, person, rule, "GET", case)
            answer = ask(world, person, "GET", address, headers={"Accept": "application/json"})
            right = {"sign-in": 401, "forbidden": 403}.get(next(iter(wanted)))
            if right and (answer.status_code != right or not answer.is_json or set(answer.json) != {"message", "request_id"}):
                holes.append(f"{rule.endpoint} as {label}: {answer.status_code} {answer.mimetype}")
    assert holes == []


READERS = [
    "teacher at class", "school_admin at school", "village_officer at village", "township_coordinator at township", "finance at county",
    "bureau_staff at county", "city_viewer at city", "auditor at county", "system_admin at county",
]  # fmt: skip


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


# What stands in bodies and queries.


@pytest.fixture(scope="module")
def crawled(world, rules):
    """{(method, endpoint): {field: (type, value)}} of every form, and the names of all queries in links, as officials see them."""
    forms, names = {}, set()
    for label in ("bureau_admin at county", "school_admin at school", "teacher at class", "system_admin at county", "anonymous"):
        person = world.people[label]
        for rule in rules:
            for case in cases_of(world, rule) if "GET" in rule.methods else ():
                if expected(world, person, rule, "GET", case) != {"in"}:
                    continue
                address = address_of(world, rule, case, person)
                collect(world, forms, names, address, ask(world, person, "GET", address))
    return forms, names


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
    return name in SAMPLES or name in CHOICES or name in POINTERS or bool(re.match(r"(mark|reason)-\d+$", name))


def test_every_field_and_query_says_what_it_names(crawled):
    forms, names = crawled
    unknown = {f"{endpoint}: {name}" for (_, endpoint), fields in forms.items() for name in fields if not declared(name)}
    unknown |= {f"a link: {name}" for name in names if not declared(name)}
    assert unknown == set(), "declare in SAMPLES, CHOICES or POINTERS whether it points to somebody"


def test_every_form_that_writes_can_be_found_on_a_page(crawled, rules):
    forms, _ = crawled
    writes = {(method, rule.endpoint) for rule in rules for method in rule.methods - set(SAFE)}
    assert {endpoint for _, endpoint in writes - set(forms)} == set()


def pointed(world, person, kind) -> list:
    """What lies outside every place where the person holds a role; of each kind of place one."""
    if kind == "student":
        return [pupil.id for label, pupil in world.pupils.items() if label in ("other county", "other city")]
    if kind == "visit":
        return [visit.id for label, visit in world.case_visits.items() if label in ("other county", "other city")]
    if kind == "user":
        return [world.people[label].user.id for label in ("far officer", "alien teacher") if label != person.label]
    if kind in ("batch", "program"):
        held = {"batch": world.batches, "program": world.programs}[kind]
        return [held[code].id for code in ("990200", "980100") if code in held]
    foreign = [org for org in vars(world.orgs).values() if not any(org.path.startswith(at.path) or at.path.startswith(org.path) for _, at in person.held)]
    if kind == "county":
        return [org.code for org in foreign if org.kind == "county"]
    return [org.id for org in {org.kind: org for org in foreign}.values() if org.kind in ("class", "school", "county")]


OFFICIALS = ["teacher at class", "school_admin at school", "township_coordinator at township", "bureau_admin at county", "two hats"]


@pytest.mark.parametrize("label", ["teacher at class", "school_admin at school", "bureau_admin at county"])
def test_a_foreign_id_in_a_query_shows_nothing_foreign(world, rules, crawled, label):
    """Also where the page does not offer it: every page is asked with every pointer that some page has."""
    person, holes, (forms, names) = world.people[label], [], crawled
    strange = itertools.cycle([(0, "-1"), matrix.HUGE, ("' OR 1=1", "x")])
    used = names | {field for (method, _), fields in forms.items() if method == "GET" for field in fields}
    for rule in rules:
        if "GET" not in rule.methods:
            continue
        good = [case for case in cases_of(world, rule) if expected(world, person, rule, "GET", case) == {"in"}]
        for case in good[:1]:
            address = address_of(world, rule, case, person)
            for name in used & set(POINTERS):
                values = [*pointed(world, person, POINTERS[name]), *next(strange)]
                for value in values if not rule.arguments else values[-3:]:
                    asked = f"{address}{'&' if '?' in address else '?'}{urlencode({name: value})}"
                    answer = ask(world, person, "GET", asked)
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
    for rule in rules:
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
            choices = {"org": {"role": "teacher"}}.get(name, {})
            data = {**filled, **choices, **signed(person), name: own[OWN[name]].id}
            before = rows()
            with db.database.atomic() as all_of_it:
                answer = person.http.post(address, data=data)
                after = rows()
                all_of_it.rollback()
            if after == before:
                silent.append(f"POST {address} {name}={data[name]}: {answer.status_code} wrote nothing")
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize("words", ["金丝", "金", "jinsi", "js", "雀", "%", "_", "'"])
@pytest.mark.parametrize("label", [*OFFICIALS, "village_officer at village", "finance at county", "city_viewer at city"])
def test_searching_finds_nobody_outside(world, rules, crawled, label, words):
    person, holes = world.people[label], []
    forms, names = crawled
    boxes = {name for (method, _), fields in forms.items() if method == "GET" for name, (kind, _) in fields.items() if kind in ("search", "text")}
    for rule in rules:
        if "GET" in rule.methods and not rule.arguments:
            answer = ask(world, person, "GET", rule.rule, query_string=dict.fromkeys(boxes | {"q"}, words))
            if answer.status_code >= 500 or leaked(person, answer):
                holes.append(f"{rule.rule}: {answer.status_code} {leaked(person, answer)}")
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

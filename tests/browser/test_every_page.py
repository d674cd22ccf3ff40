"""Every page of every role, on a phone, a desk, in the dark and in English: axe finds nothing, nothing scrolls sideways, all can be read and touched.

No page is listed here: whatever can be reached from the menu is looked at, and an address that nobody reaches fails the last test.
On a phone axe looks at all of them, at their colours where a page has what no other has shown, and at a third of the others; in the
dark, at a desk and in English at a third each. Another third every day, all of them with LOOK_AT=all.
"""

import contextlib
import fcntl
import os
import pickle

import pytest

from aidtracker.db import today_in_china
from tests.browser.crawl import Look, worth_a_look
from tests.browser.demo_house import ROLES, build_house, cookies_of
from tests.browser.looks import Examiner
from tests.conftest import lent_app
from tests.live_server import live_server

NO_PAGES = {  # answers to GET that are no page, each with what it is
    "static": "files",
    "imports.fetch_blank": "a workbook",
    "jobs.fetch_result": "a workbook",
    "census.fetch_matching": "a workbook",
    "mobile.fetch_worker": "a script",
    "mobile.show_session": "JSON for the outbox",
    "visits.fetch_file": "a picture",
    "visits.fetch_small": "a picture",
    **dict.fromkeys(("visits.fetch_page", "visits.fetch_pages", "visits.fetch_sheets", "visits.fetch_tutored", "visits.fetch_call_results"), "a workbook"),
    "operation.show_health": "one word for the monitor",
    "operation.show_metrics": "figures for the monitor",
}
PARTS = 4  # of a role's pages, so that two workers share them
UNREACHED = {  # pages that no link leads to, each with why
    "accounts.sign_in": "for those who are not signed in; looked at below",
    "accounts.accept_invitation": "for those who hold a slip; looked at below",
    "accounts.sign_in_with_code": "for those whose password was right; looked at by test_second_factor.py",
    "census.match_child": "of a child whom no number joins; looked at by test_matching_road.py",
    "imports.set_choices": "while another wrote the same roll; looked at by the tests of the class's workbook",
}


@pytest.fixture(scope="session")
def house(session_app, template, tmp_path_factory, worker_id):
    """(base URL, {role: its pages}): the demo of today under gunicorn, every role's pages found. Built by one worker, for all."""
    mine = tmp_path_factory.getbasetemp()
    with built_once(mine if worker_id == "master" else mine.parent) as plan:
        if not plan.exists():
            with lent_app(session_app, template, tmp_path_factory.mktemp("house")) as app:
                roles, own = build_house(app), app.config["SETTINGS"]
            plan.write_bytes(pickle.dumps(({"AIDTRACKER_INSTANCE": str(own.instance), "DATABASE_URL": own.database_url, "AIDTRACKER_JOBS": "off"}, roles)))
    environ, roles = pickle.loads(plan.read_bytes())  # noqa: S301 what another worker of this run wrote
    with live_server(environ) as base_url:
        yield base_url, roles


@contextlib.contextmanager
def built_once(folder):
    """Whoever comes second waits for the first."""
    with (folder / "house.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / "house.pickle"


@pytest.fixture(scope="session")
def to_look_at(house) -> dict[str, list[Look]]:
    """Each role's share of all pages that are worth a look, and everybody's home."""
    owners = {id(page): role for role, one in house[1].items() for page in one.pages}
    shares: dict[str, list] = {role: [] for role in ROLES}
    for look in worth_a_look([page for one in house[1].values() for page in one.pages]):
        shares[owners[id(look.page)]].append(look)
    for role, one in house[1].items():
        if one.pages[0] not in [look.page for look in shares[role]]:
            shares[role].append(Look(one.pages[0], False, False))
    return shares


def its_turn(number: int, turn: int) -> bool:
    return os.environ.get("LOOK_AT") == "all" or (number + today_in_china().toordinal()) % 3 == turn


def told(findings) -> str:
    return "\n".join(f"{where}: {what}" for where, what in dict.fromkeys(findings))


@pytest.mark.parametrize("role", ROLES)
def test_no_link_is_broken(house, role):
    assert house[1][role].broken == []


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("role", ROLES)
def test_the_pages_of(browser, house, to_look_at, role, part):
    base_url, roles = house
    cookies = cookies_of(roles[role], base_url)
    chinese, english = Examiner(browser, base_url, cookies), Examiner(browser, base_url, cookies, "en-US")
    for number, look in list(enumerate(to_look_at[role]))[part::PARTS]:
        turns = {"in_the_dark": look.is_first and its_turn(number, 0), "at_a_desk": its_turn(number, 1), "in_colour": look.is_colourful or its_turn(number, 2)}
        chinese.look(look.page.address, **turns)
        if look.is_first and its_turn(number, 2):
            english.glance(look.page.address)
    findings = chinese.close() + english.close()
    assert not findings, told(findings)


def test_the_way_in(browser, house):
    examiner = Examiner(browser, house[0], [])
    examiner.look("/sign-in")
    examiner.look("/invitation")
    examiner.glance("/sign-in?next=/students")
    findings = examiner.close()
    assert not findings, told(findings)


def test_every_page_is_reached_from_the_menu(session_app, house):
    reached = set().union(*(one.endpoints for one in house[1].values()))
    wanted = {rule.endpoint for rule in session_app.url_map.iter_rules() if "GET" in rule.methods}
    left = wanted - reached - set(NO_PAGES) - set(UNREACHED)
    assert left == set(), "no role finds a way there; link it, give the demo something to show (demo_house.py), or say why in UNREACHED"
    assert set(UNREACHED) <= wanted - reached, "reached by now: out of the list"

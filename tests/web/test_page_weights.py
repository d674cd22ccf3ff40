"""What a page weighs on the wire, how many requests it costs and how long it is: a village phone on a slow network sets the limits.

Weights are of pages at gzip level 6 and of files as they are sent, in kB of 1024 bytes. A first visit fetches the page and every file that it names; a repeated one the page.
"""

import gzip
import re
from html.parser import HTMLParser
from typing import NamedTuple

import pytest

from aidtracker.accounts.models import Membership
from aidtracker.accounts.queries import user_or_none
from aidtracker.db import today_in_china, transaction
from aidtracker.demo.actions import build_demo
from aidtracker.demo.staff import PASSWORD, SHOWN
from aidtracker.orgs.models import Org
from aidtracker.students.models import Enrollment
from aidtracker.terms.models import CalendarDay
from tests import factories
from tests.cast import Client
from tests.conftest import lent_app

pytestmark = pytest.mark.once

PUPILS = 45
NODES, ROWS = 1500, 50  # that a page may have; rows of one table
ROLES = {role: username for role, (username, _) in SHOWN.items()}


class Budget(NamedTuple):
    first: float  # kB, all files
    requests: int
    repeat: float  # kB, the page alone


ROLL, HOME, DASHBOARD, CASE = Budget(20, 7, 4), Budget(15, 6, 3), Budget(20, 6, 8), Budget(20, 6, 6)


class Counter(HTMLParser):
    """Elements of a page, and the rows of its longest table body."""

    def __init__(self, page: str):
        super().__init__()
        self.nodes, self.rows, self.longest = 0, 0, 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.nodes += 1
        self.rows = 0 if tag == "tbody" else self.rows + (tag == "tr")
        self.longest = max(self.longest, self.rows)


@pytest.fixture(scope="module")
def house(session_app, template, tmp_path_factory):
    """The small demo on a day of school, the shown teacher's class filled up; {role: client}."""
    with lent_app(session_app, template, tmp_path_factory.mktemp("weights")) as app:
        build_demo(on=today_in_china(), by=None, small=True)
        room = Membership.get(Membership.user == user_or_none(ROLES["teacher"])).org
        fill(room)
        yield {role: signed_in(app, username) for role, username in ROLES.items()}


def fill(room: Org) -> None:
    attending = (Enrollment.class_org == room) & Enrollment.ends_on.is_null() & (Enrollment.mode != "home_taught")
    there = Enrollment.select().where(attending).count()
    for n in range(there, PUPILS):
        factories.make_student(room, f"阿卜杜热合曼·买买提{n}", id_number=factories.id_number("990101", "20170504", 100 + n))
    with transaction():
        for county in Org.select().where(Org.kind == "county"):
            CalendarDay.get_or_create(on=today_in_china(), county=county, defaults={"kind": "workday", "name": "上课"})


def signed_in(app, username: str) -> Client:
    client = Client(app)
    client.post("accounts.sign_in", {"username": username, "password": PASSWORD})
    return client


def fetch(client, address: str) -> str:
    answer = client.http.get(address, follow_redirects=True)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return answer.text


def files_of(page: str) -> list[str]:
    """Every address of a file that the browser fetches by itself."""
    return list(dict.fromkeys(re.findall(r'<(?:link|script|img|source)\b[^>]*?\s(?:href|src)="([^"]+)"', page)))


def weight(body: bytes) -> float:
    return len(gzip.compress(body, 6)) / 1024


def keeps(client, address: str, budget: Budget) -> None:
    page = fetch(client, address)
    files, alone = files_of(page), weight(page.encode())
    all_of_it = alone + sum(len(client.http.get(file, headers={"Accept-Encoding": "gzip"}).data) for file in files) / 1024
    used = Budget(round(all_of_it, 1), 1 + len(files), round(alone, 1))
    assert all_of_it <= budget.first and used.requests <= budget.requests and alone <= budget.repeat, f"{address}: {used}, allowed {budget}"


def link_to(client, start: str, pattern: str) -> str:
    found = re.search(rf'<a\s[^>]*?href="({pattern}[^"]*)"', fetch(client, start))
    assert found, f"{start} has no link to {pattern}"
    return found[1].replace("&amp;", "&")


def menu_of(client) -> list[str]:
    menu = re.search(r'<nav class="menu".*?</nav>', fetch(client, "/"), re.S)
    return re.findall(r'href="([^"]+)"', menu[0])


def test_the_roll_of_a_full_class(house):
    client = house["teacher"]
    address = link_to(client, "/", r"/roll/\d")
    assert fetch(client, address).count('class="tile"') == PUPILS
    keeps(client, address, ROLL)


def test_the_home_of_a_teacher(house):
    keeps(house["teacher"], "/", HOME)


def test_the_county_at_a_glance(house):
    keeps(house["bureau_staff"], "/", DASHBOARD)


def test_a_case(house, session_app):
    if "cases.show_case" not in session_app.view_functions:
        pytest.skip("the site has no cases")
    keeps(house["bureau_staff"], link_to(house["bureau_staff"], "/cases/", r"/cases/\d"), CASE)


@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_the_menu_is_long(house, role):
    for address in menu_of(house[role]):
        found = Counter(fetch(house[role], address))
        assert found.nodes <= NODES and found.longest <= ROWS, f"{address}: {found.nodes} elements, {found.longest} rows"


@pytest.mark.parametrize("role", ROLES)
def test_every_file_that_a_page_names_is_ours_and_carries_its_hash(house, role):
    for address in menu_of(house[role]):
        files = files_of(fetch(house[role], address))
        assert files and [file for file in files if not re.fullmatch(r"/static/[\w./-]+\?v=[0-9a-f]{10}", file)] == []

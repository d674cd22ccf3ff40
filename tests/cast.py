"""A small cast in a small county: the same people in every test.

    county 99县 > townships 双河镇, 石门乡 > schools 双河镇中心小学, 石门乡中心小学 > classes
"""

import copy
import re
from types import SimpleNamespace

import pytest
from flask import url_for

from aidtracker.db import transaction
from aidtracker.jobs import files, queue
from aidtracker.operation.models import Installation
from tests import factories


@pytest.fixture
def practice(app):
    """The empty database, marked for practice; who needs people in it makes them afterwards."""
    with transaction():
        Installation.update(is_demo=True, is_practice=True).execute()
    return app


@pytest.fixture
def county(app, county_template):
    """Places: two townships with a village, a school and a class or two each, and another county beside it."""
    return copy.deepcopy(county_template.places)


def make_county():
    place = SimpleNamespace()
    place.city = factories.make_org("city", "九九市", code="9900")
    place.county = factories.make_org("county", "云岭县", place.city, "990100")
    place.township = factories.make_org("township", "双河镇", place.county, "990100100")
    place.village = factories.make_org("village", "扎多村", place.township, "990100100201")
    place.other_township = factories.make_org("township", "石门乡", place.county, "990100200")
    place.school = factories.make_school(place.township, "双河镇中心小学", "2199000001")
    place.other_school = factories.make_school(place.other_township, "石门乡中心小学", "2199000002")
    place.room = factories.make_class(place.school, "三年级", "2")
    place.sibling_room = factories.make_class(place.school, "四年级", "1")
    place.other_room = factories.make_class(place.other_school, "三年级", "1")
    place.other_county = factories.make_org("county", "邻山县", place.city, "990200")
    place.far_township = factories.make_org("township", "远河镇", place.other_county, "990200100")
    place.far_school = factories.make_school(place.far_township, "远河镇中心小学", "2199000003")
    place.far_room = factories.make_class(place.far_school, "三年级", "1")
    return place


@pytest.fixture
def officer(county):
    return factories.make_user("bureau_staff", county.county, "李干事", "officer")


@pytest.fixture
def administrator(county):
    return factories.make_user("bureau_admin", county.county, "赵主任", "administrator")


@pytest.fixture
def coordinator(county):
    return factories.make_user("township_coordinator", county.township, "钱专干", "coordinator")


@pytest.fixture
def school_admin(county):
    return factories.make_user("school_admin", county.school, "王校长", "principal")


@pytest.fixture
def teacher(county):
    return factories.make_user("teacher", county.room, "张老师", "teacher")


@pytest.fixture
def stranger(county):
    """A teacher of the next school."""
    return factories.make_user("teacher", county.other_room, "陈老师", "stranger")


@pytest.fixture
def pupils(county):
    """mine: the teacher's; sibling: next room; elsewhere: other township's school; at_home: registered here, schooled there; far."""
    found = SimpleNamespace()
    found.mine = factories.make_student(county.room, "次仁卓玛", seat=22, home=county.village, phone="13900005678", address="扎多村3组")
    found.sibling = factories.make_student(county.sibling_room, "王小明", sex="M")
    found.elsewhere = factories.make_student(county.other_room, "单雄信", sex="M")
    found.at_home = factories.make_student(county.other_room, "央金拉姆", home=county.village)
    found.far = factories.make_student(county.far_room, "陈远河")
    factories.make_guardian(found.mine)
    return found


@pytest.fixture
def jobs_at_once(app, tmp_path):
    """Jobs run as soon as they are asked for, with a folder of this test."""
    before = files._folder
    files.configure(tmp_path)
    queue.set_immediate(True)
    yield
    queue.set_immediate(False)
    files._folder = before


@pytest.fixture
def jobs_wait(app, tmp_path, monkeypatch):
    """Jobs stay queued, as if the worker were busy, with a folder of this test."""
    before = files._folder
    files.configure(tmp_path)
    monkeypatch.setattr(queue, "wake", lambda uid: None)
    yield
    files._folder = before


class Client:
    """Asks by endpoint name, and on the way checks each page: title, one h1, labels, ids, CSRF tokens."""

    def __init__(self, app):
        self.app, self.http = app, app.test_client()

    def url(self, endpoint, **values):
        with self.app.test_request_context():
            return url_for(endpoint, **values)

    def get(self, endpoint, status=200, **values):
        answer = self.http.get(self.url(endpoint, **values))
        assert answer.status_code == status, f"{endpoint}: {answer.status_code}, {said(answer)}"
        if answer.mimetype == "text/html":
            police(answer.text)
        return answer

    def post(self, endpoint, data=None, status=303, page=None, files=None, **values):
        """Sends the form of the page (by default the same address), with its hidden fields and this data."""
        url = self.url(endpoint, **values)
        shown = self.http.get(page or url)
        hidden = dict(re.findall(r'name="(csrf_token|key)"[^>]*value="([^"]*)"', shown.text))
        if "csrf_token" not in hidden:
            hidden["csrf_token"] = self.token()
        answer = self.http.post(url, data={**hidden, **(data or {}), **(files or {})})
        assert answer.status_code == status, f"{endpoint}: {answer.status_code}, {said(answer)}"
        if answer.mimetype == "text/html" and answer.status_code != 303:
            police(answer.text)
        return answer

    def token(self):
        """A CSRF token of this session, from any page that has one."""
        for endpoint in ("web.show_me", "accounts.sign_in"):
            found = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', self.http.get(self.url(endpoint)).text)
            if found:
                return found[1]
        return ""


@pytest.fixture
def client(app):
    return Client(app)


@pytest.fixture
def sign_in(app):
    """sign_in(user) -> a Client in which this user is signed in."""

    def enter(user, password=factories.PASSWORD):
        client = Client(app)
        client.post("accounts.sign_in", {"username": user.username, "password": password})
        return client

    return enter


def said(answer):
    text = re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", answer.text, flags=re.S)
    return re.sub(r"\s+", " ", text)[:300]


def police(html):
    """What every page must have."""
    assert re.search(r"<title>[^<]+</title>", html), "no title"
    assert len(re.findall(r"<h1[\s>]", html)) == 1, "not one h1"
    ids = re.findall(r'\sid="([^"]+)"', html)
    doubled = {i for i in ids if ids.count(i) > 1}
    assert not doubled, f"ids used twice: {doubled}"
    labelled = set(re.findall(r'<label[^>]*\sfor="([^"]+)"', html))
    inside = re.sub(r"<label.*?</label>", "", html, flags=re.S)
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", inside):
        if 'type="hidden"' in tag or 'type="submit"' in tag or "aria-label" in tag:
            continue
        name = re.search(r'\sid="([^"]+)"', tag)
        assert name and name[1] in labelled, f"no label: {tag}"
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", html, flags=re.S | re.I):
        assert 'name="csrf_token"' in form, f"a form without CSRF token: {form[:200]}"

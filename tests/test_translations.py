"""English for every word: nothing missing, the same placeholders, compiled, and no Chinese left on an English page."""

import datetime
import html
import re

import pytest

from aidtracker.accounts.models import User
from aidtracker.attendance.actions import submit_roll_call
from aidtracker.db import today_in_china
from aidtracker.permissions import Permission
from aidtracker.students.actions_tags import add_tag
from aidtracker.terms.calendar import school_days
from aidtracker.visits.actions import edit_visit, record_visit
from tests import catalogue, factories

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%%")
SHOWN = "title aria-label placeholder alt data-label data-note data-mark data-done data-all data-some data-seat".split()
# What stays Chinese on an English page: names of people, places and classes, ethnic groups, the text for the teachers' group chat.
NAMES = """九九市 云岭县 邻山县 双河镇中心小学 石门乡中心小学 双河镇 石门乡 扎多村 汉族 藏族 中文
张老师 李干事 赵主任 钱专干 王校长 陈老师 次仁卓玛 扎西顿珠 卓玛央宗 旦增 旦增的母亲""".split()
CLASS = re.compile(r"[一二三四五六七八九]年级\d+班")
GROUP_CHAT = re.compile(r"<textarea[^>]*>.*?</textarea>|<p id=.reminder.*?</p>", re.S)


@pytest.fixture(scope="module")
def standing():
    return catalogue.standing()


@pytest.fixture(scope="module")
def fresh():
    return [message.id for message in catalogue.fresh() if message.id]


def test_every_word_of_the_site_is_in_the_catalogue_with_its_english(standing, fresh):
    assert len(fresh) > 700
    new = [words for words in fresh if not (standing.get(words) and standing.get(words).string)]
    assert not new, "run bin/translate and fill in:\n" + "\n".join(new)


def test_nothing_in_the_catalogue_is_fuzzy_or_still_chinese(standing):
    assert not [message.id for message in standing if message.id and message.fuzzy]
    assert not [message.string for message in standing if message.id and catalogue.CHINESE.search(message.string)]


def test_english_has_the_placeholders_of_the_chinese(standing):
    def of(text):
        return sorted(PLACEHOLDER.findall(text))

    assert not [message.id for message in standing if message.id and of(message.id) != of(message.string)]
    assert not [message.id for message in standing if message.id and "%(" in message.id and stray_percent(message.string)]


def stray_percent(text: str) -> bool:
    return "%" in PLACEHOLDER.sub("", text)


def test_the_compiled_catalogue_is_that_of_the_po_file(standing):
    assert catalogue.MO.read_bytes() == catalogue.compiled(standing), "run bin/translate"


@pytest.fixture
def pupils(county, administrator):
    """Three of a class; the second boards, and has a home, a guardian and a special group on record."""
    names = ("次仁卓玛", "扎西顿珠", "卓玛央宗")
    more = ({}, {"mode": "boarding", "home": county.village, "phone": "13800005678"}, {})
    away, boards, third = (
        factories.make_student(county.room, name, seat=n, **values) for n, (name, values) in enumerate(zip(names, more, strict=True), 1)
    )
    factories.make_guardian(boards, "旦增", "其他亲属")
    add_tag(student=boards, kind="left_behind", detail="", starts_on=datetime.date(2026, 9, 1), source="-", by=administrator)
    return [away, boards, third]


@pytest.fixture
def english(sign_in):
    def enter(user):
        """As the switch does: kept with the person, and on the phone for pages that know nobody."""
        User.update(language="en").where(User.id == user.id).execute()
        client = sign_in(user)
        client.http.set_cookie("language", "en")
        return client

    return enter


def chinese_in(page: str) -> list[str]:
    """Chinese words that the page shows or says aloud, besides names and data."""
    page = GROUP_CHAT.sub("", re.sub(r"<(script|style).*?</\1>", "", page, flags=re.S))
    said = re.findall(rf'\b(?:{"|".join(SHOWN)})="([^"]*)"', page)
    shown = [html.unescape(text) for text in (*said, *re.findall(r">([^<>]+)<", page))]
    left = [strip_names(text) for text in shown]
    return sorted({text.strip() for text in left if catalogue.CHINESE.search(text)})


def strip_names(text: str) -> str:
    text = CLASS.sub("", text)
    for name in NAMES:
        text = text.replace(name, "")
    return text


def test_the_sign_in_page_in_english(client, county):
    client.http.set_cookie("language", "en")
    page = client.get("accounts.sign_in").text
    assert '<html lang="en">' in page
    assert chinese_in(page) == []
    assert chinese_in(client.post("accounts.sign_in", {"username": "x", "password": "y"}, status=400).text) == []


def test_a_teachers_pages_in_english(english, teacher, county, pupils):
    client = english(teacher)
    day = last_school_day()
    pages = [client.get(endpoint) for endpoint in ("home.show_home", "web.show_me", "attendance.show_board", "students.list_students")]
    pages.append(client.get("attendance.take_roll", class_id=county.room.id, on=day, session="morning"))
    pages += pages_of(client, pupils[0])
    take_roll(county, teacher, pupils, day)
    pages += [
        client.get("home.show_home"),
        client.get("attendance.show_board"),
        client.get("attendance.show_history", class_id=county.room.id),
    ]
    pages.append(client.get("attendance.take_roll", class_id=county.room.id, on=day, session="morning"))
    pages += [client.get("accounts.list_sessions"), client.get("accounts.change_password")]
    pages += visits_of(client, pupils[1], teacher)
    assert [(left, page.request.path) for page in pages if (left := chinese_in(page.text))] == []


def last_school_day() -> datetime.date:
    today = today_in_china()
    return school_days(today - datetime.timedelta(days=30), today)[-1]


def take_roll(county, teacher, pupils, day):
    marks = {pupils[0].id: ("unexcused", ""), pupils[1].id: ("late", "")}
    submit_roll_call(class_org=county.room, on=day, session="morning", marks=marks, base_revision=0, by=teacher)


def pages_of(client, pupil):
    """The tabs of a pupil that this reader may open."""
    first = client.get("students.show_student", student_id=pupil.id)
    tabs = re.findall(rf'href="(/students/{pupil.id}/[^"?]+)"', first.text)
    return [first, *(client.http.get(url) for url in sorted(set(tabs)))]


def visits_of(client, pupil, teacher):
    """A visit on its way: recorded, listed, shown, mended."""
    words = {"form": "on_site", "on": today_in_china(), "purposes": ["routine"], "teachers": "-", "relation": "没有见到人"}
    visit = record_visit(students=[pupil], values=words, by=teacher)
    edit_visit(visit=visit, revision=1, values=words | {"minutes": 30}, by=teacher)
    pages = [client.get(f"visits.{name}", student_id=pupil.id) for name in ("record_visit", "record_tutoring", "show_student")]
    pages += [client.get(f"visits.{name}", visit_id=visit.id) for name in ("show_visit", "edit_visit")]
    return [*pages, client.get("visits.list_visits"), client.get("visits.search_pupils"), client.get("visits.list_visits", q="nobody")]


@pytest.mark.parametrize("who", ["officer", "administrator", "school_admin", "coordinator"])
def test_the_pages_of_offices_in_english(who, request, english, county, pupils, teacher):
    user = request.getfixturevalue(who)
    take_roll(county, teacher, pupils, last_school_day())
    client = english(user)
    menu = re.findall(r'<nav class="menu".*?</nav>', client.get("web.show_me").text, re.S)[0]
    urls = re.findall(r'href="([^"]+)"', menu)
    pages = [client.http.get(url) for url in urls]
    pages += [client.get("reports.show_report", name=name) for name in ("registry", "attendance", "visits")]
    pages += [
        client.get("orgs.show_org", org_id=org.id)
        for org in (county.township, county.school, county.room)
        if user.may(Permission.ORG_VIEW, org)
    ]
    pages += pages_of(client, pupils[1])
    assert {page.status_code for page in pages} == {200}
    assert [(left, page.request.path) for page in pages if (left := chinese_in(page.text))] == []


def test_the_pages_of_errors_in_english(english, officer):
    signed_in = english(officer)
    for page in (signed_in.http.get("/nowhere"), signed_in.http.get("/reports/attendance?from=x"), signed_in.http.post("/sign-out")):
        assert page.status_code >= 400
        assert chinese_in(page.text) == []

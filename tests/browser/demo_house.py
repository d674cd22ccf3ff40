"""The demo county with what a demo leaves empty: an upload with refused rows, a finished export, a closed class, a disabled account.

Every account of the demo is signed in without a browser; its cookies open the same session in one.
"""

import datetime
import io
import re
from types import SimpleNamespace

import openpyxl

from aidtracker.accounts.actions import disable_user
from aidtracker.accounts.models import SignInAttempt
from aidtracker.accounts.models_requests import RoleRequest
from aidtracker.accounts.queries import user_or_none
from aidtracker.db import today_in_china, transaction, utcnow
from aidtracker.demo.actions import build_demo
from aidtracker.demo.staff import PASSWORD, SHOWN
from aidtracker.jobs import queue
from aidtracker.orgs.actions import close_org
from aidtracker.orgs.models import Org
from aidtracker.terms.models import CalendarDay, Closure
from aidtracker.visits.actions_files import add_files
from aidtracker.visits.evidence import Evidence, made_ready
from aidtracker.visits.models import Visit
from tests import factories
from tests.attachments.pictures import file_of, scene
from tests.browser.crawl import Crawler
from tests.browser.demo_cases import furnish_cases
from tests.browser.demo_registry import ask_back, furnish_registry
from tests.cast import Client

ROLES = {role: username for role, (username, _) in SHOWN.items()}


def build_house(app) -> dict[str, SimpleNamespace]:
    """Fills an empty, migrated database; {role: its pages, endpoints, broken links, cookies}, which another process can be told."""
    build_demo(on=today_in_china(), by=None, small=True)
    hidden = furnish()
    clients = {role: signed_in(app, username) for role, username in ROLES.items()}
    use(clients["bureau_admin"])
    return {role: walk(app, client, hidden.get(role, [])) for role, client in clients.items()}


def furnish() -> dict[str, list[str]]:
    """{role: addresses of what stands too far down in a list to be come across}"""
    admin = user_or_none(ROLES["bureau_admin"])
    with transaction():
        for county in Org.select().where(Org.kind == "county"):
            CalendarDay.get_or_create(on=today_in_china(), county=county, defaults={"kind": "workday", "name": "上课"})
    school = Org.get(Org.kind == "school")
    close_org(org=(closed := factories.make_class(school, "六年级", "9")), reason="撤班", by=admin)
    disable_user(user=(disabled := user_or_none("t01.11")), reason="调出", by=admin)
    with transaction():
        factories.give_second_factor(disabled)
        SignInAttempt.create(account=disabled.username, network="192.0.2.0", succeeded=False)
        ask_and_declare(admin)
    sealed = furnish_cases(user_or_none(ROLES["teacher"]), user_or_none(ROLES["township_coordinator"]), admin)
    of_bureau = [f"/orgs/{closed.id}", f"/accounts/{disabled.id}", f"/visits/{with_photos(admin).id}", *furnish_registry(shown_county(), admin)]
    return {"bureau_admin": of_bureau, "township_coordinator": [f"/cases/{sealed.id}"]}


def with_photos(admin) -> Visit:
    """A visit that waits to be verified, with photos and a signature."""
    visit = Visit.get((Visit.county == shown_county()) & (Visit.state == "recorded") & ~Visit.is_imported)
    photos = (file_of(scene((1200, 900))), file_of(scene((900, 1200), seed=2)))
    files = made_ready(Evidence(photos, file_of(scene((640, 240), seed=3), "PNG"), True), visit.county_id)
    add_files(visit=visit, revision=visit.revision, files=files, by=admin)
    return visit


def ask_and_declare(admin) -> None:
    """What waits for a second person, and a day without school that may still be withdrawn."""
    county, ahead = shown_county(), today_in_china() + datetime.timedelta(days=20)
    days = {"starts_on": today_in_china(), "expires_at": utcnow() + datetime.timedelta(days=7)}
    asker = factories.make_user("system_admin", county, "方系统")
    RoleRequest.create(user=asker, role="bureau_admin", org=county, requested_by=asker, **days)
    Closure.create(county=county, org=county, kind="closure", first_on=ahead, last_on=ahead, reason="大雪", declared_by=admin)


def use(client) -> None:
    """Long work runs at once, so that its pages have something to show."""
    queue.set_immediate(True)
    try:
        client.post("imports.upload_workbook", {"file": (a_workbook(), "名册.xlsx"), "school_year": str(factories.YEAR)}, kind="students")
        ask_back(client)
        client.post("reports.export_report", {"county": shown_county().code}, name="attendance", page=client.url("reports.show_report", name="attendance"))
    finally:
        queue.set_immediate(False)


def shown_county() -> Org:
    """The county of the accounts that are shown; another stands beside it."""
    return user_or_none(ROLES["bureau_admin"]).memberships[0].org


def a_workbook() -> io.BytesIO:
    """One row to take, two to refuse."""
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active.append("学校标识码 姓名 性别 出生日期 年级 班级 就读方式".split())
    code = Org.get(Org.kind == "school").code
    for name, born in (("欧阳梓涵", "20160501"), ("", "20160501"), ("阿卜杜热合曼·买买提", "20999999")):
        book.active.append([code, name, "男", born, "三年级", "1班", "走读"])
    book.save(stream)
    stream.seek(0)
    return stream


def signed_in(app, username: str) -> Client:
    client = Client(app)
    client.post("accounts.sign_in", {"username": username, "password": PASSWORD})
    return client


def walk(app, client, hidden: list[str]) -> SimpleNamespace:
    crawler = Crawler(app.url_map, lambda address: fetch(client, address))
    pages = crawler.pages(["/", "/me", *hidden])
    cookies = [(cookie.key, cookie.value) for cookie in client.http._cookies.values()]
    return SimpleNamespace(cookies=cookies, pages=pages, endpoints=crawler.endpoints, broken=crawler.broken)


def fetch(client, address: str):
    answer = client.http.get(address, follow_redirects=True)
    is_page = answer.mimetype == "text/html"
    return answer.status_code, answer.mimetype, answer.text if is_page else "", re.sub(r"^https?://[^/]+", "", answer.request.url)


def cookies_of(one: SimpleNamespace, base_url: str) -> list[dict]:
    return [{"name": name, "value": value, "url": base_url} for name, value in one.cookies]

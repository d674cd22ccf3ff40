"""The roll of a morning as a teacher takes it: two taps when all are there, quick with three away, usable on a slow phone and network."""

import time

import pytest

from aidtracker.attendance.models import RollCall
from aidtracker.operation.models import Installation
from aidtracker.receipts.models import Receipt
from tests import factories
from tests.browser.conftest import NAMES

PACE = 1.3  # seconds from one tap to the next, and to find a name, of an unhurried person
FINDING = 2.5
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
PAINTED = "new Promise(done => new PerformanceObserver(list => done(list.getEntries()[0].startTime)).observe({type: 'paint', buffered: true}))"


@pytest.fixture
def teacher_page(county, teacher, enter, phone_page):
    enter(phone_page, teacher)
    return phone_page


def test_all_present_is_two_taps_from_the_first_page(site, teacher_page):
    page, taps = teacher_page, 0
    for button in ("a.btn.full >> nth=0", "[data-send]"):
        page.tap(button)
        taps += 1
        page.wait_for_load_state()
    page.wait_for_selector("text=回执号")
    assert taps == 2
    assert "已提交" in page.inner_text("main")


def test_three_absent_take_less_than_twenty_seconds_at_a_persons_pace(site, teacher_page):
    page, began = teacher_page, time.monotonic()
    time.sleep(PACE)
    page.tap("a.btn.full >> nth=0")
    page.wait_for_selector("#roll")
    for name in NAMES[1:4]:
        time.sleep(FINDING)
        page.tap(f".tile .face:has-text('{name}')")
    for button in ("[data-send]", "[data-sure]"):
        time.sleep(PACE)
        page.tap(button)
    page.wait_for_selector("text=回执号")
    took = time.monotonic() - began
    assert took < 20, f"{took:.1f} s"
    assert all(name in page.inner_text("main") for name in NAMES[1:4])


def test_the_roll_is_usable_on_slow_3g_with_a_processor_six_times_slower(site, teacher_page):
    page = teacher_page
    path = page.get_attribute("a.btn.full >> nth=0", "href")
    fresh = page.context.new_page()
    devtools = page.context.new_cdp_session(fresh)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW_3G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    tries = []
    while len(tries) < 3 and min(tries, default=9999) >= 2500:  # whatever else the machine does at the moment
        devtools.send("Network.clearBrowserCache")
        fresh.goto(site + path)
        tries.append(fresh.evaluate(PAINTED))
    painted = min(tries)
    assert painted < 2500, f"first painted after {painted:.0f} ms"
    began = time.monotonic()
    fresh.tap(f".tile .face:has-text('{NAMES[2]}')")
    assert fresh.inner_text("[data-send]") == "提交，缺勤 1 人"
    assert time.monotonic() - began < 2
    fresh.close()


def test_a_roll_without_signal_waits_and_goes_by_itself(site, teacher_page, tolerate):
    tolerate("ERR_INTERNET_DISCONNECTED")
    page = teacher_page
    path = write_without_signal(page, site)
    page.goto(site + "/")
    page.wait_for_selector("#outbox-badge:has-text('待上传 1 条')")
    assert page.inner_text("h1") == "本机的记录"
    page.context.set_offline(False)
    page.evaluate("self.aidOutbox.hurry()")
    page.wait_for_selector("[data-done] a")
    page.goto(site + path)
    page.wait_for_selector("text=回执号")
    assert NAMES[2] in page.inner_text("main")


def test_what_is_tapped_while_a_waiting_roll_comes_back_stays_tapped(site, teacher_page, tolerate):
    """On a slow phone what waits fills the form in a moment late."""
    tolerate("ERR_INTERNET_DISCONNECTED")
    page = teacher_page
    path = write_without_signal(page, site)
    page.add_init_script("{ const real = crypto.subtle.decrypt.bind(crypto.subtle); crypto.subtle.decrypt = (...all) => new Promise(done => setTimeout(done, 2000)).then(() => real(...all)); }")
    page.goto(site + path)
    page.tap(f".tile .face:has-text('{NAMES[3]}')")
    page.wait_for_selector("#roll[data-restored]")
    ticked = page.eval_on_selector_all("input[name=absent]:checked", "boxes => boxes.length")
    assert ticked == 2 and page.inner_text("[data-send]") == "提交，缺勤 2 人"
    page.context.set_offline(False)


def test_a_roll_that_waits_is_handed_over_as_text_and_arrives_once(site, teacher_page, tolerate, enter, small_page, coordinator):
    tolerate("ERR_INTERNET_DISCONNECTED")
    page = teacher_page
    path = page.get_attribute("a.btn.full >> nth=0", "href")
    deadline = time.monotonic() + 10  # the secret comes with the first page
    while not page.evaluate("aidDb.all('meta').then(rows => rows.some(row => row.k.indexOf('hand|') === 0))") and time.monotonic() < deadline:
        time.sleep(0.05)
    until_kept(page, "/outbox")
    page.goto(site + path)
    page.wait_for_selector("#outbox-badge:has-text('已同步')")
    page.context.set_offline(True)
    page.tap("[data-send]")
    page.wait_for_selector("text=网络不好，已保存在本机")
    page.goto(site + "/outbox")
    page.tap("[data-hand]")
    page.wait_for_selector("[data-text]:not([hidden])")
    text = page.input_value("[data-text]")
    assert text.startswith("AT1.") and len(text) < 1000
    enter(small_page, coordinator)
    small_page.goto(f"{site}/outbox/hand-in")
    small_page.get_by_label("老师发来的文字").fill(text)
    small_page.get_by_role("button", name="收下").click()
    small_page.wait_for_selector("text=已收下，回执号")
    number = small_page.inner_text("main .n-ok").split("回执号 ")[1][:11]
    page.context.set_offline(False)
    page.evaluate("self.aidOutbox.hurry()")
    page.wait_for_selector(f"[data-done] a:has-text('{number}')")


def test_what_a_restored_site_has_lost_is_sent_again_also_when_the_site_answers_late(site, teacher_page):
    page = teacher_page
    page.goto(site + page.get_attribute("a.btn.full >> nth=0", "href"))
    page.tap("[data-send]")
    page.wait_for_selector("text=回执号")
    until(page, lambda: page.evaluate("aidDb.all('done').then(rows => rows.length)") == 1)
    Receipt.delete().execute()
    RollCall.delete().execute()
    Installation.update(generation=Installation.generation + 1).execute()
    page.route("**/outbox/session", lambda route: (page.wait_for_timeout(1500), route.continue_()))
    page.goto(site + "/")
    until(page, RollCall.select().exists)
    assert RollCall.select().count() == 1


def test_who_signs_in_on_anothers_phone_is_shown_none_of_the_others_pages(site, county, teacher, teacher_page, tolerate):
    """The reply to the sign-in is lost: what is kept is still the other's, and what is written there would go out in that name."""
    tolerate("ERR_INTERNET_DISCONNECTED")
    page, other = teacher_page, factories.make_user("teacher", county.room)
    until_kept(page, "/outbox/visit")
    page.context.clear_cookies()
    page.goto(site + "/sign-in")
    page.route("**/sign-in", lambda route: route.fulfill(status=204) if route.request.method == "POST" else route.continue_())
    page.get_by_label("用户名").fill(other.username)
    page.get_by_label("密码").fill(factories.PASSWORD)
    with page.expect_request(lambda request: request.method == "POST"):
        page.get_by_role("button", name="登录").click()
    page.context.set_offline(True)
    page.goto(site + "/outbox/visit")
    assert page.query_selector("#visit") is None
    page.context.set_offline(False)
    page.unroute("**/sign-in")
    page.goto(site + "/sign-in")
    page.get_by_label("用户名").fill(other.username)
    page.get_by_label("密码").fill(factories.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(site + "/")
    until_kept(page, "/outbox/visit", other.uid)
    page.context.set_offline(True)
    page.goto(site + "/outbox/visit")
    assert page.wait_for_selector("#visit") and page.get_attribute("#outbox-badge", "data-user") == other.uid
    page.context.set_offline(False)


def test_a_visit_without_a_pupil_is_not_kept(site, teacher_page):
    page = teacher_page
    page.goto(site + "/outbox/visit")
    page.wait_for_function("!!self.aidOutbox")
    page.click("button[form=visit]")
    assert page.evaluate("document.activeElement.id") == "student_id" and page.evaluate("aidOutbox.items().then(rows => rows.length)") == 0


def test_a_visit_is_kept_with_one_purpose_and_not_without_any(site, teacher_page, tolerate):
    tolerate("ERR_INTERNET_DISCONNECTED")
    page = teacher_page
    until_kept(page, "/outbox/visit")
    page.context.set_offline(True)
    page.goto(site + "/outbox/visit")
    page.wait_for_selector("#visit[data-restored]")
    page.select_option("#student_id", index=1)
    for name, value in (("form", "on_site"), ("met", "self")):
        page.check(f"input[name={name}][value={value}]", force=True)
    page.tap("button[form=visit]")
    assert page.evaluate("document.activeElement.name") == "purposes" and page.evaluate("aidOutbox.items().then(rows => rows.length)") == 0
    page.check("input[name=purposes][value=absence]", force=True)
    page.tap("button[form=visit]")
    page.wait_for_selector("text=网络不好，已保存在本机")
    page.context.set_offline(False)


def until(page, true) -> None:
    """The page's requests are let through meanwhile, where the test keeps them waiting."""
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        page.wait_for_timeout(50)


def until_kept(page, path: str, user: str = "") -> None:
    """For that person, where one is named."""
    deadline, kept = time.monotonic() + 10, "user => aidDb.all('pages').then(rows => rows.filter(row => !user || row.user === user).map(row => row.path))"
    while path not in page.evaluate(kept, user) and time.monotonic() < deadline:
        time.sleep(0.05)


def write_without_signal(page, site: str) -> str:
    """One pupil away, kept on the phone; answers the address of the roll."""
    path = page.get_attribute("a.btn.full >> nth=0", "href")
    until_kept(page, path)
    page.context.set_offline(True)
    page.goto(site + path)
    page.tap(f".tile .face:has-text('{NAMES[2]}')")
    page.tap("[data-send]")
    page.tap("[data-sure]")
    page.wait_for_selector("text=网络不好，已保存在本机")
    return path


WRITES = """self.writes = [];
const begin = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (names, mode, how) {
    if (mode === "readwrite") self.writes.push([].concat(names).sort().join());
    return begin.call(this, names, mode, how);
};"""


def test_one_write_at_a_time_as_chromium_deletes_a_database_that_dies_in_two(site, teacher_page, tolerate):
    """What a write holds no other may hold, and each holds all there is; seen with a browser killed twice, every eighth time."""
    tolerate("ERR_INTERNET_DISCONNECTED")
    page = teacher_page
    page.context.add_init_script(WRITES)
    page.tap("a.btn.full >> nth=0")
    page.wait_for_selector("#roll")
    page.wait_for_function("aidDb.all('pages').then(pages => pages.length > 1)")
    page.context.set_offline(True)
    page.tap("[data-send]")
    page.wait_for_selector("text=待上传")
    assert set(page.evaluate("self.writes")) == {"done,meta,out,pages"}

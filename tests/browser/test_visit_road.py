"""A visit at the door without signal: photos and a signature stay on the phone, sealed, and come in with the visit, once."""

import pytest

from aidtracker.attachments.models import Attachment
from aidtracker.cases.actions import open_case
from aidtracker.db import today_in_china
from aidtracker.orgs.scopes import scope_of
from aidtracker.receipts.models import Receipt
from aidtracker.visits.covered_rows import covered
from aidtracker.visits.models import Visit, VisitStudent
from aidtracker.visits.queries_files import files_of
from aidtracker.visits.rules import rules_of
from tests import factories
from tests.attachments.pictures import file_of, scene, with_exif

SEALED = """aidDb.all('out').then(rows => rows.every(row => row.box instanceof ArrayBuffer && !row.fields && !row.photo))"""


@pytest.fixture
def family(county, teacher, enter, phone_page):
    """Two pupils of one house in the class of the teacher whose phone it is."""
    enter(phone_page, teacher)
    two = [factories.make_student(county.room, name, home=county.village) for name in ("次仁大宝", "次仁二宝")]
    for pupil in two:
        factories.make_guardian(pupil, "次仁多吉", phone="13800001234")
    return two


@pytest.fixture
def pictures(tmp_path):
    """As a phone keeps them: one large, one that says where it was taken, one that lies on its side."""
    found = []
    for n, content in enumerate((file_of(scene((4000, 3000), seed=3)), with_exif(), with_exif(6))):
        found.append(tmp_path / f"IMG_{n}.jpg")
        found[-1].write_bytes(content)
    return found


def fill(page, pictures):
    page.check("input[name=also]", force=True)
    page.check("input[name=form][value=on_site]", force=True)
    page.check("input[name=purposes][value=routine]", force=True)
    page.check("input[name=met][value=nobody]", force=True)
    page.fill("input[name=teachers]", "张老师")
    page.fill("input[name=on]", today_in_china().isoformat())
    for n, picture in enumerate(pictures):
        page.set_input_files(f"#photo{'' if n == 0 else f'-{n + 1}'}", picture)
        page.wait_for_selector(f".shot >> nth={n}")
    page.check("input[name=is_agreed]")
    sign(page)


def sign(page):
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for x, y in ((80, 70), (140, 20), (200, 80)):
        page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
    page.mouse.up()
    assert page.input_value("input[name=signature]").startswith("data:image/png;base64,")


def test_a_visit_to_two_siblings_with_three_photos_and_a_signature_waits_and_comes_in_once(site, phone_page, family, pictures, tolerate):
    tolerate("ERR_INTERNET_DISCONNECTED")
    page = phone_page
    page.goto(f"{site}/students/{family[0].id}/visits/new")
    page.wait_for_selector("#outbox-badge:has-text('已同步')")
    fill(page, pictures)
    page.context.set_offline(True)
    page.tap("button[form=visit]")
    page.wait_for_selector("text=网络不好，已保存在本机")
    assert Visit.select().count() == 0
    assert page.evaluate(SEALED)
    page.context.set_offline(False)
    page.evaluate("self.aidOutbox.hurry()")
    page.wait_for_selector("#outbox-badge:has-text('已同步')", timeout=30_000)
    visit = Visit.get()
    kept = files_of(visit)
    assert [file.kind for file in kept] == ["photo"] * 3 + ["signature"] and (kept[0].width, kept[0].height) == (1280, 960)
    assert (kept[2].width, kept[2].height) == (480, 640)  # as the camera was held
    assert Receipt.select().count() == 1 and Attachment.select().count() == 4
    assert {row.student_id for row in VisitStudent.select()} == {pupil.id for pupil in family}
    for pupil in family:
        page.goto(f"{site}/students/{pupil.id}/visits")
        page.click(f"a[href='/visits/{visit.id}']")
        page.wait_for_selector(".photo.signed img")
        assert page.eval_on_selector_all(".photo img", "all => Promise.all(all.map(one => one.decode().then(() => one.naturalWidth)))") and page.locator(".photo").count() == 4
    assert page.evaluate("aidDb.all('out').then(rows => rows.length)") == 0


def test_a_waiting_visit_is_opened_again_with_its_photos(site, phone_page, family, pictures, tolerate):
    tolerate("ERR_INTERNET_DISCONNECTED")
    tolerate("ERR_FAILED")
    page = phone_page
    page.goto(f"{site}/students/{family[0].id}/visits/new")
    page.wait_for_selector("#outbox-badge:has-text('已同步')")
    fill(page, pictures[:2])
    page.context.set_offline(True)
    page.tap("button[form=visit]")
    page.wait_for_selector("text=网络不好，已保存在本机")
    page.route("**/outbox/**", lambda route: route.abort())
    page.context.set_offline(False)
    number = page.evaluate("aidDb.all('out').then(rows => rows[0].id)")
    page.goto(f"{site}/students/{family[0].id}/visits/new#item-{number}")
    page.wait_for_selector(".shot >> nth=1")
    assert page.input_value("input[name=signature]").startswith("data:image/png")
    page.tap(".shot button >> nth=0")
    assert page.locator(".shot").count() == 1


def test_a_visit_handed_over_as_text_names_its_photos_and_gets_them_when_the_phone_has_signal(site, phone_page, family, pictures, tolerate, enter, small_page, coordinator):
    tolerate("ERR_INTERNET_DISCONNECTED")
    tolerate("ERR_FAILED")
    page = phone_page
    page.wait_for_function("aidDb.all('meta').then(rows => rows.some(row => row.k.indexOf('hand|') === 0))")  # the secret comes with the first page
    page.goto(f"{site}/students/{family[0].id}/visits/new")
    page.wait_for_selector("#outbox-badge:has-text('已同步')")
    fill(page, pictures[:2])
    page.context.set_offline(True)
    page.tap("button[form=visit]")
    page.wait_for_selector("text=网络不好，已保存在本机")
    page.route("**/outbox/session", lambda route: route.abort())
    page.context.set_offline(False)
    page.goto(f"{site}/outbox")
    page.tap("[data-hand]")
    page.wait_for_selector("[data-text]:not([hidden])")
    text = page.input_value("[data-text]")
    assert text.startswith("AT1.") and len(text) < 3000
    enter(small_page, coordinator)
    small_page.goto(f"{site}/outbox/hand-in")
    small_page.fill("textarea", text)
    small_page.tap("button:has-text('收下')")
    small_page.wait_for_selector("text=已收下")
    visit = Visit.get()
    assert files_of(visit) == []
    page.unroute("**/outbox/session")
    page.evaluate("self.aidOutbox.hurry()")
    page.wait_for_selector("#outbox-badge:has-text('已同步')", timeout=30_000)
    assert [file.kind for file in files_of(visit)] == ["photo", "photo", "signature"] and Visit.select().count() == 1


def test_whoever_saves_while_a_photo_is_made_smaller_saves_it_with_the_photo(site, phone_page, family, pictures):
    page = phone_page
    page.add_init_script("{ const real = HTMLCanvasElement.prototype.toBlob; HTMLCanvasElement.prototype.toBlob = function (...all) { setTimeout(() => real.apply(this, all), 700); }; }")
    page.goto(f"{site}/students/{family[0].id}/visits/new")
    page.wait_for_selector("#outbox-badge:has-text('已同步')")
    fill(page, ())
    page.set_input_files("#photo", pictures[0])
    page.tap("button[form=visit]")
    page.wait_for_selector(".photo.signed img", timeout=30_000)
    assert [file.kind for file in files_of(Visit.get())] == ["photo", "signature"]


def test_photos_without_consent_are_not_saved(site, phone_page, family, pictures):
    page = phone_page
    page.goto(f"{site}/students/{family[0].id}/visits/new")
    page.wait_for_selector("#outbox-badge:has-text('已同步')")
    fill(page, pictures[:1])
    page.uncheck("input[name=is_agreed]")
    page.tap("button[form=visit]")
    assert page.evaluate("document.querySelector('input[name=is_agreed]').validity.valueMissing")
    assert page.evaluate("aidDb.all('out').then(rows => rows.length)") == 0 and Visit.select().count() == 0


def test_what_is_no_photo_is_said_at_once(site, phone_page, family, tmp_path):
    page, text = phone_page, tmp_path / "list.jpg"
    text.write_text("no picture")
    page.goto(f"{site}/students/{family[0].id}/visits/new")
    page.set_input_files("#photo", text)
    page.wait_for_selector("text=这张照片打不开，请换一张或直接拍照。")
    assert page.locator(".shot").count() == 0


def test_a_browser_without_an_outbox_sends_the_small_photo_with_the_form(site, phone_page, family, pictures):
    page = phone_page
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    page.goto(f"{site}/students/{family[0].id}/visits/new")
    fill(page, pictures[:1])
    size = page.evaluate("document.getElementById('photo').files[0].size")
    assert size <= 300 * 1024
    page.tap("button[form=visit]")
    page.wait_for_selector(".photo.signed img")
    assert [file.kind for file in files_of(Visit.get())] == ["photo", "signature"]


def test_what_came_in_from_the_phone_is_reviewed_and_both_pupils_the_case_and_the_coverage_show_it(site, phone_page, family, pictures, tolerate, enter, small_page, coordinator, officer):
    tolerate("ERR_INTERNET_DISCONNECTED")
    today = today_in_china()
    found = {"origin": "report", "main_reason": "02", "absent_from": today, "found_on": today}
    case = open_case(student=family[0], values=found, by=officer)
    page = phone_page
    page.goto(f"{site}/students/{family[0].id}/visits/new")
    page.wait_for_selector("#outbox-badge:has-text('已同步')")
    fill(page, pictures)
    page.context.set_offline(True)
    page.tap("button[form=visit]")
    page.wait_for_selector("text=网络不好，已保存在本机")
    page.context.set_offline(False)
    page.evaluate("self.aidOutbox.hurry()")
    page.wait_for_selector("#outbox-badge:has-text('已同步')", timeout=30_000)
    visit = Visit.get()
    desk = small_page
    enter(desk, coordinator)
    desk.goto(f"{site}/visits/?only=waiting")
    desk.locator(f"a[href='/visits/{visit.id}']:visible").first.click()
    desk.wait_for_selector(".photo.signed img")
    assert desk.locator(".photo").count() == 4
    desk.click("button:has-text('核实无误')")
    desk.wait_for_selector("text=已核实。")
    for pupil in family:
        desk.goto(f"{site}/students/{pupil.id}/visits")
        assert "已核实" in desk.locator(f"a[href='/visits/{visit.id}']").inner_text()
    desk.goto(f"{site}/cases/{case.id}/follow-ups/new")
    assert desk.locator(f"select[name=visit] option[value='{visit.id}']").count() == 1
    desk.goto(f"{site}/reports/coverage")
    assert "÷" in desk.inner_text("main") and coverage_of(officer, today)["visited"] == 2
    assert Visit.select().count() == 1 and VisitStudent.select().count() == 2 and Visit.get().state == "verified"


def coverage_of(user, today) -> dict:
    return covered(scope_of(user), rules_of(user.memberships[0].org.county_id, today))[0]

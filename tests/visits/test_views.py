"""The pages of visits, as teachers and those who verify meet them."""

import datetime
import re

import pytest

from aidtracker.receipts.models import Receipt
from aidtracker.visits.models import Visit, VisitStudent
from tests import factories

RECORD = {"form": "on_site", "purposes": ["absence"], "met": "nobody", "teachers": "张老师", "on": "2026-11-20", "minutes": "30"}
LESSON = {"on": "2026-11-20", "lessons": "2", "place": "home", "subject": "语文", "teacher": "张老师", "second_teacher": "李老师"}


@pytest.fixture
def recorded(sign_in, teacher, pupils):
    """A visit recorded through the page."""
    client = sign_in(teacher)
    client.post("visits.record_visit", RECORD, student_id=pupils.first.id)
    return client


def revision_in(page):
    return re.search(r'name="revision" value="(\d+)"', page)[1]


def test_recording_shows_the_receipt_and_the_list_finds_it(recorded, pupils):
    made = Visit.get()
    assert (made.receipt, made.person_met, made.relation) == (Receipt.get().number, "", "没有见到人")
    page = recorded.get("visits.show_visit", visit_id=made.id).text
    assert f"已保存，回执号 {made.receipt}" in page and "次仁卓玛" in page and "待核实" in page
    for typed in (made.receipt, made.receipt.replace("-", "").lower(), "次仁", "crzm"):
        answer = recorded.http.post("/visits/search", data={"csrf_token": recorded.token(), "q": typed}, follow_redirects=True)
        assert "2026-11-20" in answer.text, typed
    nothing = recorded.get("visits.list_visits", q="ZZZZZ-22222").text
    assert "没有符合条件的家访" in nothing


def test_a_number_is_answered_in_place_and_never_in_an_address(recorded, pupils):
    answer = recorded.http.post("/visits/search", data={"csrf_token": recorded.token(), "q": pupils.first.id_number})
    assert answer.status_code == 200 and "2026-11-20" in answer.text


def test_ticks_come_before_words_and_the_guardian_is_one_tap(sign_in, teacher, pupils):
    factories.make_guardian(pupils.first, "德吉", "母亲")
    client = sign_in(teacher)
    assert "德吉（母亲）" in client.get("visits.record_visit", student_id=pupils.first.id).text
    words = {"met": "1", "at_home_picks": ["表现良好", "沉迷手机"], "at_home": "爱帮忙"}
    client.post("visits.record_visit", RECORD | words, student_id=pupils.first.id)
    made = Visit.get()
    assert (made.person_met, made.relation, made.at_home) == ("德吉", "母亲", "表现良好；沉迷手机；爱帮忙")
    page = client.get("visits.edit_visit", visit_id=made.id).text
    assert re.search(r'value="沉迷手机"[^>]*checked|checked[^>]*value="沉迷手机"', page) and re.search(r">\s*爱帮忙</textarea>", page)


def test_the_same_page_sent_twice_is_one_visit(sign_in, teacher, pupils):
    client = sign_in(teacher)
    page = client.get("visits.record_visit", student_id=pupils.first.id).text
    form = RECORD | dict(re.findall(r'name="(csrf_token|key)"[^>]*value="([^"]*)"', page))
    for _ in range(2):
        assert client.http.post(client.url("visits.record_visit", student_id=pupils.first.id), data=form).status_code == 303
    assert Visit.select().count() == Receipt.select().count() == 1


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(sign_in, teacher, pupils):
    client = sign_in(teacher)
    page = client.post("visits.record_visit", {"form": "phone", "teachers": "张老师甲", "on": "2026-11-20"}, status=400, student_id=pupils.first.id).text
    assert "请至少选一个家访目的" in page and "请选择见到了谁" in page and "张老师甲" in page
    page = client.post("visits.record_visit", RECORD | {"on": "2126-01-01"}, status=400, student_id=pupils.first.id).text
    assert "日期不能晚于今天" in page and Visit.select().count() == 0


def test_brothers_and_sisters_are_offered_and_nobody_else_is_taken(sign_in, school_admin, pupils):
    for pupil in (pupils.first, pupils.sibling):
        factories.make_guardian(pupil, "次仁", phone="13800001234")
    client = sign_in(school_admin)
    assert "次仁央宗" in client.get("visits.record_visit", student_id=pupils.first.id).text
    client.post("visits.record_visit", RECORD | {"also": pupils.elsewhere.id}, status=400, student_id=pupils.first.id)
    assert Visit.select().count() == 0
    client.post("visits.record_visit", RECORD | {"also": pupils.sibling.id}, student_id=pupils.first.id)
    assert {row.student_id for row in VisitStudent.select()} == {pupils.first.id, pupils.sibling.id}


def test_lessons_at_home_are_recorded_and_make_the_months(sign_in, teacher, pupils):
    client = sign_in(teacher)
    for day in ("2026-11-03", "2026-11-20"):
        client.post("visits.record_tutoring", LESSON | {"on": day}, student_id=pupils.at_home.id)
    assert Visit.get().teachers == "张老师、李老师"
    page = client.get("visits.show_student", student_id=pupils.at_home.id).text
    november, october = re.search(r"2026-11</th>.*?</tr>", page, re.S)[0], re.search(r"2026-10</th>.*?</tr>", page, re.S)[0]
    assert "✓" in november and "未达标" in october
    assert "本学年送教" not in client.get("visits.show_student", student_id=pupils.first.id).text
    refused = client.post("visits.record_tutoring", LESSON, status=400, student_id=pupils.first.id).text
    assert "不是送教上门的学生" in refused


def test_a_teacher_finds_the_own_class_at_once_and_others_by_name(sign_in, teacher, school_admin, pupils):
    page = sign_in(teacher).get("visits.search_pupils").text
    assert "次仁卓玛" in page and "陈居家" in page and "次仁央宗" not in page
    lessons = sign_in(teacher).get("visits.search_pupils", kind="tutoring").text
    assert "陈居家" in lessons and "次仁卓玛" not in lessons
    client = sign_in(school_admin)
    assert "次仁卓玛" not in client.get("visits.search_pupils").text
    found = client.post("visits.search_pupils", {"q": "ciren"}, status=200).text
    assert "次仁卓玛" in found and "次仁央宗" in found and "央金拉姆" not in found


def test_a_village_officer_finds_the_pupils_of_the_village_at_once(sign_in, county, pupils):
    page = sign_in(factories.make_user("village_officer", county.village)).get("visits.search_pupils").text
    assert all(name in page for name in ("次仁卓玛", "次仁央宗", "王小明")) and "央金拉姆" not in page


def test_whoever_decided_a_visit_is_led_to_the_next(recorded, sign_in, coordinator, visit, pupils):
    first, second = Visit.get(), visit(pupils.at_home)
    client = sign_in(coordinator)
    assert "看下一条" not in client.get("visits.show_visit", visit_id=first.id).text
    client.post("visits.verify_visit", {"revision": str(first.revision)}, visit_id=first.id)
    shown = client.get("visits.show_visit", visit_id=first.id).text
    assert "看下一条待核实（还有 1 条）" in shown and f'href="/visits/{second.id}"' in shown


def test_editing_shows_the_former_version_to_whoever_sees_the_visit(recorded, sign_in, coordinator):
    made = Visit.get()
    page = recorded.get("visits.edit_visit", visit_id=made.id).text
    recorded.post("visits.edit_visit", RECORD | {"revision": revision_in(page), "at_home": "不爱说话", "minutes": "45"}, visit_id=made.id)
    shown = sign_in(coordinator).get("visits.show_visit", visit_id=made.id).text
    assert "不爱说话" in shown and "改过 1 次" in shown and "45 分钟" in shown and "<dd>30</dd>" in re.sub(r"\s+", "", shown)


def test_a_conflict_shows_both_and_saving_again_outranks(recorded, sign_in, school_admin):
    made = Visit.get()
    sign_in(school_admin).post("visits.edit_visit", RECORD | {"revision": "1", "at_home": "校长写的"}, visit_id=made.id)
    page = recorded.post("visits.edit_visit", RECORD | {"revision": "1", "at_home": "老师写的"}, status=409, visit_id=made.id).text
    assert "校长写的" in page and "老师写的" in page and revision_in(page) == "2"
    assert Visit.get().at_home == "校长写的"
    recorded.post("visits.edit_visit", RECORD | {"revision": "2", "at_home": "老师写的"}, visit_id=made.id)
    assert Visit.get().at_home == "老师写的"


def test_verifying_and_sending_back(recorded, sign_in, coordinator, teacher):
    made, client = Visit.get(), sign_in(coordinator)
    waiting = client.get("visits.list_visits", only="waiting").text
    assert "次仁卓玛" in waiting
    page = client.get("visits.show_visit", visit_id=made.id).text
    assert "核实无误" in page and "退回补充" in page
    client.post("visits.send_back_visit", {"reason": "", "revision": "1"}, status=400, visit_id=made.id)
    client.post("visits.send_back_visit", {"reason": "没有写意见", "revision": "1"}, visit_id=made.id)
    assert "退回原因：没有写意见" in recorded.get("visits.edit_visit", visit_id=made.id).text
    recorded.post("visits.edit_visit", RECORD | {"revision": "1", "views": "满意"}, visit_id=made.id)
    client.post("visits.verify_visit", {"revision": "1"}, status=409, page=client.url("visits.show_visit", visit_id=made.id), visit_id=made.id)
    client.post("visits.verify_visit", {"revision": "2"}, page=client.url("visits.show_visit", visit_id=made.id), visit_id=made.id)
    assert Visit.get().state == "verified"
    assert "没有等你核实的家访" in client.get("visits.list_visits", only="waiting").text
    assert "已核实，不能再改" in recorded.post("visits.edit_visit", RECORD | {"revision": "2"}, status=400, visit_id=made.id).text


def test_whoever_recorded_a_visit_is_not_offered_to_verify_it(sign_in, coordinator, pupils):
    client = sign_in(coordinator)
    client.post("visits.record_visit", RECORD, student_id=pupils.first.id)
    made = Visit.get()
    page = client.get("visits.show_visit", visit_id=made.id).text
    assert "核实无误" not in page
    client.post("visits.verify_visit", {"revision": "1"}, status=403, page=client.url("visits.show_visit", visit_id=made.id), visit_id=made.id)
    assert Visit.get().state == "recorded"


def test_names_of_other_pupils_of_a_shared_visit_are_not_shown(visit, pupils, officer, sign_in, teacher):
    shared = visit(pupils.first, pupils.elsewhere, by=officer)
    client = sign_in(teacher)
    for page in (client.get("visits.show_visit", visit_id=shared.id).text, client.get("visits.list_visits").text):
        assert "次仁卓玛" in page and "央金拉姆" not in page and "另有 1" in page


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 3),
        ({"form": "phone"}, 1),
        ({"purpose": "safety"}, 1),
        ({"state": "recorded"}, 2),
        ({"state": "imported"}, 1),
        ({"from": "2026-11-02"}, 1),
        ({"to": "2026-10-31"}, 1),
        ({"from": "2026-10-31", "to": "2026-11-10"}, 1),
        ({"q": "央金"}, 1),
        ({"form": "nonsense", "from": "gestern"}, 3),
    ],
)
def test_the_list_is_narrowed(visit, pupils, officer, sign_in, asked, count):
    visit(pupils.first, on=datetime.date(2026, 10, 1), form="phone", by=officer)
    visit(pupils.sibling, on=datetime.date(2026, 11, 1), purposes=["safety"], by=officer)
    imported = visit(pupils.elsewhere, on=datetime.date(2026, 11, 20), by=officer)
    Visit.update(is_imported=True).where(Visit.id == imported.id).execute()
    page = sign_in(officer).get("visits.list_visits", **asked).text
    assert f"共 {count} 条" in page


def test_the_list_is_narrowed_to_a_place_and_sorted(visit, pupils, county, officer, sign_in):
    visit(pupils.first, by=officer)
    visit(pupils.elsewhere, by=officer)
    client = sign_in(officer)
    for place in ({"township": county.township.id}, {"school": county.school.id}, {"school": county.school.id, "room": county.room.id}):
        page = client.get("visits.list_visits", **place).text
        assert "共 1 条" in page and "央金拉姆" not in page
    client.get("visits.list_visits", status=404, school=county.far_school.id)
    assert "aria-sort" in client.get("visits.list_visits", sort="recorded").text


def test_an_empty_list_says_what_to_do(sign_in, teacher, county):
    page = sign_in(teacher).get("visits.list_visits").text
    assert "这里会列出家访" in page and "记一次家访" in page


def test_whoever_only_looks_is_offered_nothing_to_write(visit, pupils, sign_in, county):
    made, client = visit(), sign_in(factories.make_user("auditor", county.county))
    pages = [client.get("visits.list_visits"), client.get("visits.show_visit", visit_id=made.id), client.get("visits.show_student", student_id=pupils.first.id)]
    for page in pages:
        assert "记家访" not in page.text and "核实无误" not in page.text and f"/visits/{made.id}/edit" not in page.text
    client.get("visits.record_visit", status=403, student_id=pupils.first.id)

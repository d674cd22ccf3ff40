"""The pages of cases: who sees what, the forms, what is said when it is refused."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.cases import actions
from aidtracker.cases.models import Case, FollowUp
from aidtracker.receipts.models import Receipt
from tests import factories

WRITES = ("add_follow_up", "edit_case")


@pytest.fixture
def form(today, teacher):
    """What the page of an opening sends."""
    return {"origin": "report", "found_on": str(today), "main_reason": "01", "owner": teacher.id, "due_on": str(today)}


@pytest.fixture
def call(today):
    """What the page of a follow-up sends; 1 is the first guardian."""
    told = {"kind": "phone", "on": str(today), "people": "张老师", "met": "1", "result": "promised", "words": "雀话", "next_on": str(today)}
    return {"visit": "", **told}


def test_open_case_is_filled_from_the_roll_and_leads_to_the_case(pupils, stay_away, teacher, sign_in, days, form):
    stay_away(pupils.mine, 4)
    client = sign_in(teacher)
    page = client.get("cases.open_case", student_id=pupils.mine.id).text
    assert f'value="{days(3)}"' in page and '<option selected value="roll">' in page
    answer = client.post("cases.open_case", form, student_id=pupils.mine.id)
    case = Case.get()
    assert answer.location == client.url("cases.show_case", case_id=case.id) and case.owner_id == teacher.id
    page = client.http.get(answer.location).text
    assert "已建案" in page and case.number in page and "4 天" in page and "次仁卓玛" in page


def test_open_case_takes_the_origin_from_the_link_and_claims_no_roll_that_is_not_there(pupils, teacher, sign_in):
    page = sign_in(teacher).get("cases.open_case", student_id=pupils.mine.id, origin="matching").text
    assert '<option selected value="matching">' in page and "已按点名记录填好" not in page
    page = sign_in(teacher).get("cases.open_case", student_id=pupils.mine.id, origin="nonsense").text
    assert '<option selected value="report">' in page


def test_open_case_where_one_is_open_links_to_it(opened, pupils, officer, sign_in, form):
    case, client = opened(), sign_in(officer)
    url = client.url("cases.show_case", case_id=case.id)
    assert url in client.get("cases.open_case", student_id=pupils.mine.id).text
    page = client.post("cases.open_case", form, 400, student_id=pupils.mine.id)
    assert url in page.text and "张老师于" in page.text


def test_open_case_where_one_was_closed_leads_to_reopening(opened, closed, pupils, teacher, sign_in, form):
    case, client = closed(opened()), sign_in(teacher)
    answer = client.get("cases.open_case", status=303, student_id=pupils.mine.id)
    assert answer.location == client.url("cases.reopen_case", case_id=case.id)
    client.post("cases.reopen_case", form, 400, case_id=case.id)
    client.post("cases.reopen_case", {**form, "reason": "又没有到校"}, case_id=case.id)
    page = client.get("cases.show_case", case_id=case.id).text
    assert "又没有到校" in page and "雀结" in page and Case.get().state == "suspected"


def test_of_two_who_reopen_one_case_the_second_reads_what_stands(opened, closed, teacher, sign_in, form, monkeypatch):
    case, client, real = closed(opened()), sign_in(teacher), actions.version_of

    def meanwhile(*given, **more):
        Case.update(revision=Case.revision + 1).execute()
        return real(*given, **more)

    monkeypatch.setattr(actions, "version_of", meanwhile)
    page = client.post("cases.reopen_case", {**form, "reason": "又没有到校"}, 409, case_id=case.id)
    assert "刚被别人改过" in page.text and Case.get().state == "closed"


def test_a_double_tap_is_one_follow_up_with_one_receipt(opened, teacher, sign_in, call):
    case, client = opened(), sign_in(teacher)
    key = "5f0d4a3e-6f4f-4a52-9a6c-0f3f2a7c1b11"
    for _ in range(2):
        client.post("cases.add_follow_up", {**call, "key": key}, case_id=case.id)
    follow_up = FollowUp.get()
    assert (follow_up.person_met, follow_up.relation, follow_up.words) == ("次仁", "父亲", "雀话")
    assert Receipt.get(Receipt.key == key).number == follow_up.receipt
    assert "雀话" in client.get("cases.show_case", case_id=case.id).text


@pytest.mark.parametrize(
    ("sent", "words"), [({"met": "nobody"}, "见到了谁"), ({"words": ""}, "谈了什么"), ({"people": ""}, "谁去的"), ({"result": ""}, "结果"), ({"on": ""}, "日期")]
)
def test_a_follow_up_says_what_is_missing(opened, teacher, sign_in, call, sent, words):
    case = opened()
    page = sign_in(teacher).post("cases.add_follow_up", call | sent, 400, case_id=case.id)
    assert words in page.text and "有错误" in page.text and not FollowUp.select().exists()


def test_a_visit_is_named_on_the_page(opened, visited, pupils, teacher, sign_in, call, days):
    case, visit, client = opened(), visited(pupils.mine, days(1)), sign_in(teacher)
    assert client.url("cases.add_follow_up", case_id=case.id, visit=visit.id) in client.get("cases.show_case", case_id=case.id).text
    page = client.get("cases.add_follow_up", case_id=case.id, visit=visit.id).text
    assert f'<option selected value="{visit.id}">' in page
    client.post("cases.add_follow_up", call | {"visit": visit.id, "people": "", "on": "", "met": "nobody", "words": ""}, case_id=case.id)
    assert (FollowUp.get().visit_id, FollowUp.get().people) == (visit.id, "张老师、李老师")


def test_an_edit_that_comes_second_sees_both_and_may_save_again(opened, follow, teacher, sign_in, today):
    case, client = opened(), sign_in(teacher)
    follow(case, "promised")
    data = {"main_reason": "02", "second_reason": "", "detail": "雀改", "owner": teacher.id, "due_on": str(today)}
    page = client.post("cases.edit_case", {**data, "revision": "1"}, 409, case_id=case.id)
    assert "刚被别人改过" in page.text and "承诺返校" in page.text and "雀案" in page.text and "雀改" in page.text
    client.post("cases.edit_case", {**data, "revision": "2"}, case_id=case.id)
    assert Case.get().detail == "雀改"
    for revision in ("", "²", "-1", "9" * 30):
        client.post("cases.edit_case", {**data, "revision": revision}, 409, case_id=case.id)


def test_close_case_shows_what_each_outcome_needs_and_is_the_townships(opened, coordinator, teacher, sign_in, today):
    case, client = opened(), sign_in(coordinator)
    page = client.get("cases.close_case", case_id=case.id).text
    assert "学籍接转完成的记录" in page and "未查清" in page and 'value="not_attending"' not in page
    data = {"outcome": "transferred", "conclusion": "雀结", "closed_on": str(today), "revision": "1"}
    client.post("cases.close_case", data | {"conclusion": ""}, 400, case_id=case.id)
    sign_in(teacher).get("cases.close_case", status=403, case_id=case.id)
    client.post("cases.close_case", data, case_id=case.id)
    page = client.get("cases.show_case", case_id=case.id).text
    assert "已销号：已转学" in page and "雀结" in page
    assert client.get("cases.close_case", status=303, case_id=case.id).location == client.url("cases.show_case", case_id=case.id)
    assert AuditEntry.select().where(AuditEntry.action == "cases.close_case").count() == 1


def test_who_is_outside_finds_nothing_and_who_may_only_look_changes_nothing(opened, stranger, county, pupils, sign_in):
    case, auditor = opened(), factories.make_user("auditor", county.county)
    for endpoint in ("show_case", "reopen_case", *WRITES):
        sign_in(stranger).get(f"cases.{endpoint}", status=404, case_id=case.id)
    client = sign_in(auditor)
    for endpoint in ("reopen_case", *WRITES):
        client.get(f"cases.{endpoint}", status=403, case_id=case.id)
    page = client.get("cases.show_case", case_id=case.id).text
    assert "记电话" not in page and "查看并拨打" not in page and "13900005678" not in page
    page = client.get("cases.show_student", student_id=pupils.sibling.id).text
    assert "没有个案" in page and client.url("cases.open_case", student_id=pupils.sibling.id) not in page


def test_the_pupils_tab_has_the_case_or_the_way_to_one(opened, pupils, teacher, village_officer, sign_in):
    client = sign_in(teacher)
    assert client.url("cases.open_case", student_id=pupils.mine.id) in client.get("cases.show_student", student_id=pupils.mine.id).text
    case = opened()
    page = client.get("cases.show_student", student_id=pupils.mine.id).text
    assert client.url("cases.show_case", case_id=case.id) in page and "雀案" in page
    sign_in(village_officer).get("cases.show_case", case_id=case.id)


def test_the_village_sees_no_rolls_of_the_child(opened, stay_away, pupils, village_officer, teacher, sign_in):
    stay_away(pupils.mine, 3)
    case = opened()
    assert "最近 20 个上学日" in sign_in(teacher).get("cases.show_case", case_id=case.id).text
    page = sign_in(village_officer).get("cases.show_case", case_id=case.id).text
    assert "最近 20 个上学日" not in page and "已连续旷课 3 天" in page


def test_the_list_puts_the_overdue_first_and_says_by_how_much(opened, closed, pupils, officer, sign_in, days, today):
    late, soon, done = opened(pupils.elsewhere, officer), opened(), closed(opened(pupils.sibling, officer))
    Case.update(due_on=days(4)).where(Case.id == late.id).execute()
    client = sign_in(officer)
    page = client.get("cases.list_cases").text
    assert page.index("单雄信") < page.index("次仁卓玛") and "王小明" not in page and "已超期 4 天" in page
    only = {
        "overdue": {"overdue": "y"}, "state": {"state": "closed"}, "mine": {"mine": "y"}, "origin": {"origin": "report"},
        "from": {"from": str(today)}, "number": {"q": soon.number}, "pinyin": {"q": "crzm"},
    }  # fmt: skip
    found = {name: [each for each in ("单雄信", "次仁卓玛", "王小明") if each in client.get("cases.list_cases", **asked).text] for name, asked in only.items()}
    assert found == {
        "overdue": ["单雄信"], "state": ["王小明"], "mine": ["单雄信"], "origin": [], "from": [], "number": ["次仁卓玛"], "pinyin": ["次仁卓玛"],
    }  # fmt: skip
    assert done.number in client.get("cases.list_cases", state="all").text


def test_the_list_is_narrowed_to_places_of_the_reader(opened, pupils, officer, teacher, county, sign_in):
    opened(), opened(pupils.elsewhere, officer)
    client = sign_in(officer)
    assert "单雄信" not in client.get("cases.list_cases", township=county.township.id).text
    assert "次仁卓玛" not in client.get("cases.list_cases", school=county.other_school.id).text
    client.get("cases.list_cases", status=404, school=county.far_school.id)
    sign_in(teacher).get("cases.list_cases", status=404, township=county.township.id)


def test_a_number_that_is_searched_for_stays_out_of_the_address(opened, pupils, officer, sign_in):
    opened()
    client = sign_in(officer)
    assert "次仁卓玛" in client.post("cases.search_cases", {"q": pupils.mine.id_number}, 200, page="/cases/").text
    answer = client.post("cases.search_cases", {"q": "次仁"}, page="/cases/")
    assert "q=" in answer.location and pupils.mine.id_number not in answer.location


def test_the_list_says_for_whom_a_case_is_to_be_opened(pupils, stay_away, teacher, stranger, county, sign_in):
    empty = sign_in(teacher).get("cases.list_cases").text
    assert "现在没有需要跟进的学生" in empty and "待建案" not in empty
    stay_away(pupils.mine, 3)
    client = sign_in(teacher)
    page = client.get("cases.list_cases").text
    assert "待建案" in page and "旷课 3 天" in page and client.url("cases.open_case", student_id=pupils.mine.id) in page
    auditor = sign_in(factories.make_user("auditor", county.county))
    page = auditor.get("cases.list_cases").text
    assert "次仁卓玛" in page and auditor.url("cases.open_case", student_id=pupils.mine.id) not in page
    assert "次仁卓玛" not in sign_in(stranger).get("cases.list_cases").text


def test_the_teachers_first_page_leads_to_the_case_that_is_due(pupils, opened, stay_away, teacher, sign_in):
    stay_away(pupils.mine, 3)
    client = sign_in(teacher)
    page = client.get("home.show_home").text
    assert client.url("cases.open_case", student_id=pupils.mine.id) in page and "请建案" in page
    case = opened()
    page = client.get("home.show_home").text
    assert client.url("cases.show_case", case_id=case.id) in page and "还剩" in page


def test_the_next_step_stands_large_with_the_weekday(opened, teacher, sign_in, today):
    case = opened(due_on=today + datetime.timedelta(days=2))
    page = sign_in(teacher).get("cases.show_case", case_id=case.id).text
    assert "下一步：" in page and "查清没有到校的原因" in page and "还剩 2 天" in page

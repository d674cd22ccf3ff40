"""The pages of the roll, as people meet them."""

import datetime
import re
import uuid

import pytest

from aidtracker.accounts.models import UserSession
from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.models import Absence, RollCall
from aidtracker.attendance.queries import away_last_time
from aidtracker.db import today_in_china
from aidtracker.receipts.models import Receipt
from aidtracker.terms.calendar import school_days
from aidtracker.terms.models import CalendarDay
from tests import factories

TAKE = "attendance.take_roll"


@pytest.fixture
def here(county, today):
    """Address of this morning's roll of the teacher's class."""
    return {"class_id": county.room.id, "on": today.isoformat(), "session": "morning"}


def ticks(html):
    """{student id: chosen mark or None} of the tiles."""
    found = {}
    for tile in re.findall(r'<div class="tile.*?</div>', html, flags=re.S):
        number = int(re.search(r'value="(\d+)" id="a', tile)[1])
        chosen = re.search(r'value="(\w+)"(?: data-at)? selected', tile)
        found[number] = chosen[1] if chosen and " checked" in tile else None
    return found


def hidden(html):
    return dict(re.findall(r'name="(csrf_token|key|base_revision)"[^>]*value="([^"]*)"', html))


def sent(*pupils, mark="sick_leave", base=0, **more):
    """What a page opened earlier sends: with a key of its own."""
    marks = {f"mark-{p.id}": mark for p in pupils}
    return {"key": str(uuid.uuid4()), "absent": [p.id for p in pupils], **marks, "base_revision": base, **more}


def test_the_page_shows_everybody_who_is_expected_as_present(sign_in, teacher, pupils, here):
    page = sign_in(teacher).get(TAKE, **here).text
    assert ticks(page) == {pupils.first.id: None, pupils.second.id: None, pupils.third.id: None}
    assert "1 住" in page and "阿卜杜热合曼·买买提" in page and "陈居家" not in page


def test_names_are_escaped(sign_in, teacher, county, here, pupils):
    factories.make_student(county.room, '<b>"x&', seat=9)
    page = sign_in(teacher).get(TAKE, **here).text
    assert "&lt;b&gt;" in page and '<b>"x&' not in page


def test_a_submitted_roll_shows_when_by_whom_and_its_receipt(sign_in, teacher, pupils, here):
    client = sign_in(teacher)
    answer = client.post(TAKE, sent(pupils.first), **here)
    assert answer.status_code == 303
    page = client.get(TAKE, **here).text
    receipt = Receipt.get().number
    assert "已提交" in page and receipt in page and "张老师" in page and "次仁卓玛" in page
    assert RollCall.get().receipt == receipt


def test_a_ticked_pupil_without_a_reason_is_unexplained(sign_in, teacher, pupils, here):
    sign_in(teacher).post(TAKE, {"absent": pupils.first.id, "base_revision": 0}, **here)
    assert Absence.get().mark == "unexplained"


def test_the_same_page_sent_twice_is_one_roll(sign_in, teacher, pupils, here):
    client = sign_in(teacher)
    form = {**sent(pupils.first), **hidden(client.get(TAKE, **here).text)}
    answers = [client.http.post(client.url(TAKE, **here), data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert RollCall.select().count() == Receipt.select().count() == Absence.select().count() == 1


def test_the_same_key_with_other_ticks_is_refused(sign_in, teacher, pupils, here):
    client = sign_in(teacher)
    form = hidden(client.get(TAKE, **here).text)
    client.http.post(client.url(TAKE, **here), data={**sent(pupils.first), **form})
    answer = client.http.post(client.url(TAKE, **here), data={**sent(pupils.second), **form})
    assert answer.status_code == 422
    assert ticks(answer.text)[pupils.second.id] == "sick_leave"


def test_a_page_without_a_key_loses_nothing(sign_in, teacher, pupils, here):
    answer = sign_in(teacher).post(TAKE, sent(pupils.second, key="nonsense"), status=400, **here)
    assert ticks(answer.text)[pupils.second.id] == "sick_leave" and RollCall.select().count() == 0


def test_a_refused_roll_keeps_what_was_ticked(sign_in, teacher, pupils, here):
    answer = sign_in(teacher).post(TAKE, sent(pupils.first, pupils.sibling), status=400, **here)
    assert "不在这个班" in answer.text and ticks(answer.text)[pupils.first.id] == "sick_leave"


@pytest.mark.parametrize("number", ["-1", "x", "99999999999999999999", ""])
def test_ids_that_are_none_are_refused_not_lost(sign_in, teacher, pupils, here, number):
    sign_in(teacher).post(TAKE, {"absent": number, "base_revision": 0}, status=400, **here)
    assert RollCall.select().count() == 0


def test_editing_starts_from_what_stands(sign_in, teacher, pupils, here, take):
    take({pupils.first: ("late", "下雪"), pupils.second: "sick_leave"})
    client = sign_in(teacher)
    page = client.get(TAKE, edit=1, **here).text
    assert ticks(page) == {pupils.first.id: "late", pupils.second.id: "sick_leave", pupils.third.id: None}
    assert hidden(page)["base_revision"] == "1"
    client.post(TAKE, sent(pupils.first, mark="late", base=1), **here)
    assert Absence.get().reason == "下雪" and RollCall.get().revision == 2


def test_a_conflict_shows_both_lists_and_overwrites_nothing(sign_in, teacher, school_admin, pupils, here, take):
    take({pupils.first: "sick_leave"}, by=school_admin)
    answer = sign_in(teacher).post(TAKE, sent(pupils.second), status=409, **here)
    page = answer.text
    assert "这个班已有人点过名（王校长" in page and "你的记录没有丢" in page
    assert "次仁卓玛" in page and "王小明" in page and "其余 1 人相同" in page
    assert Absence.get().student_id == pupils.first.id


def test_after_a_conflict_mine_can_be_used_and_theirs_is_kept(sign_in, teacher, school_admin, pupils, here, take, marks):
    take({pupils.first: "sick_leave"}, by=school_admin)
    client = sign_in(teacher)
    page = client.post(TAKE, sent(pupils.second), status=409, **here).text
    form = {**sent(pupils.second), **hidden(page), "choice": "mine"}
    assert client.http.post(client.url(TAKE, **here), data=form).status_code == 303
    roll = RollCall.get()
    assert (roll.revision, marks(roll)) == (2, {pupils.second.id: "sick_leave"})
    assert "王校长" in client.get("attendance.show_history", class_id=here["class_id"]).text


def test_after_a_conflict_both_can_be_merged(sign_in, teacher, school_admin, pupils, here, take, marks):
    take({pupils.first: ("sick_leave", "发热")}, by=school_admin)
    client = sign_in(teacher)
    page = client.post(TAKE, sent(pupils.second, mark="late"), status=409, **here).text
    assert "按上面选的提交" in page
    form = {**sent(pupils.second, mark="late"), **hidden(page), "choice": "lines", f"pick-{pupils.second.id}": "mine", f"pick-{pupils.first.id}": "theirs"}
    assert client.http.post(client.url(TAKE, **here), data=form).status_code == 303
    assert marks(RollCall.get()) == {pupils.first.id: "sick_leave", pupils.second.id: "late"}
    assert {a.reason for a in Absence.select()} == {"发热", None}


def test_after_a_conflict_each_line_is_chosen(sign_in, teacher, school_admin, pupils, here, take, marks):
    take({pupils.first: "sick_leave", pupils.third: "unexplained"}, by=school_admin)
    client = sign_in(teacher)
    page = client.post(TAKE, sent(pupils.second), status=409, **here).text
    lines = {f"pick-{pupils.first.id}": "mine", f"pick-{pupils.second.id}": "mine", f"pick-{pupils.third.id}": "theirs"}
    form = {**sent(pupils.second), **hidden(page), "choice": "lines", **lines}
    assert client.http.post(client.url(TAKE, **here), data=form).status_code == 303
    assert marks(RollCall.get()) == {pupils.second.id: "sick_leave", pupils.third.id: "unexplained"}


def test_a_correction_by_the_school_outranks_a_teachers_late_list(sign_in, teacher, school_admin, pupils, here, take, marks):
    take({pupils.first: "unexplained"}, by=teacher)
    take({pupils.first: "sick_leave"}, by=school_admin, base=1)
    client = sign_in(teacher)
    page = client.post(TAKE, sent(pupils.second), status=409, **here).text
    assert "以它为准" in page and "全用我的" not in page
    for choice in ("mine", "lines"):
        client.post(TAKE, {**sent(pupils.second), "base_revision": 2, "choice": choice, f"pick-{pupils.first.id}": "mine"}, status=403, **here)
    assert (RollCall.get().revision, marks(RollCall.get())) == (2, {pupils.first.id: "sick_leave"})


def test_correcting_a_past_roll_asks_for_a_reason(sign_in, school_admin, pupils, yesterday, here, take):
    take({pupils.first: "unexplained"}, on=yesterday)
    there, client = {**here, "on": yesterday.isoformat()}, sign_in(school_admin)
    assert 'name="reason"' in client.get(TAKE, edit=1, **there).text
    refused = client.post(TAKE, sent(pupils.first, base=1), status=400, **there)
    assert "请填写更正原因" in refused.text
    client.post(TAKE, sent(pupils.first, base=1, reason="补交病假条"), **there)
    history = client.get("attendance.show_history", class_id=here["class_id"]).text
    assert "补交病假条" in history and "未说明 → 病假" in history


def test_a_teacher_cannot_correct_a_past_roll(sign_in, teacher, pupils, yesterday, here, take):
    take({pupils.first: "unexplained"}, on=yesterday)
    there, client = {**here, "on": yesterday.isoformat()}, sign_in(teacher)
    assert ">修改<" not in client.get(TAKE, **there).text
    client.post(TAKE, sent(pupils.first, base=1, reason="改"), status=403, **there)


def test_a_closed_day_says_why_and_offers_no_form(sign_in, teacher, county, pupils, today, here):
    CalendarDay.update(kind="closure", name="大雪停课").where((CalendarDay.on == today) & (CalendarDay.county == county.county)).execute()
    page = sign_in(teacher).get(TAKE, **here).text
    assert "今天是休息日（大雪停课），不用点名。" in page and 'id="roll"' not in page
    assert "大雪停课" in sign_in(teacher).get("attendance.show_board").text


def test_days_and_sessions_that_are_none_do_not_exist(sign_in, teacher, pupils, here):
    client = sign_in(teacher)
    client.get(TAKE, 404, **{**here, "on": "2026-13-41"})
    client.get(TAKE, 404, **{**here, "session": "noon"})


def test_another_teachers_class_is_not_found_and_an_onlooker_is_forbidden(sign_in, stranger, coordinator, pupils, here):
    sign_in(stranger).get(TAKE, 404, **here)
    sign_in(stranger).get("attendance.show_history", 404, class_id=here["class_id"])
    sign_in(coordinator).get(TAKE, 403, **here)
    sign_in(coordinator).post(TAKE, sent(pupils.first), status=403, page="/me", **here)
    assert RollCall.select().count() == 0


def test_the_teachers_board_is_two_big_buttons(sign_in, teacher, pupils, today, take):
    client = sign_in(teacher)
    page = client.get("attendance.show_board").text
    assert "上午点名" in page and "下午点名" in page and "未报" in page
    take({pupils.first: "sick_leave"})
    assert "✓ 上午已提交" in client.get("attendance.show_board").text


def test_the_board_goes_down_from_county_to_class(sign_in, officer, county, pupils, today, take):
    client = sign_in(officer)
    take({pupils.first: "sick_leave"})
    assert {"双河镇", "石门乡"} <= names(client.get("attendance.show_board").text)
    assert names(client.get("attendance.show_board", org=county.township.id).text) == {"双河镇中心小学"}
    assert names(client.get("attendance.show_board", org=county.school.id).text) == {"三年级2班", "四年级1班"}
    assert names(client.get("attendance.show_board", org=county.room.id).text) == {"三年级2班"}
    client.get("attendance.show_board", 404, org=county.far_township.id)


def names(html):
    """First cells of the table."""
    return set(re.findall(r'<tr>\s*<th scope="row"><a[^>]*>([^<]*)</a>', html))


def test_the_board_counts_what_was_reported_and_never_a_zero_for_what_was_not(sign_in, school_admin, pupils, yesterday, take):
    take({pupils.first: "sick_leave", pupils.second: "unexcused"}, on=yesterday)
    page = sign_in(school_admin).get("attendance.show_board", on=yesterday.isoformat()).text
    assert "1/4" in page  # two classes, two sessions
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr>(?:(?!</tr>).)*data-label.*?</tr>", page, flags=re.S)]
    mine, sibling = (next(row for row in rows if name in row) for name in ("三年级2班", "四年级1班"))
    assert re.search(r"已报 \d\d:\d\d.*未报.* 3 +1 +2 +1 +0 +1", mine), mine
    assert sibling.count("未报") == 2 and sibling.count("—") == 6


def test_the_board_can_leave_out_who_has_reported(sign_in, school_admin, pupils, yesterday, take):
    for session in ("morning", "afternoon"):
        take(on=yesterday, session=session)
    page = sign_in(school_admin).get("attendance.show_board", on=yesterday.isoformat(), only="unreported").text
    assert names(page) == {"四年级1班"}


def test_the_reminder_names_classes_and_no_pupil(sign_in, coordinator, county, pupils, yesterday, take):
    take(on=yesterday)
    client = sign_in(coordinator)
    text = reminder(client.get("attendance.show_board", on=yesterday.isoformat(), org=county.school.id).text)
    morning, afternoon = text.split("上午：")[1].split("下午：")
    assert "四年级1班" in morning and "三年级2班" not in morning and "三年级2班" in afternoon
    above = reminder(client.get("attendance.show_board", on=yesterday.isoformat()).text)
    assert "双河镇中心小学（1 个班）" in above and not any(name in above + text for name in ("次仁卓玛", "单雄信"))


def test_a_teacher_with_only_their_own_class_is_offered_no_reminder(sign_in, teacher, school_admin, pupils, yesterday):
    assert "催报文字" not in sign_in(teacher).get("attendance.show_board", on=yesterday.isoformat()).text
    assert "催报文字" in sign_in(school_admin).get("attendance.show_board", on=yesterday.isoformat()).text


def test_a_roll_that_one_may_not_change_opens_without_tiles(sign_in, teacher, pupils, yesterday, here, take):
    take({pupils.first: "sick_leave"}, on=yesterday)
    page = sign_in(teacher).get(TAKE, **{**here, "on": yesterday.isoformat()}, edit=1).text
    assert "不是正常出勤的学生" in page and 'class="tiles"' not in page


def test_who_was_signed_out_meanwhile_comes_back_to_the_roll(sign_in, teacher, pupils, here):
    client = sign_in(teacher)
    UserSession.delete().where(UserSession.user == teacher).execute()
    answer = client.post(TAKE, sent(pupils.first), status=303, page="/me", **here)
    assert "/sign-in?next=/roll/" in answer.location
    assert RollCall.select().count() == 0


def test_the_tab_of_a_pupil_stands_under_pupils_in_the_menu(sign_in, teacher, pupils):
    page = sign_in(teacher).get("attendance.show_student", student_id=pupils.first.id).text
    assert re.findall(r'<a href="([^"]*)" aria-current="page"', page.split('class="menu"')[1].split('</nav>')[0]) == ["/students"]


def reminder(html):
    return re.search(r"<textarea[^>]*>(.*?)</textarea>", html, flags=re.S)[1]


def test_a_board_without_classes_says_what_will_appear(sign_in, officer, today):
    assert "导入学籍后" in sign_in(officer).get("attendance.show_board").text


def test_the_history_is_paged_and_filtered_by_month(sign_in, teacher, county, pupils, today, take):
    for n in range(6):
        for session in ("morning", "afternoon"):
            take(on=today - datetime.timedelta(days=n), session=session)
    client = sign_in(teacher)
    page = client.get("attendance.show_history", class_id=county.room.id, month=today.strftime("%Y-%m")).text
    assert today.isoformat() in page
    empty = client.get("attendance.show_history", class_id=county.room.id, month="2020-01").text
    assert "这个月没有点名记录" in empty
    client.get("attendance.show_history", class_id=county.room.id, month="9999-12")


def test_a_pupils_tab_lists_absences_with_reasons_and_what_the_rate_is_reckoned_from(sign_in, teacher, pupils, today, yesterday, take):
    take({pupils.first: ("sick_leave", "发热")}, on=yesterday)
    take({pupils.first: "late"})
    take({}, session="afternoon")
    page = sign_in(teacher).get("attendance.show_student", student_id=pupils.first.id).text
    assert "发热" in page and "病假" in page and "迟到" in page
    assert "（2/3）" in page
    assert "没有缺勤、迟到或早退的记录" in sign_in(teacher).get("attendance.show_student", student_id=pupils.second.id).text


@pytest.mark.parametrize("term", ["", "2021-spring", "9999-spring", "0001-spring", "nonsense"])
def test_a_pupils_tab_takes_any_term(sign_in, teacher, pupils, term):
    sign_in(teacher).get("attendance.show_student", student_id=pupils.first.id, term=term)


def test_a_pupils_tab_is_for_those_who_may_see_the_pupil(sign_in, stranger, pupils):
    sign_in(stranger).get("attendance.show_student", 404, student_id=pupils.first.id)


def test_the_roll_says_unknown_days_of_the_far_past_in_words(sign_in, teacher, pupils, here):
    assert "没有要点名的学生" in sign_in(teacher).get(TAKE, **{**here, "on": "2001-01-02"}).text


def test_whoever_was_away_last_time_is_named_before_all_present_is_one_tap(county, teacher, administrator, sign_in):
    first, second = (factories.make_student(county.room, name) for name in ("李小红", "张小明"))
    *_, day, today = school_days(today_in_china() - datetime.timedelta(days=20), today_in_china())
    take = {"class_org": county.room, "base_revision": 0, "by": administrator}
    submit_roll_call(**take, on=day, session="morning", marks={first.id: ("unexcused", None), second.id: ("late", None)})
    page = lambda session: sign_in(teacher).get("attendance.take_roll", class_id=county.room.id, on=today.isoformat(), session=session).text  # noqa: E731
    assert "上次点名没到：李小红。" in page("morning")
    submit_roll_call(**take, on=day, session="afternoon", marks={})
    assert "上次点名没到" not in page("morning")
    assert away_last_time(county.room.id, day, "afternoon") == ["李小红"] and away_last_time(county.room.id, day, "morning") == []

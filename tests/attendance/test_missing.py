"""Who was missing at 就寝 and has not been seen since; what stands beside the attendance rate."""

import datetime

import pytest

from aidtracker.attendance.beside import beside_of
from aidtracker.attendance.missing import missing_at, nights_missing
from aidtracker.attendance.models import SessionPlan
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.attendance.streaks import days_away_of, streaks
from aidtracker.attendance.truants import truants_of
from aidtracker.orgs.scopes import schools_of, scope_of
from aidtracker.reports.registry import figures
from aidtracker.students.models import Enrollment
from tests import factories

ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def boarding(county, today, school_admin):
    SessionPlan.create(county=county.county, org=county.school, sessions=",".join(SESSIONS), holds_from=today - 20 * ONE_DAY, reason="寄宿", set_by=school_admin)


def names(found):
    return [(one.name, one.on, one.nights) for one in found]


def test_a_pupil_missing_at_night_stands_there_until_a_roll_has_them_there(take, pupils, teacher, today, yesterday):
    before = today - 2 * ONE_DAY
    take({pupils.first: "unexplained"}, on=before, session="night")
    take({pupils.first: "unexcused"}, on=yesterday)
    assert names(nights_missing(teacher, today)) == [("次仁卓玛", before, 1)]
    take({pupils.first: "not_returned"}, on=yesterday, session="night")
    assert names(nights_missing(teacher, today)) == [("次仁卓玛", before, 2)]
    take({pupils.first: "late"}, session="morning")
    assert nights_missing(teacher, today) == []


@pytest.mark.parametrize("mark", ["personal_leave", "sick_leave", "official", "isolated", "back_late"])
def test_whose_absence_is_accounted_for_is_not_looked_for(take, pupils, teacher, today, yesterday, mark):
    take({pupils.first: mark}, on=yesterday, session="night")
    assert nights_missing(teacher, today) == []


def test_what_is_corrected_is_looked_for_no_more_and_after_a_week_the_days_away_take_over(take, pupils, teacher, school_admin, today, yesterday):
    take({pupils.first: "unexplained"}, on=today - 8 * ONE_DAY, session="night", by=school_admin)
    assert nights_missing(teacher, today) == []
    take({pupils.first: "unexplained"}, on=yesterday, session="night")
    assert len(nights_missing(teacher, today)) == 1
    take({pupils.first: "personal_leave"}, on=yesterday, session="night", base=1, by=school_admin, reason="家长来电话")
    assert nights_missing(teacher, today) == []


def test_a_roll_at_which_the_pupil_was_not_expected_says_nothing_of_them(county, take, pupils, teacher, school_admin, today, yesterday):
    take({pupils.first: "unexplained"}, on=yesterday, session="night")
    Enrollment.update(ends_on=yesterday).where(Enrollment.student == pupils.first).execute()
    take({})
    assert len(nights_missing(teacher, today)) == 1
    Enrollment.create(student=pupils.first, class_org=county.sibling_room, mode="day", starts_on=today)
    take({}, room=county.sibling_room, by=school_admin)
    assert nights_missing(school_admin, today) == []


def test_nobody_is_told_of_pupils_out_of_sight(county, take, pupils, teacher, school_admin, stranger, coordinator, administrator, today, yesterday, sign_in):
    take({pupils.first: "unexplained"}, on=yesterday, session="night")
    for user in (teacher, school_admin, administrator):
        assert [one.name for one in nights_missing(user, today)] == ["次仁卓玛"]
        assert "就寝没到，至今没有再见到" in sign_in(user).get("home.show_home").text
    officer = factories.make_user("village_officer", county.village)
    for user in (stranger, officer):
        assert nights_missing(user, today) == [] and missing_at(user, yesterday, "night") == []
        assert "就寝没到" not in sign_in(user).get("home.show_home").text


def test_each_session_has_its_own_list(county, take, pupils, teacher, today, sign_in):
    take({pupils.second: ("unwell", "发热"), pupils.third: "late"}, session="early")
    take({pupils.first: "sick_leave"}, session="night")
    client = sign_in(teacher)
    early = client.get("attendance.list_missing", session="early").text
    assert "王小明" in early and "发热" in early and "身体不适" in early and "阿卜杜热合曼" not in early
    assert "次仁卓玛" in client.get("attendance.list_missing", session="night").text
    assert "没有人没到" in client.get("attendance.list_missing", session="evening").text


def test_no_night_makes_a_truant_and_none_ends_a_streak(county, take, pupils, school_admin, today):
    days = [today - n * ONE_DAY for n in (3, 2, 1, 0)]
    for day in days:
        take({pupils.first: "unexcused"}, on=day, by=school_admin)
        take({}, on=day, session="night", by=school_admin)
    for day in days:
        take({pupils.second: "unexplained"}, on=day, session="early", by=school_admin)
    assert streaks(county.county.id, today) == {pupils.first.id: 4}
    assert days_away_of({pupils.first.id, pupils.second.id}, county.county.id, today) == {pupils.first.id: days[:4]}
    assert [one.student_id for one in truants_of(scope_of(school_admin, county.county.code), today)] == [pupils.first.id]


def test_the_report_counts_lessons_and_says_the_others_beside(county, take, pupils, administrator, school_admin, today):
    take({pupils.first: "sick_leave"})
    take({pupils.first: "unexplained"}, session="night")
    before = figures(administrator, "attendance", first=today, last=today)
    assert (before["total"]["expected"], before["total"]["present"], before["total"]["unexcused"], before["total"]["sessions_submitted"]) == (3, 2, 0, 1)
    scope = scope_of(administrator, county.county.code)
    by_session = {one.session: one for one in beside_of(scope, schools_of(scope), today, today)}
    night = by_session["night"]
    assert (night.sessions_due, night.sessions_submitted, night.expected, night.present) == (1, 1, 1, 0)
    assert (by_session["early"].sessions_due, by_session["early"].sessions_submitted) == (2, 0)
    assert [one["session"] for one in before["beside"]] == ["early", "evening", "night"]


def test_the_board_shows_what_stands_beside_with_its_own_completeness(take, pupils, school_admin, teacher, today, yesterday, sign_in):
    take({pupils.first: "unexplained"}, on=yesterday, session="night")
    take({pupils.first: "unexplained", pupils.second: "sick_leave"}, on=yesterday, session="early")
    page = sign_in(school_admin).get("attendance.show_board", on=yesterday.isoformat()).text
    assert "<span>晨检</span><b>1/2</b>" in page and "<span>就寝</span><b>1/1</b>" in page and "没到 2 人，不计入出勤率" in page
    assert "<span>已报</span><b>0/4</b>" in page


def test_the_roll_of_now_is_that_of_the_hour_among_those_the_school_takes(county, pupils, teacher, sign_in, monkeypatch, today):
    client = sign_in(teacher)
    midnight = datetime.datetime.combine(today, datetime.time())
    wanted = {5: "early", 8: "morning", 12: "afternoon", 18: "evening", 22: "night"}
    for hour, session in wanted.items():
        monkeypatch.setattr("aidtracker.attendance.views_missing.utcnow", lambda at=midnight + datetime.timedelta(hours=hour - 8): at)
        answer = client.get("attendance.take_roll_now", 302, class_id=county.room.id)
        assert answer.location.endswith(f"/roll/{county.room.id}/{today.isoformat()}/{session}")
    SessionPlan.delete().execute()
    assert client.get("attendance.take_roll_now", 302, class_id=county.room.id).location.endswith("afternoon")


def test_a_symptom_is_chosen_on_the_page_and_kept_as_a_reason(county, pupils, teacher, today, sign_in):
    client, place = sign_in(teacher), {"class_id": county.room.id, "on": today.isoformat(), "session": "early"}
    page = client.get("attendance.take_roll", **place).text
    assert '<option value="unwell:发热" data-at>发热</option>' in page and 'value="left_early"' not in page
    sent = {"absent": str(pupils.second.id), f"mark-{pupils.second.id}": "unwell:发热", "base_revision": "0"}
    client.post("attendance.take_roll", sent, **place)
    [one] = missing_at(teacher, today, "early")
    assert (one.name, one.mark, one.reason) == ("王小明", "unwell", "发热")


def test_whoever_sees_sums_alone_sees_no_names(county, take, pupils, today, yesterday, sign_in):
    take({pupils.first: "unexplained"}, on=yesterday, session="night")
    page = sign_in(factories.make_user("city_viewer", county.city)).get("attendance.list_missing", session="night", on=yesterday.isoformat()).text
    assert "不能查看学生名单" in page and "次仁卓玛" not in page

"""The first page of each role."""

import datetime
import re

import pytest

from aidtracker.accounts.models import Membership
from aidtracker.attendance.day_sums import FIGURES
from aidtracker.attendance.models import Absence, DaySum, RollCall
from aidtracker.home import views
from aidtracker.terms.models import CalendarDay
from tests import factories
from tests.reports.invented import LAST, InventedCounty

MORNING = datetime.datetime(2026, 10, 30, 1, 30)  # 09:30 in China, a Friday with rolls
AFTERNOON = datetime.datetime(2026, 10, 30, 7, 0)
SATURDAY = datetime.datetime(2026, 10, 31, 1, 0)


@pytest.fixture
def clock(monkeypatch):
    """clock(utc) sets the time of the page."""

    def set_to(moment):
        monkeypatch.setattr(views, "utcnow", lambda: moment)

    set_to(MORNING)
    return set_to


@pytest.fixture
def made(app, clock):
    return InventedCounty(5)


def home(sign_in, user):
    return sign_in(user).get("home.show_home").text


def busy_room(made):
    return next(room for room in made.rooms if made.expected_in(room, LAST))


def forget_roll(room, session):
    roll = RollCall.get_or_none((RollCall.class_org == room) & (RollCall.on == LAST) & (RollCall.session == session))
    if roll:
        Absence.delete().where(Absence.roll_call == roll).execute()
        roll.delete_instance()


def test_a_teacher_sees_the_rolls_of_today(made, sign_in):
    room = busy_room(made)
    for session in ("morning", "afternoon"):
        forget_roll(room, session)
    roll = RollCall.create(
        class_org=room, school=room.parent_id, on=LAST, session="morning", expected=9, present=6, sick_leave=2, personal_leave=0,
        unexcused=1, late=0, left_early=0, official=0, submitted_at=datetime.datetime(2026, 10, 30, 0, 12),
    )  # fmt: skip
    page = home(sign_in, factories.make_user("teacher", room))
    assert "已提交 08:12" in page and "缺勤 3" in page and f"/roll/{room.id}/2026-10-30/morning?edit=1" in page
    assert f"/roll/{room.id}/2026-10-30/afternoon" in page and "下午点名" in page
    assert f"应到 {len(made.expected_in(room, LAST))} 人" in page
    roll.delete_instance()


def test_a_teacher_sees_whom_to_follow_up_and_nobody_elses_pupils(made, sign_in):
    seen = 0
    for room in made.rooms:
        mine = {n for n in made.pupils if (s := made.spell_on(n, LAST)) and s[0] == room and s[1] != "home_taught"}
        page = home(sign_in, factories.make_user("teacher", room))
        for pupil in made.pupils:
            is_away = pupil in mine and made.streak_of(pupil, LAST)
            assert (f"<b>雀{list(made.pupils).index(pupil)}</b>" in page) == bool(is_away)
            seen += bool(is_away)
    assert seen


def test_on_a_day_off_nobody_takes_the_roll(made, sign_in, clock):
    clock(SATURDAY)
    page = home(sign_in, factories.make_user("teacher", busy_room(made)))
    assert "今天是休息日，不用点名。" in page and "上午点名" not in page
    assert "今天是休息日，不用点名。" in home(sign_in, factories.make_user("school_admin", next(iter(made.schools))))
    assert "今天是休息日，不用点名。" in home(sign_in, factories.make_user("bureau_staff", made.county))


def test_a_teachers_number_of_pupils_is_that_of_the_list_it_leads_to(county, sign_in, clock):
    factories.make_student(county.room)
    factories.make_student(county.room, mode="home_taught")
    factories.make_student(county.sibling_room, home=county.village)
    client = sign_in(factories.make_user("teacher", county.room))
    page = client.get("home.show_home").text
    assert re.search(r"本班学生</span><b>2</b>", page) and f'href="/students?room={county.room.id}"' in page
    assert "共 2 人" in client.get("students.list_students", room=county.room.id).text


def test_a_county_holiday_is_a_day_off(made, sign_in):
    CalendarDay.create(on=LAST, county=made.county, kind="closure", name="暴雪停课")
    page = home(sign_in, factories.make_user("teacher", busy_room(made)))
    assert "今天是休息日，不用点名。" in page and "暴雪停课" in page


def test_a_teacher_of_an_empty_class_is_told_what_will_appear(county, sign_in, clock):
    page = home(sign_in, factories.make_user("teacher", county.room))
    assert "现在没有要点名的学生" in page


def test_a_school_sees_which_classes_have_not_reported(made, sign_in, clock):
    room = busy_room(made)
    forget_roll(room, "morning")
    page = home(sign_in, factories.make_user("school_admin", made.rooms[room]))
    assert "今日未点名" in page and "点名提醒" in page and "复制提醒文字" in page
    clock(AFTERNOON)
    forget_roll(room, "afternoon")
    assert "上午、下午" in home(sign_in, factories.make_user("school_admin", made.rooms[room]))


def test_a_township_sees_its_schools_alone(made, sign_in):
    page = home(sign_in, factories.make_user("township_coordinator", made.townships[0]))
    assert "今日未点名学校" in page and f"org={made.townships[0].id}&amp;from=2026-10-30&amp;to=2026-10-30" in page
    for school, township in made.schools.items():
        if township != made.townships[0]:
            assert school.name not in page


def test_the_bureau_sees_the_county_at_a_glance(made, sign_in):
    page = home(sign_in, factories.make_user("bureau_staff", made.county))
    total = sum(1 for pupil in made.pupils if made.spell_on(pupil, LAST))
    assert "青石县总览" in page and page.count("<svg") >= 3
    assert all(label in page for label in ("在校学生", "今日出勤率", "连续旷课 3 天以上", "今日点名报送率"))
    assert f"<b>{total}</b>" in page or total != len(made.pupils)
    for township in made.townships:
        assert township.name in page and f"org={township.id}" in page
    assert "雀" not in page


def test_the_townships_can_be_sorted(made, sign_in):
    client = sign_in(factories.make_user("bureau_staff", made.county))
    up, down = (client.get("home.show_home", sort=order).text for order in ("unexcused", "-unexcused"))
    places = [township.name for township in made.townships]
    assert [name for name in sorted(places, key=up.rindex)] == [name for name in sorted(places, key=down.rindex)][::-1]
    client.get("home.show_home", sort="nonsense")


def test_nobody_is_late_with_an_afternoon_in_the_morning(made, sign_in, clock):
    officer = factories.make_user("bureau_staff", made.county)
    due = sum(bool(made.expected_in(room, LAST)) for room in made.rooms)
    assert f"÷ 应报 {due} 场次" in home(sign_in, officer)
    clock(AFTERNOON)
    assert f"÷ 应报 {2 * due} 场次" in home(sign_in, officer)


def test_a_county_whose_rolls_are_old_is_led_to_them(made, sign_in, clock):
    clock(datetime.datetime(2027, 3, 10, 1, 0))
    page = home(sign_in, factories.make_user("bureau_staff", made.county))
    assert "最近一次点名是 2026-10-30" in page and "from=2026-10-01" in page


def test_whoever_brings_a_place_in_is_led_to_its_next_step_until_the_first_roll(county, administrator, school_admin, officer, teacher, sign_in):
    for user, place, step in ((administrator, county.county, "divisions"), (school_admin, county.school, "students")):
        assert f'href="/setup/{place.id}#{step}"' in home(sign_in, user)
    for user in (officer, teacher):
        assert "下一步：" not in home(sign_in, user)
    DaySum.create(school=county.school, on=LAST, session="morning", rolls=1, **dict.fromkeys(FIGURES, 0))
    assert "下一步：" not in home(sign_in, administrator) + home(sign_in, school_admin)


def test_before_there_is_a_pupil_the_next_act_is_the_import(county, officer, sign_in):
    page = home(sign_in, officer)
    assert "还没有学生" in page and "看开通进度" in page and "<svg class=\"chart\"" not in page


def test_finance_and_auditors_see_figures_but_no_act_that_is_not_theirs(made, sign_in):
    page = home(sign_in, factories.make_user("auditor", made.county))
    assert "青石县总览" in page and "导出 Excel" not in page
    assert "导出 Excel" in home(sign_in, factories.make_user("finance", made.county))


def test_the_city_sees_its_counties(made, sign_in):
    other = factories.make_org("county", "邻山县", made.city, "990399")
    page = home(sign_in, factories.make_user("city_viewer", made.city))
    assert "各县总览" in page and "county=990301" in page and f"county={other.code}" in page and "雀" not in page


def test_a_city_with_one_county_shows_it(made, sign_in):
    assert "青石县总览" in home(sign_in, factories.make_user("city_viewer", made.city))


@pytest.mark.parametrize(("role", "words"), [("village_officer", "户籍在本村"), ("system_admin", "开通和停用账号")])
def test_roles_without_figures_are_told_what_they_can_do(made, sign_in, role, words):
    place = made.villages[0] if role == "village_officer" else made.county
    assert words in home(sign_in, factories.make_user(role, place))


def test_without_any_role_the_page_says_whom_to_ask(made, sign_in):
    user = factories.make_user("teacher", busy_room(made))
    client = sign_in(user)
    Membership.delete().where(Membership.user == user).execute()
    assert "还没有任何角色" in client.get("home.show_home").text


def test_a_head_who_teaches_sees_both(made, sign_in):
    room = busy_room(made)
    user = factories.make_user("school_admin", made.rooms[room])
    Membership.create(user=user, role="teacher", org=room, starts_on=datetime.date(2020, 9, 1))
    page = home(sign_in, user)
    assert "今天要做" in page and "今日未点名" in page


def test_without_any_roll_there_is_no_rate(county, sign_in, clock):
    factories.make_student(county.room)
    assert not DaySum.select().exists()
    for user in (factories.make_user("bureau_staff", county.county), factories.make_user("school_admin", county.school)):
        page = home(sign_in, user)
        assert "—" in page


def test_it_asks_for_signing_in(app, client):
    assert "/sign-in" in client.get("home.show_home", 302).location

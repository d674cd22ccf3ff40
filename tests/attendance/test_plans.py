"""Which sessions a school takes: its own plan before its county's, from a day on; what is due by it, day by day."""

import datetime
import random
import re

import pytest

from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.actions_plans import set_sessions, withdraw_sessions
from aidtracker.attendance.board import board_of
from aidtracker.attendance.models import RollCall, SessionPlan
from aidtracker.attendance.plans import Plans, sessions_taken
from aidtracker.attendance.queries import rolls_of
from aidtracker.attendance.queries_plans import change_of
from aidtracker.attendance.sessions import DEFAULT, SESSIONS, TEACHING, so_far
from aidtracker.attendance.sums import sessions_due, sums_by_school
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.students.models import Enrollment
from aidtracker.terms.calendar import is_school_day
from aidtracker.terms.days import Calendar
from aidtracker.terms.models import CalendarDay, Closure, Rota
from tests import factories

ONE_DAY = datetime.timedelta(days=1)
TODAY = today_in_china()
ALL = tuple(SESSIONS)
NIGHTS = ("morning", "afternoon", "evening", "night")


def plan(org, sessions, on, by):
    return SessionPlan.create(county=org.county_id, org=org, sessions=",".join(sessions), holds_from=on, reason="寄宿", set_by=by)


def put(org, sessions, by, after=0):
    return set_sessions(org=org, sessions=sessions, holds_from=TODAY + after * ONE_DAY, reason="本学期起住校", by=by)


def test_a_school_takes_what_it_has_set_else_what_its_county_has_else_two(county, administrator):
    at = lambda school, after=0: sessions_taken(school.county_id, school.id, TODAY + after * ONE_DAY)  # noqa: E731
    assert at(county.school) == DEFAULT == ("morning", "afternoon")
    put(county.county, ["afternoon", "morning", "early"], administrator, after=3)
    put(county.school, NIGHTS, administrator, after=5)
    put(county.school, (), administrator, after=9)
    assert [at(county.school, n) for n in (2, 3, 5, 8, 9)] == [DEFAULT, ALL[:3], NIGHTS, NIGHTS, ALL[:3]]
    assert [at(county.other_school, n) for n in (2, 3, 9)] == [DEFAULT, ALL[:3], ALL[:3]]
    assert at(county.far_school, 9) == DEFAULT


def test_of_two_plans_from_one_day_the_later_holds_and_the_earlier_is_kept(county, school_admin):
    put(county.school, NIGHTS, school_admin)
    put(county.school, ALL, school_admin)
    assert sessions_taken(county.county.id, county.school.id, TODAY) == ALL
    assert [row.sessions for row in SessionPlan.select().order_by(SessionPlan.id)] == ["morning,afternoon,evening,night", ",".join(ALL)]
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (entry.action, entry.object_id, entry.fields, entry.reason) == ("attendance.set_sessions", str(county.school.id), "sessions", "本学期起住校")


def test_what_has_not_begun_is_withdrawn_and_what_holds_stays(county, school_admin):
    put(county.school, NIGHTS, school_admin)
    put(county.school, ALL, school_admin, after=4)
    assert withdraw_sessions(org=county.school, by=school_admin) == 1
    assert sessions_taken(county.county.id, county.school.id, TODAY + 9 * ONE_DAY) == NIGHTS
    with pytest.raises(Refused, match="没有还未生效"):
        withdraw_sessions(org=county.school, by=school_admin)


@pytest.mark.parametrize(
    ("sessions", "after", "words"),
    [
        (NIGHTS, -1, "不能早于今天"),
        (NIGHTS, 800, "太远"),
        (["early", "night"], 0, "上午和下午至少"),
        (["noon", "morning"], 0, "没有这个场次"),
        ((), 0, "不用再设"),
    ],
)
def test_set_sessions_is_refused(county, school_admin, sessions, after, words):
    with pytest.raises(Refused, match=words):
        put(county.school, sessions, school_admin, after)
    assert SessionPlan.select().count() == 0


def test_what_holds_anyway_is_not_set_again_but_a_school_may_keep_it_as_its_own(county, administrator, school_admin):
    put(county.school, DEFAULT, school_admin)
    with pytest.raises(Refused, match="不用再设"):
        put(county.school, DEFAULT, school_admin)
    put(county.county, ALL, administrator)
    assert sessions_taken(county.county.id, county.school.id, TODAY) == DEFAULT
    with pytest.raises(Refused, match="至少选一个"):
        put(county.county, (), administrator)
    with pytest.raises(Refused, match="只能给县或学校"):
        put(county.township, ALL, administrator)


def test_a_school_does_not_plan_for_its_county_nor_a_teacher_for_the_school(county, school_admin, teacher):
    for org, by in ((county.county, school_admin), (county.other_school, school_admin), (county.school, teacher)):
        with pytest.raises(Forbidden):
            put(org, ALL, by)


def test_a_change_says_whom_it_concerns_before_it_is_made(county, administrator, school_admin):
    factories.make_student(county.room, mode="boarding")
    for room in (county.sibling_room, county.other_room):
        factories.make_student(room)
    plan(county.other_school, NIGHTS, TODAY, administrator)
    told = change_of(county.county, ALL, TODAY)
    assert (told.before, told.added, told.dropped) == (DEFAULT, ("early", "evening", "night"), ())
    assert told.others == [county.other_school.name] and county.school.name not in told.others
    assert [told.classes_at(session) for session in ("early", "night")] == [2, 1]
    back = change_of(county.other_school, (), TODAY)
    assert (back.dropped, back.schools, back.classes) == (("evening", "night"), 1, 1)


def test_the_first_session_has_its_time_from_the_beginning_and_the_others_from_their_hour():
    day = datetime.date(2026, 10, 12)
    at = lambda hour, taken: so_far(taken, day, datetime.datetime(2026, 10, 12, hour, 59))  # noqa: E731
    assert at(0, ALL) == ("early",) and at(0, DEFAULT) == ("morning",)
    assert at(7, ALL) == ("early",) and at(8, ALL) == ("early", "morning")
    assert at(12, DEFAULT) == DEFAULT and at(12, ALL) == ALL[:3] and at(18, ALL) == ALL[:4] and at(21, ALL) == ALL
    assert so_far(ALL, day - ONE_DAY, datetime.datetime(2026, 10, 12, 0, 1)) == ALL


# Taking the roll.


@pytest.fixture
def boarding(county, today, school_admin):
    plan(county.school, ALL, today - 20 * ONE_DAY, school_admin)


def test_no_session_is_submitted_that_the_school_does_not_take_that_day(county, today, take, boarding, school_admin):
    put(county.school, DEFAULT, school_admin)
    with pytest.raises(Refused, match="这所学校不点就寝，没有提交"):
        take(session="night")
    take(session="night", on=today - ONE_DAY)
    assert [(roll.on, roll.session) for roll in RollCall.select()] == [(today - ONE_DAY, "night")]


def test_rolls_of_a_dropped_session_stay_as_they_were_and_in_sight(county, today, take, boarding, pupils, school_admin, teacher, sign_in):
    roll = take({pupils.first: "unexplained"}, session="night")
    put(county.school, DEFAULT, school_admin)
    place = {"class_id": county.room.id, "on": today.isoformat(), "session": "night"}
    page = sign_in(teacher).get("attendance.take_roll", **place)
    assert "已提交" in page.text and "次仁卓玛" in page.text and "edit=1" not in page.text
    with pytest.raises(Refused):
        take({}, session="night", base=1)
    assert [r.id for r in rolls_of(county.room, today)] == [roll.id]
    assert "就寝" in sign_in(teacher).get("attendance.show_history", class_id=county.room.id).text
    assert "就寝" in sign_in(school_admin).get("attendance.show_board").text


def test_boarders_alone_are_expected_in_the_evening_and_everybody_at_the_morning_check(take, boarding, pupils):
    assert [take(session=session).expected for session in SESSIONS] == [3, 3, 3, 1, 1]
    with pytest.raises(Refused, match="不住校"):
        take({pupils.second: "sick_leave"}, session="night", base=1)


def test_a_class_without_boarders_has_no_evening(county, take, boarding, school_admin, pupils):
    with pytest.raises(Refused, match="没有住校生"):
        take(room=county.sibling_room, session="evening", by=school_admin)


@pytest.mark.parametrize(
    ("session", "mark"), [("night", "late"), ("night", "unexcused"), ("morning", "unwell"), ("evening", "back_late"), ("early", "left_early")]
)
def test_a_mark_has_its_sessions(take, boarding, pupils, session, mark):
    with pytest.raises(Refused, match="这一场次没有这种出勤状态"):
        take({pupils.first: mark}, session=session)


def test_whoever_is_unwell_at_the_morning_check_is_there(take, boarding, pupils):
    roll = take({pupils.first: ("unwell", "发热"), pupils.second: "sick_leave"}, session="early")
    assert (roll.expected, roll.present, roll.sick_leave) == (3, 2, 1)


# What is due, against a plain reckoning.


@pytest.mark.by_turns
@pytest.mark.parametrize("seed", range(10))
def test_what_is_due_over_years_is_what_a_plain_reckoning_counts_day_by_day(county, administrator, seed):
    draw = random.Random(seed)
    first = datetime.date(2024, 9, 1) + draw.randrange(60) * ONE_DAY
    days = [first + n * ONE_DAY for n in range(draw.choice([40, 400, 760]))]
    schools, rooms = [county.school, county.other_school], [county.room, county.sibling_room, county.other_room]
    for room in rooms:
        for _ in range(draw.randint(0, 3)):
            spells(draw, factories.make_student(room), rooms, days)
    for org in draw.choices([county.county, *schools], k=draw.randint(0, 8)):
        chosen = draw.sample(ALL, draw.randint(0, 5))
        row = plan(org, [code for code in ALL if code in chosen] if org != county.county or chosen else ["night"], draw.choice(days), administrator)
        if draw.random() < 0.2:
            SessionPlan.update(withdrawn_by=administrator, withdrawn_at=datetime.datetime(2024, 1, 1)).where(SessionPlan.id == row.id).execute()
    for day in draw.sample(days, 3):
        CalendarDay.create(on=day, county=county.county, kind="closure", name="停课")
    calendar_of_their_own(draw, county, days, administrator)
    now = datetime.datetime.combine(draw.choice([*days[-3:], days[-1] + ONE_DAY]), datetime.time(draw.randrange(24)))
    for wanted, at in ((TEACHING, None), (ALL, None), (draw.sample(ALL, 2), None), (ALL, now)):
        due = sessions_due(county.county.id, Calendar(county.county.id, days[0], days[-1]), wanted, at)
        for school in schools:
            assert due.get(school.id, 0) == reckoned(school, rooms, days, wanted, at), (seed, school.name, wanted, at)


def spells(draw, student, rooms, days):
    Enrollment.delete().where(Enrollment.student == student).execute()
    at = days[0] - draw.randrange(90) * ONE_DAY
    while at < days[-1] and draw.random() < 0.85:
        ends = None if draw.random() < 0.3 else at + draw.randrange(1, 300) * ONE_DAY
        Enrollment.create(student=student, class_org=draw.choice(rooms), mode=draw.choice(["day", "boarding", "boarding", "home_taught"]), starts_on=at, ends_on=ends)
        if ends is None:
            return
        at = ends + draw.randrange(1, 30) * ONE_DAY


def calendar_of_their_own(draw, county, days, by):
    if draw.random() < 0.5:
        Rota.create(county=county.county, school=county.school, starts_on=draw.choice(days), days_in=10, days_off=4, set_by=by)
    if draw.random() < 0.5:
        at = draw.choice(days)
        Closure.create(county=county.county, org=county.other_school, kind=draw.choice(["closure", "makeup"]), first_on=at, last_on=at + 5 * ONE_DAY, reason="雪", declared_by=by)


def reckoned(school, rooms, days, wanted, now) -> int:
    """Every day, every class, every session, one at a time, from the rows themselves."""
    rows = list(SessionPlan.select().where(SessionPlan.withdrawn_at.is_null()).order_by(SessionPlan.holds_from, SessionPlan.id))
    spells = {room.id: list(Enrollment.select().where(Enrollment.class_org == room)) for room in rooms if room.parent_id == school.id}
    count = 0
    for day in days:
        if not is_school_day(day, school.county_id, school.id):
            continue
        taken = ["morning", "afternoon"]
        for place in (school.county_id, school.id):
            begun = [row.sessions for row in rows if row.org_id == place and row.holds_from <= day]
            if begun and begun[-1]:
                taken = begun[-1].split(",")
        for session in taken:
            if session in wanted and not (now and is_to_come(day, session, taken, now)):
                count += sum(any(expects(spell, day, session) for spell in found) for found in spells.values())
    return count


def is_to_come(day, session, taken, now) -> bool:
    hours = {"early": 6, "morning": 8, "afternoon": 12, "evening": 18, "night": 21}
    return day == now.date() and now.hour < hours[session] and session != taken[0]


def expects(spell, day, session) -> bool:
    modes = ("boarding",) if session in ("evening", "night") else ("boarding", "day")
    return spell.starts_on <= day and (spell.ends_on is None or spell.ends_on >= day) and spell.mode in modes


@pytest.mark.parametrize("seed", range(6))
def test_the_board_of_a_day_asks_what_is_due_on_it(county, administrator, seed):
    draw = random.Random(seed)
    day = datetime.date(2026, 10, 12)
    for room in (county.room, county.sibling_room, county.other_room):
        for _ in range(draw.randint(0, 2)):
            factories.make_student(room, mode=draw.choice(["day", "boarding", "home_taught"]))
    for org in draw.sample([county.county, county.school, county.other_school], draw.randint(0, 3)):
        plan(org, [code for code in ALL if code == "morning" or draw.random() < 0.6], day - 3 * ONE_DAY, administrator)
    now = datetime.datetime(2026, 10, 12, draw.randrange(24), 30)
    board = board_of([county.school, county.other_school], day, now)
    for session in ALL:
        due, asked = (sessions_due(county.county.id, Calendar(county.county.id, day, day), [session], at) for at in (None, now))
        assert (board.total.due[session], board.total.asked[session]) == (sum(due.values()), sum(asked.values())), session


def test_what_stands_beside_moves_no_sum_of_attendance(county, today, take, boarding, pupils):
    roll = take({pupils.first: "sick_leave"})
    before = sums_by_school(county.county.id, Calendar(county.county.id, today, today))
    for session in ("early", "evening", "night"):
        take({pupils.first: "unexplained"}, session=session)
    assert sums_by_school(county.county.id, Calendar(county.county.id, today, today)) == before
    assert before[county.school.id]["rolls"] == 1 and roll.sick_leave == 1
    assert sums_by_school(county.county.id, Calendar(county.county.id, today, today), ["night"])[county.school.id]["unexcused"] == 1


def test_a_plan_of_sessions_that_nobody_knows_any_more_is_read_as_what_is_left(county, school_admin):
    plan(county.school, ["morning", "noon"], TODAY, school_admin)
    assert Plans(county.county.id, TODAY).at(county.school.id, TODAY) == ("morning",)


# The page.

EDIT = "attendance.set_sessions"


def asked(**more):
    return {"sessions": list(NIGHTS), "holds_from": TODAY.isoformat(), "reason": "初中部住校", **more}


def test_a_principal_looks_at_what_would_change_and_then_sets_it(county, pupils, school_admin, sign_in):
    client = sign_in(school_admin)
    look = client.post(EDIT, asked(), status=200, org_id=county.school.id, look="y").text
    assert "每个上课日多报就寝：1 个班" in look and "出勤率、连续旷课和报表的应报场次不变。" in look and SessionPlan.select().count() == 0
    client.post(EDIT, asked(), status=303, org_id=county.school.id)
    page = client.get("attendance.show_sessions", org_id=county.school.id).text
    assert "上午、下午、晚自习、就寝" in page and "本校单独设置" in page and "初中部住校" in page
    client.post(EDIT, asked(follows="y"), status=303, org_id=county.school.id)
    assert "按县里的规定" in client.get("attendance.show_sessions", org_id=county.school.id).text


def test_the_bureau_sets_what_the_county_does_by_default(county, pupils, administrator, sign_in):
    client = sign_in(administrator)
    look = client.post(EDIT, asked(sessions=["morning"]), status=200, org_id=county.county.id, look="y").text
    assert "所学校跟着改" in look and "不再点下午" in look and "下午是算出勤率的" in look
    client.post(EDIT, asked(), status=303, org_id=county.county.id)
    assert sessions_taken(county.county.id, county.school.id, TODAY) == NIGHTS


def test_what_was_chosen_stays_when_it_is_refused(county, pupils, school_admin, sign_in):
    page = sign_in(school_admin).post(EDIT, asked(sessions=["night"]), status=400, org_id=county.school.id).text
    assert "上午和下午至少要点一次" in page and re.search(r'<input[^>]*checked[^>]*value="night"', page)


def test_a_board_of_several_counties_asks_each_for_what_it_takes(county, administrator):
    day = datetime.date(2026, 10, 12)
    for room in (county.room, county.far_room):
        factories.make_student(room)
    plan(county.county, ALL[:3], day, administrator)
    board = board_of([county.county, county.other_county], day, datetime.datetime(2026, 10, 13))
    assert [(line.due["early"], line.due["morning"]) for line in board.lines] == [(1, 1), (0, 1)]


def test_a_roll_of_a_session_that_was_dropped_fills_in_for_nobody(county, administrator, teacher):
    """One school's afternoon, dropped today, is neither its own missing morning nor another school's missing afternoon."""
    today, evening = today_in_china(), datetime.time(23)
    CalendarDay.create(on=today, county=county.county, kind="workday", name="补课")
    for room in (county.room, county.other_room):
        factories.make_student(room)
    submit_roll_call(class_org=county.room, on=today, session="afternoon", base_revision=0, marks={}, by=teacher)
    SessionPlan.create(county=county.county, org=county.school, sessions="morning", holds_from=today, reason="x", set_by=administrator)
    now = datetime.datetime.combine(today, evening)
    board = board_of([county.school, county.other_school], today, now)
    assert (board.total.missing("morning"), board.total.missing("afternoon"), board.reported, board.total.sums["expected"]) == (2, 1, 0, 0)
    assert board_of([county.room], today, now).lines[0].rolls.keys() == {"afternoon"}, "it is still shown"
    assert sums_by_school(county.county.id, Calendar(county.county.id, today, today)) == {}


def test_a_roll_before_its_time_counts_for_its_pupils_and_is_no_report_yet(county, administrator, teacher):
    today = today_in_china()
    CalendarDay.create(on=today, county=county.county, kind="workday", name="补课")
    factories.make_student(county.room)
    submit_roll_call(class_org=county.room, on=today, session="afternoon", base_revision=0, marks={}, by=teacher)
    calendar, at = Calendar(county.county.id, today, today), lambda hour: datetime.datetime.combine(today, datetime.time(hour))
    before, after = (sums_by_school(county.county.id, calendar, now=at(hour))[county.school.id] for hour in (9, 20))
    assert (before["rolls"], before["expected"], after["rolls"]) == (0, 1, 1)


def test_sessions_that_were_ticked_are_not_lost_to_the_county(county, school_admin, sign_in):
    """The school goes by its county, and whoever ticks another session forgets to untick that."""
    head, where = sign_in(school_admin), {"org_id": county.school.id}
    data = {"sessions": ["morning", "afternoon", "night"], "follows": "y", "holds_from": str(today_in_china()), "reason": "起初中部住校"}
    page = head.post("attendance.set_sessions", data, 400, **where)
    assert "要单独设，请去掉这个勾" in page.text and not SessionPlan.select().exists()
    head.post("attendance.set_sessions", {name: value for name, value in data.items() if name != "follows"}, **where)
    assert sessions_taken(county.county.id, county.school.id, today_in_china()) == ("morning", "afternoon", "night")

"""A county's own calendar: closures, made-up days, dates of terms, rotas; counted by sets as by walking every day."""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aidtracker import db
from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.board import board_of
from aidtracker.attendance.figures import by_class_of, sums_of_classes, sums_of_schools
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.streaks import days_away_of, streaks
from aidtracker.attendance.sums import sessions_due
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.scopes import SchoolPlace, Scope
from aidtracker.terms import actions
from aidtracker.terms.calendar import is_school_day, school_days, why_closed
from aidtracker.terms.days import ONE_DAY, Calendar
from aidtracker.terms.models import CalendarDay, Closure, Rota, TermDates
from tests import factories

TODAY = today_in_china()
MONDAY = datetime.date(2027, 3, 1)  # beyond the seeded years: weekdays alone decide
WEEK = [MONDAY + n * ONE_DAY for n in range(5)]


def close(org, by, first, last=None, kind="closure"):
    values = {"kind": kind, "first_on": first, "last_on": last or first, "reason": "大雪", "declared_by": by}
    return Closure.create(county=org.county_id, org=org, **values)


def days(place, county):
    return school_days(WEEK[0], WEEK[-1], county.county.id, place.id if place.kind == "school" else None)


def test_a_closure_reaches_what_lies_below_and_nothing_else(county, administrator):
    close(county.township, administrator, WEEK[1])
    assert days(county.school, county) == [WEEK[0], *WEEK[2:]]
    assert days(county.other_school, county) == days(county.county, county) == WEEK
    close(county.county, administrator, WEEK[2], WEEK[3])
    assert days(county.school, county) == [WEEK[0], WEEK[4]]
    assert days(county.other_school, county) == [*WEEK[:2], WEEK[4]]


def test_the_nearer_place_and_the_later_word_decide(county, administrator):
    close(county.county, administrator, WEEK[0], WEEK[4])
    close(county.school, administrator, WEEK[3], kind="makeup")
    assert days(county.school, county) == [WEEK[3]]
    assert days(county.other_school, county) == []
    close(county.school, administrator, WEEK[3])
    assert days(county.school, county) == []


def test_a_saturday_is_made_up_for(county, administrator):
    saturday = WEEK[4] + ONE_DAY
    close(county.township, administrator, saturday, kind="makeup")
    assert is_school_day(saturday, county.county.id, county.school.id)
    assert not is_school_day(saturday, county.county.id, county.other_school.id)


def test_dates_of_a_term_make_vacations(county, administrator):
    TermDates.create(county=county.county, term="2027-spring", first_on=WEEK[2], last_on=datetime.date(2027, 7, 2), set_by=administrator)
    assert days(county.county, county) == WEEK[2:]
    assert not is_school_day(datetime.date(2027, 7, 5), county.county.id)
    assert is_school_day(datetime.date(2027, 9, 1), county.county.id)  # of which nothing was set
    assert str(why_closed(WEEK[0], county.county.id)) == "假期"


def test_ten_days_in_and_four_off(county, administrator):
    Rota.create(county=county.county, school=county.school, starts_on=WEEK[0], days_in=10, days_off=4, set_by=administrator)
    found = school_days(WEEK[0], WEEK[0] + 27 * ONE_DAY, county.county.id, county.school.id)
    assert [(day - WEEK[0]).days for day in found] == [*range(10), *range(14, 24)]
    holiday = WEEK[0] + 15 * ONE_DAY
    CalendarDay.create(on=holiday, county=None, kind="holiday", name="节日")
    assert not is_school_day(holiday, county.county.id, county.school.id)
    Rota.create(county=county.county, school=county.school, starts_on=WEEK[0] + 14 * ONE_DAY, days_in=0, days_off=0, set_by=administrator)
    assert not is_school_day(WEEK[0] + 19 * ONE_DAY, county.county.id, county.school.id)


def test_what_is_due_follows_the_calendar_of_each_school(county, administrator):
    for room in (county.room, county.other_room):
        factories.make_student(room)
    due = lambda: sessions_due(county.county.id, Calendar(county.county.id, WEEK[0], WEEK[-1]))  # noqa: E731
    assert due() == {county.school.id: 10, county.other_school.id: 10}
    close(county.school, administrator, WEEK[1], WEEK[2])
    assert due() == {county.school.id: 6, county.other_school.id: 10}
    close(county.other_school, administrator, WEEK[0], WEEK[4])
    assert due().get(county.other_school.id, 0) == 0


def test_on_the_board_a_closed_school_is_not_missing(county, administrator):
    for room in (county.room, county.other_room):
        factories.make_student(room)
    close(county.school, administrator, WEEK[1])
    board = board_of([county.township, county.other_township], WEEK[1], datetime.datetime(2026, 12, 1))
    assert [line.name for line in board.lines] == [county.other_township.name]


def test_a_streak_steps_over_days_without_school(county, administrator):
    child = factories.make_student(county.room)
    past = school_days(TODAY - 20 * ONE_DAY, TODAY - ONE_DAY, county.county.id)[-3:]
    for day in past:
        take = {"class_org": county.room, "on": day, "session": "morning", "base_revision": 0, "by": administrator}
        submit_roll_call(**take, marks={child.id: ("unexcused", None)})
    assert streaks(county.county.id, TODAY) == {child.id: 3}
    close(county.school, administrator, past[1])
    assert streaks(county.county.id, TODAY) == {child.id: 2}
    assert days_away_of({child.id}, county.county.id, TODAY) == {child.id: [past[0], past[2]]}


def test_no_roll_is_taken_on_a_closed_day_and_the_reason_is_said(county, administrator, teacher):
    day = school_days(TODAY - 20 * ONE_DAY, TODAY, county.county.id)[-1]
    close(county.township, administrator, day)
    factories.make_student(county.room)
    with pytest.raises(Refused, match="停课：大雪"):
        submit_roll_call(class_org=county.room, on=day, session="morning", base_revision=0, marks={}, by=teacher)


# By the actions.


def declare(org, by, first=TODAY, last=None, kind="closure"):
    last = last or TODAY + 6 * ONE_DAY
    return actions.declare_closure(org=org, kind=kind, first_on=first, last_on=last, reason="大雪", by=by)


def test_a_township_closes_its_own_schools_and_no_others(county, coordinator, school_admin, teacher):
    declare(county.township, coordinator)
    declare(county.school, school_admin, TODAY + 14 * ONE_DAY, TODAY + 20 * ONE_DAY)
    for org, by in ((county.other_township, coordinator), (county.county, coordinator), (county.township, school_admin), (county.school, teacher)):
        with pytest.raises(Forbidden):
            declare(org, by)
    assert [entry.action for entry in AuditEntry.select()] == ["terms.declare_closure"] * 2


def test_an_end_before_time(county, administrator):
    running = declare(county.county, administrator, TODAY - 3 * ONE_DAY, TODAY + 6 * ONE_DAY)
    to_come = declare(county.school, administrator, TODAY + 14 * ONE_DAY, TODAY + 20 * ONE_DAY)
    for closure in (running, to_come):
        actions.end_closure(closure=closure, by=administrator)
        with pytest.raises(Refused, match="已经结束"):
            actions.end_closure(closure=closure, by=administrator)
    running, to_come = (Closure.get_by_id(closure.id) for closure in (running, to_come))
    assert running.ends_on == TODAY - ONE_DAY and to_come.never_was
    week = [TODAY + n * ONE_DAY for n in range(7)]
    assert school_days(week[0], week[-1], county.county.id) == school_days(week[0], week[-1])


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(0, -1, "不能早于"), (0, 200, "最多"), (-40, -38, "最早"), (395, 402, "太远")],
)
def test_spans_that_are_refused(county, administrator, first, last, words):
    with pytest.raises(Refused, match=words):
        declare(county.county, administrator, TODAY + first * ONE_DAY, TODAY + last * ONE_DAY)


def test_what_is_so_already_is_not_declared(county, administrator):
    saturday = TODAY + (5 - TODAY.weekday()) % 7 * ONE_DAY
    Closure.create(county=county.county, org=county.county, kind="closure", first_on=saturday, last_on=saturday, reason="周末", declared_by=administrator)
    with pytest.raises(Refused, match="本来就不上课"):
        declare(county.county, administrator, saturday, saturday)


def test_terms_do_not_overlap(county, administrator, officer):
    year = TODAY.year
    autumn, spring = (f"{year}-autumn", datetime.date(year, 9, 1), datetime.date(year + 1, 1, 20)), (f"{year + 1}-spring", datetime.date(year + 1, 1, 15))
    actions.set_term(county=county.county, code=autumn[0], first_on=autumn[1], last_on=autumn[2], by=administrator)
    with pytest.raises(Refused, match="重叠"):
        actions.set_term(county=county.county, code=spring[0], first_on=spring[1], last_on=datetime.date(year + 1, 7, 1), by=administrator)
    with pytest.raises(Refused, match="对不上"):
        actions.set_term(county=county.county, code=spring[0], first_on=datetime.date(year + 2, 2, 15), last_on=datetime.date(year + 2, 7, 1), by=administrator)
    with pytest.raises(Forbidden):
        actions.set_term(county=county.county, code=autumn[0], first_on=autumn[1], last_on=autumn[2], by=officer)


def test_a_rota_begins_today_or_later(county, school_admin):
    actions.set_rota(school=county.school, starts_on=TODAY, days_in=10, days_off=4, by=school_admin)
    for starts_on, days_in, days_off in ((TODAY - ONE_DAY, 10, 4), (TODAY, 10, 0)):
        with pytest.raises(Refused):
            actions.set_rota(school=county.school, starts_on=starts_on, days_in=days_in, days_off=days_off, by=school_admin)
    with pytest.raises(Forbidden):
        actions.set_rota(school=county.other_school, starts_on=TODAY, days_in=10, days_off=4, by=school_admin)


# Ten years, against a walk over every day.

START = datetime.date(2020, 1, 1)
DAY = st.integers(0, 3650).map(lambda n: START + n * ONE_DAY)
SPAN = st.tuples(st.sampled_from(("county", "township", "other_township", "school")), st.booleans(), DAY, st.integers(0, 40))
TURN = st.tuples(DAY, st.sampled_from(((10, 4), (5, 2), (0, 0), (12, 3))))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spans=st.lists(SPAN, max_size=12),
    holidays=st.dictionaries(DAY, st.sampled_from(("holiday", "workday")), max_size=20),
    turns=st.lists(TURN, max_size=4),
    terms=st.lists(st.integers(2020, 2029), unique=True, max_size=4),
    first=DAY,
    length=st.integers(0, 400),
)
def test_sets_count_as_a_walk_does(county, administrator, spans, holidays, turns, terms, first, length):
    with db.database.atomic() as all_of_it:
        CalendarDay.delete().execute()
        for day, kind in holidays.items():
            CalendarDay.create(on=day, county=None, kind=kind, name="节")
        for name, is_open, begins, more in spans:
            close(getattr(county, name), administrator, begins, begins + more * ONE_DAY, "makeup" if is_open else "closure")
        for starts_on, (days_in, days_off) in turns:
            Rota.create(county=county.county, school=county.school, starts_on=starts_on, days_in=days_in, days_off=days_off, set_by=administrator)
        for year in terms:
            dates = {"first_on": datetime.date(year, 2, 20), "last_on": datetime.date(year, 7, 5)}
            TermDates.create(county=county.county, term=f"{year}-spring", **dates, set_by=administrator)
        calendar = Calendar(county.county.id, first, first + length * ONE_DAY)
        for school, names, has_turns in ((county.school, ("school", "township", "county"), True), (county.other_school, ("other_township", "county"), False)):
            walked = [day for day in calendar.every if walk(day, names, spans, holidays, turns if has_turns else [], terms)]
            assert calendar.of(school.id) == walked
        assert calendar.days == [day for day in calendar.every if walk(day, ("county",), spans, holidays, [], terms)]
        shut = calendar.is_shut()
        assert all(shut(county.school.id, day) != (day in calendar.of(county.school.id)) for day in calendar.every)
        all_of_it.rollback()


def walk(day, names, spans, holidays, turns, terms) -> bool:
    """The rule again, word by word and slowly."""
    for place in names:
        for name, is_open, begins, more in reversed(spans):
            if name == place and begins <= day <= begins + more * ONE_DAY:
                return is_open
    if day.year in terms and 2 <= day.month <= 7 and not datetime.date(day.year, 2, 20) <= day <= datetime.date(day.year, 7, 5):
        return False
    if holidays.get(day) == "holiday":
        return False
    begun = sorted(((starts_on, number) for number, (starts_on, _turn) in enumerate(turns) if starts_on <= day))
    if begun:
        starts_on, (days_in, days_off) = turns[begun[-1][1]]
        if days_in:
            return (day - starts_on).days % (days_in + days_off) < days_in
    return holidays.get(day) == "workday" or day.weekday() < 5


# The pages.


def test_a_month_as_everybody_sees_it(county, administrator, coordinator, sign_in):
    close(county.township, administrator, WEEK[1])
    page = sign_in(coordinator).get("terms.show_calendar", month="2027-03").text
    assert "停课：大雪" in page and "还没有公布" in page and county.township.name in page


def test_a_principal_declares_and_ends_in_the_browser(county, school_admin, sign_in):
    client = sign_in(school_admin)
    data = {"kind": "closure", "first_on": str(TODAY + 7 * ONE_DAY), "last_on": str(TODAY + 13 * ONE_DAY), "reason": "洪水"}
    client.post("terms.declare_closure", data, org_id=county.school.id)
    closure = Closure.get()
    assert f'href="{client.url("terms.end_closure", closure_id=closure.id)}"' in client.get("terms.show_calendar").text
    asked = client.get("terms.end_closure", closure_id=closure.id).text
    assert "洪水" in asked and "就当没有登记过" in asked and Closure.get().ended_on is None
    client.post("terms.end_closure", closure_id=closure.id)
    assert "已撤销" in client.get("terms.show_calendar").text
    client.get("terms.declare_closure", status=404, org_id=county.other_school.id)


def test_what_was_typed_stays_when_it_is_refused(county, school_admin, sign_in):
    data = {"kind": "closure", "first_on": str(TODAY), "last_on": str(TODAY - ONE_DAY), "reason": "洪水"}
    page = sign_in(school_admin).post("terms.declare_closure", data, status=400, org_id=county.school.id).text
    assert "不能早于开始日期" in page and "洪水" in page


def test_a_closure_may_last_so_long_and_begin_so_long_ago_and_no_longer(county, administrator):
    def declared(first, last):
        return actions.declare_closure(org=county.county, kind="closure", first_on=first, last_on=last, reason="大雪", by=administrator)

    with pytest.raises(Refused, match="最多登记"):
        declared(TODAY, TODAY + actions.LONGEST * ONE_DAY)
    with pytest.raises(Refused, match="最早只能"):
        declared(TODAY - (actions.BACK + 1) * ONE_DAY, TODAY)
    assert declared(TODAY - actions.BACK * ONE_DAY, TODAY - (actions.BACK - actions.LONGEST + 1) * ONE_DAY)


@pytest.mark.parametrize(("days_in", "days_off"), [(41, 4), (10, 41), (-1, 4), (10, -1)])
def test_a_turn_has_bounds_at_every_door(county, school_admin, days_in, days_off):
    with pytest.raises(Refused):
        actions.set_rota(school=county.school, starts_on=TODAY, days_in=days_in, days_off=days_off, by=school_admin)


def test_a_school_closes_no_day_that_has_passed(county, school_admin, coordinator):
    """Truants and missing rolls of those days would be gone: whoever is above says so."""
    days = {"kind": "closure", "first_on": TODAY - 10 * ONE_DAY, "last_on": TODAY - ONE_DAY, "reason": "大雪"}
    with pytest.raises(Refused, match="乡镇或教育局"):
        actions.declare_closure(org=county.school, **days, by=school_admin)
    assert actions.declare_closure(org=county.school, **days, by=coordinator)


def test_a_roll_from_before_its_day_was_closed_stands_and_counts_for_nothing(county, administrator):
    child = factories.make_student(county.room)
    past = school_days(TODAY - 20 * ONE_DAY, TODAY - ONE_DAY, county.county.id)[-3:]
    for day in past:
        take = {"class_org": county.room, "on": day, "session": "morning", "base_revision": 0, "by": administrator}
        submit_roll_call(**take, marks={child.id: ("sick_leave", None)})
    close(county.school, administrator, past[1])
    place = SchoolPlace(county.school.id, county.school.code, county.school.name, county.township.id, None)
    sums = sums_of_schools(Scope(county.county, county.county, [county.county.path]), [place], past[0], past[-1])[county.school.id]
    assert (sums["sessions_due"], sums["sessions_submitted"], sums["sick_leave"]) == (4, 2, 2)
    [line] = by_class_of(county.school, past[0], past[-1])
    assert (line["sessions_due"], line["sessions_submitted"], line["sick_leave"]) == (4, 2, 2)
    assert sums_of_classes([county.room], past[0], past[-1])["sick_leave"] == 2
    assert RollCall.select().count() == 3

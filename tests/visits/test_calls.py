"""Each month a share of the visits is drawn, and somebody else phones the family; what was heard is kept with the visit."""

import datetime
import io

import pytest
from openpyxl import load_workbook

from aidtracker.attendance.early_warning import make_round
from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.policies.models import PolicyValue
from aidtracker.visits.actions_calls import draw_calls, record_call
from aidtracker.visits.models import Visit
from aidtracker.visits.models_calls import CallBack, CallDraw, CallMade
from aidtracker.visits.queries_calls import results_of, total_of
from tests import factories

D = datetime.date
NOON = datetime.time(4)  # UTC
THEN, NEXT = D(2026, 10, 12), D(2026, 11, 1)


@pytest.fixture
def october(county, pupils, visit):
    """october(n, pupil) -> visits that were recorded on 12 October."""

    def recorded(count, *students, on=THEN, **changes):
        found = [visit(*students, **changes) for _ in range(count)]
        Visit.update(recorded_at=datetime.datetime.combine(on, NOON)).where(Visit.id.in_([one.id for one in found])).execute()
        return found

    return recorded


def draw(county, on=NEXT):
    return draw_calls(county_id=county.county.id, today=on)


def set_policy(county, key, value, by):
    PolicyValue.create(county=county.county, key=key, value=str(value), holds_from=D(2026, 1, 1), reason="本县规定", set_by=by)


def drawn(county, pupils, october):
    october(1, pupils.first)
    draw(county)
    return CallBack.get()


def call(call_back, by, outcome="confirmed", spoke_to="次仁（父亲）", remark="", tries=None):
    record_call(call_back=call_back, tries=call_back.tries if tries is None else tries, outcome=outcome, spoke_to=spoke_to, remark=remark, by=by)
    return CallBack.get_by_id(call_back.id)


# Drawing.


def test_of_each_school_one_in_twenty_is_drawn_and_at_least_one(county, pupils, october, officer):
    october(21, pupils.first)
    october(1, pupils.elsewhere, by=officer)
    assert draw(county) == 3
    rows = {one.place_id: (one.visits, one.drawn, one.share) for one in CallDraw.select()}
    assert rows == {county.county.id: (0, 0, 5), county.school.id: (21, 2, 5), county.other_school.id: (1, 1, 5)}
    assert AuditEntry.get(AuditEntry.action == "visits.draw_calls").count == 3


def test_a_month_is_drawn_once_and_only_when_it_is_over(county, pupils, october):
    october(1, pupils.first)
    assert [draw(county, on) for on in (D(2026, 10, 31), NEXT, NEXT, D(2026, 11, 30))] == [0, 1, 0, 0]


def test_months_of_missed_nights_are_made_up_for(county, pupils, october):
    draw(county, D(2026, 10, 2))
    october(1, pupils.first)
    october(1, pupils.first, on=D(2026, 11, 3))
    assert draw(county, D(2027, 1, 2)) == 2
    assert [one.month for one in CallDraw.select().where(CallDraw.place == county.county).order_by(CallDraw.month)] == ["2026-09", "2026-10", "2026-11", "2026-12"]


def test_the_same_visits_come_out_whenever_it_is_drawn(county, pupils, october):
    october(40, pupils.first)
    draw(county)
    first = {one.visit_id for one in CallBack.select()}
    CallBack.delete().execute()
    CallDraw.delete().execute()
    draw(county, D(2026, 11, 20))
    assert {one.visit_id for one in CallBack.select()} == first


def test_the_month_begins_at_midnight_in_china(county, pupils, visit):
    one = visit(pupils.first)
    Visit.update(recorded_at=datetime.datetime(2026, 10, 31, 16, 0)).where(Visit.id == one.id).execute()
    assert draw(county) == 0 and draw(county, D(2026, 12, 1)) == 1


def test_what_came_in_a_workbook_is_not_phoned_back(county, pupils, october):
    october(1, pupils.first)
    Visit.update(is_imported=True).execute()
    assert draw(county) == 0


def test_a_county_may_draw_by_township_or_not_at_all(county, pupils, october, officer):
    october(2, pupils.first)
    set_policy(county, "call_back_each", "township", officer)
    draw(county)
    assert CallDraw.get(CallDraw.drawn > 0).place_id == county.township.id
    set_policy(county, "call_back_share", 0, officer)
    october(2, pupils.first, on=D(2026, 11, 5))
    assert draw(county, D(2026, 12, 1)) == 0


def test_the_night_draws(county, pupils, october):
    october(1, pupils.first)
    make_round(county_id=county.county.id, today=NEXT)
    assert CallBack.select().count() == 1


# Calling.


def test_what_a_call_found_is_kept_and_told(county, pupils, october, coordinator):
    call_back = call(drawn(county, pupils, october), coordinator, "denied", remark="那天没有人来")
    made = CallMade.get()
    assert (call_back.state, call_back.tries, made.outcome, made.remark, made.called_by) == ("denied", 1, "denied", "那天没有人来", coordinator)
    entry = AuditEntry.get(AuditEntry.action == "visits.record_call")
    assert entry.object_id == call_back.visit.uid and "那天" not in str(entry.__data__)


def test_nobody_answers_three_times(county, pupils, october, coordinator):
    call_back, states = drawn(county, pupils, october), []
    for outcome in ("no_answer", "wrong_number", "no_answer"):
        call_back = call(call_back, coordinator, outcome)
        states.append(call_back.state)
    assert states == ["again", "again", "unreached"] and {one.spoke_to for one in CallMade.select()} == {""}
    assert call(call_back, coordinator).state == "confirmed"  # they phoned back


def test_of_two_who_call_at_once_the_second_is_told(county, pupils, october, coordinator):
    call_back = call(drawn(county, pupils, october), coordinator)
    with pytest.raises(Conflict, match="刚才已有人打过"):
        call(call_back, coordinator, "denied", remark="没来", tries=0)


@pytest.mark.parametrize(("told", "words"), [({"outcome": "great"}, "选择回访的结果"), ({"spoke_to": " "}, "和谁通的话"), ({"outcome": "denied"}, "哪里不属实")])
def test_a_call_says_what_was_heard_and_from_whom(county, pupils, october, coordinator, told, words):
    with pytest.raises(Refused, match=words):
        call(drawn(county, pupils, october), coordinator, **told)


def test_nobody_phones_about_a_visit_of_their_own(county, pupils, october, coordinator, officer):
    own = drawn(county, pupils, october)
    Visit.update(recorded_by=coordinator).execute()
    with pytest.raises(Forbidden, match="由别人回访"):
        call(CallBack.get_by_id(own.id), coordinator)
    Visit.update(recorded_by=officer, teachers=f"张老师、{coordinator.name}").execute()
    with pytest.raises(Forbidden, match="由别人回访"):
        call(CallBack.get_by_id(own.id), coordinator)


def test_teachers_and_schools_do_not_phone_back(county, pupils, october, teacher, school_admin):
    call_back = drawn(county, pupils, october)
    for by in (teacher, school_admin):
        with pytest.raises(Forbidden):
            call(call_back, by)


# Pages.


def test_the_coordinator_phones_down_the_list(sign_in, county, pupils, october, coordinator):
    call_back = drawn(county, pupils, october)
    factories.make_guardian(pupils.first, "次仁", relation="父亲", phone="13700990001")
    client = sign_in(coordinator)
    assert "次仁卓玛" in client.get("visits.list_calls").text
    page = client.get("visits.record_call", call_back_id=call_back.id)
    assert "guardian-1" in page.text and "13700990001" not in page.text
    client.post("visits.record_call", {"outcome": "confirmed", "met": "1", "revision": "1"}, call_back_id=call_back.id)
    assert CallMade.get().spoke_to == "次仁（父亲）"
    assert "没有要打的电话" in client.get("visits.list_calls").text
    assert "情况属实" in client.get("visits.list_calls", only="all", state="confirmed").text
    assert "没有符合条件" in client.get("visits.list_calls", only="all", state="denied").text


def test_whoever_sees_the_visit_sees_the_result_and_only_who_verifies_the_remark(sign_in, county, pupils, october, coordinator, teacher):
    call_back = drawn(county, pupils, october)
    assert "回访抽查" not in sign_in(teacher).get("visits.show_visit", visit_id=call_back.visit_id).text
    call_back = call(call_back, coordinator, "no_answer", spoke_to="")
    assert "回访抽查" not in sign_in(teacher).get("visits.show_visit", visit_id=call_back.visit_id).text  # nobody is told that a call will come
    call(call_back, coordinator, "denied", remark="那天没有人来")
    page = sign_in(teacher).get("visits.show_visit", visit_id=call_back.visit_id).text
    assert "情况不属实" in page and "那天没有人来" not in page and "次仁（父亲）" not in page
    assert "那天没有人来" in sign_in(coordinator).get("visits.show_visit", visit_id=call_back.visit_id).text


def test_a_stranger_finds_no_call(sign_in, county, pupils, october, stranger, teacher):
    call_back = drawn(county, pupils, october)
    sign_in(teacher).get("visits.record_call", call_back_id=call_back.id, status=403)
    other = factories.make_user("township_coordinator", county.other_township, "石专干")
    assert "没有要打的电话" in sign_in(other).get("visits.list_calls").text
    sign_in(other).get("visits.record_call", call_back_id=call_back.id, status=404)


def test_results_stand_place_by_place_with_what_they_are_of(sign_in, county, pupils, october, coordinator, officer, school_admin):
    october(21, pupils.first)
    october(1, pupils.elsewhere, by=officer)
    draw(county)
    for one in CallBack.select().join(CallDraw).where(CallDraw.place == county.school):
        call(one, coordinator)
    results = results_of(officer, "2026-10", None)
    assert [(one.name, one.visits, one.drawn, one.settled, one.of["confirmed"]) for one in results] == [
        (county.school.name, 21, 2, 2, 2),
        (county.other_school.name, 1, 1, 0, 0),
    ]
    assert total_of(results)[3:5] == (22, 3)
    page = sign_in(school_admin).get("visits.show_call_results").text
    assert "2/21" in page and county.other_school.name not in page


def test_the_page_of_results_says_when_there_are_none(sign_in, coordinator):
    assert "还没有抽过" in sign_in(coordinator).get("visits.show_call_results").text


def test_results_are_taken_away_as_a_workbook(sign_in, county, pupils, october, coordinator, teacher):
    client = sign_in(coordinator)
    assert client.get("visits.fetch_call_results").mimetype.endswith("sheet")
    drawn(county, pupils, october)
    sheet = load_workbook(io.BytesIO(client.get("visits.fetch_call_results", month="2026-10").data)).active
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert [county.school.name, 1, 1, 0, 1, 0, 0, 0, 0, 0] in rows
    sign_in(teacher).get("visits.fetch_call_results", status=403)

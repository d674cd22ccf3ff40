"""返校核查: who came back on the first day; a class answers once, corrects on record, and the rolls tell who came later."""

import datetime
import io
import re

import pytest
from python_calamine import CalamineWorkbook

from aidtracker.attendance.actions_sweeps import confirm_return, declare_sweep, edit_not_returned, withdraw_sweep
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.models_sweeps import NotReturned, Sweep, SweepDay
from aidtracker.attendance.queries import places_below, visible_class
from aidtracker.attendance.queries_sweeps import not_returned_below, sweep_board
from aidtracker.attendance.sweeps import current_round, is_late, rounds_of, sweep_due
from aidtracker.audit.models import AuditEntry
from aidtracker.cases.actions import open_case
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.students.models import Enrollment
from aidtracker.terms.models import TermDates
from tests import factories

ONE = datetime.timedelta(days=1)
CONFIRM = "attendance.confirm_return"


@pytest.fixture
def began(county, today):
    """The round of a day that the county declared: today."""
    county_id = county.county.id
    by = factories.make_user("bureau_staff", county.county)
    declare_sweep(county=county.county, on=today, reason="国庆假后返校", by=by)
    return current_round(county_id, today)


@pytest.fixture
def answer(county, today, began, pupils, teacher):
    def confirm(*absent, base=0, by=None, room=None):
        room = visible_class(by or teacher, (room or county.room).id)
        return confirm_return(class_org=room, round_=began, absent=[pupil.id for pupil in absent], base_revision=base, by=by or teacher)

    return confirm


def states(county, began, today):
    return {one.name: one.state for one in not_returned_below(county.county.path, began, today)}


def test_an_answer_names_who_is_not_back_and_the_board_counts_it(answer, county, began, today, pupils):
    answer(pupils.first, pupils.second)
    lines, total = sweep_board(places_below(county.school), began, today)
    mine, other = lines
    assert (mine.name, mine.due, mine.done, mine.expected, mine.away, mine.still) == ("三年级2班", 1, 1, 3, 2, 2)
    assert (other.missing, other.done, total.due, total.done) == (1, 0, 2, 1)
    above, whole = sweep_board(places_below(county.county), began, today)
    assert [(line.due, line.done, line.away) for line in above] == [(2, 1, 2), (1, 0, 0)] and whole.away == 2


def test_nobody_away_is_an_answer_too_and_no_roll_comes_of_it(answer, county, began, today):
    answer()
    assert sweep_due(county.room) is None and sweep_due(county.sibling_room) == began
    assert RollCall.select().count() == 0 and states(county, began, today) == {}


def test_the_rolls_of_that_day_begin_with_who_is_not_back(answer, follow, pupils, today, county, sign_in, teacher):
    answer(pupils.first, pupils.second)
    follow(pupils.second, kind="ill")
    page = sign_in(teacher).get("attendance.take_roll", class_id=county.room.id, on=today.isoformat(), session="morning").text
    chosen = dict(re.findall(r'id="a(\d+)"[^>]* checked.*?<option value="(\w+)"(?: data-at)? selected', page, flags=re.S))
    assert chosen == {str(pupils.first.id): "not_returned", str(pupils.second.id): "sick_leave"}


@pytest.fixture
def follow(teacher):
    def tell(pupil, kind="contacted", expected_on=None, note="", by=None):
        row = NotReturned.get(NotReturned.student == pupil.id)
        edit_not_returned(row=row, kind=kind, expected_on=expected_on, note=note, by=by or teacher)
        return NotReturned.get_by_id(row.id)

    return tell


def test_who_is_at_a_later_roll_is_back_and_a_correction_of_the_roll_tells_it_again(answer, take, pupils, county, began, today):
    answer(pupils.first, pupils.second)
    take({pupils.first: "not_returned"})
    assert states(county, began, today) == {"次仁卓玛": "open", "王小明": "back"}
    take({pupils.second: "unexplained"}, base=1)
    assert states(county, began, today) == {"次仁卓玛": "back", "王小明": "open"}


def test_who_moved_or_has_a_case_is_accounted_for(answer, pupils, county, began, today, school_admin):
    answer(pupils.first, pupils.second, pupils.third)
    Enrollment.update(ends_on=today - ONE).where(Enrollment.student == pupils.second.id).execute()
    open_case(student=pupils.third, values={"origin": "report", "found_on": today}, by=school_admin)
    assert states(county, began, today) == {"次仁卓玛": "open", "王小明": "moved", "阿卜杜热合曼·买买提": "case"}


def test_changing_the_answer_keeps_who_had_been_named_and_is_based_on_what_stood(answer, pupils, county, began, today, school_admin):
    first = answer(pupils.first)
    with pytest.raises(Conflict):
        answer(pupils.second)
    again = answer(pupils.second, base=1, by=school_admin)
    assert (again.revision, again.confirmed_by_id == first.confirmed_by_id, again.changed_by_id) == (2, True, school_admin.id)
    assert states(county, began, today) == {"次仁卓玛": "cleared", "王小明": "open"}
    answer(pupils.first, base=2)
    assert states(county, began, today) == {"次仁卓玛": "open", "王小明": "cleared"}
    assert [entry.count for entry in AuditEntry.select().where(AuditEntry.action == "attendance.confirm_return").order_by(AuditEntry.id)] == [1, 1, 1]


def test_only_the_class_and_its_school_answer_and_for_their_own_pupils_alone(answer, pupils, coordinator):
    with pytest.raises(Forbidden):
        answer(by=coordinator)
    with pytest.raises(Refused, match="不在这个班"):
        answer(pupils.sibling)
    assert Sweep.select().count() == 0


def test_what_is_known_is_kept_up_by_teacher_and_township(answer, follow, pupils, today, coordinator, auditor, stranger):
    answer(pupils.first)
    row = follow(pupils.first, kind="unreachable", expected_on=today + 3 * ONE, note="邻居说在外地", by=coordinator)
    assert (row.kind, row.expected_on, row.note) == ("unreachable", today + 3 * ONE, "邻居说在外地")
    for by in (auditor, stranger):
        with pytest.raises(Forbidden):
            follow(pupils.first, by=by)
    with pytest.raises(Refused, match="日期"):
        follow(pupils.first, expected_on=today - 3 * ONE)


@pytest.fixture
def auditor(county):
    return factories.make_user("auditor", county.county)


def test_a_round_begins_on_the_first_day_of_a_term_or_on_a_day_that_was_declared(county, today, administrator):
    assert [one.first_on for one in rounds_of(county.county.id, datetime.date(2026, 9, 2))] == [datetime.date(2026, 9, 1)]
    TermDates.create(county=county.county, term="2026-spring", first_on=datetime.date(2026, 3, 2), last_on=datetime.date(2026, 7, 10), set_by=administrator)
    assert [one.key for one in rounds_of(county.county.id, datetime.date(2026, 3, 5))] == ["2026-spring", "2025-autumn"]
    assert current_round(county.county.id, datetime.date(2026, 3, 1)) is None
    row = declare_sweep(county=county.county, on=today, reason="节后返校", by=administrator)
    assert rounds_of(county.county.id, today)[0].key == today.isoformat()
    with pytest.raises(Refused, match="已经定为"):
        declare_sweep(county=county.county, on=today, reason="节后返校", by=administrator)
    withdraw_sweep(row=row, by=administrator)
    assert rounds_of(county.county.id, today)[0].key != today.isoformat()


def test_a_day_on_which_a_class_has_answered_stays(answer, began, county, officer):
    answer()
    with pytest.raises(Refused, match="已经有班级核查过"):
        withdraw_sweep(row=SweepDay.get(), by=officer)


@pytest.mark.parametrize(("hour", "minute", "late"), [(10, 0, False), (10, 1, True)])
def test_an_answer_is_late_after_ten_or_on_another_day(county, today, hour, minute, late):
    at = datetime.datetime.combine(today, datetime.time(hour, minute)) - datetime.timedelta(hours=8)
    assert is_late(county.county.id, today, at) is late
    assert is_late(county.county.id, today - ONE, at)


def test_the_pages_from_the_question_to_the_list(sign_in, teacher, school_admin, coordinator, county, today, pupils, began, take):
    factories.make_guardian(pupils.first)
    client, here = sign_in(teacher), {"class_id": county.room.id, "round_key": began.key}
    assert "返校核查" in client.get("home.show_home").text
    assert "没有返校的学生" in client.get(CONFIRM, **here).text
    client.post(CONFIRM, {"absent": pupils.first.id, "base_revision": "0"}, **here)
    assert "去点上午的名" in client.get(CONFIRM, **here).text
    listed = sign_in(coordinator).get("attendance.list_not_returned", org=county.township.id).text
    assert "次仁卓玛" in listed and "13800001234" not in listed and "查看并拨打" in listed
    row = NotReturned.get()
    client.post("attendance.edit_not_returned", {"return_kind": "contacted", "expected_on": (today + ONE).isoformat(), "note": ""}, returner_id=row.id)
    assert "已联系，会返校" in client.get("attendance.list_not_returned", org=county.room.id).text
    book = sign_in(school_admin).get("attendance.fetch_not_returned", org=county.school.id, state="open")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    mine = next(line for line in rows if "次仁卓玛" in line)
    assert "已联系，会返校" in mine and not any("13800001234" in str(cell) for cell in mine)
    take()
    assert "次仁卓玛" not in client.get("attendance.list_not_returned", org=county.room.id).text
    assert "已返校" in client.get("attendance.list_not_returned", org=county.room.id, state="back").text


def test_the_number_still_away_leads_to_as_many_names(answer, pupils, county, began, today, school_admin, sign_in):
    answer(pupils.first, pupils.third)
    open_case(student=pupils.third, values={"origin": "report", "found_on": today}, by=school_admin)
    client = sign_in(school_admin)
    assert sweep_board(places_below(county.school), began, today)[1].still == 2
    assert "state=away" in client.get("attendance.show_sweep", org=county.school.id).text
    page = client.get("attendance.list_not_returned", org=county.school.id, state="away").text
    assert "次仁卓玛" in page and "阿卜杜热合曼·买买提" in page


def test_strangers_find_neither_the_class_nor_the_child(sign_in, stranger, county, answer, pupils, began):
    answer(pupils.first)
    client = sign_in(stranger)
    client.get(CONFIRM, status=404, class_id=county.room.id, round_key=began.key)
    client.get("attendance.edit_not_returned", status=404, returner_id=NotReturned.get().id)
    client.get("attendance.list_not_returned", status=404, org=county.school.id)
    client.get("attendance.show_sweep", status=404, org=county.school.id)


def test_sums_only_shows_no_names(sign_in, county, answer, pupils):
    answer(pupils.first)
    viewer = sign_in(factories.make_user("city_viewer", county.city))
    assert "次仁卓玛" not in viewer.get("attendance.show_sweep").text
    assert "不能查看学生名单" in viewer.get("attendance.list_not_returned").text


def test_the_county_declares_a_day_on_its_page(sign_in, officer, county, today):
    client = sign_in(officer)
    client.post("attendance.declare_sweep", {"on_day": today.isoformat(), "reason": "节后返校"}, org_id=county.county.id)
    page = client.get("attendance.declare_sweep", org_id=county.county.id).text
    day = re.search(r"/sweep/days/\d+/(\d+)/withdraw", page)[1]
    client.post("attendance.withdraw_sweep", org_id=county.county.id, day_id=int(day), page=client.url("attendance.declare_sweep", org_id=county.county.id))
    assert "已撤销" in client.get("attendance.declare_sweep", org_id=county.county.id).text

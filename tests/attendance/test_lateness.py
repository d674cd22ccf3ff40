"""迟报: told when the roll comes, kept through corrections, counted by class; the board, its reminder and its workbook."""

import datetime
import io
import re

import pytest
from python_calamine import CalamineWorkbook

from aidtracker.attendance.board import board_of
from aidtracker.attendance.lateness import is_late
from aidtracker.attendance.many_rolls import WholeRoll, save_day_of_rolls
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.often_late import often_late
from aidtracker.attendance.queries import places_below
from aidtracker.attendance.reminding import reminder
from aidtracker.audit.models import AuditEntry
from aidtracker.policies.actions import set_policy
from aidtracker.policies.registry import POLICIES
from tests import factories

DAY = datetime.date(2026, 11, 27)
BOARD = "attendance.show_board"


def at(hour, minute, day=DAY):
    """UTC, of a time in China."""
    return datetime.datetime.combine(day, datetime.time(hour, minute)) - datetime.timedelta(hours=8)


@pytest.mark.parametrize(
    ("session", "when", "late"),
    [
        ("morning", at(9, 0), False),
        ("morning", at(9, 1), True),
        ("morning", at(0, 5), False),
        ("afternoon", at(15, 30), False),
        ("afternoon", at(15, 31), True),
        ("night", at(23, 59), True),
        ("morning", at(8, 0, DAY + datetime.timedelta(days=1)), True),
    ],
)
def test_a_roll_is_late_after_its_time_and_on_any_later_day(county, session, when, late):
    assert is_late(county.county.id, DAY, session, when) is late


def test_a_county_sets_its_own_time_and_what_was_told_before_stays(county, administrator, today, take, school_admin):
    set_policy(county=county.county, policy=POLICIES["in_time_morning"], value="06:00", holds_from=today, reason="县发〔2026〕1号", by=administrator)
    early = is_late(county.county.id, today, "morning", at(6, 1, today))
    assert early and not is_late(county.county.id, today - datetime.timedelta(days=1), "morning", at(6, 1, today - datetime.timedelta(days=1)))


def test_a_roll_of_a_past_day_is_late_and_a_correction_changes_nothing_of_it(take, yesterday, pupils, school_admin, sign_in, teacher, county):
    roll = take(on=yesterday)
    assert RollCall.get_by_id(roll.id).is_late
    take({pupils.first: "late"}, on=yesterday, base=1, by=school_admin, reason="补记")
    assert RollCall.get_by_id(roll.id).is_late
    client = sign_in(teacher)
    assert "迟报" in client.get("attendance.show_history", class_id=county.room.id).text
    assert "迟报" in client.get("attendance.take_roll", class_id=county.room.id, on=yesterday.isoformat(), session="morning").text


def test_many_rolls_at_once_are_told_by_the_time_at_which_each_was_submitted(county, today, pupils):
    def whole(room, hour):
        return WholeRoll(room.id, county.school.id, today, "morning", 3, {}, at=at(hour, 30, today))

    save_day_of_rolls(rolls=[whole(county.room, 8), whole(county.sibling_room, 10)], by=None, why="试", county_id=county.county.id)
    assert dict(RollCall.select(RollCall.class_org, RollCall.is_late).tuples()) == {county.room.id: False, county.sibling_room.id: True}


def test_the_board_counts_late_rolls_and_filters_by_them(take, yesterday, sign_in, coordinator, county, pupils):
    take(on=yesterday)
    now = datetime.datetime.combine(yesterday, datetime.time(23, 0))
    found = board_of(places_below(county.school), yesterday, now)
    assert (found.late, found.total.late["morning"]) == (1, 1)
    client = sign_in(coordinator)
    rows = lambda only: re.findall(r'<th scope="row"><a[^>]*>([^<]*)', client.get(BOARD, on=yesterday.isoformat(), org=county.school.id, only=only).text)  # noqa: E731
    assert (rows("late"), rows("unreported"), rows("free")) == (["三年级2班"], ["三年级2班", "四年级1班"], [])


def test_the_reminder_of_a_county_names_schools_by_township_and_nobody_else(take, today, county, pupils):
    noon = datetime.datetime.combine(today, datetime.time(12, 30))
    take()
    text = reminder(board_of(places_below(county.county), today, noon), noon)
    assert "12:30" in text and "双河镇：双河镇中心小学（上午 1 个班、下午 2 个班）" in text and "石门乡：石门乡中心小学（上午 1 个班、下午 1 个班）" in text
    assert not any(name in text for name in ("次仁卓玛", "单雄信", "张老师"))


def test_who_is_late_or_silent_often_is_listed_the_most_often_first(take, today, county, pupils, sign_in, school_admin, teacher):
    for back in (2, 3):
        for session in ("morning", "afternoon"):
            take(on=today - datetime.timedelta(days=back), session=session)
    day = today - datetime.timedelta(days=4)
    in_time = WholeRoll(county.room.id, county.school.id, day, "morning", 3, {}, at=at(8, 30, day))
    save_day_of_rolls(rolls=[in_time], by=None, why="试", county_id=county.county.id)
    found, calendar = often_late(county.school, today, 1)
    full = 2 * len(calendar.days)
    assert [(one.class_name, one.late, one.missing, one.due) for one in found] == [("四年级1班", 0, full, full), ("三年级2班", 4, full - 5, full)]
    page = sign_in(school_admin).get("attendance.list_often_late", org=county.school.id).text
    assert page.index("四年级1班") < page.index("三年级2班")
    sign_in(factories.make_user("teacher", county.other_room)).get("attendance.list_often_late", status=404, org=county.school.id)


def test_the_board_as_a_workbook_says_nothing_where_nobody_reported(take, yesterday, sign_in, coordinator, county, pupils):
    take({pupils.first: "sick_leave"}, on=yesterday)
    answer = sign_in(coordinator).get("attendance.fetch_board", on=yesterday.isoformat(), org=county.school.id)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    mine, other = (next(row for row in rows if row[0] == name) for name in ("三年级2班", "四年级1班"))
    assert "（迟报）" in mine[1] and mine[2] == "未报" and mine[3:8] == [3, 2, 1, 0, 0]
    assert other[1:3] == ["未报", "未报"] and other[3:8] == [""] * 5
    assert AuditEntry.get(AuditEntry.action == "attendance.export_list").count == 2
    assert sign_in(coordinator).get("attendance.fetch_often_late", org=county.school.id).mimetype.endswith("sheet")


def test_only_todays_board_keeps_itself_fresh(sign_in, coordinator, today, yesterday, pupils):
    client = sign_in(coordinator)
    assert 'id="board" data-refresh="30"' in client.get(BOARD).text
    assert "data-refresh" not in client.get(BOARD, on=yesterday.isoformat()).text


def test_the_page_of_a_roll_shows_each_change_from_what_to_what_by_whom_and_why(take, yesterday, pupils, school_admin, sign_in, teacher, county):
    take({pupils.first: "unexplained"}, on=yesterday)
    take({pupils.first: "sick_leave", pupils.second: "late"}, on=yesterday, base=1, by=school_admin, reason="补交了病假条")
    page = sign_in(teacher).get("attendance.take_roll", class_id=county.room.id, on=yesterday.isoformat(), session="morning").text
    assert "改过 1 次" in page and "原因：补交了病假条" in page and "王校长" in page
    assert "次仁卓玛：未说明 → 病假" in page and "王小明：到 → 迟到" in page


def test_late_rolls_are_counted_of_the_class_and_in_the_report(take, yesterday, pupils, sign_in, teacher, officer, county, today):
    take(on=yesterday)
    take(on=yesterday, session="afternoon")
    assert "迟报 2 场次" in sign_in(teacher).get("attendance.show_history", class_id=county.room.id).text
    page = sign_in(officer).get("reports.show_report", name="attendance", **{"from": yesterday.isoformat(), "to": yesterday.isoformat()}).text
    assert "其中迟报 2 场次" in page

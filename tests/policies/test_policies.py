"""Policies: the latest value that has begun holds; what is past stays as it was; whoever may not set them does not."""

import datetime
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aidtracker.attendance.limits import limits_of
from aidtracker.attendance.windows import refuse_first
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, NotFound, Refused
from aidtracker.policies.actions import set_policy, withdraw_policy
from aidtracker.policies.models import PolicyValue
from aidtracker.policies.policy import MONEY
from aidtracker.policies.queries import Line, line_of, lines_of, number_of, policy_of, visible_counties, visible_county
from aidtracker.policies.registry import ALL, ORDERED, POLICIES
from aidtracker.reports.registry import figures
from aidtracker.visits.models import Visit, VisitStudent
from aidtracker.visits.quotas import quota_of, span_of
from aidtracker.visits.tutoring import months_of_pupil
from tests import factories

LATE = POLICIES["roll_late_days"]
TODAY = today_in_china()


def days(number: int) -> datetime.timedelta:
    return datetime.timedelta(days=number)


def put(county, by, value=5, after=0, policy=LATE, reason="县教育局 3 号文"):
    return set_policy(county=county, policy=policy, value=value, holds_from=TODAY + days(after), reason=reason, by=by)


def test_what_is_not_set_holds_by_default(county):
    assert number_of("roll_late_days", county.county.id, TODAY) == 7
    assert number_of("roll_late_days", None, TODAY) == 7


def test_a_value_holds_from_its_day_on_in_its_county(county, administrator):
    put(county.county, administrator, 5, after=10)
    held = [number_of("roll_late_days", county.county.id, TODAY + days(n)) for n in (0, 9, 10, 400)]
    assert held == [7, 7, 5, 5]
    assert number_of("roll_late_days", county.other_county.id, TODAY + days(400)) == 7
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (entry.action, entry.object_id, entry.reason) == ("policies.set_policy", "roll_late_days", "县教育局 3 号文")


def test_old_values_are_kept_and_the_later_of_one_day_holds(county, administrator):
    for value in (5, 6, 9):
        put(county.county, administrator, value)
    assert number_of("roll_late_days", county.county.id, TODAY) == 9
    assert [row.value for row in PolicyValue.select().order_by(PolicyValue.id)] == ["5", "6", "9"]


def test_what_has_not_begun_is_withdrawn_and_what_holds_stays(county, administrator):
    put(county.county, administrator, 5)
    row = put(county.county, administrator, 6, after=3)
    withdraw_policy(row=row, by=administrator)
    assert number_of("roll_late_days", county.county.id, TODAY + days(9)) == 5
    for over in (row, PolicyValue.get(PolicyValue.value == "5")):
        with pytest.raises(Refused, match="不能再撤回"):
            withdraw_policy(row=over, by=administrator)


def test_of_several_to_come_only_the_one_is_withdrawn(county, administrator, sign_in):
    client, at = sign_in(administrator), {"county_id": county.county.id, "key": "roll_late_days"}
    rows = [put(county.county, administrator, value, after=after) for value, after in ((5, 3), (6, 30), (9, 60))]
    page = client.url("policies.show_policy", **at)
    client.post("policies.withdraw_policy", page=page, value_id=rows[1].id, **at)
    assert [number_of("roll_late_days", county.county.id, TODAY + days(n)) for n in (2, 3, 30, 60)] == [7, 5, 5, 9]
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).get().action == "policies.withdraw_policy"
    client.post("policies.withdraw_policy", status=404, page=page, value_id=rows[0].id, **at | {"key": "severe_absence"})
    other = put(county.other_county, factories.make_user("bureau_admin", county.other_county), 5, after=3)
    client.post("policies.withdraw_policy", status=404, page=page, value_id=other.id, **at)


def test_the_basis_is_the_document_that_the_county_named(county, administrator, sign_in):
    client = sign_in(administrator)
    put(county.county, administrator, 5)
    put(county.county, administrator, 9, after=3, reason="县教育局 8 号文")
    for page in (client.get("policies.list_policies").text, client.get("policies.show_policy", county_id=county.county.id, key="roll_late_days").text):
        line = re.sub(r"<[^>]+>|\s+", "", page.partition("<h1")[2])
        assert re.search("依据：?县教育局3号文", line) and not re.search("依据：?县教育局8号文", line)


def test_the_past_stays_as_it_was(county, administrator):
    with pytest.raises(Refused, match="不能早于今天"):
        put(county.county, administrator, after=-1)
    with pytest.raises(Refused, match="太远"):
        put(county.county, administrator, after=4 * 366)
    with pytest.raises(Refused, match="本来就是"):
        put(county.county, administrator, 7)
    assert not PolicyValue.select().exists()


@pytest.mark.parametrize(("key", "value"), [("roll_late_days", 61), ("roll_late_days", -1), ("roll_late_days", "5"), ("password_rule", "none")])
def test_no_door_sets_what_is_out_of_bounds(county, administrator, key, value):
    with pytest.raises(Refused):
        put(county.county, administrator, value, policy=POLICIES[key])
    assert not PolicyValue.select().exists()


@pytest.mark.parametrize("who", ["officer", "coordinator", "school_admin", "teacher"])
def test_only_who_may_sets_it(county, who, request):
    with pytest.raises(Forbidden):
        put(county.county, request.getfixturevalue(who))


def test_nobody_sets_another_countys(county, administrator):
    with pytest.raises(Forbidden):
        put(county.other_county, administrator)
    with pytest.raises(NotFound):
        visible_county(administrator, county.other_county.id)
    assert visible_counties(administrator) == [county.county]


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [("roll_late_days", "10", 10), ("day_primary", "312.5", 31250), ("day_primary", " 375 ", 37500), ("password_rule", "asvs", "asvs")],
)
def test_what_a_person_types(key, typed, kept):
    policy = POLICIES[key]
    assert policy.typed(typed) == kept
    assert policy.read(str(kept)) == kept


@pytest.mark.parametrize(
    ("key", "typed"),
    [("roll_late_days", text) for text in ("", "七", "7.5", "-1", "61", "1e9", "1e999999", "1e9999999", "1_0", "١٢", "7" * 5000, "NaN", "Infinity")]
    + [("day_primary", "312.555"), ("password_rule", "none")],
)
def test_what_is_refused(key, typed):
    with pytest.raises(Refused):
        POLICIES[key].typed(typed)


def test_every_policy_is_whole():
    assert len(POLICIES) == len(ALL)
    for policy in ALL:
        assert policy.label and policy.source and len(policy.key) <= 40, policy
        if policy.choices:
            assert policy.default in policy.choices
        else:
            assert policy.least <= policy.default <= policy.most and policy.unit, policy
            assert policy.typed(policy.shown(policy.default)) == policy.default
            assert policy.unit == MONEY or policy.shown(policy.default) == str(policy.default)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 3650), st.integers(0, 60)), max_size=30),
    asked=st.integers(-10, 3660),
)
def test_over_ten_years_the_latest_that_has_begun_holds(rows, asked):
    """Against a walk over every day."""
    start = datetime.date(2020, 1, 1)
    by_day: dict[int, int] = {}
    for number, value in sorted(rows, key=lambda row: row[0]):
        by_day[number] = value
    held = 7
    for number in range(asked + 1):
        held = by_day.get(number, held)
    standing = sorted(((start + days(number), str(value), f"{value} 号文") for number, value in rows), key=lambda row: row[0])
    line = line_of(LATE, standing, start + days(asked))
    assert line.value == held and line.reason == ("" if line.since is None else f"{held} 号文")
    later = [number for number in by_day if number > asked]
    assert (line.next_from, line.next_value) == ((start + days(min(later)), by_day[min(later)]) if later else (None, None))


def test_the_page_and_the_rules_read_the_same(county, administrator):
    for value, after in ((5, 0), (6, 4), (8, 4), (9, 30)):
        put(county.county, administrator, value, after)
    for n in (0, 3, 4, 29, 30, 99):
        [line] = [line for line in lines_of(county.county, TODAY + days(n)) if line.policy is LATE]
        assert isinstance(line, Line) and line.value == policy_of("roll_late_days", county.county.id, TODAY + days(n))


# What changes with it.


def test_a_teacher_hands_in_as_late_as_the_county_allows(county, administrator, teacher):
    long_ago = TODAY - days(9)
    with pytest.raises(Forbidden, match="7 天"):
        refuse_first(county.room, long_ago, 0, teacher)
    put(county.county, administrator, 10)
    refuse_first(county.room, long_ago, 0, teacher)


def test_a_report_of_the_past_keeps_the_target_of_the_past(county, administrator):
    put(county.county, administrator, 90, policy=POLICIES["attendance_target"])
    assert limits_of(county.county.id, TODAY - days(1)).target == 98
    assert limits_of(county.county.id, TODAY).target == 90


def test_a_tutoring_month_is_met_by_the_quota_of_its_end(county, administrator):
    put(county.county, administrator, 4, 40, POLICIES["tutoring_visits"])
    assert quota_of(county.county.id, TODAY + days(39)).visits == 2
    assert quota_of(county.county.id, TODAY + days(40))[1:3] == (4, 2)


# The pages.


def test_an_administrator_changes_one_in_the_browser(county, administrator, sign_in):
    client = sign_in(administrator)
    at = {"county_id": county.county.id, "key": "roll_late_days"}
    assert "7" in client.get("policies.list_policies").text
    data = {"value": "５", "holds_from": (TODAY + days(2)).isoformat(), "reason": "3 号文"}
    client.post("policies.set_policy", data, **at)
    page = client.get("policies.show_policy", **at).text
    assert "还未生效" in page and "3 号文" in page
    client.post("policies.withdraw_policy", page=client.url("policies.show_policy", **at), value_id=PolicyValue.get().id, **at)
    assert "已撤回" in client.get("policies.show_policy", **at).text


def test_what_was_typed_stays_when_it_is_refused(county, administrator, sign_in):
    client = sign_in(administrator)
    data = {"value": "99", "holds_from": TODAY.isoformat(), "reason": "3 号文"}
    page = client.post("policies.set_policy", data, status=400, county_id=county.county.id, key="roll_late_days").text
    assert "0 到 60" in page and 'value="99"' in page and "3 号文" in page


def test_a_teacher_reads_and_does_not_set(county, teacher, sign_in):
    client = sign_in(teacher)
    assert "点名与考勤" in client.get("policies.list_policies").text
    client.get("policies.set_policy", status=403, county_id=county.county.id, key="roll_late_days")
    client.get("policies.show_policy", status=404, county_id=county.other_county.id, key="roll_late_days")
    client.get("policies.show_policy", status=404, county_id=county.county.id, key="nothing")


def test_whoever_sees_several_counties_chooses(county, sign_in):
    viewer = factories.make_user("city_viewer", county.city)
    page = sign_in(viewer).get("policies.list_policies").text
    assert "云岭县" in page and "邻山县" in page


def kept_from(county, key, value, holds_from, by):
    PolicyValue.create(county=county, key=key, value=str(value), holds_from=holds_from, reason="文件", set_by=by)


def test_a_report_of_a_past_range_goes_by_the_rule_of_its_last_day(county, administrator):
    """Not by today's: the figures of last month stay as they were printed."""
    today = today_in_china()
    kept_from(county.county, "serious_absence", 5, today, administrator)
    long_ago, now = ({"first": day - datetime.timedelta(days=30), "last": day} for day in (today - datetime.timedelta(days=1), today))
    assert figures(administrator, "attendance", **long_ago)["limits"]["serious"] == POLICIES["serious_absence"].default
    assert figures(administrator, "attendance", **now)["limits"]["serious"] == 5


def test_a_month_of_lessons_goes_by_the_rule_of_its_last_day(county, administrator):
    """A quota that begins in the middle of a month holds for that month, and for none before."""
    kept_from(county.county, "tutoring_visits", 4, datetime.date(2026, 10, 15), administrator)
    asked = [quota.visits for month in ("2026-09", "2026-10", "2026-11") for quota in [quota_of(county.county.id, span_of(month)[1])]]
    assert asked == [2, 4, 4]
    pupil = factories.make_student(county.room, mode="home_taught")
    for day in (5, 12):
        for month in (9, 10):
            visit = Visit.create(county=county.county, form="tutoring", on=datetime.date(2026, month, day), teachers="张老师", lessons=2, recorded_by=administrator)
            VisitStudent.create(visit=visit, student=pupil, class_org=county.room, school=county.school, force_insert=True)
    met = {month.month: month.is_met for month in months_of_pupil(pupil, datetime.date(2026, 9, 1), datetime.date(2026, 10, 31))}
    assert met == {"2026-09": True, "2026-10": False}


def test_thresholds_keep_their_order_on_every_day(county, administrator):
    """Also against a value that has been set and has not begun, and when one is taken back."""
    serious, severe = POLICIES["serious_absence"], POLICIES["severe_absence"]
    with pytest.raises(Refused, match="大过"):
        put(county.county, administrator, 8, policy=serious)
    later = put(county.county, administrator, 10, after=20, policy=severe)
    with pytest.raises(Refused, match="大过"):
        put(county.county, administrator, 8, after=19, policy=serious)
    lower = put(county.county, administrator, 8, after=20, policy=serious)
    with pytest.raises(Refused, match="大过"):
        withdraw_policy(row=later, by=administrator)
    withdraw_policy(row=lower, by=administrator)
    withdraw_policy(row=later, by=administrator)


def test_the_defaults_are_in_order():
    for keys in ORDERED:
        values = [POLICIES[key].default for key in keys]
        assert values == sorted(values)

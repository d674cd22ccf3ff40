"""A persuasion: who went of both lines, whom they met, what was promised by when; and a county's own names of the reasons."""

import datetime

import pytest

from aidtracker.cases import actions_reasons
from aidtracker.cases.models import Case, FollowUp
from aidtracker.cases.reasons import local_names, reasons_of
from aidtracker.cases.timeline import timeline_of
from aidtracker.db import run_sql
from aidtracker.errors import Forbidden, Refused
from tests import factories


@pytest.fixture
def bureau_admin(county):
    return factories.make_user("bureau_admin", county.county, "局管理员", "bureau.admin")


def test_both_lines_stand_in_it_and_what_was_promised_is_sealed(opened, follow, today):
    case = opened()
    in_two_days = today + datetime.timedelta(days=2)
    follow(case, "promised", people="张老师、李老师", people_gov="王支书（村支书）", promise="雀诺", promised_on=in_two_days, next_on=today + datetime.timedelta(days=5))
    event = timeline_of(Case.get())[0]
    assert event.who == "张老师、李老师、王支书（村支书）" and "承诺：雀诺" in str(event.lines[3])
    assert Case.get().due_on == in_two_days
    assert "雀诺".encode() not in bytes(run_sql("SELECT promise FROM follow_up").fetchone()[0])


def test_one_line_is_enough_and_nobody_is_not(opened, follow):
    case = opened()
    follow(case, people="", people_gov="王支书")
    with pytest.raises(Refused, match="谁去的"):
        follow(case, people="", people_gov=" ")


def test_nothing_is_promised_for_a_day_that_is_over(opened, follow, days):
    with pytest.raises(Refused, match="承诺的日期"):
        follow(opened(), "promised", promise="x", promised_on=days(1))


def test_the_page_names_whoever_records_it_on_their_own_line(opened, sign_in, teacher, village_officer, today):
    case = opened()
    told = {"kind": "on_site", "on": str(today), "met": "self", "result": "promised", "words": "雀话", "promise": "周一来", "promised_on": str(today), "next_on": str(today)}
    assert f'name="people" required type="text" value="{teacher.name}"' in sign_in(teacher).get("cases.add_follow_up", case_id=case.id).text.replace('id="people" ', "").replace(' maxlength="200"', "")
    client = sign_in(village_officer)
    assert f'value="{village_officer.name}"' in client.get("cases.add_follow_up", case_id=case.id).text
    client.post("cases.add_follow_up", told | {"people": "", "people_gov": ""}, status=400, case_id=case.id)
    client.post("cases.add_follow_up", told | {"people": "", "people_gov": "王支书"}, case_id=case.id)
    row = FollowUp.get()
    assert (row.people, row.people_gov, row.promise, row.promised_on) == ("", "王支书", "周一来", today)


def test_a_county_has_its_own_names_and_the_codes_stay(opened, sign_in, county, bureau_admin, teacher, coordinator):
    set_names = actions_reasons.set_reason_names
    with pytest.raises(Forbidden):
        set_names(county=county.county, names={}, by=coordinator)
    with pytest.raises(Refused, match="两个原因都叫"):
        set_names(county=county.county, names={"01": "网瘾"}, by=bureau_admin)
    set_names(county=county.county, names={"01": " 不想上学 ", "02": "家庭经济困难"}, by=bureau_admin)
    assert local_names(county.county.id) == {"01": "不想上学"} and reasons_of(county.county.id)["02"] == "家庭经济困难"
    case = opened()
    client = sign_in(teacher)
    for endpoint, about in (("cases.show_case", {"case_id": case.id}), ("cases.list_cases", {}), ("cases.edit_case", {"case_id": case.id})):
        assert "不想上学" in client.get(endpoint, **about).text
    assert "不想上学" in sign_in(coordinator).get("ledgers.show_ledger", name="suspected").text
    office = sign_in(bureau_admin)
    assert "不想上学" in office.get("cases.set_reason_names", county_id=county.county.id).text
    office.post("cases.set_reason_names", {"reason_01": ""}, county_id=county.county.id)
    assert local_names(county.county.id) == {} and Case.get().main_reason == "01"

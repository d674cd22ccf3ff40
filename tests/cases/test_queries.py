"""Who sees which case, which are late, and for whom one is to be opened."""

import datetime

from aidtracker.cases import actions
from aidtracker.cases.models import Case
from aidtracker.cases.queries import case_of, open_cases, overdue, recent_absences, to_open, visible_cases
from aidtracker.home.follow_ups import follow_ups
from aidtracker.permissions import Permission
from tests import factories


def names(cases):
    return {case.student.name for case in cases}


def test_visible_cases_follow_the_child_by_class_and_by_registered_home(
    opened, pupils, county, officer, teacher, stranger, coordinator, village_officer, school_admin
):
    for pupil in (pupils.mine, pupils.sibling, pupils.elsewhere, pupils.at_home):
        opened(pupil, officer)
    far = factories.make_user("bureau_staff", county.other_county)
    opened(pupils.far, far)
    assert names(visible_cases(teacher)) == {"次仁卓玛"}
    assert names(visible_cases(school_admin)) == {"次仁卓玛", "王小明"}
    assert names(visible_cases(village_officer)) == {"次仁卓玛", "央金拉姆"}
    assert names(visible_cases(coordinator)) == {"次仁卓玛", "王小明", "央金拉姆"}
    assert names(visible_cases(stranger)) == {"单雄信", "央金拉姆"}
    assert len(names(visible_cases(officer))) == 4 and names(visible_cases(far)) == {"陈远河"}
    assert not visible_cases(teacher, Permission.CASE_CLOSE).exists()


def test_open_and_overdue(opened, closed, pupils, officer, today, days):
    late, closed_one = opened(), closed(opened(pupils.sibling, officer))
    assert names(open_cases(officer)) == {"次仁卓玛"} and not overdue(officer, today).exists()
    Case.update(due_on=days(1)).where(Case.id.in_([late.id, closed_one.id])).execute()
    assert names(overdue(officer, today)) == {"次仁卓玛"} and not overdue(officer, days(1)).exists()


def test_case_of_a_child(opened, pupils):
    case = opened()
    assert case_of(pupils.mine).id == case.id and case_of(pupils.sibling) is None


def test_to_open_are_those_of_three_days_without_an_open_case(opened, closed, stay_away, pupils, officer, teacher, stranger, village_officer, today, county):
    stay_away(pupils.mine, 3), stay_away(pupils.sibling, 2), stay_away(pupils.at_home, 4)
    assert [(row.name, row.days, row.closed_id) for row in to_open(officer, today)] == [("央金拉姆", 4, None), ("次仁卓玛", 3, None)]
    assert [row.name for row in to_open(teacher, today)] == ["次仁卓玛"]
    assert [row.name for row in to_open(stranger, today)] == ["央金拉姆"]
    assert [row.name for row in to_open(village_officer, today)] == ["央金拉姆", "次仁卓玛"]
    assert (to_open(teacher, today)[0].class_name, to_open(teacher, today)[0].school_name) == (county.room.name, "双河镇中心小学")
    case = opened()
    assert to_open(teacher, today) == []
    case = closed(case, outcome="transferred")
    assert to_open(teacher, today)[0].closed_id == case.id


def test_the_teachers_morning_says_whether_there_is_a_case(opened, stay_away, pupils, county, teacher, today):
    stay_away(pupils.mine, 2)
    assert [(each.days, each.needs_case) for each in follow_ups(teacher, [county.room], today)] == [(2, False)]


def test_the_third_day_needs_a_case_until_there_is_one(opened, stay_away, pupils, county, teacher, today):
    stay_away(pupils.mine, 3)
    assert [(each.needs_case, each.case) for each in follow_ups(teacher, [county.room], today)] == [(True, None)]
    case = opened()
    assert [(each.needs_case, each.case) for each in follow_ups(teacher, [county.room], today)] == [(False, case)]


def test_recent_absences_are_those_of_the_last_twenty_school_days(stay_away, pupils, today):
    stay_away(pupils.mine, 3)
    assert [each.on for each in recent_absences(pupils.mine, today)] == [today - datetime.timedelta(days=n) for n in range(3)]
    assert recent_absences(pupils.mine, today - datetime.timedelta(days=3)) == []


def test_the_owner_may_move_on_and_stays_what_stands(opened, teacher, officer):
    case = opened()
    teacher.disabled_at = datetime.datetime(2026, 1, 1)
    teacher.save()
    assert actions.edit_case(case=case, revision=1, values={"owner": teacher.id, "main_reason": "02"}, by=officer) == ["main_reason"]

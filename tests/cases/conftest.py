"""Pupils of two schools and a village, three school days of absence, and a case of the teacher's pupil."""

import datetime

import pytest

from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.queries import visible_class
from aidtracker.cases import actions, actions_following, actions_sealing
from aidtracker.cases.models import Case
from aidtracker.db import today_in_china
from aidtracker.policies.models import PolicyValue
from aidtracker.terms.models import CalendarDay
from aidtracker.visits.models import Visit, VisitStudent
from tests import factories


@pytest.fixture
def today(county):
    """The county's own calendar says that there is school, a while back and ahead."""
    found = today_in_china()
    for n in range(-12, 12):
        CalendarDay.create(on=found + datetime.timedelta(days=n), county=county.county, kind="workday", name="测试")
    return found


@pytest.fixture
def days(today):
    """days(3): three days ago."""
    return lambda back: today - datetime.timedelta(days=back)


@pytest.fixture
def pupils(pupils, today):  # noqa: ARG001 there is school while they stay away
    return pupils


@pytest.fixture
def village_officer(county):
    return factories.make_user("village_officer", county.village, "王支书", "village")


@pytest.fixture
def stay_away(county, pupils, teacher, officer):
    """stay_away(pupil, days=3): unexcused on so many days up to today, in both sessions."""

    def mark(pupil, back=3):
        room = visible_class(officer, pupil.class_org_id)
        by = teacher if pupil.class_org_id == county.room.id else factories.make_user("school_admin", pupil.class_org.parent)
        for n in range(back):
            on = today_in_china() - datetime.timedelta(days=n)
            submit_roll_call(class_org=room, on=on, session="morning", marks={pupil.id: ("unexcused", None)}, base_revision=0, by=by)

    return mark


@pytest.fixture
def opened(pupils, teacher, days):
    """opened(pupil, by=..., owner=...) -> the case, found three days ago."""

    def make(pupil=None, by=None, **values):
        told = {"found_on": days(3), "main_reason": "01", "detail": "雀案", **values}
        return actions.open_case(student=pupil or pupils.mine, values=told, by=by or teacher)

    return make


@pytest.fixture
def follow(teacher, today):
    """follow(case, "promised") -> the follow-up; the case is read anew."""

    def add(case, result="not_returned", by=None, **values):
        told = {"kind": "phone", "on": today, "people": "张老师", "person_met": "次仁", "relation": "父亲", "result": result, "words": "雀话"}
        return actions_following.add_follow_up(case=Case.get_by_id(case.id), values=told | values, by=by or teacher)

    return add


@pytest.fixture
def unwatched(county, officer, days):
    """The county watches nobody after a return."""
    PolicyValue.create(county=county.county, key="watch_days", value="0", holds_from=days(12), reason="县文件", set_by=officer)


@pytest.fixture
def closed(follow, coordinator, today, unwatched):  # noqa: ARG001 it may be closed on the day of the return
    """closed(case) -> the case, closed by the township after the child came back."""

    def close(case, **ending):
        follow(case, "returned", by=coordinator)
        case = Case.get_by_id(case.id)
        told = {"outcome": "returned", "conclusion": "雀结", "closed_on": today, **ending}
        actions.close_case(case=case, revision=case.revision, **told, by=coordinator)
        return Case.get_by_id(case.id)

    return close


@pytest.fixture
def visited(county, teacher):
    """visited(pupil, on) -> a visit at home."""

    def make(pupil, on, **more):
        told = {"form": "on_site", "purposes": ["absence"], "teachers": "张老师、李老师", "person_met": "卓玛", "relation": "母亲", **more}
        visit = Visit.create(county=county.county, on=on, recorded_by=teacher, views="雀访", **told)
        VisitStudent.create(student=pupil, visit=visit, class_org=pupil.class_org, school=pupil.class_org.parent, force_insert=True)
        return visit

    return make


@pytest.fixture
def principal(county):
    return factories.make_user("school_admin", county.school, "王校长", "principal")


@pytest.fixture
def bureau_admin(county):
    return factories.make_user("bureau_admin", county.county, "局管理员", "bureau.admin")


@pytest.fixture
def sealed(opened, follow, coordinator):
    """sealed(readers=[...]) -> the teacher's case, with a follow-up, sealed by the township; the teacher answers for it."""

    def make(readers=(), case=None):
        case = case or opened()
        follow(case, "not_returned")
        actions_sealing.seal_case(case=Case.get_by_id(case.id), reason="雀密", readers=[user.id for user in readers], by=coordinator)
        return Case.get_by_id(case.id)

    return make

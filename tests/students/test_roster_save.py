"""A roster that comes in again: what a blank cell leaves as it was."""

import datetime

import pytest

from aidtracker.errors import Refused
from aidtracker.excel.reader import Sheet, read_table
from aidtracker.orgs.models import Org
from aidtracker.students.actions_years import close_year
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.roster import plan_roster
from aidtracker.students.roster_save import save_roster
from aidtracker.students.sheets import ROSTER
from tests import factories


@pytest.fixture
def pupil(county):
    return factories.make_student(county.room, seat=7)


@pytest.fixture
def bring_in(county, officer, pupil):
    """bring_in({heading: value}) -> the plan of a roster of one row, the pupil's own with these changes, once it is saved."""

    def save(changes):
        row = {"学校标识码": county.school.code, "姓名": pupil.name, "性别": "女", "出生日期": pupil.born_on.isoformat()}
        row |= {"身份证件号": pupil.id_number, "年级": "三年级", "班级": "2班", "班内学号": "", "就读方式": ""} | changes
        plan = plan_roster([read_table(Sheet("名册", [list(row), list(row.values())]), ROSTER)], by=officer, school_year=factories.YEAR)
        assert not plan.refused, plan.problems
        save_roster(plan, by=officer)
        return plan

    return save


def spell_of(pupil):
    return Enrollment.get(Enrollment.student == pupil)


def test_a_row_without_news_changes_nothing(bring_in, pupil):
    assert bring_in({}).unchanged == 1


def test_another_mode_leaves_the_seat_as_it_was(bring_in, pupil):
    bring_in({"就读方式": "住校"})
    assert (spell_of(pupil).mode, spell_of(pupil).seat) == ("boarding", 7)
    assert Student.get_by_id(pupil.id).mode == "boarding"


def test_another_seat_leaves_the_mode_as_it_was(bring_in, pupil):
    Enrollment.update(mode="boarding").where(Enrollment.student == pupil).execute()
    bring_in({"班内学号": "9"})
    assert (spell_of(pupil).mode, spell_of(pupil).seat) == ("boarding", 9)


def test_in_another_class_the_old_seat_is_not_kept(bring_in, pupil, county):
    bring_in({"年级": "四年级", "班级": "1班"})
    assert (spell_of(pupil).class_org, spell_of(pupil).seat) == (county.sibling_room, None)


def test_a_class_that_was_closed_when_a_rollover_was_taken_back_is_open_again(bring_in, county):
    first = factories.make_class(county.school, "一年级", "1")
    for room in (first, county.room):
        Org.update(closed_on=datetime.date(factories.YEAR, 9, 1)).where(Org.id == room.id).execute()
    bring_in({"年级": "一年级", "班级": "1班"})
    assert Org.get_by_id(first.id).closed_on is None
    bring_in({})
    assert Org.get_by_id(county.room.id).closed_on, "an older class stays as its school left it"


def test_a_roster_of_a_closed_school_year_is_refused(county, officer, pupil, administrator):
    close_year(county=county.county, school_year=factories.YEAR - 1, reason="已上报", by=administrator)
    row = {"学校标识码": county.school.code, "姓名": pupil.name, "性别": "女", "出生日期": pupil.born_on.isoformat(), "身份证件号": pupil.id_number, "年级": "二年级", "班级": "2班"}
    with pytest.raises(Refused, match="学年已封存"):
        plan_roster([read_table(Sheet("名册", [list(row), list(row.values())]), ROSTER)], by=officer, school_year=factories.YEAR - 1)

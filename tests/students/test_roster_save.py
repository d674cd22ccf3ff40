"""A roster that comes in again: what a blank cell leaves as it was."""

import pytest

from aidtracker.excel.reader import Sheet, read_table
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

"""What is known of a child who sits in no class: whether it is explained, and by what proof."""

import datetime

import pytest

from aidtracker.cases.models import Case
from aidtracker.census import standing
from aidtracker.census.comparing import comparison_on
from aidtracker.census.models import ListedChild
from aidtracker.students.models import Enrollment
from aidtracker.students.models_moves import Move
from tests import factories
from tests.census.conftest import ON, list_child

LEFT = datetime.date(2026, 10, 1)
ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def codes(county):
    def found(on=ON):
        comparison = comparison_on(county.county.id, "household_registry", on)
        code = standing.standing(comparison, 0).alias("standing")
        return dict(ListedChild.select(ListedChild.name, code).tuples())

    return found


@pytest.fixture
def gone(county, snapshot):
    """gone(name) -> a listed child who was a pupil and left."""
    registry = snapshot()

    def make(name="走了"):
        pupil = factories.make_student(county.room, name, home=county.village)
        Enrollment.update(ends_on=LEFT - ONE_DAY).where(Enrollment.student == pupil).execute()
        list_child(registry, name, id_number=pupil.id_number, home=county.village)
        return pupil

    return make


def moved(pupil, kind, *, on_day=LEFT, document="证明", until_on=None, **more):
    return Move.create(county=pupil.county_id, student=pupil, kind=kind, on_day=on_day, document=document, until_on=until_on, **more)


def closed(pupil, outcome, on=LEFT):
    by = factories.make_user("bureau_staff", pupil.county, "销号人")
    ended = {"state": "closed", "outcome": outcome, "closed_on": on, "closed_by": by, "closed_at": datetime.datetime(2026, 10, 1, 8), "conclusion": "证明"}
    return Case.create(number=f"990100-2026-{pupil.id:04}", county=pupil.county_id, student=pupil, origin="report", found_on=on, **ended)


def test_ages_are_those_of_the_school_year(snapshot, codes):
    registry = snapshot()
    for name, born in {"太小": (2020, 9, 1), "刚够": (2020, 8, 31), "还在": (2011, 9, 1), "超龄": (2011, 8, 31)}.items():
        list_child(registry, name, born_on=datetime.date(*born))
    list_child(registry, "没写生日", born_on=None, id_number=factories.make_id_number(datetime.date(2016, 5, 3)))
    assert codes() == {"太小": "young", "刚够": "unknown", "还在": "unknown", "超龄": "old", "没写生日": "unknown"}


def test_who_left_without_a_word_is_to_be_found(gone, codes):
    gone()
    assert codes() == {"走了": "left"}


@pytest.mark.parametrize("kind", standing.EXPLAINS)
def test_a_move_explains_it_with_its_paper(gone, codes, kind):
    moved(gone("有证明"), kind)
    moved(gone("没有证明"), kind, document="")
    assert codes() == {"有证明": "moved", "没有证明": "lapsed"}


def test_a_leave_of_absence_explains_it_until_its_last_day(gone, codes):
    moved(gone(), "suspend", until_on=ON)
    assert codes() == {"走了": "moved"} and codes(ON + ONE_DAY) == {"走了": "lapsed"}


def test_only_the_newest_move_explains(gone, codes):
    pupil = gone()
    moved(pupil, "transfer_out", on_day=datetime.date(2025, 9, 1))
    moved(pupil, "return", on_day=datetime.date(2026, 3, 1))
    moved(pupil, "leave")
    assert codes() == {"走了": "left"}


def test_a_move_that_was_withdrawn_explains_nothing(county, gone, codes):
    moved(gone(), "abroad", withdrawn_by=factories.make_user("bureau_staff", county.county, "撤回人"), withdrawn_at=datetime.datetime(2026, 10, 2))
    assert codes() == {"走了": "left"}


def test_who_left_primary_school_has_not_finished(county, gone, codes):
    junior = factories.make_class(county.school, "九年级", "1")
    moved(gone("小学毕业"), "graduate", document="", from_class=county.room)
    moved(gone("初中毕业"), "graduate", document="", from_class=junior)
    assert codes() == {"小学毕业": "left", "初中毕业": "moved"}


def test_a_case_comes_first_and_its_conclusion_explains(gone, codes):
    pupil = gone("在办")
    moved(pupil, "transfer_out")
    Case.create(number="990100-2026-9999", county=pupil.county_id, student=pupil, origin="report", found_on=ON)
    closed(gone("空挂户"), "household")
    closed(gone("又没来"), "returned")
    closed(gone("县外就读"), "studying_elsewhere")
    closed(gone("上学期的证明"), "studying_elsewhere", datetime.date(2026, 5, 1))
    assert codes() == {"在办": "case", "空挂户": "closed", "又没来": "lapsed", "县外就读": "closed", "上学期的证明": "lapsed"}


def test_each_code_has_words_and_belongs_to_one_state():
    codes = [code for codes in standing.CODES.values() for code in codes]
    assert sorted(codes) == sorted(standing.REASONS) == sorted(standing.STEPS) and set(standing.CODES) | {""} == set(standing.STATES)

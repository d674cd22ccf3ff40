"""The year rollover: names roll up, who finishes goes on or graduates, past days stay, and it can be taken back."""

import datetime
import random

import pytest

from aidtracker import db
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.students import actions_rollover, rollover, rollover_preview
from aidtracker.students.actions_placing import leave_class
from aidtracker.students.actions_rollover import ask_for_rollover, begin_due_orders, roll_school, set_feeder, withdraw_rollover_order
from aidtracker.students.actions_undoing import undo_rollover
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_moves import Move, Transfer
from aidtracker.students.models_rollover import Feeder, Rollover, RolloverOrder
from aidtracker.students.queries import roster_of
from aidtracker.visits.actions import record_visit
from tests import factories

YEAR = 2026
DAY, EVE = datetime.date(2026, 9, 1), datetime.date(2026, 8, 31)
LONG_AGO = datetime.date(2025, 9, 1)
NOW = datetime.date(2026, 9, 3)
NAMES = "安 宁 乐 成 明 丽 文 秀 海 山 云 春 雨 晴 思 远".split()


@pytest.fixture
def today(monkeypatch):
    """today(day): what the calendar on the wall shows."""

    def show(day):
        for module in ("aidtracker.students.actions_rollover", "aidtracker.terms.years", "aidtracker.students.actions_placing"):
            monkeypatch.setattr(f"{module}.today_in_china", lambda: day)

    show(NOW)
    return show


@pytest.fixture
def school(county, today):
    """A nine-year school as it was in 2025: 五年级, two classes of 六年级, 九年级; and a middle school beside it."""
    county.nine = factories.make_school(county.township, "双河九年一贯制学校", "2199000011", "九年一贯制学校")
    county.middle = factories.make_school(county.township, "双河中学", "2199000012", "初级中学")
    county.five, county.six, county.six2, county.last = (
        factories.make_class(county.nine, grade, number, YEAR - 1) for grade, number in (("五年级", "1"), ("六年级", "1"), ("六年级", "2"), ("九年级", "1"))
    )
    return county.nine


def pupils_in(room, count, **more):
    found = []
    for n in range(count):
        found.append(factories.make_student(room, f"王{NAMES[n % 16]}", sex="MF"[n % 2], mode="boarding" if n % 3 == 0 else "day", **more))
    Enrollment.update(starts_on=LONG_AGO).where(Enrollment.student.in_(found)).execute()
    return found


def rows(model, *left_out):
    names = [field.name for field in model._meta.sorted_fields if field.name not in ("revision", "updated_at", *left_out)]
    return sorted((tuple(str(row[name]) for name in names) for row in model.select().dicts()), key=str)


def now_in(room):
    return list(Student.select().where(Student.class_org == room))


def test_a_class_that_rises_keeps_its_pupils_and_takes_the_name_of_its_grade(school, county, administrator):
    pupils_in(county.five, 3)
    before = rows(Enrollment)
    roll_school(school=school, year=YEAR, by=administrator)
    assert Org.get_by_id(county.five.id).name == "六年级1班"
    assert rows(Enrollment) == before


def test_who_finishes_goes_into_the_first_grade_of_the_next_stage_of_the_own_school(school, county, administrator):
    six, last = pupils_in(county.six, 5), pupils_in(county.last, 4)
    done = roll_school(school=school, year=YEAR, by=administrator)
    room = Org.get(Org.name == "七年级1班", Org.parent == school)
    assert {pupil.id for pupil in now_in(room)} == {pupil.id for pupil in six}
    assert {pupil.mode for pupil in now_in(room)} == {"day", "boarding"}
    assert (done.moved, done.graduated, done.held) == (5, 4, 0)
    left = Enrollment.select().where(Enrollment.student.in_(last))
    assert {spell.ends_on for spell in left} == {EVE}
    assert [move.kind for move in Move.select().where(Move.student == last[0])] == ["graduate"]
    assert [(move.kind, move.on_day, move.to_class_id) for move in Move.select().where(Move.student == six[0])] == [("promote", DAY, room.id)]
    assert {Org.get_by_id(one.id).closed_on for one in (county.six, county.six2, county.last)} == {DAY}


def test_the_bureau_names_the_receiving_school_and_its_classes_which_several_schools_share(school, county, administrator):
    other = factories.make_class(county.school, "六年级", "1", YEAR - 1)
    mine, theirs = pupils_in(county.six, 9), pupils_in(other, 6)
    for one in (school, county.school):
        set_feeder(school=one, stage="primary", to_school=county.middle, classes=2, by=administrator)
        roll_school(school=one, year=YEAR, by=administrator)
    rooms = list(Org.select().where(Org.parent == county.middle).order_by(Org.code))
    assert [room.name for room in rooms] == ["七年级1班", "七年级2班"]
    sizes = [len(now_in(room)) for room in rooms]
    assert sum(sizes) == len(mine) + len(theirs) and max(sizes) - min(sizes) <= 1
    for sex in "MF":
        of_sex = [sum(pupil.sex == sex for pupil in now_in(room)) for room in rooms]
        assert max(of_sex) - min(of_sex) <= 1


def test_a_feeder_to_nowhere_lets_them_graduate(school, county, administrator):
    pupils_in(county.six, 2)
    set_feeder(school=school, stage="primary", to_school=None, classes=1, by=administrator)
    assert roll_school(school=school, year=YEAR, by=administrator).graduated == 2


def test_rosters_of_past_days_stay_and_spells_never_overlap(school, county, administrator):
    pupils_in(county.five, 4), pupils_in(county.six, 6), pupils_in(county.six2, 3), pupils_in(county.last, 2)
    days = [LONG_AGO, datetime.date(2026, 3, 2), EVE]
    rooms = list(Org.select().where(Org.kind == "class"))
    before = {(room.id, day): list(roster_of(room, day)) for room in rooms for day in days}
    roll_school(school=school, year=YEAR, by=administrator)
    assert {key: list(roster_of(Org.get_by_id(key[0]), key[1])) for key in before} == before
    for pupil in Student.select():
        spells = list(Enrollment.select().where(Enrollment.student == pupil).order_by(Enrollment.starts_on))
        assert all(one.ends_on and one.ends_on < two.starts_on for one, two in zip(spells, spells[1:], strict=False))
        last = spells[-1]
        assert pupil.class_org_id == (None if last.ends_on else last.class_org_id)


def test_a_second_time_is_passed_over(school, county, administrator):
    pupils_in(county.six, 2)
    assert roll_school(school=school, year=YEAR, by=administrator)
    before = rows(Enrollment), rows(Org), rows(Move)
    assert roll_school(school=school, year=YEAR, by=administrator) is None
    assert (rows(Enrollment), rows(Org), rows(Move)) == before


def test_taking_it_back_restores_every_row(school, county, administrator):
    dice = random.Random(20260901)
    for room in (county.five, county.six, county.six2, county.last):
        pupils_in(room, dice.randrange(1, 9))
    before = rows(Enrollment), rows(Student), rows(Org)
    done = roll_school(school=school, year=YEAR, by=administrator)
    assert rows(Enrollment) != before[0]
    undo_rollover(rollover=done, by=administrator)
    made = Org.get(Org.name == "七年级1班", Org.parent == school)
    assert made.closed_on == DAY
    kept = [row for row in rows(Org) if row[0] != str(made.id)]
    assert (rows(Enrollment), rows(Student), kept) == before
    assert not Move.select().where(Move.withdrawn_at.is_null()).exists()
    assert roll_school(school=school, year=YEAR, by=administrator), "and it can be done again"
    assert Org.get_by_id(made.id).closed_on is None


def test_it_stays_once_a_pupil_has_moved_on(school, county, administrator):
    from_six = pupils_in(county.six, 2)
    done = roll_school(school=school, year=YEAR, by=administrator)
    leave_class(student=Student.get_by_id(from_six[0].id), left_on=datetime.date(2026, 9, 2), reason="随父母外出", by=administrator)
    with pytest.raises(Refused, match="1 名（王安）"):
        undo_rollover(rollover=done, by=administrator)


def test_a_pupil_with_an_open_transfer_is_left_alone(school, county, administrator):
    stays, goes = pupils_in(county.last, 2)
    schools = {"from_school": school, "to_school": county.middle, "asked_by_school": school}
    Transfer.create(county=county.county, student=stays, from_class=county.last, **schools, leaves_on=EVE, arrive_by=DAY, asked_by=administrator)
    done = roll_school(school=school, year=YEAR, by=administrator)
    assert (done.graduated, done.held) == (1, 1)
    assert Student.get_by_id(stays.id).class_org_id == county.last.id
    assert Org.get_by_id(county.last.id).closed_on is None


def test_who_is_suspended_is_shown_until_the_return(school, county, administrator):
    ill = pupils_in(county.five, 2)[0]
    leave_class(student=ill, left_on=datetime.date(2026, 5, 4), reason="住院", by=administrator, kind="suspend", until_on=datetime.date(2027, 5, 4), document="诊断证明")
    assert rollover_preview.suspended_of(school.id) == [(ill.id, ill.name, datetime.date(2027, 5, 4))]
    roll_school(school=school, year=YEAR, by=administrator)
    assert Student.get_by_id(ill.id).class_org_id is None
    Move.create(county=county.county, student=ill, kind="return", on_day=NOW, to_class=county.five, recorded_by=administrator)
    assert rollover_preview.suspended_of(school.id) == []


def test_the_preview_deals_as_the_rollover_does(school, county, administrator):
    pupils_in(county.six, 7)
    set_feeder(school=school, stage="primary", to_school=county.middle, classes=3, by=administrator)
    found, _ahead = rollover_preview.fates(rollover.school_plan(school, YEAR), rollover.sittings_of(school.id))
    wanted = {fate.pupil.student_id: fate.to for fate in found[county.six.id]}
    roll_school(school=school, year=YEAR, by=administrator)
    assert {pupil.id: pupil.class_org.name for pupil in Student.select().where(Student.class_org.is_null(False)) if pupil.id in wanted} == wanted
    assert len(set(wanted.values())) == 3


def test_one_transaction_and_one_entry_in_the_trail(school, county, administrator, monkeypatch):
    pupils_in(county.six, 3)
    roll_school(school=county.school, year=YEAR, by=administrator)
    entries = AuditEntry.select().where(AuditEntry.action == "students.roll_school")
    assert entries.count() == 1
    before = rows(Enrollment), rows(Student), rows(Org), rows(Move), rows(Rollover)
    monkeypatch.setattr(actions_rollover, "close_places", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        roll_school(school=school, year=YEAR, by=administrator)
    assert (rows(Enrollment), rows(Student), rows(Org), rows(Move), rows(Rollover)) == before


def test_asked_for_in_summer_it_waits_and_changes_nothing_until_the_day(school, county, administrator, today, jobs_at_once):
    pupils_in(county.six, 2)
    before = rows(Enrollment), rows(Student), rows(Org)
    today(datetime.date(2026, 7, 20))
    assert ask_for_rollover(place=county.county, by=administrator) is None
    with pytest.raises(Refused, match="已经预约"):
        ask_for_rollover(place=county.county, by=administrator)
    assert begin_due_orders() == 0
    assert (rows(Enrollment), rows(Student), rows(Org)) == before
    today(DAY)
    assert begin_due_orders() == 1
    assert Org.get_by_id(county.five.id).name == "六年级1班"
    assert begin_due_orders() == 0


def test_an_order_can_be_withdrawn(school, county, administrator, today):
    today(datetime.date(2026, 7, 20))
    ask_for_rollover(place=school, by=administrator)
    withdraw_rollover_order(place=school, by=administrator)
    today(DAY)
    assert begin_due_orders() == 0
    assert RolloverOrder.get().withdrawn_by == administrator
    with pytest.raises(Refused):
        withdraw_rollover_order(place=school, by=administrator)


def test_a_county_that_was_killed_in_the_middle_is_finished_by_asking_again(school, county, administrator, jobs_at_once):
    pupils_in(county.six, 2)
    roll_school(school=county.school, year=YEAR, by=administrator)
    ask_for_rollover(place=county.county, by=administrator)
    schools = {row.school_id for row in Rollover.select().where(Rollover.kind == "year")}
    assert schools == {org.id for org in Org.select().where((Org.kind == "school") & (Org.county == county.county))}
    assert Rollover.select().where(Rollover.school == county.school).count() == 1


def test_before_the_day_nothing_is_rolled_and_only_those_who_may(school, county, administrator, school_admin, officer, today):
    today(EVE)
    with pytest.raises(Refused, match="2026-09-01才能升级"):
        roll_school(school=school, year=YEAR, by=administrator)
    today(NOW)
    with pytest.raises(Forbidden):
        roll_school(school=school, year=YEAR, by=school_admin)
    with pytest.raises(Forbidden):
        ask_for_rollover(place=county.county, by=officer)
    with pytest.raises(Forbidden):
        set_feeder(school=school, stage="primary", to_school=county.middle, classes=1, by=officer)
    assert roll_school(school=county.school, year=YEAR, by=school_admin)
    assert not Feeder.select().exists()


def test_the_coming_year_is_planned_from_the_middle_of_july():
    assert rollover.coming_year(datetime.date(2026, 7, 14)) == 2025
    assert rollover.coming_year(datetime.date(2026, 7, 15)) == 2026
    assert rollover.coming_year(datetime.date(2027, 1, 3)) == 2026


def test_the_preview_tells_what_then_happens(school, county, administrator):
    for room in (county.five, county.six, county.six2, county.last):
        pupils_in(room, 4)
    plan = rollover.school_plan(school, YEAR)
    assert (len(plan.rising), plan.staying, plan.promoted, plan.graduating, plan.held) == (1, 4, 8, 4, 0)
    assert rollover.county_plan(county.county.id, YEAR)[school.id].promoted == 8
    done = roll_school(school=school, year=YEAR, by=administrator)
    assert (done.classes, done.moved, done.graduated) == (1, 8, 4)
    assert db.database.in_transaction() is False


def test_small_classes_and_odd_ages_are_named(school, county):
    [old] = pupils_in(county.five, 1, born_on=datetime.date(2010, 5, 1))
    pupils_in(county.six, 91)
    plan = rollover.school_plan(school, YEAR)
    _fates, ahead = rollover_preview.fates(plan, rollover.sittings_of(school.id))
    assert rollover_preview.sized_wrong(plan, ahead, county.county.id) == [("六年级1班", 1), ("双河九年一贯制学校 七年级1班", 91)]
    assert [(pupil.student_id, beside) for pupil, beside in rollover_preview.odd_ages(plan, rollover.sittings_of(school.id), county.county.id)] == [(old.id, 5)]


def test_where_every_class_has_its_name_and_none_finishes_there_is_nothing_to_do(county, today):
    plan = rollover.school_plan(county.school, YEAR)
    assert (plan.has_work, plan.rising, plan.finishing) == (False, [], [])
    factories.make_class(county.school, "六年级", "1", YEAR - 1)
    assert rollover.school_plan(county.school, YEAR).has_work


def test_who_came_into_a_finishing_class_in_autumn_is_left_alone(school, county, administrator):
    late = pupils_in(county.last, 2)[0]
    Enrollment.update(starts_on=datetime.date(2026, 9, 2)).where(Enrollment.student == late).execute()
    done = roll_school(school=school, year=YEAR, by=administrator)
    assert (done.graduated, done.held) == (1, 1)
    assert Student.get_by_id(late.id).class_org_id == county.last.id


def test_it_stays_once_a_spell_was_mended_or_a_visit_made(school, county, administrator):
    visited, _other = pupils_in(county.six, 2)
    done = roll_school(school=school, year=YEAR, by=administrator)
    record_visit(students=[visited], values={"form": "phone", "on": today_in_china(), "purposes": ["routine"], "teachers": "张老师"}, by=administrator)
    with pytest.raises(Refused, match="王安在 .* 有家访记录"):
        undo_rollover(rollover=done, by=administrator)
    spell = (Enrollment.student == visited) & Enrollment.ends_on.is_null()
    Enrollment.update(ends_on=datetime.date(2026, 9, 2)).where(spell).execute()
    with pytest.raises(Refused, match="改过就读记录的学生有 1 名（王安）"):
        undo_rollover(rollover=done, by=administrator)

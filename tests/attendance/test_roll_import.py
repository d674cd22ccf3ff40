"""Workbooks of rolls: good rows are saved, refused ones are named, and never half a roll."""

import datetime

import pytest

from aidtracker.attendance.models import Absence, RollCall, RollCallVersion, SessionPlan
from aidtracker.attendance.models_illness import IllnessAlert
from aidtracker.attendance.models_warnings import AbsenceWarning
from aidtracker.attendance.roll_import import plan_rolls, save_rolls
from aidtracker.attendance.sheets import ABSENCES, ROLLS
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.students.actions_years import close_year
from aidtracker.students.models import Enrollment
from tests import factories
from tests.workbooks import bring_in, counts, problems

DAY = "2026-10-14"  # a Wednesday
ROLL = [DAY, "2199000001", "三年级", "2班", "上午", 3, 2]
ROLL_HEADINGS = ["日期★", "学校标识码★", "年级★", "班级★", "场次★", "应到★", "实到★"]
ABSENCE_HEADINGS = ["日期★", "学校标识码★", "年级★", "班级★", "场次★", "学籍号★", "姓名", "状态★", "原因"]


@pytest.fixture
def class_of_three(county):
    return [factories.make_student(county.room, name) for name in ("次仁卓玛", "王小明", "单雄信")]


@pytest.fixture
def away(class_of_three):
    """away(0, "病假", "发热") -> a row of 缺勤."""

    def row(pupil, mark="病假", reason="", **changes):
        pupil = class_of_three[pupil] if isinstance(pupil, int) else pupil
        cells = {"place": ROLL[:5], "number": pupil.student_number, **changes}
        return [*cells["place"], cells["number"], pupil.name, mark, reason]

    return row


@pytest.fixture
def bring(tmp_path, administrator):
    """bring(rolls, absences) -> the plan, saved unless said otherwise."""

    def imported(rolls, absences=(), *, by=None, save=True):
        sheets = {"点名": [["2026年10月考勤"], ROLL_HEADINGS, *rolls], "缺勤": [ABSENCE_HEADINGS, *absences]}
        saving = save_rolls if save else None
        return bring_in(tmp_path / "attendance.xlsx", sheets, (ROLLS, ABSENCES), plan_rolls, saving, by=by or administrator)

    return imported


def test_a_workbook_of_rolls_is_saved(bring, away, class_of_three, county, administrator, sums_fit):
    plan = bring([ROLL, [*ROLL[:4], "下午", 3, 3]], [away(0, "病假", "发热")])
    assert (counts(plan), plan.rows) == ((3, 0, 0, 0), 3)
    roll = RollCall.get(RollCall.session == "morning")
    assert (roll.class_org_id, roll.school_id, roll.on) == (county.room.id, county.school.id, datetime.date(2026, 10, 14))
    assert (roll.expected, roll.present, roll.sick_leave, roll.submitted_by_id) == (3, 2, 1, administrator.id)
    absence = Absence.get()
    assert (absence.student_id, absence.mark, absence.reason) == (class_of_three[0].id, "sick_leave", "发热")
    sums_fit()


def test_the_same_file_again_changes_nothing(bring, away):
    rows = ([ROLL, [*ROLL[:4], "下午", 3, 3]], [away(0, "病假", "发热"), away(1, "迟到")])
    bring(*rows)
    entries = AuditEntry.select().count()
    assert counts(bring(*rows)) == (0, 0, 4, 0)
    assert RollCallVersion.select().count() == 0 and AuditEntry.select().count() == entries


def test_a_file_that_tells_otherwise_corrects_the_roll_and_keeps_the_former(bring, away, class_of_three, sums_fit):
    bring([ROLL], [away(0, "病假", "发热"), away(1, "迟到")])
    plan = bring([[*ROLL[:5], 3, 1]], [away(0, "病假", "发热"), away(1, "旷课"), away(2, "早退")])
    assert counts(plan) == (1, 2, 1, 0)  # one more absence; the roll and one absence changed; one as before
    roll, version = RollCall.get(), RollCallVersion.get()
    assert (roll.revision, roll.present, roll.unexcused) == (2, 1, 1)
    assert version.marks == {str(class_of_three[0].id): "sick_leave", str(class_of_three[1].id): "late"}
    assert (version.revision, version.reason) == (1, "导入考勤表")
    sums_fit()


def test_checking_saves_nothing(bring, away):
    assert counts(bring([ROLL], [away(0)], save=False)) == (2, 0, 0, 0)
    assert RollCall.select().count() == 0


def test_each_transaction_leaves_one_entry_in_the_trail(bring, away):
    bring([ROLL], [away(0)])
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.count, entry.fields) == ("attendance.save_day_of_rolls", 1, "marks")


def test_many_ways_of_writing_one_row(bring, away):
    row = [datetime.datetime(2026, 10, 14), 2199000001, "3年级", "（2）班", "下午", "３", "2.0"]
    assert counts(bring([row], [away(0, place=["20261014", "2199000001", "三年级", "2", "下午"])])) == (2, 0, 0, 0)


def test_the_grade_is_that_of_the_days_own_school_year(bring, county):
    pupil = factories.make_student(county.room)
    Enrollment.update(starts_on=datetime.date(2025, 9, 1)).where(Enrollment.student == pupil).execute()
    assert counts(bring([["2025-10-15", "2199000001", "二年级", "2班", "上午", 1, 1]])) == (1, 0, 0, 0)
    assert RollCall.get().class_org_id == county.room.id


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({0: "2026-02-30"}, "日期", "bad_date"),
        ({0: "2026-10-17"}, "日期", "bad_date"),  # a Saturday
        ({0: "2026-10-01"}, "日期", "bad_date"),  # the national holiday
        ({0: "tomorrow"}, "日期", "bad_date"),
        ({0: ""}, "日期", "missing"),
        ({1: "2199999999"}, "学校标识码", "unknown_school"),
        ({1: "2199000003"}, "学校标识码", "out_of_scope"),
        ({1: ""}, "学校标识码", "missing"),
        ({2: "十三年级"}, "年级", "bad_choice"),
        ({2: "六年级"}, "班级", "unknown_class"),
        ({3: "9班"}, "班级", "unknown_class"),
        ({4: "半夜"}, "场次", "bad_choice"),
        ({5: "三"}, "应到", "bad_number"),
        ({5: -3}, "应到", "bad_number"),
        ({5: 1}, "实到", "bad_number"),  # fewer expected than present
        ({6: ""}, "实到", "missing"),
        ({6: 1}, "实到", "conflict"),  # one is away, two are missing
    ],
)
def test_a_roll_row_that_cannot_be_saved_is_named(bring, away, changes, column, code):
    if changes.get(0) == "tomorrow":
        changes = {0: (today_in_china() + datetime.timedelta(days=1)).isoformat()}
    row = [changes.get(i, value) for i, value in enumerate(ROLL)]
    good = [*ROLL[:4], "下午", 3, 3]
    plan = bring([row, good], [away(0)] if code == "conflict" else [])
    assert ("点名", 3, column, code) in problems(plan)
    assert RollCall.select().where(RollCall.session == "morning").count() == 0
    assert RollCall.select().where(RollCall.session == "afternoon").count() == 1


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ({"mark": "睡着"}, "状态", "bad_choice"),
        ({"mark": ""}, "状态", "missing"),
        ({"number": "G999999199001010010"}, "学籍号", "unknown_student"),
        ({"number": ""}, "学籍号", "missing"),
        ({"reason": "热" * 201}, "原因", "bad_choice"),
    ],
)
def test_a_refused_absence_refuses_its_whole_roll_and_no_other(bring, away, row, column, code):
    afternoon = [*ROLL[:4], "下午"]
    plan = bring([[*ROLL[:5], 3, 1], [*afternoon, 3, 2]], [away(0, **row), away(1), away(2, place=afternoon)])
    assert ("缺勤", 2, column, code) in problems(plan)
    assert {("点名", 3, "实到", "conflict"), ("缺勤", 3, "场次", "conflict")} <= set(problems(plan))
    assert counts(plan) == (2, 0, 0, 3)
    assert [roll.session for roll in RollCall.select()] == ["afternoon"] and Absence.select().count() == 1


@pytest.mark.parametrize("who", ["sibling", "home_taught", "left", "not yet"])
def test_an_absence_of_somebody_who_was_not_expected_is_refused(bring, away, county, who):
    day = datetime.date(2026, 10, 14)
    pupil = factories.make_student(county.sibling_room if who == "sibling" else county.room, mode="home_taught" if who == "home_taught" else "day")
    mine = Enrollment.student == pupil
    if who == "left":
        Enrollment.update(ends_on=day - datetime.timedelta(days=1)).where(mine).execute()
    if who == "not yet":
        Enrollment.update(starts_on=day + datetime.timedelta(days=1)).where(mine).execute()
    plan = bring([ROLL], [away(pupil)])
    assert ("缺勤", 2, "学籍号", "unknown_student") in problems(plan) and RollCall.select().count() == 0


def test_the_first_of_two_rows_with_one_key_counts(bring, away):
    plan = bring([ROLL, [*ROLL[:5], 3, 3]], [away(0, "病假"), away(0, "旷课")])
    assert problems(plan) == [("点名", 4, "场次", "duplicate_in_file"), ("缺勤", 3, "学籍号", "duplicate_in_file")]
    assert counts(plan) == (2, 0, 0, 2) and Absence.get().mark == "sick_leave"


def test_an_absence_without_its_roll_is_refused(bring, away):
    plan = bring([], [away(0)])
    assert problems(plan) == [("缺勤", 2, "场次", "conflict")] and Absence.select().count() == 0


def test_an_absence_may_be_added_to_a_roll_that_stands(bring, away, sums_fit):
    bring([ROLL], [away(0)])
    assert counts(bring([], [away(0), away(1, "旷课")])) == (1, 0, 1, 0)
    roll = RollCall.get()
    assert (roll.revision, roll.expected, roll.present, roll.unexcused) == (2, 3, 1, 1)
    assert counts(bring([], [away(0), away(1, "旷课")])) == (0, 0, 2, 0)
    sums_fit()


def test_rows_of_schools_outside_the_scope_are_refused(bring, away, county, school_admin):
    elsewhere = factories.make_student(county.other_room)
    place = [DAY, "2199000002", "三年级", "1班", "上午"]
    plan = bring([ROLL, [*place, 1, 0]], [away(0), away(elsewhere, place=place)], by=school_admin)
    assert problems(plan) == [("点名", 4, "学校标识码", "out_of_scope"), ("缺勤", 3, "学校标识码", "out_of_scope")]
    assert RollCall.select().count() == 1


def test_a_roll_taken_while_the_plan_waited_stays_as_it_is(bring, away, county, class_of_three, administrator, sums_fit):
    plan = bring([ROLL], [away(0)], save=False)
    bring([[*ROLL[:5], 3, 3]])
    save_rolls(plan, by=administrator)
    assert (RollCall.get().present, RollCall.get().revision, Absence.select().count()) == (3, 1, 0)
    changed = bring([ROLL], [away(0)], save=False)
    bring([[*ROLL[:5], 3, 1]], [away(0), away(1)])
    save_rolls(changed, by=administrator)
    assert (RollCall.get().present, RollCall.get().revision) == (1, 2)
    sums_fit()


# Sessions beside the lessons.


def plan_of(county, sessions, by, on=datetime.date(2026, 10, 1)):
    SessionPlan.create(county=county.county, org=county.school, sessions=sessions, holds_from=on, reason="寄宿", set_by=by)


ALL_FIVE = "early,morning,afternoon,evening,night"


def test_the_five_labels_are_read(bring, away, class_of_three, county, administrator, sums_fit):
    plan_of(county, ALL_FIVE, administrator)
    place = ROLL[:4]
    Enrollment.update(mode="boarding").where(Enrollment.student == class_of_three[0]).execute()
    rows = [[*place, "晨检", 3, 3], [*place, "上午", 3, 3], [*place, "下午", 3, 3], [*place, "晚自习", 1, 1], [*place, "查寝", 1, 0]]
    absences = [away(0, "未说明", place=[*place, "就寝"]), away(1, "身体不适", "发热", place=[*place, "晨检"])]
    assert counts(bring(rows, absences)) == (7, 0, 0, 0)
    assert {roll.session for roll in RollCall.select()} == set(ALL_FIVE.split(","))
    assert {(absence.mark, absence.reason) for absence in Absence.select()} == {("unexplained", None), ("unwell", "发热")}
    assert counts(bring(rows, absences)) == (0, 0, 7, 0)
    sums_fit()


def test_a_session_that_the_school_does_not_take_that_day_is_refused_in_words(bring, away, class_of_three, county):
    night = [*ROLL[:4], "就寝"]
    Enrollment.update(mode="boarding").where(Enrollment.class_org == county.room).execute()
    plan = bring([[*night, 3, 2], ROLL], [away(0, "未说明", place=night), away(0, "病假")])
    assert counts(plan) == (2, 0, 0, 2)
    assert {(p.column, p.code) for p in plan.problems} == {("场次", "bad_choice")}
    assert "2026-10-14 不点就寝" in plan.problems[0].message
    alone = bring([], [away(1, "未说明", place=night)])
    assert counts(alone) == (0, 0, 0, 1) and "不点就寝" in alone.problems[0].message


def test_what_was_taken_and_is_taken_no_more_may_come_again_unchanged_but_not_otherwise(bring, away, class_of_three, county, administrator):
    plan_of(county, "morning,afternoon,night", administrator)
    Enrollment.update(mode="boarding").where(Enrollment.student == class_of_three[0]).execute()
    night = [*ROLL[:4], "就寝"]
    rows = [[*night, 1, 0]], [away(0, "未说明", place=night)]
    bring(*rows)
    plan_of(county, "morning,afternoon", administrator)
    assert counts(bring(*rows)) == (0, 0, 2, 0)
    assert counts(bring([[*night, 1, 1]])) == (0, 0, 0, 1)
    assert RollCall.get().present == 0


def test_a_day_pupil_is_not_missed_at_night_nor_is_anybody_late_there(bring, away, class_of_three, county, administrator):
    plan_of(county, ALL_FIVE, administrator)
    Enrollment.update(mode="boarding").where(Enrollment.student == class_of_three[0]).execute()
    night = [*ROLL[:4], "就寝"]
    plan = bring([[*night, 1, 0]], [away(1, "未说明", place=night)])
    assert "不住校，就寝不点走读生" in plan.problems[0].message and RollCall.select().count() == 0
    plan = bring([[*night, 1, 1]], [away(0, "迟到", place=night)])
    assert "就寝没有「迟到」这种状态" in plan.problems[0].message and RollCall.select().count() == 0


def test_a_roll_of_a_closed_school_year_is_refused(bring, class_of_three, county, administrator):
    Enrollment.update(starts_on=datetime.date(2025, 9, 1)).execute()
    close_year(county=county.county, school_year=2025, reason="已上报", by=administrator)
    plan = bring([["2026-03-02", ROLL[1], "二年级", *ROLL[3:6], 3], [*ROLL[:6], 3]])
    assert counts(plan) == (1, 0, 0, 1)
    assert "封存" in plan.problems[0].message
    assert [roll.on for roll in RollCall.select()] == [datetime.date(2026, 10, 14)]


def test_what_a_workbook_brings_warns_as_a_roll_by_itself_does(bring, away, class_of_three, county, administrator):
    SessionPlan.create(county=county.county, org=county.school, sessions="early,morning,afternoon", holds_from=datetime.date(2026, 9, 1), reason="晨检", set_by=administrator)
    early = [*ROLL[:4], "晨检"]
    bring([[*early, 3, 3], [*ROLL[:5], 3, 2]], [*(away(n, "身体不适", "发热", place=early) for n in range(3)), away(0, "旷课")])
    assert [(alert.symptom, alert.cases) for alert in IllnessAlert.select()] == [("fever", 3)]
    assert {warning.step for warning in AbsenceWarning.select() if warning.student_id} == {"call", "visit"}

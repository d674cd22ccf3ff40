"""Workbooks of visits: every row counts once, the same file again changes nothing, refused rows are named."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.excel.files import BadWorkbook
from aidtracker.students.actions_years import close_year
from aidtracker.students.models import Enrollment
from aidtracker.visits.models import Visit, VisitStudent, VisitVersion
from aidtracker.visits.sheets import TUTORING, VISITS
from aidtracker.visits.visit_import import plan_visits, save_visits
from tests import factories
from tests.workbooks import bring_in, counts, problems

VISIT = ["学籍号", "姓名", "家访日期", "时长(分钟)", "家访形式", "家访目的", "家访教师", "受访人", "与学生关系", "在家表现", "家长意见建议", "达成措施"]
LESSON = ["学籍号★", "姓名", "残疾类别", "日 期", "课时数", "送教地点", "学科/内容", "送教教师", "家长签字"]


@pytest.fixture
def home_row(pupils):
    """home_row(form="电话") -> a row of 家访."""

    def row(pupil=None, on="2026-10-17", minutes=30, form="入户", purposes="缺勤", teachers="班主任", agreed="继续关注", number=None):
        pupil = pupil or pupils.first
        return [number or pupil.student_number, pupil.name, on, minutes, form, purposes, teachers, "次仁", "母亲", "表现良好", "", agreed]

    return row


@pytest.fixture
def lesson_row(pupils):
    def row(on="2026-10-14", lessons=2, place="家庭", teachers="教师甲、教师乙", number=None):
        return [number or pupils.at_home.student_number, "陈居家", "肢体残疾", on, lessons, place, "语文", teachers, "陈父"]

    return row


@pytest.fixture
def bring(tmp_path, administrator):
    """bring(visits, lessons) -> the plan, saved unless said otherwise."""

    def imported(visits=(), lessons=(), *, by=None, save=True, headings=VISIT, lesson_headings=LESSON):
        sheets = {"家访": [["2026年家访登记"], headings, *visits], "送教上门": [lesson_headings, *lessons]}
        saving = save_visits if save else None
        return bring_in(tmp_path / "visits.xlsx", sheets, (VISITS, TUTORING), plan_visits, saving, by=by or administrator)

    return imported


def test_a_workbook_of_visits_is_saved(bring, home_row, lesson_row, pupils, county, administrator):
    assert counts(bring([home_row()], [lesson_row()])) == (2, 0, 0, 0)
    made, taught = Visit.get(Visit.form == "on_site"), Visit.get(Visit.form == "tutoring")
    assert (made.on, made.minutes, made.purposes, made.person_met) == (datetime.date(2026, 10, 17), 30, ["absence"], "次仁")
    assert (made.at_home, made.views, made.agreed, made.is_imported, made.receipt) == ("表现良好", None, "继续关注", True, "")
    assert (taught.lessons, taught.place, taught.subject, taught.signed_by) == (2, "home", "语文", "陈父")
    of = VisitStudent.get(VisitStudent.visit == made)
    assert (of.student_id, of.class_org_id, of.school_id) == (pupils.first.id, county.room.id, county.school.id)
    entries = AuditEntry.select().where(AuditEntry.action == "visits.insert_visits")
    assert [(e.count, e.county_id, e.actor_id) for e in entries] == [(2, county.county.id, administrator.id)]


def test_repeated_rows_all_count_and_the_same_file_again_changes_nothing(bring, home_row, lesson_row):
    rows = [home_row(), home_row(), home_row(form="电话")], [lesson_row(), lesson_row()]
    assert counts(bring(*rows)) == (5, 0, 0, 0)
    entries = AuditEntry.select().count()
    assert counts(bring(*rows)) == (0, 0, 5, 0)
    assert Visit.select().count() == 5 and AuditEntry.select().count() == entries
    assert sorted(v.ordinal for v in Visit.select().where(Visit.form == "on_site")) == [1, 2]


def test_a_third_row_of_one_key_is_one_visit_more(bring, home_row):
    bring([home_row(), home_row()])
    assert counts(bring([home_row(), home_row(), home_row()])) == (1, 0, 2, 0)


def test_checking_saves_nothing(bring, home_row):
    assert counts(bring([home_row()], save=False)) == (1, 0, 0, 0)
    assert Visit.select().count() == 0


def test_a_file_that_tells_otherwise_updates_and_keeps_the_former(bring, home_row, lesson_row):
    bring([home_row(), home_row(agreed="二")], [lesson_row()])
    plan = bring([home_row(agreed="家长督促返校", minutes=45), home_row(agreed="二")], [lesson_row(lessons=3)])
    assert counts(plan) == (0, 2, 1, 0)
    first = Visit.get((Visit.form == "on_site") & (Visit.ordinal == 1))
    assert (first.agreed, first.minutes, first.revision) == ("家长督促返校", 45, 2)
    assert Visit.get(Visit.form == "tutoring").lessons == 3
    version = VisitVersion.get(VisitVersion.visit == first)
    assert "继续关注" in version.content and version.revision == 1


def test_a_blank_cell_leaves_what_stands(bring, home_row):
    bring([home_row()])
    assert counts(bring([home_row(agreed=None, minutes=None, purposes="")])) == (0, 0, 1, 0)
    assert Visit.get().agreed == "继续关注"


def test_what_was_verified_is_not_overwritten(bring, home_row):
    bring([home_row()])
    Visit.update(state="verified", checked_at=datetime.datetime(2026, 11, 1)).execute()
    assert problems(bring([home_row(agreed="别的")])) == [("家访", 3, "家访教师", "conflict")]
    assert counts(bring([home_row()])) == (0, 0, 1, 0)


def test_a_visit_that_a_teacher_recorded_is_known_again(bring, home_row, visit, pupils):
    visit(on=datetime.date(2026, 10, 17), teachers="班主任", purposes=["absence"], relation="母亲")
    assert counts(bring([home_row()])) == (0, 0, 1, 0)


def test_rows_that_came_in_since_the_plan_looked_are_not_doubled(bring, home_row, administrator):
    waiting = bring([home_row(), home_row()], save=False)
    bring([home_row()])
    save_visits(waiting, by=administrator)
    assert Visit.select().count() == 2
    changing = bring([home_row(agreed="甲"), home_row()], save=False)
    bring([home_row(agreed="乙"), home_row()])
    save_visits(changing, by=administrator)
    assert Visit.get(Visit.ordinal == 1).agreed == "乙"


@pytest.mark.parametrize("written", ["20261017", "2026.10.17", "2026年10月17日", datetime.datetime(2026, 10, 17)])
def test_many_ways_of_writing_a_day_are_one(bring, home_row, written):
    bring([home_row()])
    assert counts(bring([home_row(on=written, minutes="３０", form=" 入户 ")])) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("written", "codes"),
    [("缺勤、心理", ["absence", "psychological"]), ("心理,缺勤", ["absence", "psychological"]), ("劝返复学；控辍保学", ["suspected_dropout", "persuasion"]), ("", [])],
)
def test_purposes_may_be_several(bring, home_row, written, codes):
    bring([home_row(purposes=written)])
    assert Visit.get().purposes == codes


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"number": "G999999199001010010"}, "学籍号", "unknown_student"),
        ({"on": "2026-02-30"}, "家访日期", "bad_date"),
        ({"on": "tomorrow"}, "家访日期", "bad_date"),
        ({"on": ""}, "家访日期", "missing"),
        ({"on": "1960-01-01"}, "家访日期", "bad_date"),
        ({"form": "飞鸽传书"}, "家访形式", "bad_choice"),
        ({"form": ""}, "家访形式", "missing"),
        ({"purposes": "缺勤、喝茶"}, "家访目的", "bad_choice"),
        ({"teachers": ""}, "家访教师", "missing"),
        ({"minutes": "半小时"}, "时长(分钟)", "bad_number"),
        ({"minutes": 0}, "时长(分钟)", "bad_number"),
        ({"agreed": "长" * 2001}, "达成措施", "bad_choice"),
    ],
)
def test_a_row_that_cannot_be_saved_is_named_and_the_others_come_in(bring, home_row, changes, column, code):
    if changes.get("on") == "tomorrow":
        changes = {"on": (today_in_china() + datetime.timedelta(days=1)).isoformat()}
    plan = bring([home_row(**changes), home_row(form="视频")])
    assert problems(plan) == [("家访", 3, column, code)]
    assert [made.form for made in Visit.select()] == ["video"]


@pytest.mark.parametrize(("changes", "code"), [({"lessons": 0}, "bad_number"), ({"lessons": ""}, "missing"), ({"lessons": "两"}, "bad_number")])
def test_a_lesson_without_its_lessons_is_named(bring, lesson_row, changes, code):
    assert problems(bring([], [lesson_row(**changes)])) == [("送教上门", 2, "课时数", code)]


def test_holidays_and_days_without_a_spell_count(bring, home_row, pupils, county):
    Enrollment.update(ends_on=datetime.date(2026, 9, 30)).where(Enrollment.student == pupils.first).execute()
    assert counts(bring([home_row(on="2026-10-01"), home_row(on="2026-05-01")])) == (2, 0, 0, 0)
    assert {row.school_id for row in VisitStudent.select()} == {county.school.id}


def test_pupils_outside_the_scope_are_refused(bring, home_row, pupils, county, school_admin):
    far = factories.make_student(county.far_room, "远方")
    plan = bring([home_row(), home_row(pupils.elsewhere), home_row(far)], by=school_admin)
    assert problems(plan) == [("家访", 4, "学籍号", "out_of_scope"), ("家访", 5, "学籍号", "unknown_student")]
    assert Visit.select().count() == 1


@pytest.mark.parametrize("missing", ["学籍号", "家访日期", "家访形式", "家访教师"])
def test_without_a_heading_of_the_key_nothing_is_read(bring, home_row, missing):
    with pytest.raises(BadWorkbook, match=missing):
        bring([home_row()], headings=[heading for heading in VISIT if heading != missing])


def test_without_the_lessons_nothing_is_read(bring, lesson_row):
    with pytest.raises(BadWorkbook, match="课时数"):
        bring([], [lesson_row()], lesson_headings=[heading for heading in LESSON if heading != "课时数"])


def test_a_visit_of_a_closed_school_year_is_refused(bring, home_row, county, administrator):
    close_year(county=county.county, school_year=2025, reason="已上报", by=administrator)
    plan = bring([home_row(on="2026-03-02"), home_row()])
    assert counts(plan) == (1, 0, 0, 1)
    assert "已封存" in plan.problems[0].message

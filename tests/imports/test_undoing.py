"""A whole import is taken back: every row as it was before, or a reason why not."""

import datetime

import pytest

from aidtracker.attendance.actions import submit_roll_call
from aidtracker.db import today_in_china
from aidtracker.imports.models import ImportFile
from aidtracker.jobs.models import Job
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.students.actions import edit_student
from aidtracker.students.actions_years import close_year, reopen_year
from aidtracker.students.models import Enrollment, Guardian, NameReading, Student, Tag
from aidtracker.students.models_history import StudentVersion
from aidtracker.students.models_moves import Move
from aidtracker.terms.calendar import school_days
from aidtracker.visits.actions import record_visit
from tests.imports.test_imports import at_once, import_rows, row  # noqa: F401  a fixture
from tests.matrix_contents import contents

RECORDS = (Student, NameReading, Guardian, Enrollment, Tag, Org, SchoolClass)
COUNTED = ("revision", "updated_at", "created_at")


@pytest.fixture
def client(county, school_admin, sign_in):
    return sign_in(school_admin)


def records():
    """{(model, key): row} of all that a roster writes; how often a row was changed is left out."""
    found = {key: row for key, row in contents().items() if key[0] in RECORDS}
    return {key: {name: value for name, value in row.items() if name not in COUNTED} for key, row in found.items()}


def school_day():
    return school_days(today_in_china() - datetime.timedelta(days=20), today_in_china())[-1]


def undo(client, file):
    page = client.url("imports.show_import", uid=file.uid)
    client.post("imports.undo_import", uid=file.uid, page=page)
    return ImportFile.get_by_id(file.id), client.get("imports.show_import", uid=file.uid).text


def rows_of(county):
    """Three who are there, with everything that a roster can say, and what it says next: one new, two changed in every way, one not."""
    there = [row(county.school, n, name, **{"成员1姓名": "张大山", "成员1联系电话": "13900000001"}) for n, name in ((1, "张小明"), (3, "李䶮"), (5, "王五"))]
    first = there[0] | {"姓名★": "单小明", "班级★": "5班", "就读方式★": "住校", "成员1姓名": "张大海", "成员1联系电话": "13900000002"}
    second = there[1] | {"成员1姓名": "李四", "成员1联系电话": ""}
    return there, [first, second, there[2], row(county.school, 7, "赵六", **{"班级★": "6班"})]


def test_new_pupils_go_and_changed_ones_are_as_they_were(client, county):
    there, then = rows_of(county)
    import_rows(client, there)
    before = records()
    file = import_rows(client, then)
    assert (file.outcome["created"], file.outcome["updated"], file.outcome["unchanged"]) == (1, 2, 1)
    assert records() != before
    file, page = undo(client, file)
    assert records() == before
    assert file.undone_at is not None and "整体撤销" in page and "已撤销" in page
    assert not Move.select().exists()


def test_the_first_import_of_all_can_go_too(client, county):
    before = records()
    file = import_rows(client, rows_of(county)[1])
    undo(client, file)
    assert records() == before


def test_after_a_new_school_year_the_old_class_is_open_again(client, county):
    there, _ = rows_of(county)
    import_rows(client, there)
    Enrollment.update(starts_on=datetime.date(2025, 9, 1)).execute()
    before = records()
    file = import_rows(client, [each | {"班级★": "4班"} for each in there])
    assert Enrollment.select().count() == 6
    undo(client, file)
    assert records() == before


def test_it_can_be_undone_once_and_brought_in_again(client, county):
    file = import_rows(client, rows_of(county)[0])
    undo(client, file)
    jobs = Job.select().count()
    undo(client, file)
    assert Job.select().count() == jobs
    assert import_rows(client, rows_of(county)[0]).outcome["created"] == 3


def test_a_later_edit_stands_in_the_way_by_name(client, county, officer):
    file = import_rows(client, rows_of(county)[0])
    pupil = Student.get(Student.name == "王五")
    edit_student(student=pupil, revision=pupil.revision, values={"ethnicity": "藏族"}, by=officer)
    before = records()
    file, page = undo(client, file)
    assert file.undone_at is None and records() == before
    assert "后来又改过（王五" in page


def test_a_roll_that_was_taken_stands_in_the_way(client, county, teacher):
    file = import_rows(client, rows_of(county)[0])
    submit_roll_call(class_org=county.room, on=school_day(), session="morning", marks={}, base_revision=0, by=teacher)
    before = records()
    file, page = undo(client, file)
    assert file.undone_at is None and records() == before
    assert "已经点过名" in page


def test_what_was_done_for_a_pupil_stands_in_the_way(client, county, officer):
    file = import_rows(client, rows_of(county)[0])
    pupil = Student.get(Student.name == "王五")
    values = {"form": "phone", "on": today_in_china(), "purposes": ["routine"], "minutes": 10, "teachers": "李老师", "met_name": "张大山", "met_relation": "父亲"}
    record_visit(students=[pupil], values=values, by=officer)
    file, page = undo(client, file)
    assert file.undone_at is None and "王五已经有后来的记录" in page


def test_another_kind_says_that_it_stays(client, county, sign_in, officer):
    file = ImportFile.create(kind="attendance", file_name="考勤.xlsx", sha256="0" * 64, size=1, by=officer, state="committed", committed_at=datetime.datetime(2026, 11, 1))
    bureau = sign_in(officer)
    bureau.post("imports.undo_import", uid=file.uid, page=bureau.url("imports.list_imports"))
    assert "这类导入不能整体撤销" in bureau.get("imports.show_import", uid=file.uid).text


def test_whose_import_it_is_not_cannot_undo_it(client, county, sign_in, officer):
    file = import_rows(client, rows_of(county)[0])
    bureau = sign_in(officer)
    bureau.post("imports.undo_import", uid=file.uid, page=bureau.url("imports.list_imports"), status=404)
    assert Student.select().count() == 3


def test_an_import_of_a_closed_year_stays(client, county, administrator):
    """New pupils and changed classes of it alike; opened again it can go. What begins after it goes whatever is closed."""
    there = [row(county.school, 1, "张小明")]
    import_rows(client, there)
    changed = import_rows(client, [there[0] | {"班级★": "5班"}])
    new = import_rows(client, [row(county.school, 3, "李四")])
    Enrollment.update(starts_on=datetime.date(2025, 9, 1)).execute()
    for version in StudentVersion.select():
        version.content = version.content.replace("2026-09-01", "2025-09-01")
        version.save()
    close_year(county=county.county, school_year=2025, reason="已上报", by=administrator)
    for file in (changed, new):
        undone, page = undo(client, file)
        assert undone.undone_at is None and "已封存" in page
    reopen_year(county=county.county, school_year=2025, reason="更正", by=administrator)
    for file in (new, changed):
        assert undo(client, file)[0].undone_at is not None

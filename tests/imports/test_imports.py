"""A workbook through the browser: uploaded, checked, reviewed, committed; and what may go wrong."""

import io
import os

import openpyxl
import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.db import database
from aidtracker.errors import Refused
from aidtracker.imports import actions
from aidtracker.imports.models import ImportFile
from aidtracker.jobs import queue
from aidtracker.jobs.models import Job
from aidtracker.jobs.running import run_job
from aidtracker.students.models import Enrollment, Guardian, Student
from tests import factories

HEADINGS = "学校标识码★ 姓名★ 性别★ 出生日期★ 身份证件类型 身份证件号 学籍号 年级★ 班级★ 就读方式★ 成员1姓名 成员1联系电话".split()


@pytest.fixture(autouse=True)
def at_once():
    queue.set_immediate(True)
    yield
    queue.set_immediate(False)


def row(school, number, name="张小明", **changes):
    """A roster row: boy, born 2016-05-01, grade three."""
    id_number = factories.id_number("990101", "20160501", number)
    values = {
        "学校标识码★": school.code, "姓名★": name, "性别★": "男", "出生日期★": "20160501", "身份证件号": id_number,
        "学籍号": f"G{id_number}", "年级★": "三年级", "班级★": "2班", "就读方式★": "走读", "成员1姓名": "张大山",
        "成员1联系电话": "13900000000",
    }  # fmt: skip
    return {**values, **changes}


def workbook(rows):
    book = openpyxl.Workbook()
    book.active.append(HEADINGS)
    for values in rows:
        book.active.append([values.get(heading) for heading in HEADINGS])
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def upload(client, rows, kind="students", name="roster.xlsx", status=303):
    stream = rows if isinstance(rows, io.BytesIO) else workbook(rows)
    data = {"file": (stream, name), "school_year": str(factories.YEAR)}
    return client.post("imports.upload_workbook", data, kind=kind, status=status)


def test_a_roster_is_checked_first_and_saved_when_somebody_says_so(county, school_admin, sign_in):
    client = sign_in(school_admin)
    rows = [row(county.school, 1), row(county.school, 3, "李䶮"), row(county.school, 5, "", 班级="2班")]
    upload(client, rows)
    file = ImportFile.get()
    page = client.get("imports.show_import", uid=file.uid).text
    assert "共 3 行：可导入 2 行，1 行有错" in page
    assert Student.select().count() == 0
    client.post("imports.commit_import", uid=file.uid, page=client.url("imports.show_import", uid=file.uid))
    assert sorted(s.name for s in Student.select()) == ["张小明", "李䶮"]
    assert "已导入 2 行" in client.get("imports.show_import", uid=file.uid).text
    assert first_broken_entry() is None


def test_what_is_secret_is_sealed_and_found_again_by_its_key(county, school_admin, sign_in):
    import_rows(sign_in(school_admin), [row(county.school, 1)])
    student = Student.get()
    assert student.id_number == factories.id_number("990101", "20160501", 1)
    assert b"990101" not in bytes(student.__data__["id_number"])
    assert student.guardians.get().phone == "13900000000"
    assert student.class_org_id == county.room.id
    assert Enrollment.get().starts_on.isoformat() == "2026-09-01"


def import_rows(client, rows, **more):
    upload(client, rows, **more)
    file = ImportFile.select().order_by(ImportFile.id.desc()).get()
    client.post("imports.commit_import", uid=file.uid, page=client.url("imports.show_import", uid=file.uid))
    return ImportFile.get_by_id(file.id)


def test_the_same_file_again_changes_nothing(county, school_admin, sign_in):
    client = sign_in(school_admin)
    rows = [row(county.school, 1), row(county.school, 3, "李四")]
    import_rows(client, rows)
    outcome = import_rows_check(client, rows)
    assert (outcome["created"], outcome["updated"], outcome["unchanged"]) == (0, 0, 2)


def import_rows_check(client, rows):
    upload(client, rows)
    return ImportFile.select().order_by(ImportFile.id.desc()).get().outcome


def test_a_changed_row_changes_what_it_names_and_blanks_change_nothing(county, school_admin, sign_in):
    client = sign_in(school_admin)
    import_rows(client, [row(county.school, 1)])
    changed = row(county.school, 1, "张晓明", **{"班级★": "3班", "就读方式★": "住校", "成员1联系电话": ""})
    assert import_rows(client, [changed]).outcome["updated"] == 1
    student = Student.get()
    assert (student.name, student.mode) == ("张晓明", "boarding")
    assert student.class_org.name == "三年级3班"
    assert Enrollment.select().count() == 1
    assert import_rows_check(client, [changed])["unchanged"] == 1


def test_an_edit_form_that_was_opened_before_an_import_meets_a_conflict(county, school_admin, sign_in):
    client = sign_in(school_admin)
    import_rows(client, [row(county.school, 1)])
    before = Student.get().revision
    import_rows(client, [row(county.school, 1, 成员1姓名="李四")])
    assert Student.get().revision > before


def test_an_id_card_is_called_by_one_name(county, school_admin, sign_in):
    import_rows(sign_in(school_admin), [row(county.school, 1, 身份证件类型="身份证")])
    assert Student.get().id_kind == "居民身份证"


def test_a_phone_that_is_left_out_is_kept(county, school_admin, sign_in):
    client = sign_in(school_admin)
    import_rows(client, [row(county.school, 1)])
    import_rows(client, [row(county.school, 1, "张晓明", **{"成员1联系电话": ""})])
    assert Guardian.get().phone == "13900000000"


def test_another_year_is_a_new_spell_and_the_old_one_ends(county, officer, sign_in):
    client = sign_in(officer)
    upload_year(client, [row(county.school, 1, 年级="二年级", **{"年级★": "二年级"})], 2025)
    upload_year(client, [row(county.school, 1, **{"班级★": "1班"})], 2026)
    spells = [(e.starts_on.isoformat(), e.ends_on and e.ends_on.isoformat()) for e in Enrollment.select()]
    assert sorted(spells) == [("2025-09-01", "2026-08-31"), ("2026-09-01", None)]


def upload_year(client, rows, year):
    client.post(
        "imports.upload_workbook", {"file": (workbook(rows), "r.xlsx"), "school_year": str(year)}, kind="students"
    )
    file = ImportFile.select().order_by(ImportFile.id.desc()).get()
    client.post("imports.commit_import", uid=file.uid, page=client.url("imports.show_import", uid=file.uid))


def test_a_school_of_somebody_else_is_out_of_scope(county, school_admin, sign_in):
    outcome = import_rows_check(sign_in(school_admin), [row(county.other_school, 1), row(county.far_school, 3)])
    assert [p["code"] for p in outcome["problems"]] == ["out_of_scope", "out_of_scope"]


def test_a_pupil_of_another_school_is_not_taken_over_silently(county, officer, school_admin, sign_in):
    import_rows(sign_in(officer), [row(county.other_school, 1)])
    outcome = import_rows_check(sign_in(school_admin), [row(county.school, 1)])
    assert [p["code"] for p in outcome["problems"]] == ["conflict"]


def test_one_id_under_two_student_numbers_is_a_conflict(county, school_admin, sign_in):
    client = sign_in(school_admin)
    import_rows(client, [row(county.school, 1)])
    outcome = import_rows_check(client, [row(county.school, 1, 学籍号="G990101201605019999")])
    assert [p["code"] for p in outcome["problems"]] == ["conflict"]


def test_a_teacher_brings_in_the_own_class_s_rolls_and_nothing_else(county, teacher, sign_in):
    client = sign_in(teacher)
    page = client.get("imports.list_imports").text
    assert "上传本班点名表" in page and page.count("<h2>") == 2
    client.get("imports.list_history", status=403)
    client.get("imports.upload_workbook", kind="students", status=403)


def test_nobody_sees_the_import_of_another(county, school_admin, officer, sign_in):
    upload(sign_in(school_admin), [row(county.school, 1)])
    sign_in(officer).get("imports.show_import", uid=ImportFile.get().uid, status=404)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "是空的。请核对"), (b"\x00\x01noise" * 300, "不是 Excel"), (b"<html><table></table></html>", "网页")],
)
def test_a_file_that_is_no_workbook_is_refused_in_one_line(county, school_admin, sign_in, content, words):
    client = sign_in(school_admin)
    answer = client.http.post(
        client.url("imports.upload_workbook", kind="students"),
        data={
            "file": (io.BytesIO(content), "x.xlsx"),
            "school_year": "2026",
            "csrf_token": client.token(),
            "key": "5b9c8a52-7f41-4d3b-9d62-6b7a2d5a1f10",
        },
        follow_redirects=True,
    )
    assert words in answer.text


def test_a_discarded_file_is_gone(county, school_admin, sign_in):
    client = sign_in(school_admin)
    upload(client, [row(county.school, 1)])
    file = ImportFile.get()
    page = client.url("imports.show_import", uid=file.uid)
    client.post("imports.discard_import", uid=file.uid, page=page)
    assert ImportFile.get().state == "discarded"
    answer = client.http.post(
        client.url("imports.commit_import", uid=file.uid),
        data={"csrf_token": client.token(), "key": "5b9c8a52-7f41-4d3b-9d62-6b7a2d5a1f11"},
        follow_redirects=True,
    )
    assert "不能导入" in answer.text
    assert Student.select().count() == 0


def test_the_refused_rows_come_back_with_their_reasons(county, school_admin, sign_in):
    client = sign_in(school_admin)
    upload(client, [row(county.school, 1), row(county.school, 3, **{"性别★": "未知道"})])
    file = ImportFile.get()
    answer = client.get("jobs.fetch_result", uid=file.job_uid)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet.max_row == 2
    assert "性别" in sheet["A2"].value


def test_what_a_check_found_is_kept_sealed(county, school_admin, sign_in):
    """A column that slipped repeats an ID in the words of a problem."""
    id_number = factories.id_number("990101", "20160501", 7)
    outcome = import_rows_check(sign_in(school_admin), [row(county.school, 1, **{"性别★": id_number})])
    assert id_number in str(outcome["problems"])
    (kept,) = database.execute_sql("SELECT outcome FROM import_file").fetchone()
    assert id_number.encode() not in bytes(kept)


def test_a_workbook_is_committed_once_and_not_discarded_meanwhile(county, school_admin, sign_in, monkeypatch):
    client = sign_in(school_admin)
    upload(client, [row(county.school, 1)])
    file = ImportFile.get()
    page = client.url("imports.show_import", uid=file.uid)
    monkeypatch.setattr(queue, "wake", lambda uid: None)  # the worker is busy with another file
    for verb in ("commit", "commit", "discard"):
        client.post(f"imports.{verb}_import", uid=file.uid, page=page)
    assert ImportFile.get().state == "checked"
    waiting = Job.get(Job.kind == "imports.commit_workbook")
    run_job(waiting.uid)
    assert ImportFile.get().state == "committed" and Student.select().count() == 1
    assert AuditEntry.select().where(AuditEntry.action.in_(("imports.commit_import", "imports.discard_import"))).count() == 1


def test_two_who_decide_at_once_do_not_both_win(county, school_admin, sign_in, monkeypatch):
    upload(sign_in(school_admin), [row(county.school, 1)])
    monkeypatch.setattr(queue, "wake", lambda uid: None)
    one, other = ImportFile.get(), ImportFile.get()
    actions.commit_import(file=one, by=school_admin)
    for late in (actions.commit_import, actions.discard_import):
        with pytest.raises(Refused):
            late(file=other, by=school_admin)


@pytest.mark.parametrize("name", ["名册.x\0x", "\0.xlsx", "../../etc/名册.xlsx", "a" * 300 + ".xlsx", ".xlsx"])
def test_no_name_of_a_file_does_any_harm(county, school_admin, sign_in, name):
    kept = actions.keep_upload(workbook([row(county.school, 1)]), name)
    actions.upload_workbook(kind="students", kept=kept, school_year=2026, by=school_admin)
    file = ImportFile.get()
    assert file.state == "checked" and "\0" not in file.file_name and "/" not in file.file_name


def test_a_page_that_is_sent_twice_keeps_one_file(county, school_admin, sign_in):
    client, sent = sign_in(school_admin), workbook([row(county.school, 1)]).getvalue()
    url = client.url("imports.upload_workbook", kind="students")
    hidden = {"csrf_token": client.token(), "key": "5b9c8a52-7f41-4d3b-9d62-6b7a2d5a1f12", "school_year": "2026"}
    before = len(list(actions.folder().iterdir()))
    for _ in range(2):
        assert client.http.post(url, data={**hidden, "file": (io.BytesIO(sent), "r.xlsx")}).status_code == 303
    assert (ImportFile.select().count(), len(list(actions.folder().iterdir()))) == (1, before + 1)


def test_a_draft_that_a_killed_process_left_is_deleted(county, school_admin, sign_in):
    left = actions.folder() / "draft-of-yesterday.xlsx"
    left.write_bytes(b"children")
    os.utime(left, (0, 0))
    upload(sign_in(school_admin), [row(county.school, 1)])
    assert [path.name for path in actions.folder().iterdir() if path.name.startswith("draft")] == []

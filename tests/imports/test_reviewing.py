"""Before anything is written: who is new, changed, likely there already, or missing; what a sender's headings mean; several files at once."""

import datetime
import io

import openpyxl
import pytest

from aidtracker.accounts.models import User
from aidtracker.db import today_in_china
from aidtracker.imports.models import ImportFile, ImportHeading
from aidtracker.students import roster_preview
from aidtracker.students.actions_placing import leave_class
from aidtracker.students.models import Enrollment, Student
from tests import factories
from tests.imports.test_imports import HEADINGS, at_once, import_rows, row, upload, workbook  # noqa: F401  a fixture


@pytest.fixture
def client(county, school_admin, sign_in):
    return sign_in(school_admin)


def latest():
    return ImportFile.select().order_by(ImportFile.id.desc()).get()


def shown(client, group=""):
    return client.get("imports.show_import", uid=latest().uid, group=group).text


def test_old_and_new_stand_side_by_side_and_numbers_are_masked(client, county):
    import_rows(client, [row(county.school, 1)])
    upload(client, [row(county.school, 1) | {"姓名★": "单小明", "班级★": "5班", "成员1联系电话": "13900000002"}, row(county.school, 3, "李䶮")])
    preview = latest().outcome["preview"]
    assert {name: each["count"] for name, each in preview.items()} == {"new": 1, "changed": 1, "likely": 0, "missing": 0}
    [changed] = preview["changed"]["rows"]
    assert changed["changes"][0] == ["姓名", "张小明", "单小明"]
    assert ["成员1", "张大山，139****0000", "张大山，139****0002"] in changed["changes"]
    assert any(heading == "班级" and "三年级2班" in old and "三年级5班" in new for heading, old, new in changed["changes"])
    page = shown(client, "changed")
    assert "单小明" in page and "13900000002" not in page
    number = Student.get().id_number
    assert all(number not in shown(client, group) for group in ("", "new", "changed", "likely", "missing"))


def test_what_stood_in_a_record_that_the_reader_may_not_see_is_not_shown(client, county, officer):
    """A child who left another school is found by its number: that something changes is said, not from what."""
    line = row(county.school, 1)
    one_who_left(county, officer, line["身份证件号"])
    upload(client, [line | {"现住址": "双河1组", "残疾类型": "肢体"}])
    preview = latest().outcome["preview"]
    [changed] = preview["changed"]["rows"]
    assert ["成员1", "（原内容不在你的查看范围）", "张大山，139****0000"] in changed["changes"]
    assert all(word not in str(preview) for word in ("张秘密", "石门"))
    assert "原内容不在你的查看范围" in shown(client, "changed")


def one_who_left(county, officer, id_number, kind="leave", **about):
    """张小明 sat in another school until last year."""
    pupil = factories.make_student(county.other_room, "张小明", sex="M", born_on=datetime.date(2016, 5, 1), id_number=id_number, address="石门3组")
    factories.make_guardian(pupil, name="张秘密")
    last_year = datetime.date(factories.YEAR - 1, 9, 1)
    Enrollment.update(starts_on=last_year).where(Enrollment.student == pupil).execute()
    leave_class(student=pupil, left_on=last_year + datetime.timedelta(days=200), reason="x", by=officer, kind=kind, **about)
    return pupil


def why_refused(client, line):
    upload(client, [line])
    outcome = latest().outcome
    assert (outcome["refused"], outcome["created"] + outcome["updated"]) == (1, 0), outcome
    return outcome["problems"][0]["message"]


def test_who_left_and_is_out_of_sight_is_taken_in_only_as_the_same_child(client, county, officer):
    line = row(county.school, 1)
    one_who_left(county, officer, line["身份证件号"])
    assert "另一名学生" in why_refused(client, line | {"姓名★": "李四"})
    import_rows(client, [line])
    assert Student.get().class_org_id == county.room.id


def test_who_left_by_a_paper_comes_back_by_one(client, county, officer):
    line = row(county.school, 1)
    one_who_left(county, officer, line["身份证件号"], "transfer_out", place="邻县小学", document="转学证明")
    assert "先办理复学或转入" in why_refused(client, line)


def test_a_child_whose_death_is_registered_is_in_no_roster_anybody_brings_in(county, officer, sign_in):
    line = row(county.school, 1)
    one_who_left(county, officer, line["身份证件号"], "die", document="证明")
    assert "已登记死亡" in why_refused(sign_in(officer), line)


def test_a_roster_does_not_rewrite_where_a_child_out_of_sight_sat_this_year(client, county, officer):
    line = row(county.school, 1)
    pupil = factories.make_student(county.other_room, "张小明", sex="M", born_on=datetime.date(2016, 5, 1), id_number=line["身份证件号"])
    leave_class(student=pupil, left_on=today_in_china(), reason="x", by=officer)
    assert "先办理复学或转入" in why_refused(client, line)


def test_the_preview_stays_with_the_import(client, county):
    file = import_rows(client, [row(county.school, 1)])
    assert file.outcome["preview"]["new"]["count"] == 1


def test_who_sits_in_a_class_of_the_file_and_is_not_in_it_is_named(client, county):
    import_rows(client, [row(county.school, 1), row(county.school, 3, "李四"), row(county.school, 5, "王五", **{"班级★": "9班"})])
    upload(client, [row(county.school, 1)])
    missing = latest().outcome["preview"]["missing"]
    assert (missing["count"], [each["name"] for each in missing["rows"]]) == (1, ["李四"])
    assert "李四" in shown(client, "missing")


def test_a_new_row_like_a_known_pupil_is_told_without_what_the_reader_may_not_see(client, county):
    import_rows(client, [row(county.school, 1)])
    factories.make_student(county.other_room, "李四", sex="M", born_on=Student.get().born_on)
    upload(client, [row(county.school, 7), row(county.school, 9, "李四")])
    likely = latest().outcome["preview"]["likely"]["rows"]
    assert [(each["name"], each["like"]) for each in likely] == [("张小明", "双河镇中心小学 三年级2班"), ("李四", "本县另一所学校，或已离校")]
    assert "石门乡" not in shown(client, "likely")


def test_hints_at_pupils_out_of_sight_are_few_a_day_whatever_the_files(client, county, monkeypatch):
    """Else names and birthdays could be tried out by the thousand."""
    monkeypatch.setattr(roster_preview, "MOST_UNSEEN", 2)
    names = ("李一", "李二", "李三", "李四")
    for name in names:
        factories.make_student(county.other_room, name, sex="M", born_on=datetime.date(2016, 5, 1))
    upload(client, [row(county.school, 901 + 2 * n, name) for n, name in enumerate(names[:3])])
    assert [each["name"] for each in latest().outcome["preview"]["likely"]["rows"]] == ["李一", "李二"]
    upload(client, [row(county.school, 921, names[3])])
    assert latest().outcome["preview"]["likely"]["count"] == 0
    assert "每天只提示少数几名" in shown(client, "likely")


def strange(rows, renamed):
    """A workbook with headings of the sender's own."""
    book = openpyxl.Workbook()
    book.active.append([renamed.get(heading, heading) for heading in HEADINGS])
    for values in rows:
        book.active.append([values.get(heading) for heading in HEADINGS])
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


RENAMED = {"姓名★": "孩子叫什么", "就读方式★": "住不住校"}


def test_a_heading_that_we_do_not_know_is_asked_once_and_remembered(client, county):
    rows = [row(county.school, 1)]
    upload(client, strange(rows, RENAMED))
    file = latest()
    assert (file.state, file.outcome["headings"]) == ("failed", {"unknown": ["孩子叫什么", "住不住校"], "lacking": ["姓名"]})
    assert "说明每一列是什么" in shown(client)
    asked = client.get("imports.set_headings", uid=file.uid).text
    assert "孩子叫什么" in asked and "还缺必需的列：姓名" in asked
    client.post("imports.set_headings", {"heading-0": "name", "heading-1": ""}, uid=file.uid)
    file = latest()
    assert (file.state, file.outcome["created"]) == ("checked", 1)
    upload(client, strange(rows, RENAMED))
    assert latest().state == "checked" and {each.column_key for each in ImportHeading.select()} == {"name", ""}


def test_what_one_sender_means_is_not_what_another_means(client, county, officer, sign_in):
    upload(client, strange([row(county.school, 1)], RENAMED))
    client.post("imports.set_headings", {"heading-0": "name", "heading-1": "mode"}, uid=latest().uid)
    upload(sign_in(officer), strange([row(county.school, 1)], RENAMED))
    assert latest().state == "failed"


@pytest.mark.parametrize("typed", [{"heading-0": "name", "heading-1": "name"}, {"heading-0": "is_admin", "heading-1": ""}])
def test_two_columns_for_one_thing_or_none_of_ours_are_refused(client, county, typed):
    upload(client, strange([row(county.school, 1)], RENAMED))
    client.post("imports.set_headings", typed, uid=latest().uid, status=400)
    assert latest().state == "failed" and not ImportHeading.select().exists()


def send(client, many, status=303):
    files = [(workbook(rows), f"学校{n}.xlsx") for n, rows in enumerate(many)]
    return client.post("imports.upload_workbook", {"file": files, "school_year": str(factories.YEAR)}, kind="students", status=status)


def test_several_schools_files_come_in_together(county, officer, sign_in):
    client = sign_in(officer)
    answer = send(client, [[row(county.school, 1)], [row(county.other_school, 3, "李四"), row(county.other_school, 5, "")], [row(county.school, 7, "")]])
    assert answer.location.endswith("/batch")
    first = ImportFile.select().order_by(ImportFile.id).first()
    page = client.get("imports.show_batch", uid=first.uid).text
    assert "共 3 个文件" in page and "导入这 2 个文件" in page
    client.post("imports.commit_batch", uid=first.uid, page=client.url("imports.show_batch", uid=first.uid))
    assert sorted(student.name for student in Student.select()) == ["张小明", "李四"]
    assert [file.state for file in ImportFile.select().order_by(ImportFile.id)] == ["committed", "committed", "checked"]
    client.post("imports.commit_batch", uid=first.uid, page=client.url("imports.show_batch", uid=first.uid))
    assert "没有可以导入的" in client.get("imports.show_batch", uid=first.uid).text


def test_too_many_files_at_once_are_refused_before_one_is_kept(county, officer, sign_in):
    send(sign_in(officer), [[row(county.school, 1)]] * 61, status=400)
    assert not ImportFile.select().exists()


def test_the_history_shows_what_was_brought_in_below_and_not_beside(county, officer, school_admin, teacher, sign_in):
    import_rows(sign_in(school_admin), [row(county.school, 1)])
    other = factories.make_user("school_admin", county.other_school, name="旁人", username="other")
    ImportFile.create(kind="students", file_name="旁校名册.xlsx", sha256="1" * 64, size=1, by=other)
    both = factories.make_user("school_admin", county.school, name="兼任", username="both")
    factories.Membership.create(user=both, role="school_admin", org=county.other_school, starts_on=factories.datetime.date(2020, 9, 1))
    ImportFile.create(kind="students", file_name="兼任名册.xlsx", sha256="2" * 64, size=1, by=both)
    page = sign_in(school_admin).get("imports.list_history").text
    assert "roster.xlsx" in page and "1" * 12 not in page and "2" * 12 not in page
    whole = sign_in(officer).get("imports.list_history").text
    assert all(hash_ in whole for hash_ in ("1" * 12, "2" * 12, ImportFile.select().order_by(ImportFile.id).first().sha256[:12]))
    assert "旁校名册" not in whole  # how somebody calls a file may name a child


def test_the_same_bytes_again_are_told(client, county):
    stream = workbook([row(county.school, 1)]).getvalue()
    import_rows(client, io.BytesIO(stream))
    upload(client, io.BytesIO(stream))
    assert "已经导入过" in shown(client)


def test_who_reads_english_reads_why_a_row_is_refused(client, county, school_admin):
    upload(client, workbook([row(county.school, 1) | {"身份证件号": "1234"}, row(county.school, 3, "")]))
    page = shown(client)
    assert "这里是" in page and "没有填写" in page
    User.update(language="en").where(User.id == school_admin.id).execute()
    client.http.set_cookie("language", "en")
    page = shown(client)
    assert "is empty" in page and "digits" in page and "没有填写" not in page and "这里是" not in page

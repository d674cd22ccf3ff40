"""The workbench and the lists, as people meet them."""

import datetime
import io

import openpyxl
import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.cases.models import Case
from aidtracker.census.models import ListedChild, Snapshot
from aidtracker.db import today_in_china
from aidtracker.imports.models import ImportFile
from aidtracker.jobs import queue
from aidtracker.students.models import Enrollment, Student
from tests import factories
from tests.census.conftest import DAY, list_child

BORN = datetime.date(2016, 5, 1)


@pytest.fixture
def registry(snapshot):
    return snapshot()


def text_of(answer):
    return answer.get_data(as_text=True)


def test_the_county_sees_everybody_and_a_township_its_own_homes(county, registry, officer, coordinator, sign_in):
    list_child(registry, "本镇甲", home=county.village)
    list_child(registry, "外镇乙", home=county.other_township)
    list_child(registry, "外县丙")
    said = text_of(sign_in(officer).get("census.show_matching"))
    assert all(name in said for name in ("本镇甲", "外镇乙", "外县丙"))
    said = text_of(sign_in(coordinator).get("census.show_matching"))
    assert "本镇甲" in said and "外镇乙" not in said and "外县丙" not in said


def test_whole_ids_are_never_shown(county, registry, officer, sign_in):
    child = list_child(registry, home=county.village)
    client = sign_in(officer)
    for endpoint, values in (("census.show_matching", {}), ("census.show_snapshot", {"snapshot_id": registry.id}), ("census.register_child", {"child_id": child.id})):
        said = text_of(client.get(endpoint, **values))
        assert child.id_number not in said and child.id_number[-4:] in said


def test_the_list_is_narrowed_by_township_outside_name_and_monitored(county, registry, snapshot, officer, sign_in):
    first = list_child(registry, "本镇甲", home=county.village)
    list_child(registry, "外镇乙", home=county.other_township, head_name="丁户主")
    list_child(registry, "外县丙")
    list_child(snapshot("monitored_households"), "本镇甲", id_number=first.id_number, home=county.township)
    client = sign_in(officer)
    for asked, name in (
        ({"township": county.township.id}, "本镇甲"),
        ({"township": "outside"}, "外县丙"),
        ({"q": "丁户"}, "外镇乙"),
        ({"q": "甲"}, "本镇甲"),
        ({"only": "monitored"}, "本镇甲"),
    ):
        said = text_of(client.get("census.show_matching", **asked))
        assert [each for each in ("本镇甲", "外镇乙", "外县丙") if each in said] == [name], asked
    assert "清除筛选" in text_of(client.get("census.show_matching", q="没有这人"))


def test_a_number_in_the_box_leaves_the_address(registry, officer, sign_in):
    client = sign_in(officer)
    for endpoint, values in (("census.show_matching", {"only": "monitored"}), ("census.show_snapshot", {"snapshot_id": registry.id, "only": "monitored"})):
        answer = client.get(endpoint, 303, q="990101 2016 0501 0020", **values)
        assert "q=" not in answer.headers["Location"] and "only=monitored" in answer.headers["Location"]
        assert "这里只按姓名查找" in text_of(client.http.get(answer.headers["Location"]))


def test_a_day_that_is_none_is_said(registry, officer, sign_in):
    assert "请填写真实的日期" in text_of(sign_in(officer).get("census.show_matching", 400, **{"as-of": "2026-02-30"}))


def test_a_likely_pupil_is_hinted_and_one_outside_the_scope_not_named(county, registry, officer, coordinator, sign_in):
    list_child(registry, "雷婷", home=county.village, born_on=BORN)
    pupil = factories.make_student(county.other_room, "雷婷", born_on=BORN, home=county.other_township)
    said = text_of(sign_in(officer).get("census.show_matching"))
    assert "可能是同一人" in said and county.other_school.name in said and f"/students/{pupil.id}" in said
    said = text_of(sign_in(coordinator).get("census.show_matching"))
    assert "别的乡镇有同名" in said and county.other_school.name not in said and f"/students/{pupil.id}" not in said


def test_who_left_the_class_has_a_record_and_its_case_is_named(county, registry, officer, sign_in):
    pupil = factories.make_student(county.room, "次仁卓玛", home=county.village)
    list_child(registry, "次仁卓玛", id_number=pupil.id_number, home=county.village)
    left = today_in_china() - datetime.timedelta(days=1)
    Enrollment.update(ends_on=left).where(Enrollment.student == pupil).execute()
    client = sign_in(officer)
    said = text_of(client.get("census.show_matching"))
    assert f"{left.isoformat()} 离班" in said and f"/students/{pupil.id}" in said and "在个案里继续跟进" not in said
    Case.create(number="990100-2026-0001", county=county.county, student=pupil, origin="matching", found_on=left)
    said = text_of(client.get("census.show_matching"))
    assert "在个案里继续跟进" in said and "990100-2026-0001" in said


def test_pupils_on_no_list_and_disabled_children_have_tabs_of_their_own(county, registry, snapshot, officer, sign_in):
    list_child(registry, "雷婷", born_on=BORN)
    pupil = factories.make_student(county.room, "在读甲", born_on=BORN)
    factories.make_student(county.room, "雷婷", born_on=BORN)
    list_child(snapshot("disabled_children"), "残疾乙", category="肢体残疾", level="二级", born_on=BORN)
    client = sign_in(officer)
    said = text_of(client.get("census.show_matching", list="not_listed"))
    assert "在读甲" in said and f"/students/{pupil.id}" in said and "名单里有同名" in said and "残疾乙" not in said
    said = text_of(client.get("census.show_matching", kind="disabled_children"))
    assert "残疾乙" in said and "肢体残疾 二级" in said and "在读甲" not in said


def test_fifty_stand_on_a_page(county, registry, officer, sign_in):
    for number in range(51):
        list_child(registry, f"童{number:02}", home=county.village)
    client = sign_in(officer)
    assert "共 51 条" in text_of(client.get("census.show_matching"))
    said = text_of(client.get("census.show_matching", page=2))
    assert "童50" in said and "童49" not in said


def test_without_lists_the_pages_say_what_will_appear(officer, coordinator, sign_in):
    client = sign_in(officer)
    assert "还没有「户籍适龄儿童少年名单」" in text_of(client.get("census.show_matching"))
    said = text_of(client.get("census.list_snapshots"))
    assert "还没有部门名单" in said and "/imports/household-registry/upload" in said
    assert "/imports/" not in text_of(sign_in(coordinator).get("census.list_snapshots"))


def test_lists_tell_day_numbers_and_who_brought_them(county, registry, officer, coordinator, sign_in):
    Snapshot.update(brought_by=officer).execute()
    list_child(registry, "本镇甲", home=county.village)
    list_child(registry, "外县丙")
    said = text_of(sign_in(coordinator).get("census.list_snapshots"))
    assert DAY.isoformat() in said and officer.name in said
    assert '<td class="num">2</td><td class="num">1</td>' in said
    said = text_of(sign_in(coordinator).get("census.show_snapshot", snapshot_id=registry.id))
    assert "本镇甲" in said and "外县丙" not in said and "删除" not in said


def test_another_countys_list_does_not_exist(county, snapshot, officer, sign_in):
    far = snapshot(of=county.other_county)
    child = list_child(far, home=county.far_township)
    client = sign_in(officer)
    client.get("census.show_snapshot", 404, snapshot_id=far.id)
    client.get("census.remove_snapshot", 404, snapshot_id=far.id)
    client.get("census.register_child", 404, child_id=child.id)


def test_remove_snapshot_says_the_number_and_then_does_it(registry, officer, sign_in):
    list_child(registry)
    client = sign_in(officer)
    assert "共 1 人" in text_of(client.get("census.remove_snapshot", snapshot_id=registry.id))
    client.post("census.remove_snapshot", snapshot_id=registry.id)
    assert Snapshot.select().count() == ListedChild.select().count() == 0


def test_register_child_makes_the_record_and_goes_on(county, registry, officer, sign_in):
    child = list_child(registry, "雷婷", home=county.village)
    client = sign_in(officer)
    assert f"/census/children/{child.id}/register" in text_of(client.get("census.show_matching"))
    answer = client.post("census.register_child", child_id=child.id)
    student = Student.get()
    assert f"/students/{student.id}" in answer.headers["Location"]
    assert "没有就读过本县的班级" in text_of(client.get("census.show_matching"))
    client.post("census.register_child", child_id=child.id, status=400)
    assert Student.select().count() == 1


def test_a_list_comes_in_by_the_browser_with_its_day(county, officer, sign_in):
    queue.set_immediate(True)
    try:
        client = sign_in(officer)
        assert 'name="dated"' in text_of(client.get("imports.upload_workbook", kind="household-registry"))
        tomorrow = today_in_china() + datetime.timedelta(days=1)
        for wrong in ("", "2026-02-30", tomorrow.isoformat()):
            client.post("imports.upload_workbook", {"file": (workbook(), "list.xlsx"), "dated": wrong}, kind="household-registry", status=400)
        client.post("imports.upload_workbook", {"file": (workbook(), "list.xlsx"), "dated": DAY.isoformat()}, kind="household-registry")
        file = ImportFile.get()
        assert (file.state, file.dated) == ("checked", DAY) and Snapshot.select().count() == 0
        assert f"名单日期 {DAY}" in text_of(client.get("imports.show_import", uid=file.uid))
        client.post("imports.commit_import", uid=file.uid, page=client.url("imports.show_import", uid=file.uid))
    finally:
        queue.set_immediate(False)
    snapshot = Snapshot.get()
    assert (snapshot.dated, snapshot.kind, snapshot.brought_by_id) == (DAY, "household_registry", officer.id)


def workbook():
    book = openpyxl.Workbook()
    book.active.append(["姓名", "公民身份号码", "户籍地址代码"])
    book.active.append(["雷婷", factories.make_id_number(BORN), "990100100201"])
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def test_a_result_is_taken_away_with_reason_and_step_and_no_whole_number(county, registry, officer, sign_in):
    child = list_child(registry, "雷婷", home=county.village)
    pupil = factories.make_student(county.room, "在读甲", born_on=BORN)
    other = factories.make_student(county.room, "名字甲", home=county.village)
    list_child(registry, "名字乙", id_number=other.id_number, home=county.village)
    client = sign_in(officer)
    for name, words in {
        "not_enrolled": ("雷婷", "本县没有这个孩子的学生记录", "核实户籍和去向"),
        "not_listed": ("在读甲", "户籍在外县", "不用处理"),
        "differing": ("名字乙", "姓名：名字乙 / 名字甲", "核对户口簿"),
    }.items():
        answer = client.get("census.fetch_matching", list=name)
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
        cells = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)
        assert all(word in cells for word in words), cells
        assert child.id_number not in cells and pupil.id_number not in cells
    assert AuditEntry.select().where(AuditEntry.action == "census.export_matching").count() == 3
    client.get("census.fetch_matching", 404, kind="disabled_children")


def test_the_page_narrows_by_state_and_change_and_sorts(county, registry, snapshot, officer, sign_in):
    list_child(registry, "上次就有", id_number=(first := factories.make_id_number(BORN)), home=county.village)
    later = snapshot(dated=DAY + datetime.timedelta(days=7))
    list_child(later, "上次就有", id_number=first, home=county.village)
    list_child(later, "新来的", home=county.village)
    list_child(later, "太小的", born_on=today_in_china(), home=county.village)
    client, names = sign_in(officer), ("上次就有", "新来的", "太小的")

    def shown(**asked):
        said = text_of(client.get("census.show_matching", **asked))
        return [name for name in names if f'<span class="nowrap">{name}</span>' in said]

    assert shown() == list(names) and shown(change="new") == ["新来的", "太小的"] and shown(change="unchanged") == ["上次就有"]
    assert shown(state="todo") == ["上次就有", "新来的"] and shown(state="explained") == ["太小的"] and shown(state="case") == []
    assert shown(**{"as-of": DAY.isoformat()}) == ["上次就有"]
    said = text_of(client.get("census.show_matching", sort="-born"))
    assert said.index("太小的") < said.index("新来的") and 'aria-sort="descending"' in said


def test_who_differs_is_seen_from_either_side(county, registry, coordinator, sign_in):
    pupil = factories.make_student(county.room, "本镇读书", home=county.other_township)
    list_child(registry, "另写名字", id_number=pupil.id_number, home=county.other_township)
    assert "另写名字" in text_of(sign_in(coordinator).get("census.show_matching", list="differing"))
    assert "另写名字" not in text_of(sign_in(coordinator).get("census.show_matching"))


def test_a_school_is_told_what_concerns_its_pupils(county, registry, school_admin, sign_in):
    list_child(registry, "户籍在此", home=county.village)
    mine, other = (factories.make_student(room, name, born_on=BORN, home=county.village) for room, name in ((county.room, "本校甲"), (county.other_room, "外校乙")))
    for pupil in (mine, other):
        wrong = factories.make_student(pupil.class_org, f"错名{pupil.name}", home=county.village)
        list_child(registry, f"对名{pupil.name}", id_number=wrong.id_number, home=county.village)
    client = sign_in(school_admin)
    said = text_of(client.get("census.show_matching"))
    assert "本校甲" in said and "外校乙" not in said and "户籍在此" not in said and "在名单，未就读" not in said
    said = text_of(client.get("census.show_matching", list="differing"))
    assert "对名本校甲" in said and "对名外校乙" not in said
    assert "户籍在此" not in text_of(client.get("census.show_matching", list="not_enrolled"))

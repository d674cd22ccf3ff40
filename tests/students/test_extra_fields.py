"""自定义项目: a county's own fields on every door: page, list, roster, ledger; what was said is never lost."""

import datetime
import json

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Forbidden, Refused
from aidtracker.students.actions import create_student, edit_student
from aidtracker.students.actions_extra import add_field, edit_field, reopen_field, withdraw_field
from aidtracker.students.extra_fields import meant, values_of
from aidtracker.students.models import Student
from aidtracker.students.models_extra import ExtraField, ExtraValue
from aidtracker.students.models_history import StudentVersion
from tests import factories
from tests.imports import test_imports
from tests.imports.test_imports import at_once, import_rows, row  # noqa: F401  a fixture
from tests.imports.test_undoing import undo


@pytest.fixture
def chief(county):
    return factories.make_user("bureau_admin", county.county, "局长", "chief")


@pytest.fixture
def make(county, chief):
    """make(label, kind, ...) -> a field of the county."""

    def made(label="校车路线", kind="text", choices="", **flags):
        return add_field(county=county.county, kind=kind, values={"label": label, "choices": choices, **flags}, by=chief)

    return made


def say(pupil, by, said: dict):
    now = Student.get_by_id(pupil.id)
    return edit_student(student=now, revision=now.revision, values={}, extra={field.id: text for field, text in said.items()}, by=by)


def test_a_field_is_defined_changed_retired_and_brought_back_in_the_browser(county, chief, sign_in, pupils, school_admin):
    client = sign_in(chief)
    client.post("students.add_field", {"label": "校车路线", "kind": "choice", "choices": "东线\n西线"}, county_id=county.county.id)
    field = ExtraField.get()
    say(pupils.mine, school_admin, {field: "东线"})
    client.post("students.edit_field", {"label": "校车", "choices": "北线\n西线", "position": "2", "shown_in_list": "y"}, county_id=county.county.id, field_id=field.id)
    now = ExtraField.get()
    assert (now.label, now.words, now.position, now.shown_in_list) == ("校车", ["北线", "西线"], 2, True)
    page = client.url("students.list_fields", county_id=county.county.id)
    client.post("students.withdraw_field", page=page, county_id=county.county.id, field_id=field.id)
    assert "校车" not in client.get("students.show_student", student_id=pupils.mine.id).text
    assert values_of(pupils.mine) == {field.id: "东线"}
    client.post("students.reopen_field", page=page, county_id=county.county.id, field_id=field.id)
    assert "东线" in client.get("students.show_student", student_id=pupils.mine.id).text
    done = [entry.action for entry in AuditEntry.select().where(AuditEntry.object_kind == "extra_field").order_by(AuditEntry.id)]
    assert done == [f"students.{verb}_field" for verb in ("add", "edit", "withdraw", "reopen")]


def test_only_the_bureau_of_the_county_defines_fields(county, make, officer, sign_in):
    field = make()
    client = sign_in(officer)  # bureau staff, without the county's rules
    client.get("students.list_fields", 403)
    stranger = factories.make_user("bureau_admin", county.far_school.county, "外县主任", "far.admin")
    for act in (
        lambda: add_field(county=county.county, kind="text", values={"label": "另一项"}, by=stranger),
        lambda: edit_field(field=field, values={"label": "另一项"}, by=stranger),
        lambda: withdraw_field(field=field, by=stranger),
        lambda: reopen_field(field=field, by=officer),
    ):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"label": "身份证号"}, "已有的项目"), ({"label": "姓 名"}, "已有的项目"), ({"label": "校车路线"}, "已经有叫"), ({"label": "甲,乙"}, "逗号"),
        ({"label": ""}, "1 到 20"), ({"label": "过敏", "is_sensitive": True, "shown_in_list": True}, "敏感"),
    ],
)  # fmt: skip
def test_a_label_is_one_of_its_own(make, values, words):
    make()
    with pytest.raises(Refused, match=words):
        make(**values)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("number", " 1,200.50 ", "1200.5"), ("number", "100", "100"), ("number", "很多", None), ("number", "NaN", None), ("number", "1e99", None),
        ("date", "2026年3月5日", "2026-03-05"), ("date", "2026-13-01", None), ("choice", "甲", "甲"), ("choice", "丙", None),
        ("text", "  三路 ", "三路"), ("text", "长" * 201, None), ("date", "", ""),
    ],
)  # fmt: skip
def test_a_value_is_one_of_its_kind(kind, typed, kept):
    field = ExtraField(label="项目", kind=kind, choices="甲\n乙" if kind == "choice" else "")
    if kept is None:
        with pytest.raises(Refused, match="项目"):
            meant(field, typed)
    else:
        assert meant(field, typed) == kept


def test_an_edit_says_what_changed_and_keeps_what_stood(pupils, make, school_admin, sign_in):
    route, since = make(), make("上车日期", "date")
    client, pupil = sign_in(school_admin), pupils.mine
    form = {"name": pupil.name, "sex": pupil.sex, "born_on": str(pupil.born_on), "id_kind": pupil.id_kind, "address": pupil.address, "home_code": pupil.home_code}
    form |= {"ethnicity": pupil.ethnicity, "entered_on": pupil.entered_on}
    names = f"extra-{route.id}", f"extra-{since.id}"
    assert all(f'name="{name}"' in client.get("students.edit_student", student_id=pupil.id).text for name in names)
    client.post("students.edit_student", {**form, "revision": "1", names[0]: "三路", names[1]: "不是日期"}, 400, student_id=pupil.id)
    client.post("students.edit_student", {**form, "revision": "1", names[0]: "三路", names[1]: "2026.9.1"}, student_id=pupil.id)
    assert values_of(pupil) == {route.id: "三路", since.id: "2026-09-01"}
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert set(entry.fields.split(",")) == {"校车路线", "上车日期"} and "三路" not in entry.fields + entry.reason
    client.post("students.edit_student", {**form, "revision": "2", names[0]: "五路", names[1]: ""}, student_id=pupil.id)
    assert values_of(pupil) == {route.id: "五路"}
    last = StudentVersion.select().order_by(StudentVersion.id.desc()).first()
    assert json.loads(last.content)["extra"] == {str(route.id): "三路", str(since.id): "2026-09-01"}
    assert "三路 → 五路" in client.get("students.list_changes", student_id=pupil.id).text
    assert "三路".encode() not in bytes(ExtraValue.select(ExtraValue.value).tuples().get()[0])


def test_a_new_pupil_begins_with_them(county, make, school_admin, sign_in):
    route, since, allergy = make(kind="choice", choices="东线\n西线"), make("上车日期", "date"), make("过敏", is_sensitive=True)
    names = {name: f"extra-{field.id}" for name, field in (("route", route), ("since", since), ("allergy", allergy))}
    data = {"name": "尼玛", "sex": "M", "born_on": "2017-02-03", "id_kind": "居民身份证", "class_org": str(county.room.id), "starts_on": "2026-09-01", "mode": "day"}
    client = sign_in(school_admin)
    assert all(f'name="{name}"' in client.get("students.create_student").text for name in names.values())
    page = client.post("students.create_student", {**data, names["since"]: "不是日期"}, 400).text
    assert "「上车日期」要填日期" in page and not Student.select().where(Student.name == "尼玛").exists()
    client.post("students.create_student", {**data, names["route"]: "西线", names["since"]: "2026.9.1", names["allergy"]: "青霉素"})
    assert values_of(Student.get(Student.name == "尼玛")) == {route.id: "西线", since.id: "2026-09-01", allergy.id: "青霉素"}
    entry = AuditEntry.select().where(AuditEntry.action == "students.create_student").get()
    assert {"校车路线", "上车日期", "过敏"} <= set(entry.fields.split(",")) and "青霉素" not in entry.fields + entry.reason


def test_a_new_pupil_takes_none_of_another_county(county, school_admin):
    far = factories.make_user("bureau_admin", county.far_school.county, "外县主任", "far.admin")
    foreign = add_field(county=county.far_school.county, kind="text", values={"label": "外县项目"}, by=far)
    values = {"name": "尼玛", "sex": "M", "born_on": datetime.date(2017, 2, 3), "id_kind": "居民身份证", "ethnicity": "", "entered_on": "", "home_code": ""}
    place = {"class_org": county.room, "mode": "day", "seat": None, "starts_on": datetime.date(2026, 9, 1)}
    assert values_of(create_student(values=values, extra={foreign.id: "x"}, **place, by=school_admin)) == {}


def test_a_form_takes_no_field_of_another_county_and_none_that_was_retired(pupils, county, make, chief, school_admin):
    far = factories.make_user("bureau_admin", county.far_school.county, "外县主任", "far.admin")
    foreign = add_field(county=county.far_school.county, kind="text", values={"label": "外县项目"}, by=far)
    retired = make()
    withdraw_field(field=retired, by=chief)
    assert say(pupils.mine, school_admin, {foreign: "x", retired: "y"}) == [] and not ExtraValue.select().exists()


def test_the_list_has_a_column_and_a_filter(pupils, make, school_admin, sign_in):
    route = make(kind="choice", choices="东线\n西线", shown_in_list=True)
    say(pupils.mine, school_admin, {route: "东线"})
    client = sign_in(school_admin)
    page = client.get("students.list_students").text
    assert "校车路线</th>" in page and "<td>东线</td>" in page
    narrowed = client.get("students.list_students", **{f"extra-{route.id}": "东线"}).text
    assert "共 1 人" in narrowed and pupils.mine.name in narrowed
    assert "共 0 人" in client.get("students.list_students", **{f"extra-{route.id}": "西线"}).text


def test_what_is_sensitive_is_for_whoever_may_see_whole_numbers(pupils, county, make, school_admin, sign_in):
    field = make("过敏", is_sensitive=True)
    say(pupils.mine, school_admin, {field: "青霉素"})
    looker = factories.make_user("auditor", county.county, "看一看", "looker")
    for user, may in ((school_admin, True), (looker, False)):
        assert ("青霉素" in sign_in(user).get("students.show_student", student_id=pupils.mine.id).text) == may
    client = sign_in(school_admin)
    assert "青霉素" not in client.get("students.edit_student", student_id=pupils.mine.id).text + client.get("students.list_students").text


def test_a_roster_brings_values_and_takes_them_back(county, make, school_admin, sign_in, monkeypatch):
    monkeypatch.setattr(test_imports, "HEADINGS", [*test_imports.HEADINGS, "校车路线", "上车日期", "过敏"])
    route, since, allergy = make(kind="choice", choices="东线\n西线"), make("上车日期", "date"), make("过敏", is_sensitive=True)
    client = sign_in(school_admin)
    there = [row(county.school, n, name, 校车路线="东线", 上车日期="20260901", 过敏="无") for n, name in ((1, "张小明"), (3, "李小红"))]
    first = import_rows(client, there)
    pupil = Student.get(Student.name == "张小明")
    assert first.outcome["created"] == 2 and values_of(pupil) == {route.id: "东线", since.id: "2026-09-01", allergy.id: "无"}
    assert import_rows(client, there).outcome["unchanged"] == 2
    then = [there[0] | {"校车路线": "西线", "上车日期": "", "过敏": "青霉素"}, there[1] | {"校车路线": "南线"}, row(county.school, 5, "王五", 校车路线="", 上车日期="", 过敏="")]
    file = import_rows(client, then)
    assert (file.outcome["updated"], file.outcome["created"], file.outcome["refused"]) == (1, 1, 1)
    assert any("只能填：东线、西线" in problem["message"] and problem["column"] == "校车路线" for problem in file.outcome["problems"])
    assert values_of(pupil) == {route.id: "西线", since.id: "2026-09-01", allergy.id: "青霉素"}
    changes = dict((heading, (before, after)) for heading, before, after in file.outcome["preview"]["changed"]["rows"][0]["changes"])
    assert changes == {"校车路线": ("东线", "西线"), "过敏": ("***", "***")}
    undo(client, file)
    assert values_of(pupil) == {route.id: "东线", since.id: "2026-09-01", allergy.id: "无"} and not Student.select().where(Student.name == "王五").exists()


def test_the_ledger_of_pupils_has_the_columns(pupils, make, officer, school_admin, sign_in):
    route, allergy = make(), make("过敏", is_sensitive=True)
    say(pupils.mine, school_admin, {route: "三路", allergy: "青霉素"})
    page = sign_in(officer).get("ledgers.show_ledger", name="pupils").text
    assert "校车路线" in page and "三路" in page and "青霉素" in page
    assert "校车路线" not in sign_in(officer).get("ledgers.show_ledger", name="payments").text

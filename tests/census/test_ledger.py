"""One press puts children on the suspected ledger: one case each, told from where, and nobody twice."""

import datetime
import re

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.cases.models import Case
from aidtracker.cases.models_sealed import CaseReader, CaseSeal
from aidtracker.census import actions_ledger
from aidtracker.census.actions_ledger import put_on_ledger
from aidtracker.census.comparing import comparison_on
from aidtracker.census.models import ListedChild
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.students.models import Enrollment, Student
from tests import factories
from tests.census.conftest import DAY, list_child
from tests.census.test_standing import closed, moved

BORN = datetime.date(2016, 5, 1)


@pytest.fixture
def put(county):
    def pressed(*children, by):
        comparison = comparison_on(county.county.id, "household_registry", today_in_china())
        return put_on_ledger(comparison=comparison, child_ids=[child.id for child in children], by=by)

    return pressed


@pytest.fixture
def gone(county):
    def make(of_list, name="走了"):
        pupil = factories.make_student(county.room, name, home=county.village)
        Enrollment.update(ends_on=DAY).where(Enrollment.student == pupil).execute()
        return list_child(of_list, name, id_number=pupil.id_number, home=county.village), pupil

    return make


def test_who_left_and_who_is_not_known_get_one_case_with_source_and_day(county, snapshot, gone, put, coordinator):
    registry = snapshot()
    (known, pupil), stranger = gone(registry), list_child(registry, "不认识", home=county.village)
    assert put(known, stranger, by=coordinator) == {"opened": 2}
    cases = {case.student.name: case for case in Case.select()}
    assert set(cases) == {"走了", "不认识"} and cases["走了"].student == pupil
    for case in cases.values():
        assert case.origin == "matching" and case.found_on == today_in_china() and case.state == "suspected" and case.owner == coordinator
        assert "户籍适龄儿童少年名单（2026-11-01）" in case.detail
    assert cases["不认识"].student.id_number == stranger.id_number and cases["不认识"].student.class_org is None
    assert put(known, stranger, by=coordinator) == {"case": 2} and Case.select().count() == 2
    entry = AuditEntry.select().where(AuditEntry.action == "census.put_on_ledger").order_by(AuditEntry.id).first()
    assert (entry.count, entry.reason) == (2, "household_registry 2026-11-01")


def test_whoever_is_nearest_answers_for_it(county, snapshot, put, officer, coordinator):
    child = list_child(snapshot(), home=county.village)
    put(child, by=officer)
    assert Case.get().owner == coordinator and Case.get().opened_by == officer


def test_who_is_explained_in_class_or_perhaps_somebody_else_is_left_out(county, snapshot, gone, put, officer):
    registry = snapshot()
    (away, pupil), (there, _pupil) = gone(registry, "转走了"), gone(registry, "回来了")
    moved(pupil, "transfer_out", on_day=DAY)
    back = factories.make_student(county.room, "在读", home=county.village)
    inside = list_child(registry, "在读", id_number=back.id_number, home=county.village)
    twin = factories.make_student(county.room, "雷婷", born_on=BORN, home=county.village)
    Student.update(id_number=None, id_index=None).where(Student.id == twin.id).execute()
    doubtful = list_child(registry, "雷婷", born_on=BORN, home=county.village)
    blank = list_child(registry, "没写性别", sex="", born_on=None, id_number=factories.make_id_number(BORN), home=county.village)
    assert put(away, there, inside, doubtful, blank, by=officer) == {"explained": 1, "opened": 1, "gone": 1, "review": 1, "incomplete": 1}
    assert [case.student.name for case in Case.select()] == ["回来了"]


def test_a_closed_case_is_opened_again(snapshot, gone, put, officer):
    child, pupil = gone(snapshot())
    case = closed(pupil, "returned")
    assert put(child, by=officer) == {"reopened": 1}
    assert Case.get_by_id(case.id).state == "suspected" and Case.select().count() == 1


def test_a_township_puts_its_own(county, snapshot, put, coordinator):
    registry = snapshot()
    mine, other, far = (list_child(registry, name, home=home) for name, home in (("本镇", county.village), ("外镇", county.other_township), ("外县", None)))
    assert put(mine, other, far, by=coordinator) == {"opened": 1, "gone": 2}


def test_a_pupil_of_another_township_is_not_opened_from_here(county, snapshot, put, coordinator):
    pupil = factories.make_student(county.other_room, "户籍变了", home=county.other_township)
    Enrollment.update(ends_on=DAY).where(Enrollment.student == pupil).execute()
    child = list_child(snapshot(), "户籍变了", id_number=pupil.id_number, home=county.village)
    Student.update(class_org=None).where(Student.id == pupil.id).execute()
    assert put(child, by=coordinator) == {"outside": 1} and not Case.select().exists()


def test_nobody_and_too_many_are_refused(county, snapshot, put, officer, monkeypatch):
    children = [list_child(snapshot(), home=county.village), list_child(ListedChild.get().snapshot, "另一个", home=county.village)]
    with pytest.raises(Refused, match="先勾选"):
        put(by=officer)
    monkeypatch.setattr(actions_ledger, "MOST", 1)
    with pytest.raises(Refused, match="一次最多放 1 人"):
        put(*children, by=officer)


def test_the_page_puts_those_that_are_ticked_and_says_what_became_of_them(county, snapshot, coordinator, sign_in):
    registry = snapshot()
    first, second = (list_child(registry, name, home=county.village) for name in ("甲甲", "乙乙"))
    client = sign_in(coordinator)
    page = client.url("census.show_matching")
    assert f'value="{first.id}" form="ledger"' in client.get("census.show_matching").text
    client.post("census.put_on_ledger", {"children": [first.id]}, page=page)
    said = client.get("census.show_matching").text
    assert "新建个案 1 个" in said and Case.get().number in said
    client.post("census.put_on_ledger", {"children": [first.id]}, page=page)
    assert "没有重复建案" in client.get("census.show_matching").text
    client.post("census.put_on_ledger", page=page)
    assert "请先勾选" in client.get("census.show_matching").text
    client.post("census.put_on_ledger", {"every": "y"}, page=page)
    assert sorted(case.student.name for case in Case.select()) == ["乙乙", "甲甲"] and second.id


def test_all_means_all_that_the_list_is_narrowed_to(county, snapshot, officer, sign_in):
    registry = snapshot()
    for name, home in (("本镇", county.village), ("外镇", county.other_township), ("外县", None)):
        list_child(registry, name, home=home)
    client = sign_in(officer)
    client.post("census.put_on_ledger", {"every": "y", "township": county.township.id}, page=client.url("census.show_matching"))
    assert [case.student.name for case in Case.select()] == ["本镇"]


def test_a_child_whose_case_is_sealed_stands_on_the_list_as_one_without_a_case(county, snapshot, gone, put, officer, coordinator, sign_in):
    """A gap there, beside the report of all who are listed and in no class, would tell of the case."""
    child, pupil = gone(snapshot(), "保密的")
    case = Case.create(number="990100-2026-0077", county=pupil.county_id, student=pupil, origin="report", found_on=DAY, owner=officer)
    CaseSeal.create(case=case, reason="涉案", sealed_by=officer)
    CaseReader.create(case=case, user=officer, named_by=officer)
    assert "已建案" in row_of("保密的", sign_in(officer).get("census.show_matching", state="case").text)
    shown = row_of("保密的", sign_in(coordinator).get("census.show_matching").text)
    assert "离班" in shown and 'name="children"' in shown and "已建案" not in shown and "0077" not in shown
    assert put(child, by=coordinator) == {"kept": 1} and put(child, by=officer) == {"case": 1}


def row_of(name: str, page: str) -> str:
    """The line of the list in which the child stands."""
    return next(row for row in re.findall(r"<(?:li|tr)\b.*?</(?:li|tr)>", page, re.S) if name in row)


def test_a_closed_sealed_case_is_opened_again_by_who_is_named_and_spoils_nobody_elses(county, snapshot, gone, put, officer, coordinator):
    registry = snapshot()
    (child, pupil), (other, _pupil) = gone(registry, "保密的"), gone(registry, "别的")
    case = closed(pupil, "returned")
    Case.update(owner=officer).where(Case.id == case.id).execute()
    CaseSeal.create(case=case, reason="涉案", sealed_by=officer)
    CaseReader.create(case=case, user=officer, named_by=officer)
    assert put(child, other, by=coordinator) == {"kept": 1, "opened": 1}
    assert put(child, other, by=officer) == {"reopened": 1, "case": 1} and Case.get_by_id(case.id).owner == officer


def test_the_same_press_again_tells_what_it_did(county, snapshot, gone, officer, sign_in):
    registry = snapshot()
    gone(registry, "甲"), gone(registry, "乙")
    client = sign_in(officer)
    page = client.get("census.show_matching").text
    form = page[page.index('id="ledger"') :]
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[: form.index("</form>")])) | {"every": "y"}
    told = [client.http.post(client.url("census.put_on_ledger"), data=sent, follow_redirects=True).text for _ in range(2)]
    assert all("新建个案 2 个" in page for page in told) and Case.select().count() == 2

"""Blank forms with a code: printed for a class, typed in by the code, used up once; and filled forms as pages and workbooks."""

import io
import re

import pytest
from openpyxl import load_workbook

from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Forbidden, Refused
from aidtracker.visits import actions, actions_papers
from aidtracker.visits.models import Visit
from aidtracker.visits.models_papers import Paper, PaperBatch
from aidtracker.visits.pages import BLANK_LESSON, BLANK_VISIT, FROM_TO, TO_WRITE
from aidtracker.visits.paper_codes import new_code, shown_code, typed_code
from aidtracker.web.qr_codes import modules
from tests.visits.conftest import lesson, values

RECORD = {"form": "on_site", "purposes": ["absence"], "met": "nobody", "teachers": "张老师", "on": "2026-11-20", "starts_at": "9:05", "minutes": "30"}


@pytest.fixture
def batch(county, pupils, teacher):
    return actions_papers.print_papers(class_org=county.room, form="visit", student_ids=[pupils.first.id, pupils.at_home.id], by=teacher)


def paper_of(pupil) -> Paper:
    return Paper.get(Paper.student == pupil.id)


def test_a_code_is_read_however_it_is_typed_or_scanned():
    code = new_code()
    for typed in (code, shown_code(code), shown_code(code).lower(), f" {code[:4]} {code[4:]} ", f"https://x.example/visits/papers/{code}"):
        assert typed_code(typed) == code, typed
    assert typed_code("ABCD-234") == typed_code("ABCD-2345-6") == typed_code("") == ""


def test_a_sheet_is_printed_for_each_pupil_of_the_class(batch, pupils, county, teacher):
    codes = [paper.code for paper in batch.papers]
    assert len(set(codes)) == 2 and all(len(code) == 8 for code in codes)
    told = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (told.action, told.count) == ("visits.print_papers", 2)
    with pytest.raises(Refused, match="本班"):
        actions_papers.print_papers(class_org=county.room, form="visit", student_ids=[pupils.elsewhere.id], by=teacher)
    with pytest.raises(Refused, match="本班"):
        actions_papers.print_papers(class_org=county.room, form="tutoring", student_ids=[pupils.first.id], by=teacher)
    with pytest.raises(Forbidden):
        actions_papers.print_papers(class_org=county.sibling_room, form="visit", student_ids=[pupils.sibling.id], by=teacher)


def test_nothing_of_the_child_is_in_the_code_but_a_random_address(sign_in, teacher, batch, pupils):
    page = sign_in(teacher).get("visits.show_sheets", batch_id=batch.id).text
    paper = paper_of(pupils.first)
    assert shown_code(paper.code) in page and "次仁卓玛" in page and pupils.first.id_number not in page
    side = len(modules(f"http://localhost/visits/papers/{paper.code}")) + 4
    assert f'viewBox="0 0 {side} {side}"' in page


def test_a_sheet_is_typed_in_by_its_code_and_used_once(sign_in, teacher, batch, pupils):
    client, code = sign_in(teacher), paper_of(pupils.first).code
    answer = client.post("visits.search_papers", {"paper_code": shown_code(code).lower()})
    assert answer.location.endswith(f"/visits/papers/{code}")
    way = client.http.get(answer.location)
    page = client.http.get(way.location).text
    assert f"正在录入纸质表 {shown_code(code)}" in page and re.search(r'name="on"[^>]*value=""', page)
    client.post("visits.record_visit", RECORD | {"paper": code}, student_id=pupils.first.id)
    made = Visit.get()
    assert paper_of(pupils.first).visit_id == made.id and made.starts_at == "09:05"
    shown = client.get("visits.show_visit", visit_id=made.id).text
    assert shown_code(code) in shown and "09:05" in shown
    assert "这张表已经录入" in client.get("visits.open_paper", code=code).text
    assert "已录入 1 / 2" in client.get("visits.list_papers").text
    again = client.post("visits.record_visit", RECORD | {"paper": code, "on": "2026-11-19"}, status=400, student_id=pupils.first.id).text
    assert "已经录入过" in again and Visit.select().count() == 1


def test_a_sheet_serves_its_own_pupil_and_its_own_form_only(batch, pupils, teacher):
    code = paper_of(pupils.first).code
    for whose, paper in ((pupils.at_home, code), (pupils.first, "ZZZZ2222")):
        with pytest.raises(Refused, match="编号不对"):
            actions.record_visit(students=[whose], values=values(), by=teacher, paper=paper)
    with pytest.raises(Refused, match="家访记录表"):
        actions.record_tutoring(student=pupils.at_home, values=lesson(), by=teacher, paper=paper_of(pupils.at_home).code)
    assert Visit.select().count() == 0


def test_a_code_opens_nothing_for_a_stranger_or_without_signing_in(sign_in, client, stranger, batch, pupils):
    code = paper_of(pupils.first).code
    assert "/sign-in" in client.http.get(f"/visits/papers/{code}").location
    other = sign_in(stranger)
    other.get("visits.open_paper", status=404, code=code)
    other.get("visits.show_papers", status=404, batch_id=batch.id)
    assert "没有这个编号" in other.post("visits.search_papers", {"paper_code": code}, status=400).text


def test_the_class_is_printed_from_the_page_and_those_taught_at_home_alone(sign_in, teacher, pupils, county):
    client = sign_in(teacher)
    assert "次仁卓玛" in client.get("visits.print_papers", class_id=county.room.id).text
    page = client.get("visits.print_papers", class_id=county.room.id, kind="tutoring").text
    assert "陈居家" in page and "次仁卓玛" not in page
    client.post("visits.print_papers", {"kind": "tutoring", "pupils": pupils.at_home.id}, class_id=county.room.id)
    batch = PaperBatch.get()
    assert batch.form == "tutoring" and batch.papers.count() == 1
    code = batch.papers.get().code
    assert client.get("visits.open_paper", status=302, code=code).location.endswith(f"/students/{pupils.at_home.id}/tutoring/new?paper={code}")


def test_blank_sheets_as_a_workbook_have_their_code_as_a_picture(sign_in, teacher, batch):
    book = load_workbook(io.BytesIO(sign_in(teacher).get("visits.fetch_sheets", batch_id=batch.id).data))
    assert len(book.sheetnames) == 2
    sheet = book.worksheets[0]
    assert sheet["A1"].value == "家访记录表" and sheet["A2"].value.startswith("编号 ") and len(sheet._images) == 1
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 1)


def test_a_visit_is_a_page_and_a_sheet_whose_texts_are_no_formulas(sign_in, teacher, visit, pupils):
    made = visit(pupils.first, at_home="=1+1", starts_at="14:05")
    client = sign_in(teacher)
    page = client.get("visits.show_page", visit_id=made.id).text
    assert "家访记录表" in page and "14:05 至 14:35（30 分钟）" in page and "☑入户" in page and "□电话" in page and "☑缺勤" in page
    book = load_workbook(io.BytesIO(client.get("visits.fetch_page", visit_id=made.id).data))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]
    assert {cell.data_type for cell in cells} == {"s"}


def test_pages_of_a_class_between_two_days_are_those_of_the_list(sign_in, school_admin, teacher, visit, pupils, county, today, yesterday):
    visit(pupils.first, on=yesterday)
    visit(pupils.first, teachers="李老师")
    actions.record_tutoring(student=pupils.at_home, values=lesson(), by=teacher)
    visit(pupils.sibling, by=school_admin)
    client = sign_in(school_admin)
    narrowed = {"school": county.school.id, "room": county.room.id, "from": today.isoformat()}
    page = client.get("visits.show_pages", **narrowed).text
    assert page.count('class="page-form"') == 2 and "送教上门记录表" in page and "次仁央宗" not in page
    book = load_workbook(io.BytesIO(client.get("visits.fetch_pages", **narrowed).data))
    assert len(book.sheetnames) == 2
    told = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (told.action, told.count, told.fields) == ("visits.export_forms", 2, "page_book")


def test_a_workbook_of_no_visit_is_refused_in_words(sign_in, school_admin):
    answer = sign_in(school_admin).get("visits.fetch_pages", status=400)
    assert "没有可下载的记录表" in answer.text


def test_a_stranger_gets_no_page(sign_in, stranger, visit, pupils):
    made = visit(pupils.first)
    client = sign_in(stranger)
    client.get("visits.show_page", status=404, visit_id=made.id)
    client.get("visits.fetch_page", status=404, visit_id=made.id)
    assert "没有符合条件的家访" in client.get("visits.show_pages").text


def test_no_time_that_is_none(pupils, teacher):
    for wrong in ("25:00", "9:5", "早上"):
        with pytest.raises(Refused, match="几点"):
            actions.record_visit(students=[pupils.first], values=values(starts_at=wrong), by=teacher)


@pytest.mark.parametrize("blank", [BLANK_VISIT, BLANK_LESSON])
def test_a_day_and_a_time_to_write_have_a_line_of_their_own(blank):
    """In a third of the page 日 went to the next line."""
    assert all(box.thirds == 3 for row in blank for box in row if box.text in (TO_WRITE, FROM_TO))

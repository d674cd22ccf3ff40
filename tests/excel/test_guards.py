"""Files that are no workbooks, or would hurt: one clear line each, no traceback, no hang, no aborted process."""

import io
import os
import random
import resource
import time
import zipfile

import pytest

from aidtracker.excel import extents, fast_reader, guards, limits, opening, slow_reader
from aidtracker.excel.child import answers
from aidtracker.excel.reader import BadWorkbook, open_workbook
from tests.excel.hostile import ENTITIES, FAR, LOCKED_BY_OFFICE, REFERRING, bitten, doubled, locked, lying, mutated, shared
from tests.excel.packages import repacked, with_rows, workbook

GOOD = workbook({"甲": [["姓名", "年龄"], ["张三", 7], ["李四", 8.5]], "乙": [["x"]]})
HIDDEN_SHEET = "xl/media/image1.png"


def refusal(tmp_path, data: bytes, name: str = "a.xlsx") -> str:
    path = tmp_path / "upload"
    path.write_bytes(data)
    with pytest.raises(BadWorkbook) as refused:
        open_workbook(path, name)
    message = refused.value.message
    assert "\n" not in message and len(message) < 200
    return message


def refusal_here(data: bytes, name: str = "a.xlsx") -> str:
    """In this process, whose limits a test can change."""
    with pytest.raises(BadWorkbook) as refused:
        list(answers(data, name))
    return refused.value.message


def opened(tmp_path, data: bytes, name: str = "a.xlsx"):
    path = tmp_path / "upload"
    path.write_bytes(data)
    return open_workbook(path, name)


def cpu() -> float:
    """Seconds of this process and of those that it waited for."""
    return sum(os.times()[:4])


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.csv", "a.doc", "a"])
def test_noise(tmp_path, name):
    noise = random.Random(7).randbytes(2000)
    assert "不是" in refusal(tmp_path, noise, name)


@pytest.mark.parametrize("data", [b"", b"\0" * 4096, b" \r\n"])
@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_empty(tmp_path, data, name):
    assert "是空的" in refusal(tmp_path, data, name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadWorkbook, match="读不到"):
        open_workbook(tmp_path / "none.xlsx")


def test_truncated_anywhere():
    for length in range(2, len(GOOD), 97):
        refusal_here(GOOD[:length])


def test_bytes_after_the_end(tmp_path):
    assert "损坏" in refusal(tmp_path, GOOD + b"x")
    assert "损坏" in refusal(tmp_path, GOOD + GOOD)


def test_encrypted_office_file(tmp_path):
    assert "密码" in refusal(tmp_path, LOCKED_BY_OFFICE)


def test_encrypted_zip(tmp_path):
    assert "密码" in refusal(tmp_path, locked(GOOD))


def test_another_kind_of_zip(tmp_path):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert "不是 Excel 工作簿" in refusal(tmp_path, target.getvalue())


@pytest.mark.parametrize("page", ["<html><table><tr><td>姓名</td></tr></table></html>", "\ufeff \n<!DOCTYPE html><html>", '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'])  # fmt: skip
def test_a_web_page_that_says_it_is_a_workbook(tmp_path, page):
    assert "网页" in refusal(tmp_path, page.encode(), "导出.xls")


def test_text_under_a_workbook_name(tmp_path):
    assert "不是 Excel 工作簿" in refusal(tmp_path, "姓名,年龄\n张三,7\n".encode(), "a.xlsx")


@pytest.mark.parametrize("name", ["a.xls", "a.csv", "a.bin", "a.xlsm"])
def test_a_workbook_under_another_name_is_still_a_workbook(tmp_path, name):
    assert opened(tmp_path, GOOD, name).sheets[0].rows[1] == ["张三", 7]


def test_macros_are_ignored(tmp_path):
    assert opened(tmp_path, repacked(GOOD, more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 Sub Auto_Open"}), "a.xlsm").sheets


def test_a_bomb_that_announces_itself(tmp_path):
    zeros = repacked(GOOD, more={"xl/media/zeros.bin": b"\0" * (limits.MAX_UNPACKED + 1)})
    assert len(zeros) < 300_000
    started = cpu()
    assert "太大" in refusal(tmp_path, zeros)
    assert cpu() - started < 1


@pytest.mark.parametrize("claimed", [10, 0])
def test_a_bomb_that_lies_about_its_size(claimed, monkeypatch):
    monkeypatch.setattr(guards, "MAX_UNPACKED", 5_000_000)
    data = lying(repacked(GOOD, more={"xl/media/zeros.bin": b"\0" * 20_000_000}), claimed)
    assert "太大" in refusal_here(data)
    monkeypatch.setattr(guards, "MAX_UNPACKED", 500_000_000)
    assert "损坏" in refusal_here(data)


def test_two_parts_of_one_name(tmp_path):
    assert "损坏" in refusal(tmp_path, doubled(GOOD))


def test_very_many_parts(tmp_path):
    assert "太大" in refusal(tmp_path, repacked(GOOD, more={f"xl/{i}": b"" for i in range(6000)}))


@pytest.mark.parametrize("xml", FAR.values(), ids=FAR)
def test_a_far_cell(tmp_path, xml):
    started = cpu()
    refusal(tmp_path, with_rows(xml))
    assert cpu() - started < 1


def test_far_cells_just_inside_what_is_not_measured(tmp_path):
    """The largest sheets that pass the quick look: their dense forms stay within memory, and within the limit or are refused."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = opened(tmp_path, with_rows('<row r="1"><c r="A1"><v>1</v></c><c r="Z199999"><v>1</v></c></row>')).sheets[0].rows
    assert (len(rows), len(rows[0])) == (199_999, 26)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024
    sheet = with_rows('<row r="1"><c r="A1"><v>1</v></c><c r="AZ99999"><v>1</v></c></row>')
    with zipfile.ZipFile(io.BytesIO(sheet)) as archive:
        far = archive.read("xl/worksheets/sheet1.xml")
    two = repacked(GOOD, lambda name, part: far if name.startswith("xl/worksheets/sheet") else part)
    assert "太大" in refusal(tmp_path, two)


def test_a_far_sheet_that_is_called_a_picture(tmp_path):
    far = b'<worksheet><sheetData><row r="1"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    data = repacked(
        GOOD,
        lambda name, part: part.replace(b"worksheets/sheet1.xml", b"media/image1.png") if name.endswith("workbook.xml.rels") else part,
        more={HIDDEN_SHEET: far},
    )
    refusal(tmp_path, data)


def test_formatted_but_empty_cells_far_away_do_no_harm(tmp_path):
    xml = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row><row r="1048576"><c r="B1048576" s="0"/></row>'
    assert opened(tmp_path, with_rows(xml)).sheets[0].rows == [[1]]


def test_a_huge_announced_extent_does_no_harm(tmp_path):
    xml = '<row r="1"><c r="A1"><v>1</v></c></row>'
    assert opened(tmp_path, with_rows(xml, before='<dimension ref="A1:XFD1048576"/>')).sheets[0].rows == [[1]]


def test_a_long_text_that_very_many_cells_refer_to(tmp_path):
    long = b"<sst><si><t>a</t></si><si><t>" + b"x" * 50_000 + b"</t></si></sst>"
    data = shared(long, REFERRING)
    assert len(data) < 100_000
    assert "太大" in refusal(tmp_path, data)
    assert "损坏" in refusal(tmp_path, shared(long.replace(b"x" * 100, b"x" * 100 + b"<!--</si>-->"), REFERRING))
    assert "太大" in refusal(tmp_path, shared(long, REFERRING.replace("<v>1<", "<v>&#49;<")))
    assert "太大" in refusal(tmp_path, shared(long, REFERRING.replace("<v>1<", '<v xml:space="preserve">1<')))


def test_a_long_text_that_few_cells_refer_to_does_no_harm(tmp_path):
    long = b"<sst><si><t>" + b"x" * 50_000 + b"</t></si><si><t>a</t></si></sst>"
    assert opened(tmp_path, shared(long, REFERRING)).sheets[0].rows[4999] == ["a", 0.5]


@pytest.mark.parametrize(
    "count", ['uniqueCount="4294967295"', "uniqueCount = '18446744073709551615'", 'uniqueCount="&#57;&#57;&#57;999999999"']
)
def test_an_announced_number_of_texts_sets_no_memory_aside(tmp_path, count):
    text = f"<sst {count}><si><t>a</t></si><si><t>b</t></si></sst>".encode()
    assert "损坏" in refusal(tmp_path, shared(text, '<row r="1"><c r="A1" t="s"><v>1</v></c></row>'))
    assert opened(
        tmp_path, shared(text.replace(count.encode(), b'uniqueCount="9999999"'), '<row r="1"><c r="A1" t="s"><v>1</v></c></row>')
    ).sheets[0].rows == [["b"]]


def test_too_many_columns(tmp_path):
    assert opened(tmp_path, workbook({"a": [["x"] * 200]})).sheets[0].rows == [["x"] * 200]
    assert "201 列" in refusal(tmp_path, workbook({"a": [["x"] * 201]}))
    assert "201 列" in refusal(tmp_path, (",".join(["x"] * 201)).encode(), "a.csv")


@pytest.mark.parametrize("far", ["F999999", "L499999", "T299999"])
def test_a_long_sheet_of_few_columns_is_not_measured_cell_by_cell(far, monkeypatch):
    monkeypatch.setattr(extents, "check_extent", None)
    assert list(answers(with_rows(f'<row r="1"><c r="A1"><v>1</v></c><c r="{far}"><v>1</v></c></row>'), "a.xlsx"))[-1] == {"end": True}


def test_rows_past_the_narrow_limit_are_measured_and_read(tmp_path):
    xml = '<row r="1"><c r="A1"><v>1</v></c></row><row r="300000"><c r="B300000"><v>1</v></c></row>'
    assert len(opened(tmp_path, with_rows(xml)).sheets[0].rows) == 300_000


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "_rels/.rels"])
def test_entities(tmp_path, part):
    assert "实体" in refusal(tmp_path, bitten(GOOD, part))


def test_entities_in_another_encoding(tmp_path):
    xml = ('<?xml version="1.0" encoding="utf-16"?>' + ENTITIES + "<worksheet/>").encode("utf-16")
    assert "损坏" in refusal(tmp_path, repacked(GOOD, lambda name, part: xml if name == "xl/worksheets/sheet1.xml" else part))


def test_external_links(tmp_path):
    assert "外部链接" in refusal(tmp_path, repacked(GOOD, more={"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}))
    assert "外部链接" in refusal(tmp_path, repacked(GOOD, more={"xl/connections.xml": b"<connections/>"}))
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="file:///etc/pass>wd" TargetMode="External"/></Relationships>'
    )
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    assert "外部链接" in refusal(tmp_path, repacked(GOOD, more={rels: (relation % "oleObject").encode()}))
    assert opened(tmp_path, repacked(GOOD, more={rels: (relation % "hyperlink").encode()})).sheets


def test_no_sheets(tmp_path):
    data = repacked(
        GOOD, lambda name, part: part[: part.find(b"<sheets>")] + b"<sheets/></workbook>" if name == "xl/workbook.xml" else part
    )
    refusal(tmp_path, data)


def test_an_old_workbook_that_is_only_a_beginning(tmp_path):
    assert "损坏" in refusal(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + os.urandom(3000), "a.xls")


def test_a_hostile_name_is_shown_harmlessly(tmp_path):
    message = refusal(tmp_path, b"", "../../a\r\nb\x1b[31m%s%(name)s" + "长" * 300 + ".xlsx")
    assert "/" not in message and "\x1b" not in message and "……" in message


@pytest.mark.parametrize("reader", [fast_reader, slow_reader])
def test_mutated_workbooks_open_or_are_refused(reader, monkeypatch):
    monkeypatch.setattr(opening, "package_sheets", reader.package_sheets)
    chance = random.Random(20261123)
    parts = zipfile.ZipFile(io.BytesIO(GOOD)).namelist()
    refused, slowest = 0, 0.0
    for _ in range(400):
        target = chance.choice(parts + ["xl/worksheets/sheet1.xml"] * 4 + [None] * 4)
        data = (
            mutated(GOOD, chance)
            if target is None
            else repacked(GOOD, lambda name, part, t=target: mutated(part, chance) if name == t else part)
        )
        started = time.process_time()
        try:
            list(answers(data, "a.xlsx"))
        except BadWorkbook as bad:
            refused += 1
            assert "\n" not in bad.message
        slowest = max(slowest, time.process_time() - started)
    assert 0 < refused < 400
    assert slowest < 2

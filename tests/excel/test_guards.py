"""Files that are no workbooks, or would hurt: one clear line each, no traceback, no hang, no aborted process."""

import io
import os
import random
import resource
import struct
import time
import zipfile

import pytest

from aidtracker.excel import files, guards, limits
from aidtracker.excel.reader import BadWorkbook, open_workbook
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


def opened(tmp_path, data: bytes, name: str = "a.xlsx"):
    path = tmp_path / "upload"
    path.write_bytes(data)
    return open_workbook(path, name)


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


def test_truncated_anywhere(tmp_path):
    for length in range(2, len(GOOD), 97):
        refusal(tmp_path, GOOD[:length])


def test_bytes_after_the_end(tmp_path):
    assert "损坏" in refusal(tmp_path, GOOD + b"x")
    assert "损坏" in refusal(tmp_path, GOOD + GOOD)


def test_encrypted_office_file(tmp_path):
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512
    assert "密码" in refusal(tmp_path, data)


def test_encrypted_zip(tmp_path):
    data = bytearray(GOOD)
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    assert "密码" in refusal(tmp_path, bytes(data))


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
    started = time.process_time()
    assert "太大" in refusal(tmp_path, zeros)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("claimed", [10, 0])
def test_a_bomb_that_lies_about_its_size(tmp_path, claimed, monkeypatch):
    monkeypatch.setattr(guards, "MAX_UNPACKED", 5_000_000)
    data = bytearray(repacked(GOOD, more={"xl/media/zeros.bin": b"\0" * 20_000_000}))
    for signature, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.rfind(signature)
        data[at + place : at + place + 4] = struct.pack("<I", claimed)
    assert "太大" in refusal(tmp_path, bytes(data))
    monkeypatch.setattr(guards, "MAX_UNPACKED", 500_000_000)
    assert "损坏" in refusal(tmp_path, bytes(data))


def test_two_parts_of_one_name(tmp_path):
    target = io.BytesIO(GOOD)
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    assert "损坏" in refusal(tmp_path, target.getvalue())


def test_very_many_parts(tmp_path):
    assert "太大" in refusal(tmp_path, repacked(GOOD, more={f"xl/{i}": b"" for i in range(6000)}))


FAR = {
    "corner": '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
    "corner without row": '<c r="A1"><v>1</v></c><c r="ZZ1048576"><v>1</v></c>',
    "second row attribute": '<row r="1"><c r="A1"><v>1</v></c><c r="A2" r="BZ1048576"><v>1</v></c></row>',
    "other quotes and spaces": "<row r='1'><c r='A1'><v>1</v></c><c\n s='1'\t r = 'CA1048576'><v>1</v></c></row>",
    "by row number": '<row r="1"><c><v>1</v></c></row><row r="1048576">' + "<c><v>1</v></c>" * 60 + "</row>",
    "row past the end": '<row r="1"><c><v>1</v></c></row><row r="99999999999"><c><v>1</v></c></row>',
    "row far past the end": '<row r="4294967295"><c><v>1</v></c></row>',
    "prefixed": '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c><x:c r="DA1048576"><x:v>1</x:v></x:c></x:row>',
    "lower case": '<row r="1"><c r="a1"><v>1</v></c><c r="cz1048576"><v>1</v></c></row>',
    "within the alphabet": '<row r="1"><c r="A1"><v>1</v></c><c r="Z1048576"><v>1</v></c></row>',
    "hidden in an attribute": '<row r="1"><c r="A1"><v>1</v></c><c s=">" r="CZ1048576"><v>1</v></c></row>',
    "torn tag": '<row r="1"><c r="A1"><v>1</v></c><c s="<" r="CZ1048576"><v>1</v></c></row>',
    "column past the end": '<row r="1"><c r="A1"><v>1</v></c><c r="ZZZ9"><v>1</v></c></row>',
    "attributes without a space": '<row r="1"><c r="A1"><v>1</v></c><c r="A2"r="B9999999"><v>1</v></c></row>',
    "reference inside a value": '<row r="1048576">'
    + "<c s=\" r='A1'\"><v>1</v></c>" * 60
    + '</row><row r="1"><c r="A1"><v>1</v></c></row>',
    "white space that is none": '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="B1048576"><v>1</v></c><row\x0c r="2">'
    + "<c><v>1</v></c>" * 60,
    "comment that hides": '<row r="1"><c><v>1</v></c></row><row r="1048576">' + "<c><v>1</v></c><!--<row r='2'>-->" * 60 + "</row>",
    "instruction that hides": '<row r="1"><c><v>1</v></c></row><row r="1048576">' + "<c><v>1</v></c><?x <row r='2'> ?>" * 60 + "</row>",
    "row upwards": '<row r="1"><c><v>1</v></c></row><row r="1048576"></row><row>' + "<c><v>1</v></c>" * 60 + "</row>",
    "entity in the name": '<row r="1"><c r="&#65;1048576"><v>1</v></c></row>',
}


@pytest.mark.parametrize("xml", FAR.values(), ids=FAR)
def test_a_far_cell(tmp_path, xml):
    started = time.process_time()
    refusal(tmp_path, with_rows(xml))
    assert time.process_time() - started < 1


def test_far_cells_just_inside_what_is_not_measured(tmp_path):
    """The largest sheets that pass the quick look: their dense forms stay within memory, and within the limit or are refused."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = opened(tmp_path, with_rows('<row r="1"><c r="A1"><v>1</v></c><c r="Z199999"><v>1</v></c></row>')).sheets[0].rows
    assert (len(rows), len(rows[0])) == (199_999, 26)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700 * 1024
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


def shared(text: bytes, cells: str) -> bytes:
    """A workbook whose cells refer to shared texts."""
    rels = b'<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>'
    data = repacked(with_rows(cells), lambda name, part: None if name == "xl/sharedStrings.xml" else part)
    return repacked(
        data,
        lambda name, part: part.replace(b"</Relationships>", rels + b"</Relationships>") if name == "xl/_rels/workbook.xml.rels" else part,
        more={"xl/sharedStrings.xml": text},
    )


REFERRING = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>1</v></c><c r="B{row}"><v>0.5</v></c></row>' for row in range(1, 5001))


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


def test_rows_past_the_narrow_limit_are_measured_and_read(tmp_path):
    xml = '<row r="1"><c r="A1"><v>1</v></c></row><row r="300000"><c r="B300000"><v>1</v></c></row>'
    assert len(opened(tmp_path, with_rows(xml)).sheets[0].rows) == 300_000


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "_rels/.rels"])
def test_entities(tmp_path, part):
    def bitten(name, old):
        return (
            b'<?xml version="1.0"?>' + ENTITIES.encode() + old.removeprefix(b"<?xml version='1.0' encoding='UTF-8'?>")
            if name == part
            else old
        )

    assert "实体" in refusal(tmp_path, repacked(GOOD, bitten))


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


PIECES = [
    b'<c r="XFD1048576"><v>1</v></c>', b'<row r="99999999">', b"<c>", b"</row>", b'<c r="A1', b'"', b"<", b">", b"/>", b"&#65;", b"&x;",
    b'r="B9999999"', b' t="s"', b' t="e"', b"<v>99999999999</v>", b'<x:c r="ZZ9">', b"'", b"1e400", b"<!--", b"<![CDATA[", b"\0", b"\xff\xfe",
    b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
]  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(changed) + 1)
        match chance.randrange(4):
            case 0 if changed:
                changed[min(at, len(changed) - 1)] = chance.randrange(256)
            case 1:
                del changed[at : at + chance.randint(1, 200)]
            case 2:
                changed[at:at] = chance.choice(PIECES)
            case _:
                changed[at:at] = changed[at : at + chance.randint(1, 300)]
    return bytes(changed)


@pytest.mark.parametrize("reader", ["calamine", "openpyxl"])
def test_mutated_workbooks_open_or_are_refused(tmp_path, reader, monkeypatch):
    if reader == "openpyxl":
        monkeypatch.setattr(files, "calamine", None)
    chance = random.Random(20261123)
    parts = zipfile.ZipFile(io.BytesIO(GOOD)).namelist()
    path, refused, slowest = tmp_path / "upload", 0, 0.0
    for _ in range(400):
        target = chance.choice(parts + ["xl/worksheets/sheet1.xml"] * 4 + [None] * 4)
        data = (
            mutated(GOOD, chance)
            if target is None
            else repacked(GOOD, lambda name, part, t=target: mutated(part, chance) if name == t else part)
        )
        path.write_bytes(data)
        started = time.process_time()
        try:
            open_workbook(path, "a.xlsx")
        except BadWorkbook as bad:
            refused += 1
            assert "\n" not in bad.message
        slowest = max(slowest, time.process_time() - started)
    assert 0 < refused < 400
    assert slowest < 2

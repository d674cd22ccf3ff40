"""What is looked at before any parser sees a file: is it a workbook at all, and would it hurt to open it.

Both readers take a bomb without a word. calamine lays a sheet out densely, so that one cell in the
far corner allocates 17 milliards and aborts the whole process; openpyxl resolves what XML asks for.
So the package is unpacked here once, piece by piece, counting what really comes out, and each
sheet's references are looked at while the bytes pass.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import NoReturn
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring

from aidtracker.errors import Refused

MAX_UNPACKED = 200 * 1024 * 1024
MAX_CELLS = 6_000_000
MAX_COLUMNS = 200
MAX_MEMBERS = 5_000

_MAX_RELATIONS = 16 * 1024 * 1024
_PIECE = 256 * 1024  # stays in the processor's cache, which makes the searches below three times as fast
_EXCEL_ROWS, _EXCEL_COLUMNS = 1_048_576, 16_384

# Cells as every program writes them, in sheets that are small enough whatever else they hold: inside
# A1:Z199999, or inside A1:AZ99999. Only a sheet with any other cell is measured exactly.
_REST_OF_CELL = rb'(?: s="[0-9]*")?(?: t="(?:s|str|n|b|d|inlineStr)")?\s?/?>)'
_NOT_NARROW = re.compile(rb'<c(?=[\s/>])(?! r="[A-Z](?:1[0-9]{5}|[0-9]{1,5})"' + _REST_OF_CELL)
_NOT_WIDE = re.compile(rb'<c(?=[\s/>])(?! r="A?[A-Z][0-9]{1,5}"' + _REST_OF_CELL)
_PREFIXED_CELL = re.compile(rb":c[\s/>]")
_ROW_OR_CELL = re.compile(rb"<(?:[^\s<>/:]*+:)?(row|c)(?=[\s/>])([^<>]*+)(>?)")
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([^"']*)["']""")
_CELL_NAME = re.compile(rb"([A-Za-z]{1,3})([0-9]{1,7})")
_ERROR_TYPE = re.compile(rb"""\st\s*=\s*["']e["']""")
_TYPE = re.compile(rb"\st\s*=")
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_ROOT = re.compile(rb"<[A-Za-z_]")


class BadWorkbook(Refused):
    """A file that cannot be taken as a workbook; the message is one line that says why."""


@dataclass(slots=True)
class Package:
    """A checked OOXML package: its bytes, and what the checks learned on the way."""

    data: bytes
    error_cells: dict[str, list[tuple[int, int]]] = field(default_factory=dict)  # part: (row, column) from 0
    parts: dict[str, bytes] = field(default_factory=dict)  # workbook.xml and its relations


def check_package(data: bytes, name: str) -> Package:
    """Refuses what is damaged, encrypted, a bomb, or reaches for other files."""
    package = Package(data)
    left = MAX_UNPACKED
    for member in _members(data, name):
        lower = member.filename.lower()
        if lower.startswith("xl/externallinks/") or lower == "xl/connections.xml":
            refuse_external(name)
        try:
            left -= _check_member(package, member, left, name)
        except (zlib.error, struct.error, IndexError):
            refuse_damaged(name)
    if not any(part.lower().endswith("workbook.xml") for part in package.parts):
        raise BadWorkbook("文件「%(name)s」不是 Excel 工作簿：请另存为 .xlsx 后再试。", name=name)
    return package


def _members(data: bytes, name: str) -> list[zipfile.ZipInfo]:
    # The directory must end the file and be as long as it says: then no two readers see two archives in it.
    if data.count(b"PK\x01\x02") > MAX_MEMBERS:
        refuse_bomb(name)
    if len(data) < 22 or data[-22:-18] != b"PK\x05\x06":
        refuse_damaged(name)
    entries, size, offset = struct.unpack("<HII", data[-12:-2])
    if offset + size != len(data) - 22 or entries == 0xFFFF:
        refuse_damaged(name)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
    except Exception:  # zipfile raises whatever it stumbles over
        refuse_damaged(name)
    if any(member.flag_bits & 1 for member in members):
        refuse_encrypted(name)
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        refuse_bomb(name)
    if len({member.filename.lower() for member in members}) < len(members):
        refuse_damaged(name)
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        refuse_damaged(name)
    return members


def _check_member(package: Package, member: zipfile.ZipInfo, allowed: int, name: str) -> int:
    """Looks at one part while it is unpacked; gives its real size, which must be the announced one."""
    part = member.filename
    is_relation = part.lower().endswith(".rels")
    keep = is_relation or part.lower().endswith("workbook.xml")
    size, crc, rooted, usual, kept = 0, 0, False, True, []
    for piece in _whole_tags(_unpacked(package.data, member, allowed, name)):
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        rooted = rooted or _check_prolog(piece, part, size, name)
        usual = usual and not (_NOT_NARROW.search(piece) or _PREFIXED_CELL.search(piece))
        if keep:
            kept.append(piece)
    if size != member.file_size or crc != member.CRC:
        refuse_damaged(name)
    if keep:
        package.parts[part] = b"".join(kept)
        if is_relation:
            _check_relations(package.parts[part], name)
    # calcChain names each formula's cell once more; it is no sheet.
    if not usual and part.lower() != "xl/calcchain.xml":
        _measure(package, part, b"".join(_unpacked(package.data, member, allowed, name)), name)
    return size


def _unpacked(data: bytes, member: zipfile.ZipInfo, allowed: int, name: str) -> Iterator[bytes]:
    start = member.header_offset
    if data[start : start + 4] != b"PK\x03\x04":
        refuse_damaged(name)
    name_length, extra_length = struct.unpack("<HH", data[start + 26 : start + 30])
    start += 30 + name_length + extra_length
    packed = memoryview(data)[start : start + member.compress_size]
    total = 0
    for piece in _stored(packed) if member.compress_type == zipfile.ZIP_STORED else _inflated(packed, name):
        total += len(piece)
        if total > allowed:
            refuse_bomb(name)
        yield piece


def _stored(packed: memoryview) -> Iterator[bytes]:
    for at in range(0, len(packed), _PIECE):
        yield bytes(packed[at : at + _PIECE])


def _inflated(packed: memoryview, name: str) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(0, len(packed), 64 * 1024):
        waiting: bytes | memoryview = packed[at : at + 64 * 1024]
        while waiting and not inflater.eof:
            piece = inflater.decompress(waiting, _PIECE)
            if piece:
                yield piece
            waiting = inflater.unconsumed_tail
    rest = inflater.flush()
    if rest:
        yield rest
    if not inflater.eof:
        refuse_damaged(name)


def _whole_tags(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut before a "<" so that no tag is torn in two."""
    held: list[bytes] = []
    for piece in pieces:
        cut = piece.rfind(b"<")
        if cut < 0:
            held.append(piece)
            continue
        held.append(piece[:cut])
        yield b"".join(held)
        held = [piece[cut:]]
    yield b"".join(held)


def _check_prolog(piece: bytes, part: str, size: int, name: str) -> bool:
    """True once the first element has come: a document type can only stand before it."""
    if not part.lower().endswith((".xml", ".rels", ".vml")):
        return True
    if _DOCTYPE.search(piece):
        raise BadWorkbook("文件「%(name)s」里有 XML 实体定义，可能有害，不能打开。", name=name)
    encoding = _ENCODING.search(piece[:200])
    if b"\0" in piece or (encoding and encoding[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii")):
        refuse_damaged(name)
    if _ROOT.search(piece):
        return True
    if size > _PIECE:
        refuse_damaged(name)
    return False


def _check_relations(data: bytes, name: str) -> None:
    """Web links in cells are harmless; everything else outside the file would be fetched by someone."""
    try:
        relations = fromstring(data) if len(data) < _MAX_RELATIONS else None
    except (ParseError, ValueError):
        relations = None
    if relations is None:
        refuse_damaged(name)
    for relation in relations.iter():
        if relation.get("TargetMode", "").lower() == "external" and not relation.get("Type", "").endswith("/hyperlink"):
            refuse_external(name)


def _measure(package: Package, part: str, data: bytes, name: str) -> None:
    """The dense extent of one sheet, as a reader lays it out, errs upwards; notes error cells on the way."""
    if not (_NOT_WIDE.search(data) or _PREFIXED_CELL.search(data)):
        return
    row = column = last_row = last_column = 0
    errors = []
    for kind, attributes, end in _ROW_OR_CELL.findall(data):
        references = _REFERENCE.findall(attributes)
        if not end or len(references) > 1 or attributes.count(b'"') % 2 or attributes.count(b"'") % 2:
            refuse_damaged(name)
        if kind == b"row":
            if references and not (references[0].isdigit() and len(references[0]) <= 7):
                refuse_damaged(name)
            row, column = int(references[0]) if references else max(row, last_row) + 1, 0
            continue
        cell_row, cell_column = _position(references[0], name) if references else (max(row, 1), column + 1)
        column = cell_column
        if attributes.endswith(b"/") and not _TYPE.search(attributes):
            continue  # formatted but empty: whole rows and columns of them are common, and readers skip them
        last_row, last_column = max(last_row, cell_row), max(last_column, cell_column)
        if _ERROR_TYPE.search(attributes):
            errors.append((cell_row - 1, cell_column - 1))
    check_extent(last_row, last_column, name)
    if errors:
        package.error_cells[part] = errors


def _position(reference: bytes, name: str) -> tuple[int, int]:
    parts = _CELL_NAME.fullmatch(reference)
    if not parts:
        refuse_damaged(name)
    column = 0
    for letter in parts[1].upper():
        column = column * 26 + letter - 64
    return int(parts[2]), column


def check_extent(rows: int, columns: int, name: str, cells_before: int = 0) -> int:
    """The cells of a sheet that reaches so far; refused when that is more than any real form."""
    if rows > _EXCEL_ROWS or columns > _EXCEL_COLUMNS:
        refuse_bomb(name)
    if columns > MAX_COLUMNS:
        raise BadWorkbook(
            "文件「%(name)s」有 %(columns)s 列，最多 %(limit)s 列。请删去多余的列。", name=name, columns=columns, limit=MAX_COLUMNS
        )
    if cells_before + rows * columns > MAX_CELLS:
        refuse_bomb(name)
    return cells_before + rows * columns


def refuse_damaged(name: str) -> NoReturn:
    raise BadWorkbook("文件「%(name)s」不完整或已损坏，打不开。请重新下载，或用 Excel、WPS 另存为 .xlsx 后再试。", name=name)


def refuse_encrypted(name: str) -> NoReturn:
    raise BadWorkbook("文件「%(name)s」加了密码，打不开。请先取消密码，另存后再试。", name=name)


def refuse_bomb(name: str) -> NoReturn:
    raise BadWorkbook("文件「%(name)s」太大：展开后超过 200 MB 或 600 万个单元格。请删去空白的行和列，或分成几个文件。", name=name)


def refuse_external(name: str) -> NoReturn:
    raise BadWorkbook("文件「%(name)s」引用了别的文件（外部链接）。请在 Excel 的「数据」→「编辑链接」里断开链接，另存后再试。", name=name)

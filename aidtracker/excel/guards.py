"""What is looked at before any parser sees a file: is it a workbook at all, and would it hurt to open it.

Both readers take a bomb without a word. calamine lays a sheet out densely, so that one cell in the
far corner allocates 17 milliards and aborts the whole process; openpyxl resolves what XML asks for.
So the package is unpacked here once, piece by piece, counting what really comes out, and each
sheet's references are looked at while the bytes pass (extents.py).
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring

from aidtracker.excel.extents import check_shared_texts, is_usual, measure
from aidtracker.excel.limits import MAX_MEMBERS, MAX_UNPACKED, BadWorkbook, refuse_bomb, refuse_damaged, refuse_encrypted, refuse_external

_SHARED_TEXTS = "xl/sharedstrings.xml"  # calamine knows it by this name alone
_MAX_RELATIONS = 16 * 1024 * 1024
_PIECE = 256 * 1024  # stays in the processor's cache, which makes the searches below three times as fast
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_ROOT = re.compile(rb"<[A-Za-z_]")


class Package:
    """A checked OOXML package: its bytes, and what the checks learned on the way."""

    def __init__(self, data: bytes):
        self.data = data
        self.error_cells: dict[str, list[tuple[int, int]]] = {}  # part: (row, column) from 0
        self.parts: dict[str, bytes] = {}  # the small ones that say what is where; and the shared texts


def check_package(data: bytes, name: str) -> Package:
    """Refuses what is damaged, encrypted, a bomb, or reaches for other files."""
    package = Package(data)
    members = _members(data, name)
    left = MAX_UNPACKED
    for member in members:
        lower = member.filename.lower()
        if lower.startswith("xl/externallinks/") or lower == "xl/connections.xml":
            refuse_external(name)
        try:
            left -= _check_member(package, member, left, name)
        except (zlib.error, struct.error, IndexError):
            refuse_damaged(name)
    _check_shared_texts(package, members, name)
    if not any(part.lower().endswith("workbook.xml") for part in package.parts):
        raise BadWorkbook("文件「%(name)s」不是 Excel 工作簿：请另存为 .xlsx 后再试。", name=name)
    return package


def _check_shared_texts(package: Package, members: list[zipfile.ZipInfo], name: str) -> None:
    texts = next((data for part, data in package.parts.items() if part.lower() == _SHARED_TEXTS), b"")
    others = [member for member in members if member.filename.lower() != _SHARED_TEXTS]
    unpacked = (b"".join(_unpacked(package.data, member, MAX_UNPACKED, name)) for member in others)
    check_shared_texts(texts, sum(member.file_size for member in others), unpacked, name)


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
    keep = is_relation or part.lower().endswith("workbook.xml") or part.lower() == _SHARED_TEXTS
    size, crc, rooted, usual, kept = 0, 0, False, True, []
    for piece in _whole_tags(_unpacked(package.data, member, allowed, name)):
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        rooted = rooted or _check_prolog(piece, part, size, name)
        usual = usual and is_usual(piece)
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
        errors = measure(b"".join(_unpacked(package.data, member, allowed, name)), name)
        if errors:
            package.error_cells[part] = errors
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
        raise BadWorkbook("文件「%(name)s」里有 XML 实体定义，可能有害，不能打开。请用 Excel 或 WPS 另存为 .xlsx 后再试。", name=name)
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

"""How far a sheet reaches once it is read, told from its bytes: readers lay it out densely, and repeat its shared texts."""

import re
from collections import Counter
from collections.abc import Iterable

from aidtracker.excel.limits import MAX_UNPACKED, check_extent, refuse_bomb, refuse_damaged

# Cells as every program writes them, in sheets that are small enough whatever else they hold: inside
# A1:Z199999, or one of the other shapes. Only a sheet that fits none of them is measured exactly.
_REST_OF_CELL = rb'(?: s="[0-9]*")?(?: t="(?:s|str|n|b|d|inlineStr)")?\s?/?>)'
_NOT_NARROW = re.compile(rb'<c(?=[\s/>])(?! r="[A-Z](?:1[0-9]{5}|[0-9]{1,5})"' + _REST_OF_CELL)
_NOT_LONGER = [
    re.compile(rb'<c(?=[\s/>])(?! r="' + shape + rb'"' + _REST_OF_CELL)
    for shape in (rb"A?[A-Z][0-9]{1,5}", rb"[A-T](?:[12][0-9]{5}|[0-9]{1,5})", rb"[A-L](?:[1-4][0-9]{5}|[0-9]{1,5})", rb"[A-F][0-9]{1,6}")
]
_PREFIXED_CELL = re.compile(rb":c[\s/>]")
# What a tag may look like where exactness counts: white space is only what the reader takes for it.
_ROW_OR_CELL = re.compile(rb"<(?:[^\s<>/:]*+:)?(row|c)(?=[ \t\r\n/>])([^<>]*+)(>?)")
_WELL_FORMED = re.compile(rb"""(?:[ \t\r\n]++[^\s=<>"'/]++[ \t\r\n]*+=[ \t\r\n]*+(?:"[^"]*+"|'[^']*+'))*+[ \t\r\n]*+/?+""")
_ATTRIBUTE = re.compile(rb"""([^\s=<>"'/]++)[ \t\r\n]*+=[ \t\r\n]*+(?:"([^"]*+)"|'([^']*+)')""")
_CELL_NAME = re.compile(rb"([A-Za-z]{1,3})([0-9]{1,7})")
_END_OF_TEXT = re.compile(rb"</(?:[^\s<>/:]*+:)?si\s*>")
_VALUE = re.compile(rb"<v>([^<]*+)</v>")
_ANY_VALUE = re.compile(rb"[<:]v[\s/>]")
_HEAD_OF_TEXTS = re.compile(rb"[<:]sst[^<]*")
# The number of texts that is announced is memory that calamine sets aside before it has read a single one.
_HUGE_COUNT = re.compile(rb"""ount[ \t\r\n]*+=[ \t\r\n]*+["'][^"']{8}""")
_SMALLEST_CELL = len('<c t="s"><v>0</v></c>')


def is_usual(piece: bytes) -> bool:
    """Only cells as every program writes them, in few columns: nothing there to measure."""
    return not (_NOT_NARROW.search(piece) or _PREFIXED_CELL.search(piece))


def measure(data: bytes, name: str) -> list[tuple[int, int]]:
    """Refuses a sheet that a reader would lay out too large, erring upwards. Gives the cells of type error, from 0."""
    if not (_PREFIXED_CELL.search(data) or all(other.search(data) for other in _NOT_LONGER)):
        return []
    if b"<!" in data or data.find(b"<?", 2) >= 0:
        refuse_damaged(name)  # a comment could hide a row's end from the reader, not from us
    reached = column = last_row = last_column = 0  # `reached`: no row so far was further down
    errors = []
    for kind, tag, end in map(re.Match.groups, _ROW_OR_CELL.finditer(data)):
        if not end or not _WELL_FORMED.fullmatch(tag):
            refuse_damaged(name)
        attributes = [(key, value or other) for key, value, other in _ATTRIBUTE.findall(tag)]
        named = dict(attributes)
        reference = named.get(b"r")
        if len(named) < len(attributes):
            refuse_damaged(name)
        if kind == b"row":
            reached = max(reached, _row_number(reference, name)) if reference is not None else reached + 1
            column = 0
            continue
        cell_row, column = _position(reference, name) if reference is not None else (max(reached, 1), column + 1)
        reached = max(reached, cell_row)
        if tag.endswith(b"/") and named.keys() <= {b"r", b"s"}:
            continue  # formatted but empty: whole rows and columns of them are common, and readers skip them
        last_row, last_column = max(last_row, cell_row), max(last_column, column)
        if named.get(b"t") == b"e":
            errors.append((cell_row - 1, column - 1))
    check_extent(last_row, last_column, name)
    return errors


def _row_number(reference: bytes, name: str) -> int:
    if not (reference.isdigit() and len(reference) <= 7):
        refuse_damaged(name)
    return int(reference)


def _position(reference: bytes, name: str) -> tuple[int, int]:
    parts = _CELL_NAME.fullmatch(reference)
    if not parts:
        refuse_damaged(name)
    column = 0
    for letter in parts[1].upper():
        column = column * 26 + letter - 64
    return int(parts[2]), column


def check_shared_texts(texts: bytes, sheets_size: int, sheets: Iterable[bytes], name: str) -> None:
    """One long text that a million cells refer to is a million long texts once it is read."""
    for head in _HEAD_OF_TEXTS.findall(texts):
        if head.count(b'"') % 2 or head.count(b"'") % 2 or _HUGE_COUNT.search(head):
            refuse_damaged(name)
    # A comment could make a long text look like many short ones.
    has_comments = b"<!" in texts
    lengths = [len(text) for text in ([texts] if has_comments else _END_OF_TEXT.split(texts))]
    longest = max(lengths)
    if longest * (sheets_size // _SMALLEST_CELL) <= MAX_UNPACKED:
        return
    if has_comments:
        refuse_damaged(name)
    total = 0
    for data in sheets:
        values = _VALUE.findall(data)
        total += longest * (len(_ANY_VALUE.findall(data)) - len(values))
        total += sum(number * _text_length(value, lengths, longest) for value, number in Counter(values).items())
        if total > MAX_UNPACKED:
            refuse_bomb(name)


def _text_length(value: bytes, lengths: list[int], longest: int) -> int:
    """The length of the text that this cell value may refer to: a number with decimals refers to none."""
    digits = value.removeprefix(b"+")
    if digits.isdigit():
        index = int(digits[:20])
        return lengths[index] if index < len(lengths) else 0
    return longest if b"&" in value or value != value.strip() else 0

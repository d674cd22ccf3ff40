"""One cell's value, whatever the hand or the program that typed it: text, day, number, code, ID.

Each parser takes the raw value and gives the clean one; a blank gives "" (texts) or None (all
others); what cannot be understood raises BadCell with a code of the import contract.
Full-width forms are folded (NFKC) only where a value is a number or a code. Names keep their
characters, the rare ones and the · of a name too.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from aidtracker.excel.cleaning import ERRORS, HIDDEN, BadCell, compact, is_blank, is_rounded, number_text, shown
from aidtracker.excel.days import day, month
from aidtracker.excel.identity import card_checksum_ok, id_birth, id_checksum_ok, id_sex
from aidtracker.practice import REAL_NUMBER, is_refused_number

__all__ = [
    "BadCell", "ERRORS", "Parser", "card_checksum_ok", "choice", "code", "count", "day", "fen",
    "id_birth", "id_checksum_ok", "id_number", "id_sex", "integer", "is_blank", "month", "name",
    "parse_column", "phone", "student_number", "text", "yes_no",
]  # fmt: skip

Parser = Callable[[Any], Any]


_SPACES = re.compile(r"[^\S\n]+")
_HAN_GAP = re.compile("(?<=[\u00b7\u2022\u2e80-\U0010ffff])\\s+(?=[\u00b7\u2022\u2e80-\U0010ffff])")
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,3}", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}(?:\.0*)?")
_ID = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")
_STUDENT = re.compile(r"[GJL][0-9]{17}[0-9X]")
_OLD_STUDENT = re.compile(r"[A-Z0-9]{4,32}")
_LIMIT_FEN = 10**14
_LIMIT_INTEGER = 2**31 - 1  # what an INTEGER of PostgreSQL holds


def text(value: object) -> str:
    """Ends and hidden characters taken off, runs of spaces made one; line breaks stay."""
    if type(value) is str:
        stripped = value.strip()
        if stripped.isprintable() and "  " not in stripped and stripped[:1] != "#":
            return stripped
        return _odd_text(stripped)
    return number_text(value)


def _odd_text(value: str) -> str:
    if value in ERRORS:
        raise BadCell("missing", "公式出错（%(value)s），请改成文字。", value=value)
    return _SPACES.sub(" ", HIDDEN.sub("", value.replace("\r\n", "\n"))).strip()


def name(value: object) -> str:
    """A person's name: as text, and without the spaces that align 张　三 with 欧阳小明."""
    cleaned = text(value)
    return _HAN_GAP.sub("", cleaned) if " " in cleaned or "\n" in cleaned else cleaned


def integer(value: object) -> int | None:
    """A whole number that fits an INTEGER column."""
    folded = compact(value).replace(",", "")
    if not folded:
        return None
    if isinstance(value, bool) or not _WHOLE.fullmatch(folded):
        raise BadCell("bad_number", "「%(value)s」不是整数。", value=shown(value))
    number = int(folded.partition(".")[0])
    if abs(number) > _LIMIT_INTEGER:
        raise BadCell("bad_number", "「%(value)s」太大了。", value=shown(value))
    return number


def count(value: object) -> int | None:
    """A whole number that is not negative."""
    number = integer(value)
    if number is not None and number < 0:
        raise BadCell("bad_number", "「%(value)s」不能小于 0。", value=shown(value))
    return number


def fen(value: object) -> int | None:
    """Money in yuan, as whole fen: 312.5 is 31250. A third decimal is refused, never rounded.

    A number is taken as Excel shows it, at 15 digits, so the 0.30000000000000004 of a formula is 0.30.
    """
    folded = compact(value).replace(",", "").strip("¥元")
    if not folded and not isinstance(value, bool):
        return None
    try:
        readable = not isinstance(value, bool) and "_" not in folded and len(folded) <= 24
        scaled = Decimal(folded) * 100 if readable else None
    except ArithmeticError:
        scaled = None
    if scaled is None or not scaled.is_finite() or abs(scaled) > _LIMIT_FEN:
        raise BadCell("bad_number", "「%(value)s」不是金额，请写成 312.50 这样。", value=shown(value))
    if scaled != int(scaled):
        raise BadCell("bad_number", "金额「%(value)s」多于两位小数。", value=shown(value))
    return int(scaled)


def id_number(value: object) -> str:
    """17 digits and a digit or X, or 15 digits. The messages never repeat the number."""
    found = shaped_id_number(value)
    if is_refused_number(found):
        raise BadCell("bad_id", REAL_NUMBER)
    return found


def shaped_id_number(value: object) -> str:
    if type(value) is str and _ID.fullmatch(value):
        return value
    folded = compact(value).upper()
    if is_rounded(value) or _ROUNDED.fullmatch(folded):
        raise _truncated()
    if not folded or _ID.fullmatch(folded):
        return folded
    if folded in ERRORS:
        raise BadCell("bad_id", "公式出错（%(value)s），请改成文字。", value=folded)
    raise BadCell("bad_id", "证件号应为 18 位（末位可为 X）或 15 位，这里是 %(length)s 位。", length=len(folded))


def student_number(value: object) -> str:
    """学籍号: G, J or L and 18 characters. Other shapes of letters and digits pass: numbers of the past do exist."""
    if type(value) is str and _STUDENT.fullmatch(value):
        return value
    folded = compact(value).upper()
    if is_rounded(value) or _ROUNDED.fullmatch(folded):
        raise _truncated()
    if folded and not _OLD_STUDENT.fullmatch(folded):
        raise BadCell("bad_id", "学籍号应为一个字母（G、J、L）加 18 位，请核对。")
    return folded


def _truncated() -> BadCell:
    return BadCell("id_truncated", "号码被 Excel 当成数字，后几位已经丢失。请把这一列设为文本格式，再重新填写。")


def code(value: object) -> str:
    """A code of digits or letters, also when it was typed as a number: 2134000001.0 is 2134000001."""
    folded = compact(value)
    if is_rounded(value) or (len(folded) < 30 and _ROUNDED.fullmatch(folded) and "+" in folded):
        raise _truncated()
    if folded in ERRORS:
        raise BadCell("missing", "公式出错（%(value)s），请改成文字。", value=folded)
    return folded[:-2] if folded.endswith(".0") and folded[:-2].isdigit() else folded


def phone(value: object) -> str:
    """Leniently: a mobile number loses its gaps, anything else stays as it was written."""
    folded = unicodedata.normalize("NFKC", text(value))
    digits = folded.replace(" ", "").replace("-", "")
    return digits if len(digits) == 11 and digits.isdigit() and digits[0] == "1" else folded


def choice(options: Mapping[str, Any] | Iterable[str], also: Mapping[str, Any] | None = None) -> Parser:
    """A parser that knows some words: those offered, and those that are `also` understood.

    `.labels` are the words offered, for drop-downs and guidance.
    """
    words = dict(options) if isinstance(options, Mapping) else {word: word for word in options}
    labels = tuple(words)
    words = {**(also or {}), **words}
    known = {compact(word): meaning for word, meaning in words.items()}

    def parse(value: object) -> Any:
        if type(value) is str and value in words:
            return words[value]
        folded = compact(value)
        if folded in known:
            return known[folded]
        if not folded:
            return None
        raise BadCell(
            "bad_choice", "「%(value)s」不在可选范围内，可填：%(labels)s。",
            value=shown(value), labels="、".join(labels[:12]) + ("……" if len(labels) > 12 else ""),
        )  # fmt: skip

    parse.labels = labels
    return parse


_yes_no = choice({"是": True, "否": False})
_YES_NO = {"有": True, "无": False, "√": True, "×": False, "Y": True, "N": False, "1": True, "0": False}


def yes_no(value: object) -> bool | None:
    """是 or 否; also the ticks and letters that stand for them."""
    folded = compact(value).upper()
    return _YES_NO[folded] if folded in _YES_NO else _yes_no(value)


yes_no.labels = ("是", "否")


def parse_column(values: Sequence[Any], parse: Parser) -> tuple[list[Any], dict[int, BadCell]]:
    """The clean values, and the bad cells by position (their value is None).

    The parser runs once for each distinct value: a roster repeats nearly all of its own.
    """
    parsed: dict[Any, Any] = {}
    refused: dict[Any, BadCell] = {}
    for value in dict.fromkeys(values):
        try:
            parsed[value] = parse(value)
        except BadCell as bad:
            parsed[value] = None
            refused[value] = bad
    bad_cells = {i: refused[value] for i, value in enumerate(values) if value in refused} if refused else {}
    return [parsed[value] for value in values], bad_cells

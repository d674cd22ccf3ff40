"""One cell's value, whatever the hand or the program that typed it: text, day, number, code, ID.

Each parser takes the raw value and gives the clean one; a blank gives "" (texts) or None (all
others); what cannot be understood raises BadCell with a code of the import contract.
Full-width forms are folded (NFKC) only where a value is a number or a code. Names keep their
characters, the rare ones and the · of a name too.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from aidtracker.errors import Refused
from aidtracker.excel.identity import card_checksum_ok, id_birth, id_checksum_ok, id_sex

__all__ = [
    "BadCell", "ERRORS", "Parser", "card_checksum_ok", "choice", "code", "count", "day", "fen",
    "id_birth", "id_checksum_ok", "id_number", "id_sex", "integer", "is_blank", "month", "name",
    "parse_column", "phone", "student_number", "text", "yes_no",
]  # fmt: skip

Parser = Callable[[Any], Any]

ERRORS = frozenset("#REF! #N/A #VALUE! #DIV/0! #NAME? #NUM! #NULL! #SPILL! #CALC! #GETTING_DATA #FIELD! #BLOCKED!".split())


class BadCell(Refused):
    """A value that cannot be understood. `code` is one of the import contract's."""

    def __init__(self, code: str, text: str, **params: object):
        self.code = code
        super().__init__(text, **params)


# Zero-width and direction marks, soft hyphen, BOM; and controls, which no database column wants.
_INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
_HIDDEN = re.compile(f"[{_INVISIBLE}{_CONTROLS}]")
_SPACES = re.compile(r"[^\S\n]+")
_ALL_SPACE = re.compile(rf"[\s{_INVISIBLE}{_CONTROLS}]+")
_HAN_GAP = re.compile("(?<=[\u00b7\u2022\u2e80-\U0010ffff])\\s+(?=[\u00b7\u2022\u2e80-\U0010ffff])")
_QUOTED = re.compile(r'="(.*)"')
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,3}", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}(?:\.0*)?")
_ID = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")
_STUDENT = re.compile(r"[GJL][0-9]{17}[0-9X]")
_OLD_STUDENT = re.compile(r"[A-Z0-9]{4,32}")
_SEPARATOR = r"\s*[-/.,。、\u2010-\u2015年月]\s*"
_DAY = re.compile(
    rf"([0-9]{{4}}){_SEPARATOR}([0-9]{{1,2}}){_SEPARATOR}([0-9]{{1,2}})\s*[日号]?"
    r"(?:[T\s]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
)
_DIGIT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:\.0+)?")
_MONTH = re.compile(rf"([0-9]{{4}})(?:{_SEPARATOR}([0-9]{{1,2}})|([0-9]{{2}}))\s*月?(?:\.0+)?")
_SERIALS = range(10_000, 73_416)  # 1927-05-18 to 2100-12-31 as Excel counts days
_EPOCH = datetime.date(1899, 12, 30)
_LIMIT_FEN = 10**14
_LIMIT_INTEGER = 2**31 - 1  # what an INTEGER of PostgreSQL holds


def is_blank(value: object) -> bool:
    return value is None or value == "" or (type(value) is str and not _ALL_SPACE.sub("", value))


def text(value: object) -> str:
    """Ends and hidden characters taken off, runs of spaces made one; line breaks stay."""
    if type(value) is str:
        stripped = value.strip()
        if stripped.isprintable() and "  " not in stripped and stripped[:1] != "#":
            return stripped
        return _odd_text(stripped)
    return _number_text(value)


def _odd_text(value: str) -> str:
    if value in ERRORS:
        raise BadCell("missing", "公式出错（%(value)s），请改成文字。", value=value)
    return _SPACES.sub(" ", _HIDDEN.sub("", value.replace("\r\n", "\n"))).strip()


def name(value: object) -> str:
    """A person's name: as text, and without the spaces that align 张　三 with 欧阳小明."""
    cleaned = text(value)
    return _HAN_GAP.sub("", cleaned) if " " in cleaned or "\n" in cleaned else cleaned


def _number_text(value: object) -> str:
    """A value that is no text, as the text a person would have typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)


def _compact(value: object) -> str:
    """Folded to half width, without any space, without the quotes that keep Excel from rounding."""
    if type(value) is not str:
        return _number_text(value)
    if value.isascii() and value.isalnum():
        return value
    folded = _ALL_SPACE.sub("", unicodedata.normalize("NFKC", value))
    quoted = _QUOTED.fullmatch(folded)
    return quoted[1] if quoted else folded.lstrip("'\u2018\u2019`")


def _is_rounded(value: object) -> bool:
    """Excel keeps 15 digits: a longer number has lost its end, whatever stands there now."""
    return isinstance(value, int | float) and abs(value) >= 1e15


def day(value: object) -> datetime.date | None:
    """A calendar day, 1900 to 2100, in any of the ways counties write one."""
    if isinstance(value, datetime.date):
        return _known_year(value.date() if isinstance(value, datetime.datetime) else value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = _numeric_day(value)
    elif isinstance(value, str):
        folded = unicodedata.normalize("NFKC", _HIDDEN.sub("", value)).strip().lstrip("'")
        if not folded:
            return None
        found = _typed_day(folded)
    elif value is None:
        return None
    else:
        found = None
    if found is None:
        raise _bad_day(value)
    return _known_year(found)


def _typed_day(folded: str) -> datetime.date | None:
    parts = _DIGIT_DAY.fullmatch(folded) or _DAY.fullmatch(folded)
    if parts:
        try:
            return datetime.date(int(parts[1]), int(parts[2]), int(parts[3]))
        except ValueError:
            return None
    return _numeric_day(int(folded)) if len(folded) == 5 and folded.isdigit() else None


def _numeric_day(value: float) -> datetime.date | None:
    if not abs(value) < 1e9:  # also refuses nan
        return None
    if value == int(value) and 19_000_101 <= value <= 21_001_231:
        return _typed_day(str(int(value)))
    return _EPOCH + datetime.timedelta(days=int(value)) if int(value) in _SERIALS else None


def _known_year(value: datetime.date) -> datetime.date:
    if not 1900 <= value.year <= 2100:
        raise _bad_day(value)
    return value


def _bad_day(value: object) -> BadCell:
    return BadCell("bad_date", "「%(value)s」不是日期，请写成 2012-03-05 这样。", value=_shown(value))


def month(value: object) -> datetime.date | None:
    """A month as its first day: 201809, 2018-09, 2018年9月, a day in it."""
    if value is None or isinstance(value, datetime.date):
        return _first(day(value))
    folded = _compact(value) if not isinstance(value, bool) else "?"
    if not folded:
        return None
    # 2018.1 typed as a number may have been 2018.10: the cell no longer tells.
    ambiguous = isinstance(value, float) and folded.endswith(".1")
    parts = _MONTH.fullmatch(folded)
    try:
        if parts and not ambiguous:
            return _known_year(datetime.date(int(parts[1]), int(parts[2] or parts[3]), 1))
        return _first(day(value))
    except (ValueError, BadCell):
        raise BadCell("bad_date", "「%(value)s」不是年月，请写成 201809 这样。", value=_shown(value)) from None


def _first(value: datetime.date | None) -> datetime.date | None:
    return value.replace(day=1) if value else None


def integer(value: object) -> int | None:
    """A whole number that fits an INTEGER column."""
    folded = _compact(value).replace(",", "")
    if not folded:
        return None
    if isinstance(value, bool) or not _WHOLE.fullmatch(folded):
        raise BadCell("bad_number", "「%(value)s」不是整数。", value=_shown(value))
    number = int(folded.partition(".")[0])
    if abs(number) > _LIMIT_INTEGER:
        raise BadCell("bad_number", "「%(value)s」太大了。", value=_shown(value))
    return number


def count(value: object) -> int | None:
    """A whole number that is not negative."""
    number = integer(value)
    if number is not None and number < 0:
        raise BadCell("bad_number", "「%(value)s」不能小于 0。", value=_shown(value))
    return number


def fen(value: object) -> int | None:
    """Money in yuan, as whole fen: 312.5 is 31250. A third decimal is refused, never rounded.

    A number is taken as Excel shows it, at 15 digits, so the 0.30000000000000004 of a formula is 0.30.
    """
    folded = _compact(value).replace(",", "").strip("¥元")
    if not folded and not isinstance(value, bool):
        return None
    try:
        readable = not isinstance(value, bool) and "_" not in folded and len(folded) <= 24
        scaled = Decimal(folded) * 100 if readable else None
    except ArithmeticError:
        scaled = None
    if scaled is None or not scaled.is_finite() or abs(scaled) > _LIMIT_FEN:
        raise BadCell("bad_number", "「%(value)s」不是金额，请写成 312.50 这样。", value=_shown(value))
    if scaled != int(scaled):
        raise BadCell("bad_number", "金额「%(value)s」多于两位小数。", value=_shown(value))
    return int(scaled)


def id_number(value: object) -> str:
    """17 digits and a digit or X, or 15 digits. The messages never repeat the number."""
    if type(value) is str and _ID.fullmatch(value):
        return value
    folded = _compact(value).upper()
    if _is_rounded(value) or _ROUNDED.fullmatch(folded):
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
    folded = _compact(value).upper()
    if _is_rounded(value) or _ROUNDED.fullmatch(folded):
        raise _truncated()
    if folded and not _OLD_STUDENT.fullmatch(folded):
        raise BadCell("bad_id", "学籍号应为一个字母（G、J、L）加 18 位，请核对。")
    return folded


def _truncated() -> BadCell:
    return BadCell("id_truncated", "号码被 Excel 当成数字，后几位已经丢失。请把这一列设为文本格式，再重新填写。")


def code(value: object) -> str:
    """A code of digits or letters, also when it was typed as a number: 2134000001.0 is 2134000001."""
    folded = _compact(value)
    if _is_rounded(value) or (len(folded) < 30 and _ROUNDED.fullmatch(folded) and "+" in folded):
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
    known = {_compact(word): meaning for word, meaning in words.items()}

    def parse(value: object) -> Any:
        if type(value) is str and value in words:
            return words[value]
        folded = _compact(value)
        if folded in known:
            return known[folded]
        if not folded:
            return None
        raise BadCell(
            "bad_choice", "「%(value)s」不在可选范围内，可填：%(labels)s。",
            value=_shown(value), labels="、".join(labels[:12]) + ("……" if len(labels) > 12 else ""),
        )  # fmt: skip

    parse.labels = labels  # type: ignore[attr-defined]
    return parse


_yes_no = choice({"是": True, "否": False})
_YES_NO = {"有": True, "无": False, "√": True, "×": False, "Y": True, "N": False, "1": True, "0": False}


def yes_no(value: object) -> bool | None:
    """是 or 否; also the ticks and letters that stand for them."""
    folded = _compact(value).upper()
    return _YES_NO[folded] if folded in _YES_NO else _yes_no(value)


yes_no.labels = ("是", "否")  # type: ignore[attr-defined]


def _shown(value: object) -> str:
    shown = _HIDDEN.sub("", _number_text(value) if type(value) is not str else value).strip()
    return shown if len(shown) <= 20 else shown[:20] + "……"


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

"""What comes before any parser: the invisible taken off, widths folded, numbers as a hand would type them."""

import datetime
import re
import unicodedata

from aidtracker.errors import Refused

# Zero-width and direction marks, soft hyphen, BOM; and controls, which no database column wants.
_INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
HIDDEN = re.compile(f"[{_INVISIBLE}{_CONTROLS}]")
_ALL_SPACE = re.compile(rf"[\s{_INVISIBLE}{_CONTROLS}]+")
_QUOTED = re.compile(r'="(.*)"')

ERRORS = frozenset("#REF! #N/A #VALUE! #DIV/0! #NAME? #NUM! #NULL! #SPILL! #CALC! #GETTING_DATA #FIELD! #BLOCKED!".split())


class BadCell(Refused):
    """A value that cannot be understood. `code` is one of the import contract's."""

    def __init__(self, code: str, text: str, **params: object):
        self.code = code
        super().__init__(text, **params)


def is_blank(value: object) -> bool:
    return value is None or value == "" or (type(value) is str and not _ALL_SPACE.sub("", value))


def number_text(value: object) -> str:
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


def compact(value: object) -> str:
    """Folded to half width, without any space, without the quotes that keep Excel from rounding."""
    if type(value) is not str:
        return number_text(value)
    if value.isascii() and value.isalnum():
        return value
    folded = _ALL_SPACE.sub("", unicodedata.normalize("NFKC", value))
    quoted = _QUOTED.fullmatch(folded)
    return quoted[1] if quoted else folded.lstrip("'\u2018\u2019`")


def is_rounded(value: object) -> bool:
    """Excel keeps 15 digits: a longer number has lost its end, whatever stands there now."""
    return isinstance(value, int | float) and abs(value) >= 1e15


def shown(value: object) -> str:
    """The value as a message repeats it."""
    short = HIDDEN.sub("", value if type(value) is str else number_text(value)).strip()
    return short if len(short) <= 20 else short[:20] + "……"

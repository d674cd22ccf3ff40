"""Is this installation for practice? The mark in its database, which nobody can put in or take out, and the word on all that leaves it.

The database itself guards the mark (migrations/0015_practice.py): it goes into an empty database only, and never out again. So an
answer that was given once holds as long as the process works on that database, and costs no page anything.
"""

import re
import weakref

import peewee

from aidtracker.db import connected_at_start, database, run_sql

WORD = "练习"  # of file names, and of the column that every line of a ledger begins with
WORDS = "练习：数据都是编造的"  # on what is printed, and in what programs read
INVENTED = "99"  # so begin the IDs that belong to nobody
REAL_NUMBER = "练习站只收编造的号码（99 开头）：不要录入真实学生的信息。"
ID = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}", re.ASCII)
ASKED = "SELECT is_practice, EXISTS (SELECT 1 FROM user_account) FROM installation"

_known: weakref.WeakKeyDictionary[peewee.Database, bool] = weakref.WeakKeyDictionary()


def is_practice() -> bool:
    """False also where nobody can be asked: no database, not migrated, no connection yet."""
    opened = database.obj
    if opened is None:
        return False
    if opened in _known:
        return _known[opened]
    if database.is_closed():
        return False
    try:
        row = run_sql(ASKED).fetchone()
    except (peewee.DatabaseError, peewee.InterfaceError):
        return False
    if row and (row[0] or row[1]):  # where somebody has an account already, the mark can come no more
        _known[opened] = bool(row[0])
    return bool(row and row[0])


def look_at_start() -> None:
    """Before the first cookie is read, whose name hangs on it."""
    with connected_at_start():
        is_practice()


def marked(text: str) -> str:
    """【练习】 before whatever is taken out of a practice installation; elsewhere the text as it is."""
    return f"【{WORD}】{text}" if is_practice() else text


def stamped(watermark: str | None) -> str | None:
    """What stands on every page of a workbook, with the words before it."""
    return f"【{WORDS}】{watermark or ''}" if is_practice() else watermark


def marked_name(name: str) -> str:
    """练习_出勤.xlsx: the same for a file."""
    return f"{WORD}_{name}" if is_practice() and not name.startswith(WORD) else name


def is_refused_number(number: str | None) -> bool:
    """In a practice installation, whose passwords everybody knows: an ID, alone or in a 学籍号, that a real child may carry."""
    if not number or not is_practice():
        return False
    digits = number.strip().upper().lstrip("GJL")
    return bool(ID.fullmatch(digits)) and not digits.startswith(INVENTED)

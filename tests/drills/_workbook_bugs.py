"""Mistakes that somebody might make with other people's files, and that the drill must find."""

from contextlib import contextmanager
from unittest import mock

from aidtracker.errors import Refused
from aidtracker.excel import apart, child
from aidtracker.excel.output import as_text
from aidtracker.imports.intake import commit_plan
from aidtracker.imports.kinds import KINDS
from tests.drills.drill import Bug, swapped

BEFORE_MAIN = "from aidtracker.excel.child import main\n"


def in_child(code: str):
    """The reader is a fresh interpreter: what is planted there is planted in the words that start it."""
    return lambda: mock.patch.object(apart, "START", apart.START.replace(BEFORE_MAIN, BEFORE_MAIN + "from aidtracker.excel import child, guards\n" + code))


@contextmanager
def in_this_process():
    def lines_of(file, size, name):
        for answer in child.answers(file.read(), name):
            if isinstance(answer, list):
                yield answer
            elif "sheet" in answer:
                yield answer["sheet"]

    with swapped("aidtracker.excel.apart.lines_of", lambda real: lines_of):
        yield


def saved_at_once(real):
    def plan_file(file, user):
        plan, tables = real(file, user)
        if file.state == "uploaded":
            commit_plan(KINDS[file.kind], plan, by=user)
        return plan, tables

    return plan_file


def shown_error(real):
    def lines_of(file, size, name):
        try:
            yield from real(file, size, name)
        except Refused as refused:
            raise ValueError(refused.message) from None

    return lines_of


UNBOUND = "child.bind = lambda *_: None\n"
ENDLESS = """
import time
real = child.answers
def answers(data, name):
    while data.startswith(b"PK") and time.process_time() < 11:
        pass
    yield from real(data, name)
child.answers = answers
"""
UNCAUGHT = """
def answers(data, name):
    for sheet, rows in child.sheets_of(data, name):
        yield {"sheet": sheet}
        yield from ([row] for row in rows)
    yield child.LAST
child.answers = answers
"""
BELIEVED = "guards._unpacked = lambda data, member, allowed, name: iter([b'<a>'])\nguards._check_member = lambda package, member, allowed, name: member.file_size\n"
WORDLESS = "def refuse(name): raise child.BadWorkbook('Error')\nguards.refuse_damaged = child.refuse_damaged = refuse\n"


def bug(name: str, what: str, plant, rounds: int = 0) -> Bug:
    return Bug("workbooks", name, what, plant, rounds)


BUGS = (
    bug("no_size", "what a package unpacks to is not looked at", in_child("guards.MAX_UNPACKED = 1 << 60\n")),
    bug("believed", "a package is believed when it says how large it is", in_child(BELIEVED)),
    bug("no_bounds", "the process that reads may take what it likes", in_child(UNBOUND)),
    bug("endless", "a parser loops, and nobody ends it", in_child(UNBOUND + ENDLESS)),
    bug("uncaught", "what a parser stumbles over is not caught", in_child(UNCAUGHT)),
    bug("entities", "a document type in XML is allowed", in_child("import re\nguards._DOCTYPE = re.compile(b'nothing')\n")),
    bug("links", "a workbook may reach for other files", in_child("guards.refuse_external = lambda name: None\n")),
    bug("wordless", "a file is refused without saying what to do", in_child(WORDLESS)),
    bug("other_error", "a refusal is no refusal for the doors", lambda: swapped("aidtracker.excel.apart.lines_of", shown_error)),
    bug("at_once", "good rows are saved before anybody has seen the check", lambda: swapped("aidtracker.imports.actions.plan_file", saved_at_once)),
    bug("formulas", "a CSV keeps what looks like a formula", lambda: swapped("aidtracker.excel.plain._guarded", lambda real: as_text)),
    bug("no_process", "files are read by the process that serves", in_this_process),
)

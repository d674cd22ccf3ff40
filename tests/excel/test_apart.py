"""The process that reads a file: it dies, is killed, hangs, lies, or loses its parent; whoever waits gets one clear line."""

import datetime
import os
import subprocess
import sys
import time

import pytest

from aidtracker.excel import apart
from aidtracker.excel.answers import said, understood
from aidtracker.excel.files import open_workbook
from aidtracker.excel.limits import BadWorkbook
from tests.excel.packages import workbook
from tests.live_server import CHECKOUT

pytestmark = pytest.mark.once

GOOD = workbook({"甲": [["姓名", "生日"], ["张三", datetime.date(2016, 5, 1)]] * 3})
BEFORE_MAIN = "from aidtracker.excel.child import main\n"
EATS = "hoard = [bytearray(1 << 20) for _ in range(10_000)]"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "upload").write_bytes(GOOD)
    return tmp_path / "upload"


@pytest.fixture
def child(monkeypatch):
    """child("code"): what the process does once it is bound, instead of reading."""

    def instead(code):
        put = f"import os, signal, sys, time\nfrom aidtracker.excel import child\ndef answers(data, name):\n    {code}\n    yield\nchild.answers = answers\n"
        monkeypatch.setattr(apart, "START", apart.START.replace(BEFORE_MAIN, BEFORE_MAIN + put))

    return instead


def unread(path) -> str:
    with pytest.raises(BadWorkbook, match="没能读完.*请用") as refused:
        open_workbook(path, "花名册.xlsx")
    return refused.value.message


@pytest.mark.parametrize(
    "code",
    [
        EATS,
        "raise MemoryError",
        "os.abort()",
        "os.kill(os.getpid(), signal.SIGSEGV)",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os._exit(0)",
        "raise SystemExit(3)",
        "yield {'sheet': '甲'}; yield [['张三']]; os._exit(0)",
    ],
)
def test_it_dies(path, child, code):
    child(code)
    assert "「花名册.xlsx」" in unread(path)


@pytest.mark.parametrize(("code", "allowed"), [("while True: pass", (1, 60)), ("time.sleep(60)", (60, 1))])
def test_it_does_not_end(path, child, monkeypatch, code, allowed):
    monkeypatch.setattr(apart, "bounds", lambda size: apart.Bounds(256 << 20, *allowed))
    child(code)
    began = time.monotonic()
    unread(path)
    assert time.monotonic() - began < 15


LIES = [
    "yield 7", "yield 'end'", "yield []", "yield [[]]; yield ['张三']", "yield [['a'], ['b', 'c']]", "yield [['a', ['b']]]", "yield [[{'a': 1}]]",
    "yield {'refused': '文件%(name)s%(other)s', 'params': {}}", "yield {'refused': '%d', 'params': {'name': 1}}", "yield {'refused': 1}",
    "sys.stdout.buffer.write(b'{'); return", "sys.stdout.buffer.write(b'[' * 100_000); return", "sys.stdout.buffer.write(b'\\xff\\n'); return",
]  # fmt: skip


@pytest.mark.parametrize("code", LIES)
def test_it_says_what_no_honest_reader_says(path, child, code):
    child("yield {'sheet': '甲'}; " + code)
    unread(path)


def test_it_says_rows_of_no_sheet(path, child):
    child("yield [['张三']]; yield {'end': True}")
    unread(path)


def test_it_found_no_sheet(path, child):
    child("yield {'end': True}")
    with pytest.raises(BadWorkbook, match="没有工作表"):
        open_workbook(path)


def test_it_talks_without_end(path, child, monkeypatch):
    monkeypatch.setattr(apart, "MOST_SAID", 1_000_000)
    child("yield {'sheet': '甲'}\n    while True: yield [['张三'] * 100] * 100")
    unread(path)


def test_it_may_not_write_open_many_files_or_start_a_process(path, child, tmp_path):
    tries = [f"os.write(os.open('{tmp_path}/kept', os.O_WRONLY | os.O_CREAT), b'x')", "[os.open('/dev/null', 0) for _ in range(20)]"]
    for attempt in tries if os.geteuid() == 0 else [*tries, "os.fork()"]:  # root is above the limit of processes
        child(attempt + "; yield {'sheet': '甲'}; yield {'end': True}")
        with pytest.raises(BadWorkbook):
            open_workbook(path, "花名册.xlsx")
    assert not (tmp_path / "kept").exists() or not (tmp_path / "kept").read_bytes()


def test_it_knows_no_secret(path, child, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:secret@host/name")
    child("yield {'sheet': ' '.join(os.environ)}; yield {'end': True}")
    (sheet,) = open_workbook(path).sheets
    assert "DATABASE_URL" not in sheet.name and "FILE_NAME" in sheet.name


def test_it_ends_with_the_process_that_waits(path, tmp_path):
    code = "import sys; from tests.excel.test_apart import wait_for_ever; wait_for_ever(*sys.argv[1:])"
    waiting = subprocess.Popen([sys.executable, "-c", code, path, tmp_path / "pid"], cwd=CHECKOUT)
    try:
        number = wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
        os.kill(int(number), 0)
    finally:
        waiting.kill()
        waiting.wait()
    wait_until(lambda: is_gone(int(number)))


def wait_for_ever(path, pid) -> None:
    """A process that waits for a reader that never answers, and has told its number."""
    popen = subprocess.Popen

    def told(*args, **more):
        process = popen(*args, **more)
        with open(pid, "w") as file:
            file.write(str(process.pid))
        return process

    subprocess.Popen = told
    apart.START = apart.START.replace(
        BEFORE_MAIN, BEFORE_MAIN + "from aidtracker.excel import child\nimport time\nchild.answers = lambda *_: time.sleep(600)\n"
    )
    open_workbook(path)


def wait_until(ready, seconds: float = 15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := ready():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come")


def is_gone(pid: int) -> bool:
    """Dead: also when nobody has asked for its end yet."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_nothing_is_left_running(path, monkeypatch):
    begun, popen = [], subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **more: begun.append(popen(*args, **more)) or begun[-1])
    open_workbook(path)
    [process] = begun
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_where_calamine_is_missing(path, monkeypatch):
    monkeypatch.setattr(apart, "START", apart.START.replace(BEFORE_MAIN, 'sys.modules["python_calamine"] = None\n' + BEFORE_MAIN))
    (sheet,) = open_workbook(path, "花名册.xlsx").sheets
    assert sheet.rows[1][0] == "张三"
    assert sheet.rows[1][1].date() == datetime.date(2016, 5, 1)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0x" * 2000)
    with pytest.raises(BadWorkbook, match="另存为 .xlsx"):
        open_workbook(path, "花名册.xls")


def test_a_cell_in_the_middle_stays_where_it_was(tmp_path):
    data = workbook({"甲": [[], [], [None, None, "x"], [], [None, None, None, 7]]})
    (tmp_path / "a.xlsx").write_bytes(data)
    assert open_workbook(tmp_path / "a.xlsx").sheets[0].rows == [[""] * 4, [""] * 4, ["", "", "x", ""], [""] * 4, ["", "", "", 7]]


VALUES = ["张䶮𠮷\n\u2028", 7, 7.25, 1e300, True, datetime.date(2016, 5, 1), datetime.datetime(2016, 5, 1, 8, 30, 0, 5), ""]


def test_values_come_through(path):
    assert understood(said(VALUES)) == VALUES
    assert [type(value) for value in understood(said(VALUES))] == [type(value) for value in VALUES]
    assert understood(said([datetime.time(8, 30), "\ud800"])) == ["08:30:00", "?"]


def test_bounds_grow_with_the_file():
    small, county, whole = (apart.bounds(size) for size in (5_000, 20 << 20, 200 << 20))
    assert small.memory == 256 << 20 and county.memory == whole.memory == 768 << 20
    assert small.cpu <= 10 < county.cpu < whole.cpu

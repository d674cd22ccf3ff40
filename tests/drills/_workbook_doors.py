"""Files through the real doors: the page of a running site, the command line, and out again as ledgers."""

import csv
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import openpyxl

from aidtracker.aid.models import Payment
from aidtracker.orgs.models import Org
from aidtracker.students.models import Guardian, Student
from tests.drills._browser import Browser
from tests.drills._workbook_files import FORMULA, File
from tests.drills.drill import Outcome
from tests.factories import PASSWORD

KEPT = (Student, Guardian, Payment, Org)  # which a file that is refused or only looked at leaves alone
PATIENCE = 60
FORMULAS = ("=", "+", "-", "@", "\t")


def kept() -> tuple:
    return tuple(model.select().count() for model in KEPT)


class Page:
    """One person of the bureau, at the pages of a running site."""

    def __init__(self, base: str, outcome: Outcome):
        self.outcome, self.browser = outcome, Browser(base)
        self.good(self.browser.fill("/sign-in", username="officer", password=PASSWORD), "sign-in")

    def good(self, page, what: str):
        self.outcome.facts["pages"] += 1
        if page.status >= 500 or "Traceback" in page.text:
            self.outcome.found("broken", f"{what}: {page.status} {page.address}")
        return page

    def send(self, file: File) -> str:
        """Uploads it; the address of its import, "" when it is refused at once."""
        name = file.name.replace('"', "")
        page = self.good(self.browser.fill("/imports/students/upload", files={"file": (name, file.data)}, school_year="2026"), file.label)
        if page.status == 200 and len(page.address.rpartition("/")[2]) == 32:
            return page.address
        if "文件" not in page.text:
            self.outcome.found("wordless", f"{file.label}: {page.status} without a word about the file")
        return ""

    def looked(self, address: str, what: str) -> str:
        """The text of its page when the check, or the saving, is over."""
        deadline = time.monotonic() + PATIENCE
        while "data-refresh" in (page := self.good(self.browser.get(address), what)).text:
            if time.monotonic() > deadline:
                self.outcome.found("broken", f"{what}: never ends")
                break
            time.sleep(0.05)
        return page.text

    def press(self, address: str, what: str) -> str:
        self.good(self.browser.fill(f"{address}/{what}", page=address), what)
        return self.looked(address, what)

    def ledger(self, kind: str) -> bytes:
        page = self.good(self.browser.fill("/ledgers/pupils/export", page="/ledgers/pupils", format=kind, is_whole="y", reason="核对"), "ledger")
        address = page.address.split("?")[0]
        deadline = time.monotonic() + PATIENCE
        while f"{address}/result" not in self.browser.get(address).text and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.good(self.browser.get(f"{address}/result"), "ledger").content


def is_clear(words: str) -> bool:
    """One line, in whole sentences of the people who sent the file."""
    return "\n" not in words and len(words) > 10 and words.endswith("。")


@contextmanager
def unwritten(outcome: Outcome, what: str) -> Iterator[None]:
    """Nothing is changed meanwhile."""
    before = kept()
    yield
    if kept() != before:
        outcome.found("written", f"{what}: {before} became {kept()}")


def files_at_the_page(page: Page, files: list[File]) -> None:
    """All are sent, then each is looked at and thrown away; none has changed anything."""
    with unwritten(page.outcome, "files that were only looked at"):
        for file, address in [(file, page.send(file)) for file in files]:
            text = page.looked(address, file.label) if address else file.says
            if file.says not in text:
                page.outcome.found("wrong", f"{file.label}: its page does not say {file.says}")
            if address:
                page.press(address, "discard")


def half_bad_at_the_page(page: Page, file: File) -> None:
    """Seen first, then the good rows alone are saved; the same file again changes nothing."""
    with unwritten(page.outcome, "before the check is over"):
        address = page.send(file)
        text = page.looked(address, file.label)
    for words in ("共 4 行：可导入 2 行，2 行有错", "出生日期", "姓名"):
        if words not in text:
            page.outcome.found("wrong", f"{file.label}: its page does not say {words}")
    before = Student.select().count()
    if "已导入 2 行" not in page.press(address, "commit"):
        page.outcome.found("wrong", f"{file.label}: its good rows are not saved")
    if Student.select().count() != before + 2:
        page.outcome.found("written", f"{file.label}: {Student.select().count() - before} pupils, not 2")
    with unwritten(page.outcome, "the same file again"):
        page.looked(page.send(file), file.label)


def ledgers_are_harmless(page: Page) -> None:
    """What begins like a formula comes out as text, and is still there."""
    rows = list(csv.reader(io.StringIO(page.ledger("csv").decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    for cell in cells:
        if cell.startswith(FORMULAS):
            page.outcome.found("alive", f"a cell of the CSV is {cell[:40]}")
    sheet = openpyxl.load_workbook(io.BytesIO(page.ledger("xlsx"))).active
    whole = [cell for row in sheet.iter_rows() for cell in row]
    for cell in whole:
        if cell.data_type == "f":
            page.outcome.found("alive", f"a cell of the workbook computes {str(cell.value)[:40]}")
    if f"'{FORMULA}" not in cells or FORMULA not in [cell.value for cell in whole]:
        page.outcome.found("wrong", "the address that looks like a formula is not in the ledger")


def files_at_the_command(runner, files: list[File], folder, outcome: Outcome) -> None:
    """Exit 0, 1 or 2; when it is 2, one line that says why, and nothing was changed."""
    for file in files:
        outcome.facts["commands"] += 1
        path = folder / file.name.rpartition("/")[2]
        path.write_bytes(file.data)
        with unwritten(outcome, f"--check of {file.label}"):
            result = runner.invoke(args=["import", "students", str(path), "--as", "officer", "--check", "--json"])
        said = (result.stderr or "").strip()
        if result.exit_code not in (0, 1, 2) or "Traceback" in result.output + said or not isinstance(result.exception, SystemExit | None):
            outcome.found("broken", f"{file.label}: exit {result.exit_code} {result.exception!r}")
        elif result.exit_code == 2 and ("\n" in said or file.says not in said or not is_clear(said)):
            outcome.found("wordless", f"{file.label}: {said[:120]}")
        elif file.says and result.exit_code != 2:
            outcome.found("wrong", f"{file.label}: is taken, {json.loads(result.stdout)['rows']} rows")
        path.unlink()

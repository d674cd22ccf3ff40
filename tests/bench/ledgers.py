"""R8 and R9: the ledger of payments out, against a bare openpyxl loop of the same cells, and its memory with ten times the lines."""

import datetime
import multiprocessing
import resource
from pathlib import Path
from types import SimpleNamespace

import peewee
from openpyxl import Workbook

from aidtracker.aid.models import Batch, Payment, Program
from aidtracker.config import load_settings
from aidtracker.crypto.field import seal_values
from aidtracker.crypto.keyed_index import keyed
from aidtracker.crypto.keyring import load_keyring
from aidtracker.db import chunks_of, database, init_database, insert_rows, new_uid, snapshot, transaction, utcnow
from aidtracker.excel import plain
from aidtracker.ledgers.files import write_ledger
from aidtracker.ledgers.reading import Reading
from aidtracker.ledgers.registry import LEDGERS
from aidtracker.ledgers.stream import rows
from aidtracker.orgs.models import Org
from aidtracker.orgs.scopes import Scope
from aidtracker.students.models import Student
from tests.bench.clock import Measure, cpu_of

LINES = 286_000  # a county's 143,000 aided pupils, twice a year
TENTH = LINES // 10
BATCHES = 20
SOME = TENTH  # what the slow writers are measured on: their cost of a line is the same at any length
TERM, TERM_OF_TENTH = "2026-spring", "2025-autumn"
COLUMNS = (
    "uid batch_id program_id term student_id school_id stage grade class_number is_boarding hardship standard_fen amount_fen bank_name "
    "card_number card_index holder_name holder_relation paid_on status return_reason is_imported recorded_at revision"
).split()
TAKEN = datetime.date(2026, 4, 20)


def paid(house) -> None:
    """The lines, made once: one term with all of them, one with a tenth, each in twenty batches, so that these grow too."""
    if hasattr(house, "is_paid"):
        return
    pupils = list(Student.select(Student.id, Org.parent).join(Org, on=(Student.class_org == Org.id)).order_by(Student.id).tuples())
    with transaction():
        program = Program.create(county=house.officer.county_id, name="义务教育家庭经济困难学生生活补助")
    for term, lines in ((TERM, LINES), (TERM_OF_TENTH, TENTH)):
        for number in range(BATCHES):
            with transaction():
                batch = Batch.create(county=house.officer.county_id, program=program, term=term, name=f"{term}-{number + 1:02}")
            for some in chunks_of(house.random.sample(pupils, lines // BATCHES)):
                pay(house, batch, some)
    if isinstance(database.obj, peewee.PostgresqlDatabase):
        database.execute_sql("ANALYZE")
    house.is_paid = True


def pay(house, batch: Batch, pupils: list) -> None:
    choose, uids = house.random.choice, [new_uid() for _ in pupils]
    cards = [f"62179900{house.random.randrange(10**11):011}" for _ in pupils]
    sealed, indexes = seal_values(Payment.card_number, uids, cards), [keyed("index_bank", card) for card in cards]
    lines = [
        (
            uid, batch.id, batch.program_id, batch.term, pupil, school, "primary", "三年级", "2", n % 4 == 0, choose(("脱贫家庭", "低保", "残疾")), 62500,
            choose((62500, 31250, 50000)), "云岭农村商业银行", card, index, "赵云山", "父亲", TAKEN, "paid", "", True, utcnow(), 1,
        )
        for n, (uid, card, index, (pupil, school)) in enumerate(zip(uids, sealed, indexes, pupils, strict=True))
    ]  # fmt: skip
    with transaction():
        insert_rows(Payment, tuple(COLUMNS), lines)


def reading_of(house, term: str, run) -> Reading:
    county = Org.get(Org.kind == "county")
    return Reading(Scope(county, county, [county.path]), {"term": term, "state": ""}, may_see_addresses=True, run=run)


def write(house, term: str, name: str = "ledger.xlsx") -> None:
    """As the job does: count, read, open and mask, write."""
    with snapshot() as run:
        write_ledger(house.folder / name, LEDGERS["payments"], reading_of(house, term, run), "李干事 导出", lambda done, total: None)


def bare(lines: list[tuple], path: Path) -> None:
    """The yardstick: openpyxl's own loop, nothing around it."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for line in lines:
        sheet.append(line)
    workbook.save(path)


def per_line(house) -> tuple[float, list[tuple]]:
    """Seconds of CPU of the bare loop for each line."""
    with snapshot() as run:
        cells = list(rows(LEDGERS["payments"], reading_of(house, TERM_OF_TENTH, run)))
    assert len(cells) == SOME
    return cpu_of(lambda: bare(cells, house.folder / "bare.xlsx"), 1) / SOME, cells


def fast(house) -> float:
    """The whole county's lines through the fast library."""
    paid(house)
    assert plain.rust, "no wheel of the fast library for this processor"
    found = []
    for _ in range(2):
        yardstick, _ = per_line(house)
        found.append(cpu_of(lambda: write(house, TERM), 1) / LINES / yardstick)
    return min(found)


def through_openpyxl(house) -> float:
    """Where the fast library has no wheel: a tenth of the lines through openpyxl."""
    paid(house)
    kept, plain.rust = plain.rust, None
    try:
        found = []
        for _ in range(2):
            yardstick, _ = per_line(house)
            found.append(cpu_of(lambda: write(house, TERM_OF_TENTH), 1) / SOME / yardstick)
        return min(found)
    finally:
        plain.rust = kept


def memory(house) -> float:
    """Peak of a process of its own that writes all the lines / of one that writes a tenth."""
    paid(house)
    database.close()
    try:
        return peak_of(house, TERM) / peak_of(house, TERM_OF_TENTH)
    finally:
        database.connect(reuse_if_open=True)


def peak_of(house, term: str) -> int:
    """Kilobytes."""
    fresh = multiprocessing.get_context("spawn")
    environ = {"AIDTRACKER_INSTANCE": str(house.settings.instance), "DATABASE_URL": house.settings.database_url, "AIDTRACKER_JOBS": "off"}
    with fresh.Pool(1) as pool:
        return pool.apply(write_alone, (str(house.folder), environ, term))


def write_alone(folder: str, environ: dict, term: str) -> int:
    """In the child: opens the database, writes the ledger, says how much memory the process ever held."""
    settings = load_settings(environ)
    init_database(settings)
    database.connect(reuse_if_open=True)
    load_keyring(settings)
    write(SimpleNamespace(folder=Path(folder)), term, f"{term}.xlsx")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


MEASURES = {
    "R8": Measure(0.3, "wide ledger of 286,000 aid lines out, CPU / bare openpyxl loop of the same cells", fast),
    "R8b": Measure(1.15, "the same through openpyxl, CPU / bare openpyxl loop of the same cells", through_openpyxl),
    "R9": Measure(1.3, "peak memory of that ledger with 286,000 lines / with 28,600", memory),
}

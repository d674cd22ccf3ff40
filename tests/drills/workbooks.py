"""Hostile files: whatever is sent as a workbook, the site answers, keeps its memory and its time, and changes nothing by mistake.

Each file is first opened as every door opens it, in a process of its own that is watched; then all that hurt and a part of the
spoilt ones go through the pages of a running site and through the command. A round is one spoilt file; the hostile ones come
with every run.
"""

import os
import resource
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from aidtracker import create_app
from aidtracker.db import database
from aidtracker.excel.files import BadWorkbook, open_workbook
from tests import cast, factories
from tests.drills._site import Site, running
from tests.drills._workbook_bugs import BUGS
from tests.drills._workbook_doors import Page, files_at_the_command, files_at_the_page, half_bad_at_the_page, is_clear, ledgers_are_harmless
from tests.drills._workbook_files import File, half_bad, hostile, roster, spoilt
from tests.drills.drill import Drill, Given, Outcome

MOST_MEMORY = 256  # MB, of the process that reads and of the one that waits
MOST_TIME = 10  # seconds of the processor
EVERY = 20  # of the spoilt files go through the doors as well
IN_SHORT = 4  # of the hostile ones do so in a short run
MANY = 1000  # rounds of a run that is not short
LEAST_HOSTILE = 20


class Watch:
    """What reading costs, in the process that reads and in this one."""

    def __init__(self, given: Given, outcome: Outcome):
        self.given, self.outcome = given, outcome
        self.fattest, self.own = memory(resource.RUSAGE_CHILDREN), memory(resource.RUSAGE_SELF)
        self.path = given.folder / "upload"

    def look(self, file: File) -> None:
        self.path.write_bytes(file.data)
        with self.measured(file):
            self.read(file)
        self.path.unlink()

    @contextmanager
    def measured(self, file: File):
        began, own = seconds(), memory(resource.RUSAGE_SELF)
        yield
        took, fattest, grown = seconds() - began, memory(resource.RUSAGE_CHILDREN), memory(resource.RUSAGE_SELF) - own
        facts = self.outcome.facts
        facts["ms at most"], facts["MB at most"] = max(facts["ms at most"], round(took * 1000)), max(facts["MB at most"], fattest, grown)
        if took > MOST_TIME:
            self.outcome.found("slow", f"{file.label} ({file.name}) takes {took:.0f} s")
        # A process begins with the peak of the one that started it on its account.
        if grown > MOST_MEMORY or fattest > max(MOST_MEMORY, self.fattest, own):
            self.outcome.found("fat", f"{file.label} ({file.name}) takes {max(grown, fattest)} MB")
        self.fattest = fattest

    def read(self, file: File) -> None:
        self.outcome.facts["files"] += 1
        try:
            open_workbook(self.path, file.name)
        except BadWorkbook as refused:
            self.outcome.facts["refused"] += 1
            name = Path(file.name).name
            if not is_clear(refused.message) or name not in refused.message:
                self.outcome.found("wordless", f"{file.label}: {refused.message[:100]}")
            elif file.says not in refused.message:
                self.outcome.found("wrong", f"{file.label} is refused for another reason: {refused.message}")
        except BaseException as error:
            self.outcome.found("broken", f"{file.label} ({file.name}): {error!r}")
        else:
            if file.says:
                self.outcome.found("wrong", f"{file.label} is read")


def memory(whose: int) -> int:
    """MB at the highest."""
    return resource.getrusage(whose).ru_maxrss // 1024


def seconds() -> float:
    """Of the processor, for this process and those that it waited for: on a busy machine the clock on the wall accuses the innocent."""
    return sum(os.times()[:4])


def run(given: Given) -> Outcome:
    outcome = Outcome(
        given.rounds,
        {"files": 0, "refused": 0, "pages": 0, "commands": 0, "ms at most": 0, "MB at most": 0},
        dict.fromkeys(("broken", "died", "slow", "fat", "written", "alive", "wordless", "wrong"), 0),
    )
    watch, sample = Watch(given, outcome), []
    is_over = lambda: given.bug and outcome.is_red  # noqa: E731  (a planted bug is found once)
    for file in hostile():
        watch.look(file)
        sample.append(file)
        if is_over():
            return outcome
    watch.look(File("an honest roster", "好.xlsx", roster()))
    hurt = len(sample)
    for number, file in enumerate(islice(spoilt(given.random), given.rounds)):
        watch.look(file)
        if number % EVERY == 0:
            sample.append(file)
        if is_over():
            return outcome
    if given.rounds < MANY:
        sample = given.random.sample(sample[:hurt], IN_SHORT) + sample[hurt:][:2]
    through_the_doors(given, outcome, sample)
    if hurt < LEAST_HOSTILE or not 0 < outcome.facts["refused"] < outcome.facts["files"] or not outcome.facts["commands"]:
        outcome.found("wrong", "too little was done to prove anything")
    return outcome


def through_the_doors(given: Given, outcome: Outcome, files: list[File]) -> None:
    with given.opened() as settings:
        places = cast.make_county()
        factories.make_user("bureau_staff", places.county, "李干事", "officer")
        factories.make_student(places.room, "+次仁", address="-扎多村")
        with running(Site(given, given.environ | {"AIDTRACKER_JOBS": "web"})) as site:
            page, workers = Page(f"http://127.0.0.1:{site.port}", outcome), site.workers()
            files_at_the_page(page, files)
            half_bad_at_the_page(page, File("half bad", "半好半坏.xlsx", half_bad()))
            ledgers_are_harmless(page)
            if site.workers() != workers:
                outcome.found("died", f"workers {workers} became {site.workers()}: {site.last_words()[-400:]}")
            if "Traceback" in site.log.read_text(errors="replace"):
                outcome.found("broken", f"the server's log: {site.last_words()[-400:]}")
        app = create_app(settings)
        database.connect(reuse_if_open=True)
        files_at_the_command(app.test_cli_runner(), files, given.folder, outcome)
        for path in [*(given.instance / "uploads").iterdir()]:
            if path.name.startswith("draft-"):
                outcome.found("wrong", f"{path.name} is left in the clear")
        database.close()


# On PostgreSQL nothing of this is different: files are read before the database is asked, and what is saved is the tests' affair.
DRILL = Drill("workbooks", "files that would hurt whoever opens them, and files that were spoilt", run, rounds=2000, short=24, bugs=BUGS, on_postgresql=False)

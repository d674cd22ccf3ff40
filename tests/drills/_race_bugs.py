"""Mistakes that let two win: each stands between reading and writing, where no single user ever meets it."""

import time
from contextlib import ExitStack, contextmanager
from functools import partial

import peewee

from aidtracker.accounts.models import SignInAttempt
from aidtracker.accounts.sessions import refuse_guessing
from aidtracker.attendance.day_sums import FIGURES
from aidtracker.attendance.models import DaySum
from aidtracker.cases.models import Case
from aidtracker.db import transaction, utcnow
from aidtracker.imports.models import ImportFile
from aidtracker.jobs.models import Job
from aidtracker.receipts.actions import receipt_or_none
from aidtracker.visits.models import Visit
from tests.drills.drill import Bug, swapped


def on_what_stands(real):
    """attendance.actions.correct: a correction is taken on whatever stands; the last one wins."""
    return lambda roll, standing, marks, _base, *more: real(roll, standing, marks, standing.revision, *more)


def payment_on_what_stands(real):
    return lambda **asked: real(**asked | {"revision": asked["payment"].revision})


def blind_ending(real):
    """cases.actions.compare_and_set: an edit compares (its version's key would tell), an ending does not."""

    def write(case, revision, names):
        if "state" not in names or "origin" in names:
            return real(case, revision, names)
        case.revision = revision + 1
        kept = {Case._meta.fields[name]: case.__data__.get(Case._meta.fields[name].name) for name in (*names, "revision")}
        return Case.update(kept).where(Case.id == case.id).execute()

    return write


def blind_decision(real):
    """visits.actions.moved_on: an edit compares, a decision does not."""

    def write(visit, fields, revision=None):
        if revision is None:
            return real(visit, fields)
        for name, value in fields.items():
            setattr(visit, name, value)
        columns = {Visit._meta.fields[name]: visit.__data__[Visit._meta.fields[name].name] for name in fields}
        return bool(Visit.update(columns).where(Visit.id == visit.id).execute())

    return write


def receipt_apart(real):
    """receipts.actions.once: the write in one transaction, its receipt in the next."""

    def once(*, by, key, do, **more):
        if receipt_or_none(by, key) is not None:
            return real(by=by, key=key, do=do, **more)
        result = do()
        return real(by=by, key=key, do=lambda: result, **more)

    return once


def guess_not_looked_at_again(_real):
    """accounts.sessions.count_guess: looks how many there were, then counts this one."""

    def count(account, place):
        refuse_guessing(account, place)
        time.sleep(0.3)
        with transaction():
            return SignInAttempt.create(account=account, network=place, succeeded=False).id

    return count


def claim_by_looking(_real):
    """jobs.running.claim: looks whether the job waits, then takes it."""

    def claim(uid):
        if Job.get(Job.uid == uid).state != "queued":
            return None
        now = utcnow()
        with transaction():
            Job.update(state="running", attempts=Job.attempts + 1, started_at=now, heartbeat_at=now).where(Job.uid == uid).execute()
            return Job.get(Job.uid == uid)

    return claim


def sum_by_reading(_real):
    """attendance.day_sums.add_to_day_sum: reads the sum, adds, writes it."""

    def add(school_id, on, session, figures, rolls):
        found = DaySum.get_or_none((DaySum.school == school_id) & (DaySum.on == on) & (DaySum.session == session))
        numbers = dict(zip((*FIGURES, "rolls"), (*figures, rolls), strict=True))
        if found is None:
            DaySum.insert(school=school_id, on=on, session=session, **numbers).execute()
        else:
            DaySum.update({name: getattr(found, name) + number for name, number in numbers.items()}).where(DaySum.id == found.id).execute()

    return add


@contextmanager
def without_writers_queue():
    """SQLite as it comes: transactions that begin by reading, and nobody waits for anybody."""

    def deferred(real):
        def opened(url):
            made = real(url)
            return peewee.SqliteDatabase(made.database, pragmas=made._pragmas, lock_type="DEFERRED", timeout=10)

        return opened

    with ExitStack() as stack:
        stack.enter_context(swapped("aidtracker.db.WriterQueue", lambda real: lambda _path: real(None)))
        stack.enter_context(swapped("aidtracker.db.open_database", deferred))
        yield


def without_lock(kind: str):
    return swapped("aidtracker.db.lock", lambda real: lambda *names: names[0] == kind or real(*names))


def nothing(_real):
    return lambda *_given: None


ENOUGH = 25  # rounds: whether two meet is chance, and more so on a busy machine; the first find ends the run


def bug(name: str, what: str, place: str, other, only: str = "") -> Bug:
    return Bug("races", name, what, lambda: swapped(place, other), ENOUGH, only)


def unlocked(name: str, what: str, kind: str) -> Bug:
    return Bug("races", name, what, partial(without_lock, kind), ENOUGH, "postgresql")


BUGS = (
    bug("roll-base", "a correction is taken on whatever stands", "aidtracker.attendance.actions.correct", on_what_stands),
    bug("payment-base", "an edited payment is taken on whatever stands", "aidtracker.aid.actions.edit_payment", payment_on_what_stands),
    bug("case-blind", "a case is closed without comparing its revision", "aidtracker.cases.actions.compare_and_set", blind_ending),
    bug("visit-blind", "a visit is verified without comparing its state", "aidtracker.visits.actions.moved_on", blind_decision),
    bug("receipt-apart", "the receipt is written after the write, not with it", "aidtracker.receipts.actions.once", receipt_apart),
    bug("guess-unlooked", "a wrong guess is counted without looking again", "aidtracker.accounts.sessions.count_guess", guess_not_looked_at_again),
    bug("job-looked", "a worker looks whether a job waits, then takes it", "aidtracker.jobs.running.claim", claim_by_looking),
    bug(
        "import-pressed", "a workbook is committed without asking who else did", "aidtracker.imports.actions.unchanged",
        lambda _real: lambda file: ImportFile.id == file.id,
    ),
    bug(
        "workbook-pays-again", "a workbook pays what was recorded by hand since it was checked", "aidtracker.aid.payment_save.once_each",
        lambda _real: lambda rows, _batches: rows,
    ),
    Bug("races", "no-writers-queue", "SQLite's writers begin by reading and do not queue up", without_writers_queue, ENOUGH, "sqlite"),
    bug("sum-read", "the day's sum is read, added to and written", "aidtracker.attendance.day_sums.add_to_day_sum", sum_by_reading, only="postgresql"),
    bug("program-unlocked", "two pay under one program side by side", "aidtracker.aid.queries.lock_programs", nothing, only="postgresql"),
    bug("pupil-unlocked", "two write about one pupil side by side", "aidtracker.students.queries.lock_pupils", nothing, only="postgresql"),
    unlocked("key-unlocked", "the same key goes in twice side by side", "receipt"),
    unlocked("visits-unlocked", "visits of one day are counted side by side", "visits"),
    bug("account-unlocked", "two change one account side by side", "aidtracker.accounts.actions.end_sessions_of", nothing, only="postgresql"),
)  # fmt: skip

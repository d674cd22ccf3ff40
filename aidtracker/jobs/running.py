"""One run of a job: claimed, beating, reported on, ended; and what becomes of runs that were killed."""

import datetime
import logging
import threading
import time
import traceback
from contextlib import contextmanager

import peewee

from aidtracker.db import database, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.jobs.kinds import KINDS
from aidtracker.jobs.models import Job
from aidtracker.phrases import Phrase, packed

BEAT_SECONDS = 20
STALE = datetime.timedelta(minutes=2)  # no heartbeat for so long: the process is gone
MOST_ATTEMPTS = 2
REPORT_SECONDS = 1

BROKE = "处理时出了问题，没有完成。请重新提交；如果再次出现，请把编号 %(number)s 告诉管理员。"
KILLED = "处理两次都被中断，没有完成。请稍后重新提交；如果再次出现，请把编号 %(number)s 告诉管理员。"

log = logging.getLogger(__name__)


class TakenAway(Exception):
    """This run was given up as dead and the job belongs to another one now; stop without a trace."""


def run_job(uid: str) -> None:
    """Runs a queued job to its end; does nothing when it is not queued (any more). Never raises an error of the job."""
    job = claim(uid)
    if job is None:
        return
    try:
        with beating(job):
            outcome = KINDS[job.kind].function(job, **job.args) or {}
            end(job, state="done", message=outcome.get("message", ""), result=outcome)
    except TakenAway:
        log.warning("job %s %s: another run has taken over", job.kind, job.uid)
    except Refused as refused:
        give_up(job, Phrase(refused.text, **refused.params))
    except Exception as error:
        log.error("job %s %s broke: %s", job.kind, job.uid, without_data(error))
        give_up(job, Phrase(BROKE, number=number_of(job)))


def claim(uid: str) -> Job | None:
    now = utcnow()
    with transaction():
        taken = (
            Job.update(state="running", attempts=Job.attempts + 1, started_at=now, heartbeat_at=now, done=0, total=0)
            .where((Job.uid == uid) & (Job.state == "queued"))
            .execute()
        )
        return Job.get(Job.uid == uid) if taken else None


def progress(job: Job, done: int, total: int) -> None:
    """Tells how far the job is; call it as often as you like, it writes once a second.

    Call it between transactions: inside one, nobody sees it before the end.
    """
    job.done, job.total = done, total
    now = time.monotonic()
    if now - getattr(job, "_reported", 0) >= REPORT_SECONDS:
        job._reported = now
        update_mine(job, done=done, total=total, heartbeat_at=utcnow())


def end(job: Job, *, state: str, message: str, result: dict | None = None) -> None:
    if isinstance(message, Phrase):
        result = {**(result or {}), "said": packed(message)}
    update_mine(
        job,
        state=state,
        message=str(message),
        result=result,
        done=job.done,
        total=job.total,
        finished_at=utcnow(),
        result_file=job.result_file if state == "done" else None,
        download_name=job.download_name if state == "done" else None,
        expires_at=job.expires_at if state == "done" else None,
    )


def give_up(job: Job, message: Phrase) -> None:
    try:
        end(job, state="failed", message=message)
    except (TakenAway, peewee.DatabaseError) as error:  # the next look at stale jobs settles it
        log.error("job %s %s could not be ended: %s", job.kind, job.uid, type(error).__name__)


def update_mine(job: Job, **values) -> None:
    """Writes only while this run owns the job: the number of the attempt is the fence against a run taken for dead."""
    mine = (Job.id == job.id) & (Job.state == "running") & (Job.attempts == job.attempts)
    with transaction():
        if not Job.update(**values).where(mine).execute():
            raise TakenAway


@contextmanager
def beating(job: Job):
    """A heartbeat beside the run, so that one long step does not look like a dead process."""
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(job, over), name="job-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=1)  # it may be waiting for the lock of a transaction that is ours


def _beat(job: Job, over: threading.Event) -> None:
    while not over.wait(BEAT_SECONDS):
        try:
            with database.connection_context():
                update_mine(job, heartbeat_at=utcnow())
        except TakenAway:
            return
        except Exception as error:
            log.warning("job %s: no heartbeat written: %s", job.uid, type(error).__name__)


def rescue_stale(now: datetime.datetime | None = None) -> int:
    """Puts runs without heartbeat back into the queue once, then gives them up; returns how many there were."""
    now = now or utcnow()
    is_stale = (Job.state == "running") & (Job.heartbeat_at < now - STALE)
    rescued = 0
    for job in list(Job.select().where(is_stale)):
        values = {"state": "queued"}
        if job.attempts >= MOST_ATTEMPTS:
            killed = Phrase(KILLED, number=number_of(job))
            values = {"state": "failed", "finished_at": now, "message": str(killed), "result": {"said": packed(killed)}}
        with transaction():
            rescued += (
                Job.update(**values).where((Job.id == job.id) & (Job.attempts == job.attempts) & is_stale).execute()
            )
        log.warning("job %s %s: no heartbeat since %s, now %s", job.kind, job.uid, job.heartbeat_at, values["state"])
    return rescued


def number_of(job: Job) -> str:
    """Short enough to read out on the telephone."""
    return job.uid[:8].upper()


def without_data(error: BaseException) -> str:
    """Kind and place of an error; its message may hold names or numbers and stays out of the log."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return type(error).__name__ + "".join(f" > {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)

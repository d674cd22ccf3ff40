"""What a room or a person does with jobs: enqueue() one, fetch_result() of a finished one."""

from collections.abc import Iterator

from aidtracker.audit.actions import record
from aidtracker.db import database, transaction, utcnow
from aidtracker.errors import NotFound, Refused
from aidtracker.jobs import files, queue
from aidtracker.jobs.kinds import KINDS
from aidtracker.jobs.models import Job
from aidtracker.phrases import Phrase, packed

STOPPED = Phrase("你的权限刚有变动，这项工作没有做完。如仍需要，请重新提交。")


class ResultExpired(Refused):
    """The file was kept its time and then deleted."""

    status = 410

    def __init__(self):
        super().__init__("文件只保留 24 小时，现在已经删除。如仍需要，请重新生成。")


class RoleIsOver(Refused):
    """The file was made with a role that has run out since."""

    status = 410

    def __init__(self):
        super().__init__("生成这个文件时的角色已经到期，文件不能再取。如仍需要，请重新生成。")


def enqueue(*, kind: str, args: dict, by) -> Job:
    """Adds a job to the caller's transaction; a worker starts it once that has been committed."""
    if kind not in KINDS:
        raise KeyError(f"no function is registered for jobs of kind {kind!r}")
    with transaction():
        job = Job.create(kind=kind, args=args, owner_id=by.id)
        database.after_commit(lambda: queue.wake(job.uid))
    return job


def fetch_result(*, job: Job, by) -> Iterator[bytes]:
    """The pieces of the result file, each fetching on record. Refused: another's file, one that is not there or no more."""
    if job.owner_id != by.id or job.download_name is None:
        raise NotFound
    if not is_kept(job):
        raise ResultExpired
    if not is_fetchable(job, by):
        raise RoleIsOver
    pieces = files.opened(job)
    with transaction():
        record(action="jobs.fetch_result", by=by, object_kind="job", object_id=job.uid, reason=job.kind)
    return pieces


def expire_results(owner_id: int) -> None:
    """For whoever loses a role: files made with it are fetched no more, work under way ends without one. In the caller's transaction."""
    now = utcnow()
    running = (Job.owner_id == owner_id) & (Job.state == "running")
    Job.update(state="failed", finished_at=now, message=str(STOPPED), result={"said": packed(STOPPED)}).where(running).execute()
    kept = (Job.owner_id == owner_id) & Job.result_file.is_null(False) & (Job.expires_at > now)
    Job.update(expires_at=now).where(kept).execute()


def is_fetchable(job: Job, by) -> bool:
    """A role that was ended took its files along (expire_results); one that ran out by its date is seen here."""
    return is_kept(job) and not by.has_lost_a_role_since(job.created_at)


def is_kept(job: Job) -> bool:
    return bool(job.result_file and job.expires_at > utcnow() and files.path_of(job).exists())

"""Whose jobs there are: only the owner sees a job."""

import datetime

from aidtracker.db import utcnow
from aidtracker.jobs.kinds import KINDS
from aidtracker.jobs.models import Job
from aidtracker.phrases import unpacked

SHOWN = 50


def jobs_of(user_id: int) -> list[Job]:
    """The person's latest jobs, newest first."""
    return list(Job.select().where(Job.owner_id == user_id).order_by(Job.id.desc()).limit(SHOWN))


def job_or_none(uid: str, user_id: int) -> Job | None:
    return Job.get_or_none((Job.uid == uid) & (Job.owner_id == user_id))


def title_of(job: Job) -> str:
    return KINDS[job.kind].title if job.kind in KINDS else job.kind


def unit_of(job: Job) -> str:
    return KINDS[job.kind].unit if job.kind in KINDS else ""


def message_of(job: Job) -> str:
    """What the job said at its end, so that a page can say it in its language."""
    kept = (job.result or {}).get("said")
    return unpacked(kept) if kept else job.message


def seconds_left(job: Job, now: datetime.datetime | None = None) -> int | None:
    """Guess from the pace so far; None until there is a pace to go by."""
    if job.state != "running" or not job.done or job.done >= job.total:
        return None
    spent = ((now or utcnow()) - job.started_at).total_seconds()
    return max(1, round(spent * (job.total - job.done) / job.done)) if spent >= 3 else None

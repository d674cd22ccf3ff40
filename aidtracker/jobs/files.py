"""Result files of jobs: written in the clear for a moment, kept sealed in `instance/results`, deleted after 24 hours.

Several hosts on one PostgreSQL must share that folder.
"""

import datetime
import itertools
import logging
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aidtracker.crypto.drafts import forget_drafts, plain_draft
from aidtracker.crypto.files import plain_size, seal_file, unseal_file
from aidtracker.db import transaction, utcnow
from aidtracker.jobs.models import Job

KEPT = datetime.timedelta(hours=24)
ROW_KEPT = datetime.timedelta(days=90)
STRAY_SECONDS = 24 * 3600  # older results that no row names were left by a run that lost its job

log = logging.getLogger(__name__)
_folder: Path | None = None


def configure(instance: Path) -> None:
    global _folder
    _folder = Path(instance) / "results"


def folder() -> Path:
    if _folder is None:
        raise RuntimeError("jobs.files.configure(instance) comes first")
    _folder.mkdir(mode=0o700, exist_ok=True)
    return _folder


def path_of(job: Job) -> Path:
    return folder() / str(job.result_file)


@contextmanager
def result_file(job: Job, name: str) -> Iterator[Path]:
    """Inside a job: the path to write to. At the end the file is sealed and becomes the download called `name`.

    When the block fails nothing remains. A second result_file() of one job replaces the first.
    """
    sealed = folder() / f"{job.uid}-{secrets.token_hex(4)}"
    try:
        with plain_draft(folder(), Path(name).suffix) as draft:
            yield draft
            with draft.open("rb") as plain, open(sealed, "xb", opener=_private) as target:
                seal_file(_place(job), plain, target)
    except BaseException:
        sealed.unlink(missing_ok=True)
        raise
    if job.result_file:
        path_of(job).unlink(missing_ok=True)
    job.result_file, job.download_name, job.expires_at = sealed.name, download_name(name), utcnow() + KEPT


def opened(job: Job) -> Iterator[bytes]:
    """The plain pieces; the first is opened at once, so that an unreadable file is an error and not half a download."""
    file = path_of(job).open("rb")
    pieces = unseal_file(_place(job), file)
    first = next(pieces)

    def rest():
        with file:
            yield from pieces

    return itertools.chain([first], rest())


def size_of(job: Job) -> int:
    return plain_size(path_of(job))


def download_name(name: str) -> str:
    """A name that every system accepts: no separators, no control characters, at most 120 characters."""
    clean = Path(re.sub(r'[\x00-\x1f\x7f\\/:*?"<>|]+', "_", name))
    return clean.stem[: 120 - len(clean.suffix)] + clean.suffix


def sealed_files() -> Iterator[tuple[str, Path]]:
    """(place that it is sealed for, path) of each that lies here, whether or not a row names it."""
    for path in folder().iterdir():
        if found := re.fullmatch("([0-9a-f]{32})-[0-9a-f]{8}", path.name):
            yield f"job|{found[1]}", path


def purge_expired(now: datetime.datetime | None = None) -> int:
    """Deletes files past their time, drafts of killed processes and rows of 90 days; returns how many files."""
    now = now or utcnow()
    expired = list(Job.select().where(Job.result_file.is_null(False) & (Job.expires_at <= now)))
    for job in expired:
        path_of(job).unlink(missing_ok=True)
        with transaction():
            Job.update(result_file=None).where(Job.id == job.id).execute()
    old = (Job.finished_at < now - ROW_KEPT) & Job.result_file.is_null()
    if Job.select().where(old).exists():
        with transaction():
            Job.delete().where(old).execute()
    _purge_strays()
    return len(expired)


def _purge_strays() -> None:
    """Files that no row names: drafts of killed processes, and results of runs that lost their job."""
    forget_drafts(folder())
    old = [path for path in folder().iterdir() if path.stat().st_mtime < time.time() - STRAY_SECONDS]
    named = (
        {name for (name,) in Job.select(Job.result_file).where(Job.result_file.is_null(False)).tuples()}
        if old
        else set()
    )
    for path in old:
        if path.name not in named:
            path.unlink(missing_ok=True)


def _place(job: Job) -> str:
    return f"job|{job.uid}"


def _private(path, flags) -> int:
    return os.open(path, flags, 0o600)

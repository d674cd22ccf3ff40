"""Backups that nobody has to think of: one a day, opened again, the old ones tidied away, a failure written down."""

from pathlib import Path

from aidtracker.accounts.models import User
from aidtracker.audit.actions import record
from aidtracker.config import Settings
from aidtracker.db import transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.jobs.actions import enqueue
from aidtracker.jobs.kinds import job_kind
from aidtracker.jobs.models import Job
from aidtracker.operation.actions_backup import check_backup, finish_restore, make_backup
from aidtracker.operation.locks import the_only_one
from aidtracker.operation.models import Backup
from aidtracker.operation.queries import is_demo, last_failed, last_good
from aidtracker.operation.schedule import file_name, is_due, superfluous
from aidtracker.practice import is_practice

LONGEST = 200  # of what is written down of a failure
KIND = "operation.back_up"
settings_here: list[Settings] = []  # create_app fills it


def configure(settings: Settings) -> None:
    settings_here[:] = [settings]


def back_up_when_due() -> None:
    """What the server does twice a minute: almost always nothing. Never in a demo, which holds nobody's data."""
    [settings] = settings_here
    if settings.backup_hour is None or is_demo():
        return
    good, failed = last_good(), last_failed()
    if is_due(utcnow(), settings.backup_hour, good.made_at if good else None, failed.made_at if failed else None):
        back_up(settings=settings, by=None)


def finish_restore_that_was_cut() -> None:
    """Of a restore that was killed between its two halves, while the site was running."""
    finish_restore(instance=settings_here[0].instance)


def back_up(*, settings: Settings, by) -> Backup:
    """One more in the folder of backups. A failure is written down too, and then raised: Refused says what is wrong.

    Never of a demo or a practice installation: what tidies its backups away must not meet those of a real site."""
    refuse_invented()
    with the_only_one(settings.instance, "backup", Refused("另一个备份正在进行，请等它结束。")):
        folder = settings.backup_folder
        path = folder / file_name(utcnow())
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_backup(path=path, settings=settings, by=by)
        except (Refused, OSError) as error:
            why = error.message if isinstance(error, Refused) else error.strerror or type(error).__name__
            note_failure(path=path, why=why, by=by)
            raise Refused("备份没有做成：%(why)s", why=why) from error
        mine = {name for (name,) in Backup.select(Backup.file_name).tuples()}
        for old in superfluous(folder):
            if old.name in mine:  # another site may have been given the same folder
                old.unlink()
        return Backup.get(Backup.file_name == path.name)


def refuse_invented() -> None:
    if is_demo() or is_practice():
        raise Refused("这里的数据都是编造的，不做备份。")


def note_failure(*, path: Path, why: str, by) -> None:
    with transaction():
        Backup.create(file_name=path.name, size=0, problem=why[:LONGEST])
        record(action="operation.fail_backup", by=by, object_kind="backup", object_id=path.name, reason=why[:LONGEST])


def verify_backup(*, backup: Backup, settings: Settings, by) -> None:
    """Opens it once more; what came of it is written down. Refused: it is no good any more."""
    why = ""
    try:
        check_backup(path=settings.backup_folder / backup.file_name, settings=settings)
    except Refused as refused:
        why = refused.message
    with transaction():
        Backup.update(checked_at=utcnow(), problem=why[:LONGEST]).where(Backup.id == backup.id).execute()
        record(action="operation.verify_backup", by=by, object_kind="backup", object_id=backup.uid, reason=why[:LONGEST])
    if why:
        raise Refused("「%(name)s」不能用了：%(why)s", name=backup.file_name, why=why)


def fetch_backup(*, backup: Backup, by) -> None:
    """Whoever takes the file away is on record; it opens with the key file alone."""
    with transaction():
        record(action="operation.fetch_backup", by=by, object_kind="backup", object_id=backup.uid)


@job_kind(KIND, "做备份")
def run_back_up(job: Job) -> dict:
    [settings] = settings_here
    back_up(settings=settings, by=User.get_by_id(job.owner_id))
    return {"url": "/operation/backups"}


def start_backup(*, by) -> Job:
    """As a job, since it may take minutes."""
    refuse_invented()
    with transaction():
        job = enqueue(kind=KIND, args={}, by=by)
        record(action="operation.start_backup", by=by, object_kind="job", object_id=job.uid)
    return job


"""Taking back a whole import, as a job: everything in one transaction, or nothing."""

from aidtracker.accounts.models import User
from aidtracker.audit.actions import record
from aidtracker.db import transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.imports.actions import is_being_saved, unchanged
from aidtracker.imports.kinds import KINDS
from aidtracker.imports.models import ImportFile
from aidtracker.jobs.actions import enqueue
from aidtracker.jobs.kinds import job_kind
from aidtracker.jobs.queries import job_or_none

UNDO = "imports.undo_workbook"


def undo_import(*, file: ImportFile, by: User) -> None:
    """Refused here: not committed, undone already, a kind that cannot be taken back. What stands in the way is found by the job."""
    if KINDS[file.kind].undo is None:
        raise Refused("这类导入不能整体撤销。请改好表格后重新导入，或逐条更正。")
    with transaction():
        is_there = file.state == "committed" and file.undone_at is None
        if file.by_id != by.id or not is_there or is_being_saved(file) or is_being_undone(file):
            raise Refused("这个文件现在不能撤销，请刷新页面看看它的状态。")
        job = enqueue(kind=UNDO, args={"uid": file.uid}, by=by)
        here = unchanged(file) & (ImportFile.state == "committed") & ImportFile.undone_at.is_null()
        if not ImportFile.update(job_uid=job.uid).where(here).execute():
            raise Refused("这个文件现在不能撤销，请刷新页面看看它的状态。")
        record(action="imports.undo_import", by=by, object_kind="import", object_id=file.uid, reason=file.kind)


def is_being_undone(file: ImportFile) -> bool:
    job = job_or_none(file.job_uid, file.by_id)
    return job is not None and job.kind == UNDO and not job.is_over


@job_kind(UNDO, "撤销导入")
def undo_workbook(job, uid):
    file, user = ImportFile.get(ImportFile.uid == uid), User.get_by_id(job.owner_id)
    if file.undone_at is not None:
        return {}
    with transaction():
        KINDS[file.kind].undo(import_uid=uid, since=file.committed_at, by=user)
        ImportFile.update(undone_at=utcnow(), undone_by=user).where(ImportFile.id == file.id).execute()
    return {"url": f"/imports/{uid}"}

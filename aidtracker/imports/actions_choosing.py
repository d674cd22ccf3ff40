"""Whose version holds where somebody else wrote after the workbook had been taken away: chosen line by line, then checked anew."""

from aidtracker.accounts.models import User
from aidtracker.audit.actions import record
from aidtracker.db import transaction
from aidtracker.errors import Refused
from aidtracker.imports.actions import is_being_saved, set_job, unchanged
from aidtracker.imports.models import ImportFile
from aidtracker.jobs.actions import enqueue


def set_choices(*, file: ImportFile, chosen: dict[str, str], by: User) -> None:
    """{key of a conflict: mine or theirs, and what was shown}; kept with the file. A line that nobody chose stays out."""
    if not chosen:
        raise Refused("请至少选择一行。")
    with transaction():
        if is_being_saved(file):
            raise Refused("这个文件正在导入，不能再改。")
        outcome = (file.outcome or {}) | {"choices": (file.outcome or {}).get("choices", {}) | chosen}
        here = unchanged(file) & (ImportFile.by == by) & (ImportFile.state == "checked")
        if not ImportFile.update(state="uploaded", found=file.sealed(outcome)).where(here).execute():
            raise Refused("这个文件现在不能改，请刷新页面看看它的状态。")
        set_job(file, enqueue(kind="imports.check_workbook", args={"uid": file.uid}, by=by))
        record(action="imports.set_choices", by=by, object_kind="import", object_id=file.uid, reason=file.kind, count=len(chosen))

"""Which of our columns a sender's own headings mean: said once, remembered for every later file of this kind."""

from aidtracker.accounts.models import User
from aidtracker.audit.actions import record
from aidtracker.db import transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.imports.actions import is_being_saved, set_job, unchanged
from aidtracker.imports.kinds import KINDS
from aidtracker.imports.models import ImportFile, ImportHeading
from aidtracker.jobs.actions import enqueue

LONGEST = 100


def set_headings(*, file: ImportFile, meant: dict[str, str], by: User) -> None:
    """{heading: key of a column, '' for none of ours}; the file is then checked again. Refused: one column twice, a column that is not there."""
    keys = {column.key for spec in KINDS[file.kind].sheets() for column in spec.columns}
    chosen = [key for key in meant.values() if key]
    if set(chosen) - keys or any(len(heading) > LONGEST for heading in meant):
        raise Refused("没有这个选项，请重新选择。")
    if len(chosen) != len(set(chosen)):
        raise Refused("两列不能对应同一项，请核对。")
    with transaction():
        if is_being_saved(file):
            raise Refused("这个文件正在导入，不能再改。")
        here = unchanged(file) & (ImportFile.by == by) & ImportFile.state.in_(("failed", "checked"))
        if not ImportFile.update(state="uploaded").where(here).execute():
            raise Refused("这个文件现在不能改，请刷新页面看看它的状态。")
        for heading, key in meant.items():
            row = {"user": by.id, "kind": file.kind, "heading": heading, "column_key": key, "set_at": utcnow()}
            targets = (ImportHeading.user, ImportHeading.kind, ImportHeading.heading)
            ImportHeading.insert(row).on_conflict(conflict_target=targets, update={"column_key": key, "set_at": row["set_at"]}).execute()
        set_job(file, enqueue(kind="imports.check_workbook", args={"uid": file.uid}, by=by))
        record(action="imports.set_headings", by=by, object_kind="import", object_id=file.uid, reason=file.kind, count=len(meant))

"""A ledger as a file: asked for on the page, written by a job, on record with its filters, its lines and whole numbers."""

from aidtracker.accounts.models import User
from aidtracker.db import snapshot, today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.jobs.actions import enqueue
from aidtracker.jobs.files import result_file
from aidtracker.jobs.kinds import job_kind
from aidtracker.jobs.models import Job
from aidtracker.jobs.running import progress
from aidtracker.ledgers.files import FORMATS, file_name, watermark, write_ledger
from aidtracker.ledgers.filters import read_filters, typed
from aidtracker.ledgers.own_columns import with_own_columns
from aidtracker.ledgers.reading import Reading
from aidtracker.ledgers.registry import visible_ledger
from aidtracker.ledgers.scope import hidden_tags, may_reveal, scope_for
from aidtracker.ledgers.trail import record_export
from aidtracker.orgs.scopes import Scope
from aidtracker.phrases import Phrase

LONGEST_REASON = 200


def export_ledger(
    *, name: str, given: dict, county: str | None, org_id: int | None, format: str, is_whole: bool = False, reason: str = "", by
) -> Job:
    """Starts the job. `given` is what was typed for the filters; `reason` why numbers are needed whole."""
    ledger = visible_ledger(by, name)
    values = read_filters(ledger.filters, given, today_in_china())
    scope = scope_for(ledger, by, county, org_id)
    if format not in FORMATS:
        raise Refused("格式只能是 Excel 或 CSV。")
    why = checked_reason(by, scope, reason) if is_whole else ""
    asked = {"name": name, "given": typed(ledger.filters, values), "county": county, "org_id": org_id}
    return enqueue(kind="ledgers.export_ledger", args={**asked, "format": format, "whole_because": why}, by=by)


def checked_reason(user, scope: Scope, reason: str) -> str:
    if not may_reveal(user, scope):
        raise Forbidden("你没有查看完整号码的权限。")
    if not reason.strip():
        raise Refused("含完整号码的台账要写明用途，会记录在案。")
    if len(reason.strip()) > LONGEST_REASON:
        raise Refused("用途请写在 %(n)s 个字以内。", n=LONGEST_REASON)
    return reason.strip()


@job_kind("ledgers.export_ledger", "导出台账", unit="行")
def write_export(
    job: Job, *, name: str, given: dict, county: str | None, org_id: int | None, format: str, whole_because: str
) -> dict:
    """Everything is looked up and allowed anew: the person's roles may have changed since the click."""
    by = User.get_by_id(job.owner_id)
    ledger = visible_ledger(by, name)
    values = read_filters(ledger.filters, given, today_in_china())
    scope = scope_for(ledger, by, county, org_id)
    ledger = with_own_columns(ledger, scope)
    whole_because = checked_reason(by, scope, whole_because) if whole_because else ""
    with result_file(job, file_name(ledger, scope, today_in_china(), format)) as path:
        with snapshot() as run:
            seen = {"is_whole": bool(whole_because), "may_see_addresses": may_reveal(by, scope), "hidden_tags": hidden_tags(by, scope), "reader_id": by.id}
            reading = Reading(scope, values, run=run, **seen)
            rows = write_ledger(path, ledger, reading, watermark(by), lambda done, total: progress(job, done, total))
        given = typed(ledger.filters, values)  # in their order, which the database does not keep
        record_export(ledger=ledger, scope=scope, given=given, format=format, count=rows, whole_because=whole_because, by=by)
    return {"message": Phrase("已生成：%(title)s，共 %(n)s 行。", title=Phrase(ledger.title), n=f"{rows:,}")}

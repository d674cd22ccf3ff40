"""A report as a workbook: asked for on the page, written by a job, on record with its filter and its rows."""

from aidtracker.accounts.models import User
from aidtracker.db import today_in_china
from aidtracker.jobs.actions import enqueue
from aidtracker.jobs.files import result_file
from aidtracker.jobs.kinds import job_kind
from aidtracker.jobs.models import Job
from aidtracker.orgs.scopes import scope_of
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.reports.options import read_options, typed
from aidtracker.reports.registry import visible_report
from aidtracker.reports.trail import record_export
from aidtracker.reports.workbook import file_name, rows_in, watermark, workbook_tables, write_workbook


def export_report(*, name: str, given: dict, county: str | None, org_id: int | None, by) -> Job:
    """Starts the job. `given` is what was typed for the report's options; the place by its id, or the county by its code."""
    report = visible_report(by, name)
    options = read_options(report.options, given, today_in_china())
    scope_of(by, county, org_id, Permission.REPORT_EXPORT)
    asked = {"name": name, "given": typed(report.options, options), "county": county, "org_id": org_id}
    return enqueue(kind="reports.export_report", args=asked, by=by)


@job_kind("reports.export_report", "生成报表", unit="张表")
def write_export(job: Job, *, name: str, given: dict, county: str | None, org_id: int | None) -> dict:
    """Everything is looked up and allowed anew: the person's roles may have changed since the click."""
    by = User.get_by_id(job.owner_id)
    report = visible_report(by, name)
    options = read_options(report.options, given, today_in_china())
    scope = scope_of(by, county, org_id, Permission.REPORT_EXPORT)
    given = typed(report.options, options)  # in their order, which the database does not keep
    tables = workbook_tables(report, by, scope, report.sums(scope, **options))
    with result_file(job, file_name(report, scope, given)) as path:
        write_workbook(path, tables, watermark(by))
        record_export(report=report, scope=scope, given=given, count=rows_in(tables), by=by)
    return {"message": Phrase("已生成：%(title)s。", title=tables[0].title)}

"""REPORTS: every report there is, one module per family; figures() is what the command line and the tests ask."""

from aidtracker.errors import Forbidden, NotFound, Refused
from aidtracker.orgs.scopes import Scope, scope_of
from aidtracker.reports import attended, covered, enrolled, matched, paid, visited
from aidtracker.reports.report import Report, public

ALL = (enrolled.REPORT, attended.REPORT, visited.REPORT, covered.REPORT, paid.REPORT, matched.REPORT)
REPORTS: dict[str, Report] = {report.name: report for report in ALL}


def visible_reports(user) -> list[Report]:
    return [report for report in REPORTS.values() if user.may(report.permission)]


def visible_report(user, name: str) -> Report:
    report = REPORTS.get(name)
    if report is None:
        raise NotFound("没有这种报表。")
    if not user.may(report.permission):
        raise Forbidden("你没有查看这张报表的权限。如需要，请联系本单位管理员开通。")
    return report


def named_report(user, name: str) -> Report:
    """As visible_report, and says which names there are."""
    if name not in REPORTS:
        raise Refused("没有叫「%(name)s」的报表；现有：%(names)s。", name=name, names="、".join(REPORTS))
    return visible_report(user, name)


def scope_for(report: Report, user, county: str | None = None, org_id: int | None = None) -> Scope:
    return scope_of(user, county, org_id, report.permission)


def figures(user, name: str, *, county: str | None = None, org_id: int | None = None, **options) -> dict:
    """Sums within the user's scope, without persons: the keys of the report's JSON."""
    report = named_report(user, name)
    return public(report.sums(scope_for(report, user, county, org_id), **options))

"""Closing a school year (学年封存), and opening it again with a reason."""

from aidtracker.audit.actions import record
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.terms.models_years import ClosedYear
from aidtracker.terms.years import closed_row, year_words

EARLIEST = 1990


def close_year(*, county: Org, school_year: int, reason: str, by) -> ClosedYear:
    """Refused: a year that is not over, one that is closed already."""
    refuse_outsider(county, by)
    if not EARLIEST <= school_year < grades.school_year_of(today_in_china()):
        raise Refused("只能封存已经结束的学年。")
    with transaction():
        lock("years", county.id)
        if closed_row(county.id, school_year):
            raise Refused("%(year)s学年已经封存。", year=year_words(school_year))
        row = ClosedYear.create(county=county, school_year=school_year, reason=reason.strip(), closed_by=by)
        told("close_year", county, school_year, by, reason.strip())
    return row


def reopen_year(*, county: Org, school_year: int, reason: str, by) -> None:
    refuse_outsider(county, by)
    if not reason.strip():
        raise Refused("请写明为什么解封，例如：更正一名学生的转学日期。")
    with transaction():
        lock("years", county.id)
        row = closed_row(county.id, school_year)
        if row is None:
            raise Refused("%(year)s学年没有封存，不用解封。", year=year_words(school_year))
        values = {"reopened_by": by, "reopened_at": utcnow(), "reopen_reason": reason.strip()}
        ClosedYear.update(values).where(ClosedYear.id == row.id).execute()
        told("reopen_year", county, school_year, by, reason.strip())


def refuse_outsider(county: Org, by) -> None:
    if county.kind != "county" or not by.may(Permission.ORG_MANAGE, county):
        raise Forbidden("学年由教育局管理员封存和解封。")


def told(action: str, county: Org, school_year: int, by, reason: str) -> None:
    about = f"{school_year} {reason}".strip()
    record(action=f"students.{action}", by=by, object_kind="org", object_id=county.id, fields=("school_year",), reason=about, county_id=county.id)

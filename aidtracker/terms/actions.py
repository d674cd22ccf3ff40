"""What changes the calendar: days without school or made up for, dates of terms, a boarding school's own week."""

import datetime

from aidtracker.audit.actions import record
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.terms.calendar import term
from aidtracker.terms.days import ONE_DAY
from aidtracker.terms.hooks import when_calendar_changes
from aidtracker.terms.models import MOST_DAYS, Closure, Rota, TermDates
from aidtracker.terms.queries import PLACES, days_at, terms_of

LONGEST = 120  # days of one closure: a summer is no closure
BACK = 31  # days: what was counted longer ago stays as it was
AHEAD = 400


def declare_closure(*, org: Org, kind: str, first_on: datetime.date, last_on: datetime.date, reason: str, by) -> Closure:
    """Refused: days long past, a longer span than any storm, days that are so already."""
    refuse_outsider(org, by)
    if org.kind not in PLACES:
        raise Refused("只能给县、乡镇或学校登记停课、补课。")
    refuse_span(first_on, last_on)
    if org.kind == "school" and first_on < today_in_china() and not by.may(Permission.CALENDAR_EDIT, org.parent):
        raise Refused("过去的日子学校自己不能改，请乡镇或教育局登记：那几天的点名和旷课会跟着变。")
    with transaction():
        lock("calendar", org.county_id)
        wanted = (last_on - first_on).days + 1 if kind == "makeup" else 0
        if len(days_at(org, first_on, last_on)) == wanted:
            raise Refused("这几天本来就上课，不用登记补课。" if kind == "makeup" else "这几天本来就不上课，不用登记停课。")
        values = {"kind": kind, "first_on": first_on, "last_on": last_on, "reason": reason}
        closure = Closure.create(county=org.county_id, org=org, declared_by=by, **values)
        told("declare_closure", "closure", closure.uid, org.county_id, by, ("kind", "first_on", "last_on"), reason)
    return closure


def refuse_span(first_on: datetime.date, last_on: datetime.date) -> None:
    today = today_in_china()
    if last_on < first_on:
        raise Refused("结束日期不能早于开始日期。")
    if (last_on - first_on).days >= LONGEST:
        raise Refused("最多登记 %(days)s 天。寒暑假请在学期日期里设置。", days=LONGEST)
    if first_on < today - datetime.timedelta(days=BACK):
        raise Refused("最早只能登记 %(days)s 天以前的日子：更早的数字已经按当时的校历统计。", days=BACK)
    if last_on > today + datetime.timedelta(days=AHEAD):
        raise Refused("日期太远，请核对年份。")


def end_closure(*, closure: Closure, by) -> None:
    """School again from today on; one that has not begun never was. What is over stays."""
    refuse_outsider(closure.org, by)
    today = today_in_china()
    with transaction():
        lock("calendar", closure.county_id)
        ended_on = max(today - ONE_DAY, closure.first_on - ONE_DAY)
        live = (Closure.id == closure.id) & Closure.ended_on.is_null() & (Closure.last_on >= today)
        if not Closure.update(ended_on=ended_on, ended_by=by, ended_at=utcnow()).where(live).execute():
            raise Refused("它已经结束了，不能再改。")
        told("end_closure", "closure", closure.uid, closure.county_id, by, ("ended_on",))


def set_term(*, county: Org, code: str, first_on: datetime.date, last_on: datetime.date, by) -> TermDates:
    """First and last school day of a term. Refused: outside its half-year by more than a month, or over another term."""
    if not by.may(Permission.POLICY_EDIT, county):
        raise Forbidden("你没有设置学期日期的权限。")
    half_year, month = term(code), datetime.timedelta(days=31)
    if not half_year.starts_on - month <= first_on < last_on <= half_year.ends_on + month:
        raise Refused("日期和这个学期对不上，请核对年份。")
    with transaction():
        lock("calendar", county.id)
        for other in terms_of(county.id).values():
            if other.term != code and first_on <= other.last_on and other.first_on <= last_on:
                raise Refused("和另一个学期（%(term)s）的日期重叠。", term=term(other.term).label)
        dates = TermDates.create(county=county, term=code, first_on=first_on, last_on=last_on, set_by=by)
        told("set_term", "term", code, county.id, by, ("first_on", "last_on"))
    return dates


def set_rota(*, school: Org, starts_on: datetime.date, days_in: int, days_off: int, by) -> Rota:
    """So many days in, so many off, from a day on; 0 and 0: the ordinary week again. What is past stays."""
    refuse_outsider(school, by)
    if school.kind != "school":
        raise Refused("只有学校可以设置轮休。")
    if starts_on < today_in_china():
        raise Refused("开始日期不能早于今天。")
    if (days_in == 0) != (days_off == 0):
        raise Refused("上课天数和休息天数要一起填；都填 0 表示恢复周一到周五。")
    if not (0 <= days_in <= MOST_DAYS and 0 <= days_off <= MOST_DAYS):
        raise Refused("请填写 0 到 %(most)s 之间的整数。", most=MOST_DAYS)
    with transaction():
        lock("calendar", school.county_id)
        rota = Rota.create(county=school.county_id, school=school, starts_on=starts_on, days_in=days_in, days_off=days_off, set_by=by)
        told("set_rota", "org", school.id, school.county_id, by, ("days_in", "days_off", "starts_on"))
    return rota


def refuse_outsider(org: Org, by) -> None:
    if not by.may(Permission.CALENDAR_EDIT, org):
        raise Forbidden("你没有修改这里校历的权限。")


def told(action: str, kind: str, object_id, county_id: int, by, fields: tuple, reason: str = "") -> None:
    record(action=f"terms.{action}", by=by, object_kind=kind, object_id=object_id, fields=fields, reason=reason, county_id=county_id)
    for listen in when_calendar_changes:
        listen(county_id, by)

"""The first page: for teachers the roll, for schools and townships who is missing, for the bureau the county."""

import datetime

from flask import Blueprint, current_app, render_template, request, session, url_for
from flask_login import current_user

from aidtracker.attendance.marks import MARKS
from aidtracker.attendance.missing import nights_missing
from aidtracker.attendance.pictures import pictures
from aidtracker.attendance.queries import own_classes
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.db import china_time, utcnow
from aidtracker.home import county, desk, money, my_classes
from aidtracker.home.follow_ups import follow_ups
from aidtracker.home.hooks import next_step
from aidtracker.home.waiting import waiting_for
from aidtracker.orgs.queries import counties_of
from aidtracker.orgs.scopes import scope_of
from aidtracker.permissions import ROLES, Permission, requires_login
from aidtracker.phrases import Phrase
from aidtracker.web.language import said
from aidtracker.web.menu import menu_for
from aidtracker.web.paging import order_of

blueprint = Blueprint("home", __name__)
# What a role without figures of its own is for.
WORDS = {
    "village_officer": "可以查看户籍在本村的学生，记家访，跟进个案；身份证件号等只显示一部分。",
    "system_admin": "负责开通和停用账号，不能查看学生资料。",
    "teacher": "可以在「点名」里给本校的班级点名。",
}
COLUMNS = ("name", "students", "rate", "unexcused", "serious", "missing")


@blueprint.get("/")
@requires_login
def show_home():
    now = china_time(utcnow())
    parts = {"now": now, "today": now.date(), "heading": "", **rolls_part(now), **places_part(now)}
    parts["waiting"] = waiting_for(current_user, now.date())
    parts["following"] = next_step(current_user, current_app.config["SETTINGS"].instance)
    parts["is_new"] = session.pop("is_new", False)
    parts |= {"nights": nights_missing(current_user, now.date()), "marks": MARKS, "SESSIONS": SESSIONS}
    parts["may_set_up"] = current_user.may(Permission.SETUP_VIEW)
    parts["sees_pupils"] = current_user.may(Permission.STUDENT_VIEW)
    parts["may_see_board"] = current_user.may(Permission.ROLL_VIEW)
    if not parts["heading"]:
        parts["abilities"] = [entry for entry in menu_for() if entry.url != request.path]
    parts["roles"] = [(ROLES[m.role].label, m.org.name, WORDS.get(m.role, "")) for m in current_user.memberships]
    return render_template("home/show_home.html", **parts)


def rolls_part(now: datetime.datetime) -> dict:
    """Today's rolls of the own classes."""
    classes = own_classes(current_user)
    if not classes:
        return {}
    rooms = my_classes.my_classes(current_user, classes, now)
    return {
        "heading": " ".join(sorted({room.parent.name for room in classes})),
        "classes": rooms,
        "closed_because": my_classes.closed_because(classes[0], now.date()),
        "follow_ups": follow_ups(current_user, classes, now.date()),
        "month": my_classes.month_sums(classes, now.date()),
    }


def places_part(now: datetime.datetime) -> dict:
    """The widest place that the person answers for: several counties, one, a township, a school."""
    if not current_user.may(Permission.REPORT_VIEW):
        return {}
    counties = counties_of(current_user, Permission.REPORT_VIEW)
    if len(counties) > 1:
        return {"heading": Phrase("各县总览"), "counties": county.counties_at_a_glance(counties, now)}
    if not counties:
        return {}
    scope = scope_of(current_user, counties[0].code)
    if scope.place.kind in ("school", "township"):
        return {"heading": scope.place.name, "desk": desk.desk_of(scope.place, now)}
    overview = county.overview_of(scope, now)
    order = order_of(COLUMNS, "name")
    return {
        **({"money": money.money_of(scope, now.date())} if current_user.has_role("finance") else {}),
        "heading": Phrase("%(place)s总览", place=scope.place.name),
        "overview": overview,
        "order": order,
        "rows": sorted_rows(overview.figures["rows"], order),
        "charts": pictures(overview.figures, lambda row: report_url(overview, row), said),
        "may_export": current_user.may(Permission.REPORT_EXPORT, scope.place),
        "report_url": report_url,
        "today_url": url_for("reports.show_report", name="attendance", county=scope.county.code, **{"from": now.date(), "to": now.date()}),
    }


def sorted_rows(rows: list[dict], order) -> list[dict]:
    """By the heading that was clicked; places in the order of their codes, those without a rate last."""
    if order.key == "name":
        return rows[::-1] if order.descending else rows
    known = [row for row in rows if row[order.key] is not None]
    return sorted(known, key=lambda row: row[order.key], reverse=order.descending) + [r for r in rows if r[order.key] is None]


def report_url(overview: county.Overview, row: dict | None = None) -> str:
    """The attendance report of the same days, of the county or of one line of it."""
    place = {"org": row["id"]} if row and row["id"] else {"county": overview.scope.county.code}
    return url_for("reports.show_report", name="attendance", **overview.range, **place)

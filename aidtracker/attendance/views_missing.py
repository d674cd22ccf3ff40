"""Who was missing, session by session, by name; and the roll that is to be taken now."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from aidtracker.attendance.marks import MARKS
from aidtracker.attendance.missing import missing_at, nights_missing
from aidtracker.attendance.queries import visible_class
from aidtracker.attendance.queries_plans import sessions_of_class, sessions_seen
from aidtracker.attendance.sessions import SESSIONS, now_of
from aidtracker.attendance.views_blueprint import SUMS_ONLY, blueprint
from aidtracker.db import today_in_china, utcnow
from aidtracker.permissions import Permission, requires
from aidtracker.web.fields import parse_day
from aidtracker.web.filters import local


@blueprint.get("/roll/missing")
@requires(Permission.ROLL_VIEW)
def list_missing():
    """Of today, or ?on=; of the session whose time it is, or ?session=."""
    today, asked = today_in_china(), request.args.get("session", "")
    on = parse_day(request.args.get("on", "")) or today
    session = asked if asked in SESSIONS else now_of(sessions_seen(current_user, on), local(utcnow()))
    shown = {"missing": missing_at(current_user, on, session), "nights": nights_missing(current_user, today)}
    return render_template("attendance/list_missing.html", **shown, on=on, session=session, today=today, SESSIONS=SESSIONS, marks=MARKS, why=sums_only())


def sums_only() -> str:
    return "" if current_user.may(Permission.STUDENT_VIEW) else SUMS_ONLY


@blueprint.get("/roll/<int:class_id>/now")
@requires(Permission.ROLL_SUBMIT)
def take_roll_now(class_id):
    """To today's roll whose time it is."""
    room, today = visible_class(current_user, class_id, Permission.ROLL_SUBMIT), today_in_china()
    session = now_of(sessions_of_class(room, today), local(utcnow()))
    return redirect(url_for(".take_roll", class_id=room.id, on=today.isoformat(), session=session))

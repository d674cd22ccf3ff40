"""因病缺课: what a pupil who is ill has, and 聚集性病例 with what was done about them."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.attendance.actions_illness import handle_alert as handle
from aidtracker.attendance.actions_illness import record_symptoms as put
from aidtracker.attendance.forms_illness import AlertListForm, HandleAlertForm, SymptomsForm
from aidtracker.attendance.illness import SYMPTOMS, codes_of
from aidtracker.attendance.queries_illness import (
    limits_of,
    listed_alerts,
    open_alerts,
    pupils_behind,
    report_on,
    visible_alert,
    visible_alerts,
)
from aidtracker.attendance.views_blueprint import blueprint
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_student, view_students
from aidtracker.students.queries import visible_student
from aidtracker.web.fields import parse_day
from aidtracker.web.paging import paginate

P = Permission


@blueprint.get("/illness")
@requires(P.ROLL_VIEW)
def list_alerts():
    form = AlertListForm(request.args, meta={"csrf": False})
    only = form.chosen("only", "open" if "only" not in request.args else "")
    found = open_alerts(current_user) if only else visible_alerts(current_user)
    page = paginate(listed_alerts(found), total=found.count())
    return render_template("attendance/list_alerts.html", form=form, page=page, only=only, SYMPTOMS=SYMPTOMS)


@blueprint.get("/illness/<int:alert_id>")
@requires(P.ROLL_VIEW)
def show_alert(alert_id):
    alert = visible_alert(current_user, alert_id)
    place = alert.class_org or alert.school
    context = {"alert": alert, "limits": limits_of(alert.county_id, alert.on), "SYMPTOMS": SYMPTOMS}
    context |= {"pupils": pupils_behind(current_user, alert), "sees": current_user.may(P.STUDENT_VIEW, place), "handles": current_user.may(P.ROLL_CORRECT, place)}
    view_students(ids=[id_ for id_, _name in context["pupils"]], by=current_user)
    return render_template("attendance/show_alert.html", **context)


@blueprint.route("/illness/<int:alert_id>/handle", methods=["GET", "POST"])
@requires(P.ROLL_CORRECT)
def handle_alert(alert_id):
    alert = visible_alert(current_user, alert_id, P.ROLL_CORRECT)
    form = HandleAlertForm(measures=alert.measures, reported_on=alert.reported_on)
    if form.submitted():
        try:
            given = {"measures": form.measures.data, "reported_on": form.reported_on.data}
            once(by=current_user, key=form.key.data, kind="attendance.handle_alert", body={"alert": alert.id, **form.typed()}, do=lambda: handle(alert=alert, **given, by=current_user))
            flash(_("已记下处置情况。"), "ok")
            return redirect(url_for(".show_alert", alert_id=alert.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("attendance/handle_alert.html", form=form, alert=alert, SYMPTOMS=SYMPTOMS), form.status


@blueprint.route("/students/<int:student_id>/symptoms", methods=["GET", "POST"])
@requires(P.ROLL_SUBMIT)
def record_symptoms(student_id):
    """Of today, or ?on=; nothing ticked takes back what was recorded."""
    student = visible_student(current_user, student_id, P.ROLL_SUBMIT)
    view_student(student=student, by=current_user)
    on = parse_day(request.args.get("on", "")) or today_in_china()
    standing = report_on(student.id, on)
    if standing is not None and not current_user.may(P.ROLL_SUBMIT, standing.class_org):  # of the school before
        standing = None
    form = SymptomsForm(on=on, onset_on=standing.onset_on if standing else on, symptoms=codes_of(standing.symptoms) if standing else [])
    if form.submitted():
        try:
            given = {"on": form.on.data, "onset_on": form.onset_on.data, "symptoms": form.symptoms.data or []}
            once(by=current_user, key=form.key.data, kind="attendance.record_symptoms", body={"student": student.id, **form.typed()}, do=lambda: put(student=student, **given, by=current_user))
            flash(_("已保存。"), "ok")
            return redirect(url_for(".show_student", student_id=student.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("attendance/record_symptoms.html", form=form, student=student), form.status

"""请假: the list, one leave, asking for it and what is done with it."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.attendance import actions_leaves as acts
from aidtracker.attendance import forms_leaves as forms
from aidtracker.attendance.illness import label_of
from aidtracker.attendance.leaves import BACK, FROM, UNTIL, span_of
from aidtracker.attendance.missing import not_returned
from aidtracker.attendance.models_leaves import CLEARANCES, KINDS, LEVELS, STATES, STEPS, TONES, WAYS, Leave
from aidtracker.attendance.queries_illness import infectious_of, symptoms_of
from aidtracker.attendance.queries_leaves import (
    ORDERS,
    TABS,
    counts_by_kind,
    days_in_term,
    is_long,
    leaves_in,
    listed,
    steps_of,
    still_away,
    visible_leave,
    visible_leaves,
)  # fmt: skip
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.attendance.views_blueprint import blueprint
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.narrowing import narrowed
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_student
from aidtracker.students.queries import visible_student
from aidtracker.students.records import guardians_of
from aidtracker.web.fields import parse_day
from aidtracker.web.language import words
from aidtracker.web.paging import order_of, paginate

P = Permission


@blueprint.record_once
def words_of_leaves(state):
    known = {"LEAVE_KINDS": KINDS, "LEAVE_STATES": STATES, "LEAVE_TONES": TONES, "LEAVE_STEPS": STEPS, "LEAVE_LEVELS": LEVELS}
    known |= {"LEAVE_WAYS": WAYS, "LEAVE_FROM": FROM, "LEAVE_UNTIL": UNTIL, "LEAVE_BACK": BACK, "CLEARANCES": CLEARANCES, "SESSION_WORDS": SESSIONS}
    state.app.jinja_env.globals.update(known)


@blueprint.get("/leaves")
@requires(P.ROLL_VIEW)
def list_leaves():
    """Empty for whoever sees sums alone."""
    today = today_in_china()
    form = forms.LeaveListForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.STUDENT_VIEW, form.places())
    form.offer_places(places)
    kind = form.chosen("kind")
    counts = {code: leaves_in(current_user, code, today, places.place, kind).count() for code in TABS}
    at_first = "waiting" if counts["waiting"] and not counts["current"] else "current"
    tab = form.chosen("tab", at_first) if "tab" in request.args else at_first
    found = leaves_in(current_user, tab, today, places.place, kind)
    order = order_of(ORDERS, "-first" if tab == "past" else "last")
    page = paginate(listed(found, order), total=counts[tab])
    away = still_away([row["id"] for row in page], today) if tab == "overdue" else {}
    context = {"form": form, "page": page, "tab": tab, "counts": counts, "TABS": TABS, "order": order, "away": away, "kinds": counts_by_kind(found)}
    context["sees_pupils"] = current_user.may(P.STUDENT_VIEW)
    return render_template("attendance/list_leaves.html", chosen=form.words_of("township", "school", "room", "kind"), back=not_returned(current_user, today), **context)


@blueprint.get("/leaves/<int:leave_id>")
@requires(P.STUDENT_VIEW)
def show_leave(leave_id):
    leave = visible_leave(current_user, leave_id)
    view_student(student=leave.student, by=current_user)
    room = leave.class_org
    handles = current_user.may(P.ROLL_SUBMIT, room)
    context = {"leave": leave, "student": leave.student, "steps": steps_of(leave), "symptoms": [words(label_of(code)) for code in symptoms_of(leave)], "handles": handles}
    context |= {"decides": leave.state == "asked" and current_user.may(P.ROLL_CORRECT, room), "days_in_term": days_in_term(leave), "is_long": is_long(leave)}
    context |= {"lacks_proof": acts.lacks_proof(leave), "in_all": acts.days_in_all(leave), "today": today_in_china(), "following": visible_leaves(current_user).where(Leave.continues == leave).first()}
    return render_template("attendance/show_leave.html", **context)


@blueprint.route("/students/<int:student_id>/leaves/ask", methods=["GET", "POST"])
@requires(P.ROLL_SUBMIT)
def ask_leave(student_id):
    student = visible_student(current_user, student_id, P.ROLL_SUBMIT)
    view_student(student=student, by=current_user)
    guardian, today = next(iter(guardians_of(student)), None), today_in_china()
    form = forms.LeaveForm(first_on=today, last_on=today, applicant=guardian.relation if guardian else "")
    return asked(form, student, None)


@blueprint.route("/leaves/<int:leave_id>/extend", methods=["GET", "POST"])
@requires(P.ROLL_SUBMIT)
def extend_leave(leave_id):
    """续假: a leave of its own that begins after this one."""
    leave = visible_leave(current_user, leave_id, P.ROLL_SUBMIT)
    form = forms.LeaveForm(kind=leave.kind, applicant=leave.applicant, way=leave.way, reason=leave.reason)
    return asked(form, leave.student, leave)


def asked(form, student, continues: Leave | None):
    if form.submitted():
        body = {"student": student.id, "continues": continues.id if continues else None, **form.typed()}

        def do():
            return {"leave": acts.ask_leave(student=student, values=form.values(), by=current_user, continues=continues).id}

        try:
            receipt = once(by=current_user, key=form.key.data, kind="attendance.ask_leave", body=body, do=do)
            leave = visible_leave(current_user, receipt.result["leave"])
            flash(_("已登记，已批准。") if leave.state == "approved" else _("已登记，等学校批准。"), "ok")
            return redirect(url_for(".show_leave", leave_id=leave.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return page_of("attendance/ask_leave.html", form, student, continues)


@blueprint.route("/leaves/<int:leave_id>/edit", methods=["GET", "POST"])
@requires(P.ROLL_SUBMIT)
def edit_leave(leave_id):
    leave = visible_leave(current_user, leave_id, P.ROLL_SUBMIT)
    plain = {name: getattr(leave, name) for name in ("kind", "reason", "applicant", "way", "is_proved", "revision")}
    form = forms.EditLeaveForm(**plain, **span_of(leave)._asdict())
    return changed("attendance/edit_leave.html", form, leave, lambda: acts.edit_leave(leave=leave, values=form.values(), revision=form.base, by=current_user), _("已保存。"))


@blueprint.route("/leaves/<int:leave_id>/approve", methods=["GET", "POST"])
@requires(P.ROLL_CORRECT)
def approve_leave(leave_id):
    leave, form = visible_leave(current_user, leave_id, P.ROLL_CORRECT), forms.ApproveForm()
    return changed("attendance/approve_leave.html", form, leave, lambda: acts.approve_leave(leave=leave, is_proved=form.is_proved.data, by=current_user), _("已批准。"), in_all=acts.days_in_all(leave))


@blueprint.route("/leaves/<int:leave_id>/send-back", methods=["GET", "POST"])
@requires(P.ROLL_CORRECT)
def send_back_leave(leave_id):
    leave, form = visible_leave(current_user, leave_id, P.ROLL_CORRECT), forms.LeaveWordsForm()
    return changed("attendance/send_back_leave.html", form, leave, lambda: acts.send_back_leave(leave=leave, words=form.words.data, by=current_user), _("已退回。"))


@blueprint.route("/leaves/<int:leave_id>/withdraw", methods=["GET", "POST"])
@requires(P.ROLL_SUBMIT)
def withdraw_leave(leave_id):
    leave, form = visible_leave(current_user, leave_id, P.ROLL_SUBMIT), forms.LeaveWordsForm()
    return changed("attendance/withdraw_leave.html", form, leave, lambda: acts.withdraw_leave(leave=leave, words=form.words.data, by=current_user), _("已撤回。"))


@blueprint.route("/leaves/<int:leave_id>/close", methods=["GET", "POST"])
@requires(P.ROLL_SUBMIT)
def close_leave(leave_id):
    """?back_on= and ?back_session= come from the roll at which the pupil was there."""
    leave = visible_leave(current_user, leave_id, P.ROLL_SUBMIT)
    session = request.args.get("back_session", "")
    form = forms.CloseLeaveForm(back_on=parse_day(request.args.get("back_on", "")) or today_in_china(), back_session=session if session in BACK else "morning")

    def act():
        given = {"back_on": form.back_on.data, "back_session": form.back_session.data, "clearance": form.clearance.data, "words": form.words.data or ""}
        acts.close_leave(leave=leave, **given, by=current_user)

    return changed("attendance/close_leave.html", form, leave, act, _("已销假。"), infectious=[words(label_of(code)) for code in infectious_of(leave)])


def changed(template: str, form, leave: Leave, act, said: str, **more):
    if form.submitted():
        try:
            once(by=current_user, key=form.key.data, kind=kind_of(template), body={"leave": leave.id, **form.typed()}, do=lambda: done(act))
            flash(said, "ok")
            return redirect(url_for(".show_leave", leave_id=leave.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return page_of(template, form, leave.student, leave, **more)


def done(act) -> None:
    """Its receipt keeps no result."""
    act()


def kind_of(template: str) -> str:
    """attendance/close_leave.html is the page of attendance.close_leave."""
    return template.removesuffix(".html").replace("/", ".")


def page_of(template: str, form, student, leave: Leave | None, **more):
    view_student(student=student, by=current_user)
    return render_template(template, form=form, student=student, leave=leave, **more), form.status

"""Pages of the roll: taking it, who has and who has not, its history, a pupil's absences."""

import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.attendance import actions
from aidtracker.attendance.board import board_of, reminder, sessions_so_far
from aidtracker.attendance.forms import RollForm, marks_of, revision_of
from aidtracker.attendance.marks import MARKS, SESSIONS
from aidtracker.attendance.history import rolls_of_class, with_history
from aidtracker.attendance.queries import (
    RollSheet,
    absences_of,
    opened,
    places_below,
    pupil_sums,
    roll_sheet,
    top_places,
    visible_class,
)
from aidtracker.attendance.tiles import tiles
from aidtracker.db import today_in_china, utcnow
from aidtracker.errors import Conflict, Forbidden, NotFound, Refused
from aidtracker.orgs.queries import ancestors_of, visible_org
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import new_number, once
from aidtracker.students.queries import visible_student
from aidtracker.terms.calendar import is_school_day, term, term_of, why_closed
from aidtracker.web.fields import parse_day
from aidtracker.web.filters import clock, local
from aidtracker.web.paging import paginate

blueprint = Blueprint("attendance", __name__)


@blueprint.get("/roll")
@requires(Permission.ROLL_VIEW)
def show_board():
    """Today, or ?on=; the reader's places, or those below ?org=; ?only=unreported."""
    today, on = today_in_china(), parse_day(request.args.get("on", "")) or today_in_china()
    number = request.args.get("org", "")
    org = visible_org(current_user, int(number), Permission.ROLL_VIEW) if number.isascii() and number.isdigit() else None
    places = places_below(org) if org else top_places(current_user)
    if org is None and len(places) == 1 and places[0].kind != "class":
        org, places = places[0], places_below(places[0])
    sessions = sessions_so_far(on, local(utcnow()))
    county_id = places[0].county_id if places else None
    is_open = on <= today and is_school_day(on, county_id)
    board = board_of(places, on, sessions) if is_open else None
    only = request.args.get("only") == "unreported"
    return render_template(
        "attendance/show_board.html", SESSIONS=SESSIONS,
        org=org,
        above=[place for place in ancestors_of(org) if current_user.may(Permission.ROLL_VIEW, place)] if org else [],
        on=on,
        today=today,
        board=board,
        lines=[line for line in board.lines if not only or not line.is_complete(sessions)] if board else [],
        only=only,
        why="" if is_open or on > today else why_closed(on, county_id),
        reminder=reminder(board) if board else "",
        may_take=[line.org_id for line in board.lines if line.kind == "class"] if board and may_take_here(places) else [],
    )


def may_take_here(places) -> bool:
    return bool(places) and all(current_user.may(Permission.ROLL_SUBMIT, place) for place in places)


@blueprint.get("/roll/history/<int:class_id>")
@requires(Permission.ROLL_VIEW)
def show_history(class_id):
    room = visible_class(current_user, class_id)
    month = parse_day(f"{request.args.get('month', '')}-01")
    page = paginate(rolls_of_class(class_id, month), per_page=20)
    return render_template(
        "attendance/show_history.html", SESSIONS=SESSIONS, room=room, page=page, rolls=with_history(page.items), month=month, marks=MARKS
    )


@blueprint.get("/students/<int:student_id>/attendance")
@requires(Permission.STUDENT_VIEW)
def show_student(student_id):
    student = visible_student(current_user, student_id)
    chosen = chosen_term(request.args.get("term", ""))
    page = paginate(absences_of(student, chosen.starts_on, chosen.ends_on))
    return render_template(
        "attendance/show_student.html", SESSIONS=SESSIONS,
        student=student,
        term=chosen,
        terms=terms_around(chosen),
        sums=pupil_sums(student, chosen.starts_on, chosen.ends_on),
        page=page,
        absences=opened(page.items, student.id),
        marks=MARKS,
    )


def chosen_term(code: str):
    try:
        return term(code)
    except ValueError:
        return term_of(today_in_china())


def terms_around(chosen):
    """The term shown, the one before it, and the one after it unless it lies ahead."""
    before = term_of(chosen.starts_on - datetime.timedelta(days=1))
    after = term_of(chosen.ends_on + datetime.timedelta(days=1))
    return [before, chosen, *([after] if after.starts_on <= today_in_china() else [])]


@blueprint.route("/roll/<int:class_id>/<on>/<session>", methods=["GET", "POST"])
@requires(Permission.ROLL_VIEW)
def take_roll(class_id, on, session):
    room, day = visible_class(current_user, class_id), day_or_404(on, session)
    actions.refuse_outsider(room, current_user)
    sheet = roll_sheet(room, day, session)
    if not sheet.roster or not is_school_day(day, room.county_id) or day > today_in_china():
        return render_template("attendance/no_roll.html", sheet=sheet, why=why_no_roll(sheet))
    form = RollForm()
    if form.submitted():
        sent = marks_of(request.form)
        if request.form.get("choice") == "merge" and sheet.standing:
            sent = {student: (mark, None) for student, mark in sheet.standing.marks.items()} | sent
        try:
            return submit(sheet, form.key.data, sent, revision_of(request.form))
        except Conflict as conflict:
            return show_conflict(sheet, sent, conflict)
        except Refused as refused:
            form.refuse(refused)
            return show_form(sheet, form, {student: mark for student, (mark, _why) in sent.items()}), refused.status
    if form.errors_list():
        marks = {student: mark for student, (mark, _why) in marks_of(request.form).items()}
        return show_form(sheet, form, marks), 400
    if sheet.standing and "edit" not in request.args:
        return render_template("attendance/roll_taken.html", SESSIONS=SESSIONS, sheet=sheet, marks=MARKS, may_edit=may_edit(sheet))
    return show_form(sheet, form, sheet.standing.marks if sheet.standing else {})


def submit(sheet: RollSheet, key: str, marks, base_revision: int):
    """The write, its receipt and the way back to the page of the roll that was taken."""
    number, reason = new_number(), request.form.get("reason", "")
    values = {"class_org": sheet.room, "on": sheet.on, "session": sheet.session, "marks": marks}

    def do():
        roll = actions.submit_roll_call(
            **values, base_revision=base_revision, by=current_user, reason=reason, receipt=number
        )
        return {"roll": roll.id, "revision": roll.revision, "receipt": roll.receipt, "at": clock(roll.submitted_at)}

    asked = [sheet.room.id, sheet.on, sheet.session, sorted(marks.items()), base_revision, reason]
    receipt = once(by=current_user, key=key, kind="attendance.submit_roll_call", body=asked, do=do, number=number)
    flash(_("✓ 已提交 %(at)s，回执号 %(number)s", at=receipt.result["at"], number=receipt.result["receipt"]), "ok")
    return redirect(roll_url(sheet), 303)


def show_form(sheet: RollSheet, form: RollForm, marks: dict[int, str]):
    """The tiles; `marks` are ticked already."""
    marks = {student: mark for student, mark in marks.items() if mark in MARKS}
    revision = sheet.standing.revision if sheet.standing else 0
    away = sum(not MARKS[mark].is_present for mark in marks.values())
    return render_template(
        "attendance/take_roll.html",
        sheet=sheet,
        form=form,
        revision=revision_of(request.form) if request.method == "POST" else revision,
        tiles=tiles(sheet.roster, marks),
        away=away,
        needs_reason=needs_reason(sheet),
        session_label=_(SESSIONS[sheet.session]),
    )


def show_conflict(sheet: RollSheet, mine, conflict: Conflict):
    """Both versions side by side; nothing is overwritten and nothing that was ticked is lost."""
    theirs = {int(student): mark for student, mark in conflict.theirs["marks"].items()}
    mine_marks = {student: mark for student, (mark, _why) in mine.items()}
    differing = [pupil for pupil in sheet.roster if theirs.get(pupil.id) != mine_marks.get(pupil.id)]
    page = render_template(
        "attendance/conflict.html", SESSIONS=SESSIONS,
        sheet=sheet,
        form=RollForm(formdata=None),
        conflict=conflict,
        mine=mine,
        mine_marks=mine_marks,
        theirs=theirs,
        both=theirs | mine_marks,
        differing=differing,
        marks=MARKS,
        may_edit=may_edit(sheet),
        needs_reason=needs_reason(sheet),
        session_label=_(SESSIONS[sheet.session]),
    )
    return page, conflict.status


def roll_url(sheet: RollSheet, **values) -> str:
    return url_for(
        "attendance.take_roll", class_id=sheet.room.id, on=sheet.on.isoformat(), session=sheet.session, **values
    )


def needs_reason(sheet: RollSheet) -> bool:
    """A roll of a past day that stands already is corrected only with a reason."""
    return sheet.standing is not None and sheet.on != today_in_china()


def may_edit(sheet: RollSheet) -> bool:
    permission = Permission.ROLL_CORRECT if sheet.on != today_in_china() else Permission.ROLL_SUBMIT
    return current_user.may(permission, sheet.room)


def why_no_roll(sheet: RollSheet) -> str:
    today = today_in_china()
    if not is_school_day(sheet.on, sheet.room.county_id):
        why = why_closed(sheet.on, sheet.room.county_id)
        return _("今天是休息日（%(why)s），不用点名。", why=why) if sheet.on == today else _("这一天是休息日（%(why)s），不用点名。", why=why)
    if sheet.on > today:
        return _("还没到这一天，不能点名。")
    return _("这个班这一天没有要点名的学生。")


def day_or_404(on: str, session: str) -> datetime.date:
    day = parse_day(on)
    if day is None or session not in SESSIONS:
        raise NotFound
    return day

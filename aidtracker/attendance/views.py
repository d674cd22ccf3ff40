"""Pages of the roll: taking it, who has and who has not, its history, a pupil's absences."""

import datetime

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.attendance import (  # noqa: F401  whose pages register themselves
    actions,
    views_board,
    views_class_book,
    views_free,
    views_illness,
    views_leaves,
    views_missing,
    views_plans,
    views_sweeps,
)
from aidtracker.attendance.actions_once import submit_once
from aidtracker.attendance.forms import RollForm
from aidtracker.attendance.free import free_at, why
from aidtracker.attendance.history import late_times, next_month, past_of, rolls_of_class, with_history
from aidtracker.attendance.marks import MARKS
from aidtracker.attendance.plans import sessions_taken
from aidtracker.attendance.queries import (
    ClassRoom,
    RollSheet,
    absences_of,
    away_last_time,
    months_of,
    opened,
    pupil_sums,
    roll_sheet,
    visible_class,
)
from aidtracker.attendance.queries_free import free_of_class
from aidtracker.attendance.queries_leaves import leaves_at, leaves_of, leaves_seen
from aidtracker.attendance.sessions import FOR_BOARDERS, SESSIONS
from aidtracker.attendance.settling import is_outranked
from aidtracker.attendance.sweeps import away_by_sweep
from aidtracker.attendance.views_blueprint import SUMS_ONLY, blueprint
from aidtracker.attendance.views_tiles import bar, kept_as, last_look, slot_of, tiles
from aidtracker.attendance.windows import may_take, refuse_outsider
from aidtracker.db import today_in_china
from aidtracker.errors import Conflict, Forbidden, NotFound, Refused
from aidtracker.permissions import Permission, requires
from aidtracker.students.actions_looking import view_student
from aidtracker.students.queries import may_with, visible_student
from aidtracker.terms.calendar import is_school_day, school_days, term, term_of, why_closed
from aidtracker.terms.days import ONE_DAY
from aidtracker.web.fields import parse_day
from aidtracker.web.forms import new_key
from aidtracker.web.headers import is_asked_by_phone, keep_on_phone
from aidtracker.web.language import language, said, words
from aidtracker.web.paging import paginate

YEARS = range(1990, 2100)  # that an address may ask for
BACK_AT = {"early": "morning", "morning": "morning", "afternoon": "afternoon", "evening": "evening", "night": "evening"}  # of 销假, by the roll


@blueprint.get("/roll/history/<int:class_id>")
@requires(Permission.ROLL_VIEW)
def show_history(class_id):
    """Names and reasons stand here: for those who may see the pupils themselves."""
    room = visible_class(current_user, class_id)
    if not current_user.may(Permission.STUDENT_VIEW, room):
        raise Forbidden(SUMS_ONLY)
    month = parse_day(f"{request.args.get('month', '')}-01")
    month = month if month and month.year in YEARS else None
    page = paginate(rolls_of_class(class_id, month), per_page=20)
    return render_template(
        "attendance/show_history.html",
        SESSIONS=SESSIONS,
        room=room,
        page=page,
        rolls=with_history(page.items),
        months=months_of(class_id),
        free=free_shown(room, page.items, month),
        why=why,
        late_times=late_times(class_id, month),
        month=month,
        marks=MARKS,
        may_submit=current_user.may(Permission.ROLL_SUBMIT, room),
        may_take=may_take(current_user, room),
    )


def free_shown(room: ClassRoom, rolls, month) -> list:
    """Sessions without class among the rolls of this page, or of the month that was asked for."""
    first = month.replace(day=1) if month else min((roll.on for roll in rolls), default=today_in_china())
    last = next_month(first) - datetime.timedelta(days=1) if month else max([today_in_china(), *(roll.on for roll in rolls)])
    return free_of_class(room.id, room.parent_id, first, last)


@blueprint.get("/students/<int:student_id>/attendance")
@requires(Permission.ROLL_VIEW)
def show_student(student_id):
    student = visible_student(current_user, student_id, Permission.ROLL_VIEW)
    if not may_with(current_user, Permission.STUDENT_VIEW, student):
        raise Forbidden(SUMS_ONLY)
    view_student(student=student, by=current_user)
    chosen = chosen_term(request.args.get("term", ""))
    page, leaves = paginate(absences_of(student, chosen.starts_on, chosen.ends_on)), leaves_of(student)
    return render_template(
        "attendance/show_student.html",
        SESSIONS=SESSIONS,
        student=student,
        term=chosen,
        terms=terms_around(chosen),
        sums=pupil_sums(student, chosen.starts_on, chosen.ends_on),
        page=page,
        absences=opened(page.items, student.id),
        marks=MARKS,
        leaves=leaves,
        open_leaves=set(leaves_seen(current_user, leaves)),
        may_ask=student.class_org_id is not None and current_user.may(Permission.ROLL_SUBMIT, student.class_org),
    )


def chosen_term(code: str):
    try:
        chosen = term(code)
    except ValueError:
        return term_of(today_in_china())
    return chosen if chosen.starts_on.year in YEARS else term_of(today_in_china())


def terms_around(chosen):
    """The term shown, the one before it, and the one after it unless it lies ahead."""
    before = term_of(chosen.starts_on - datetime.timedelta(days=1))
    after = term_of(chosen.ends_on + datetime.timedelta(days=1))
    return [before, chosen, *([after] if after.starts_on <= today_in_china() else [])]


@blueprint.route("/roll/<int:class_id>/<on>/<session>", methods=["GET", "POST"])
@requires(Permission.ROLL_VIEW)
def take_roll(class_id, on, session):
    user = current_user._get_current_object()
    room, day = visible_class(user, class_id), day_or_404(on, session)
    refuse_outsider(room, user)
    if request.method == "POST":
        return send_roll(room, day, session, user)
    sheet = roll_sheet(room, day, session)
    opened_days = school_days(day - ONE_DAY, day, room.county_id, room.parent_id)
    is_shut = not sheet.roster or day > today_in_china() or day not in opened_days
    taken = taken_of(sheet)
    is_dropped = session not in taken
    if is_shut or (not sheet.standing and (is_dropped or session in free_at(room, day))):
        return render_template("attendance/no_roll.html", sheet=sheet, why=why_no_roll(sheet))
    if sheet.standing and (is_dropped or "edit" not in request.args or not may_edit(sheet)):
        return show_taken(sheet, may_edit(sheet) and not is_dropped)
    leaves = leaves_at(room.id, day, session)
    marks = sheet.standing.marks if sheet.standing else away_by_sweep(room.id, day, session) | marks_on_leave(sheet, leaves)
    return show_form(sheet, RollForm(), marks, leaves, after_break=opened_days == [day] and session == taken[0])


def marks_on_leave(sheet: RollSheet, leaves) -> dict[int, str]:
    """Ticked beforehand; the form sends what is ticked, the server adds nothing."""
    marks = leaves.marks
    return {pupil.id: marks[pupil.id] for pupil in sheet.roster if pupil.id in marks} if marks else {}


def show_taken(sheet: RollSheet, edits: bool):
    """Whoever is on leave and was there all the same may be signed back in at once; of whoever is ill the symptoms may be noted."""
    away = {student for student, mark in sheet.standing.marks.items() if not MARKS[mark].is_present or mark == "official"}
    leaves = leaves_at(sheet.room.id, sheet.on, sheet.session)
    back = [one for one in (*leaves.away, *leaves.run_out) if one.student_id not in away and one.state == "approved"]
    closes = current_user.may(Permission.ROLL_SUBMIT, sheet.room)
    ill = [pupil for pupil in sheet.roster if sheet.standing.marks.get(pupil.id) in ("sick_leave", "isolated")] if closes else []
    past = past_of(sheet.standing.id) if sheet.standing.revision > 1 else None
    context = {"past": past, "SESSIONS": SESSIONS, "marks": MARKS, "may_edit": edits, "ill": ill, "back_session": BACK_AT[sheet.session]}
    return render_template("attendance/roll_taken.html", sheet=sheet, here_again=back if closes else [], **context)


def send_roll(room: ClassRoom, day: datetime.date, session: str, user):
    """The roster is read only when something is wrong: the action knows who is expected."""
    form = RollForm(request.form)
    marks = form.marks
    try:
        form.check()
        return submit(room, day, session, form, user)
    except Conflict as conflict:
        return show_conflict(roll_sheet(room, day, session), form, marks, conflict)
    except Refused as refused:
        form.refuse(refused)
        return show_form(roll_sheet(room, day, session), form, ticked(marks)), refused.status


def ticked(marks) -> dict[int, str]:
    return {student: mark for student, (mark, _reason) in marks.items() if mark in MARKS}


def submit(room: ClassRoom, day, session: str, form: RollForm, user):
    """The write, its receipt and the way back to the page of the roll that was taken."""
    submit_once(room=room, on=day, session=session, **form.told(), by=user)
    # No flash: the page that follows says when it was submitted and under which number, as long as the roll stands.
    return redirect(url_for("attendance.take_roll", class_id=room.id, on=day.isoformat(), session=session), 303)


def show_form(sheet: RollSheet, form: RollForm, marks: dict[int, str], leaves=None, after_break: bool = False):
    """The tiles; `marks` are ticked already. After a break a boarder who is away did not return (未返校), unless somebody says otherwise."""
    on_leave = leaves.marks if leaves else {}
    is_leave_only = bool(marks) and all(on_leave.get(student) == mark for student, mark in marks.items())
    away = sum(not MARKS[mark].is_present for mark in marks.values())
    standing = sheet.standing.revision if sheet.standing else 0
    label, session_label = sheet.room.label_on(sheet.on), words(SESSIONS[sheet.session])
    page = render_template(
        "attendance/take_roll.html",
        sheet=sheet,
        label=label,
        session_label=session_label,
        kept=kept_as(sheet, label, session_label),
        form=form,
        revision=standing if form.sent is None else form.base_revision,
        tiles=tiles(sheet.roster, marks, sheet.session, on_leave, after_break),
        bar=bar(language(), len(sheet.roster), away, len(marks) if is_leave_only else 0),
        leaves=None if is_asked_by_phone() else leaves,
        after_break=after_break,
        last_look=last_look(language()),
        needs_reason=needs_reason(sheet),
        last_away=[] if sheet.standing or is_asked_by_phone() else away_last_time(sheet.room.id, sheet.on, sheet.session),
    )
    return keep_on_phone(page) if is_for_today(sheet) and form.sent is None else page


def is_for_today(sheet: RollSheet) -> bool:
    """Today's roll of one's own class, not taken yet: what a phone needs where there is no signal."""
    return sheet.standing is None and sheet.on == today_in_china() and sheet.room.id in [m.org.id for m in current_user.memberships]


def show_conflict(sheet: RollSheet, form: RollForm, marks, conflict: Conflict):
    """Both versions side by side; nothing is overwritten and nothing that was ticked is lost."""
    theirs, mine = {int(student): mark for student, mark in conflict.theirs["marks"].items()}, ticked(marks)
    label, session_label = sheet.room.label_on(sheet.on), words(SESSIONS[sheet.session])
    page = render_template(
        "attendance/conflict.html",
        sheet=sheet,
        label=label,
        session_label=session_label,
        kept=kept_as(sheet, label, session_label),
        slot=slot_of(sheet),
        key=new_key(),
        reason=form.reason,
        conflict=conflict,
        sent=marks,
        mine=mine,
        theirs=theirs,
        differing=[pupil for pupil in sheet.roster if theirs.get(pupil.id) != mine.get(pupil.id)],
        marks=MARKS,
        may_choose=may_edit(sheet) and not (outranked := is_outranked(sheet.standing, sheet.room, current_user)),
        outranked=may_edit(sheet) and outranked,
        needs_reason=sheet.on != today_in_china(),
    )
    return page, conflict.status


def needs_reason(sheet: RollSheet) -> bool:
    """A roll of a past day that stands already is corrected only with a reason."""
    return sheet.standing is not None and sheet.on != today_in_china()


def may_edit(sheet: RollSheet) -> bool:
    permission = Permission.ROLL_CORRECT if sheet.on != today_in_china() else Permission.ROLL_SUBMIT
    return current_user.may(permission, sheet.room)


def why_no_roll(sheet: RollSheet) -> str:
    today = today_in_china()
    if not is_school_day(sheet.on, sheet.room.county_id, sheet.room.parent_id):
        why = said(why_closed(sheet.on, sheet.room.county_id, sheet.room.parent_id))
        return (
            _("今天是休息日（%(why)s），不用点名。", why=why) if sheet.on == today else _("这一天是休息日（%(why)s），不用点名。", why=why)
        )
    if sheet.on > today:
        return _("还没到这一天，不能点名。")
    if sheet.session not in taken_of(sheet):
        return _("这所学校这一天不点%(session)s。", session=words(SESSIONS[sheet.session]))
    if sheet.roster and (found := free_at(sheet.room, sheet.on).get(sheet.session)):
        return _("这一场登记的是无课（%(why)s），不用点名。", why=said(found))
    if sheet.session in FOR_BOARDERS:
        return _("这个班这一天没有住校生，不用点名。")
    return _("这个班这一天没有要点名的学生。")


def taken_of(sheet: RollSheet) -> tuple[str, ...]:
    return sessions_taken(sheet.room.county_id, sheet.room.parent_id, sheet.on)


def day_or_404(on: str, session: str) -> datetime.date:
    day = parse_day(on)
    if day is None or session not in SESSIONS:
        raise NotFound
    return day

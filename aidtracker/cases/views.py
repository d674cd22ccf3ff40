"""The list of cases with those to be opened, one case, and the pupil's tab."""

import re

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from aidtracker.attendance.marks import MARKS, SESSIONS
from aidtracker.attendance.streaks import first_day_of, streaks_among
from aidtracker.cases import views_working  # noqa: F401  whose pages register themselves
from aidtracker.cases.forms import ANY, FilterForm
from aidtracker.cases.listing import ORDERS, UNCLOSED, Filters, days_away, filtered_cases, listed
from aidtracker.cases.models import KINDS, ORIGINS, REASONS, RESULTS, STATES, Case
from aidtracker.cases.outcomes import COUNTS, OUTCOMES
from aidtracker.cases.queries import case_of, names_within, recent_absences, to_open, visible_case
from aidtracker.cases.states import NEXT_ACTS, STEPS, TONES, step_of
from aidtracker.cases.timeline import timeline_of
from aidtracker.cases.views_blueprint import blueprint
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.queries import visible_org
from aidtracker.permissions import Permission, requires
from aidtracker.students.listing import places_under
from aidtracker.students.models import Student
from aidtracker.students.queries import visible_student, visible_students
from aidtracker.students.records import guardians_of, permissions_over
from aidtracker.students.search import is_number, search
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import CARRIED
from aidtracker.web.paging import PER_PAGE, order_of, paginate

P = Permission
NUMBER = re.compile(r"\d{6}-\d{4}-\d{1,6}")


@blueprint.record_once
def words_of_cases(state):
    words = {"CASE_STATES": STATES, "CASE_TONES": TONES, "CASE_ORIGINS": ORIGINS, "CASE_REASONS": REASONS, "CASE_KINDS": KINDS}
    words |= {"CASE_RESULTS": RESULTS, "CASE_OUTCOMES": OUTCOMES, "CASE_COUNTS": COUNTS, "CASE_STEPS": STEPS, "CASE_NEXT": NEXT_ACTS}
    state.app.jinja_env.globals.update(words | {"case_step": step_of})


@blueprint.get("/cases/")
@requires(P.CASE_VIEW)
def list_cases():
    return show_list(FilterForm(request.args, meta={"csrf": False}))


@blueprint.post("/cases/search")
@requires(P.CASE_VIEW)
def search_cases():
    """What is typed goes into the address, unless it is somebody's number: that is answered here and written nowhere."""
    form = FilterForm(meta={"csrf": False})  # its token has been looked at before this view
    text = (form.q.data or "").strip()
    if is_number(text) and not NUMBER.fullmatch(text):
        return show_list(form)
    asked = {name: value for name, value in request.form.items() if value and name not in CARRIED}
    return redirect(url_for("cases.list_cases", **asked), 303)


def show_list(form):
    """One page of the list. Ids of places in the address are looked up within the reader's scope, else 404."""
    today, filters = today_in_china(), filters_of(form)
    found, status = filtered_cases(current_user, filters, today), 200
    text = (form.q.data or "").strip()
    if text:
        try:
            found = found.where(fits(text))
        except Refused as refused:
            form.refuse(refused)
            found, status = found.where(Case.id.in_([])), refused.status
    order = order_of(ORDERS, "due")
    page = paginate(listed(found, order), total=found.count())
    is_narrowed = bool(text) or filters != Filters()
    waiting = to_open(current_user, today) if not is_narrowed and page.number == 1 else []
    workable = names_within(current_user, [each.student_id for each in waiting[:PER_PAGE]], P.CASE_WORK)
    context = {"form": form, "page": page, "order": order, "is_narrowed": is_narrowed, "today": today, "filters": filters}
    context |= {"days": days_away(page.items, today), "waiting": waiting, "shown": waiting[:PER_PAGE], "workable": workable}
    return render_template("cases/list_cases.html", **context), status


def fits(text: str):
    """A condition on Case: its number, or the pupil's name or number."""
    if NUMBER.fullmatch(text):
        return Case.number.startswith(text)
    return Case.student.in_(search(current_user, text, visible_students(current_user, P.CASE_VIEW)).ids)


def filters_of(form) -> Filters:
    """Fills the choices of places, each within the one above it, and reads what was chosen."""
    place = None
    for name in ("township", "school"):
        chosen = place_asked(form[name].data or "", name, place)
        offered = [(str(id_), label) for id_, label in places_under(current_user, place.path if place else None, name)]
        if chosen and str(chosen.id) not in dict(offered):
            offered.append((str(chosen.id), chosen.name))
        form[name].choices, form[name].data = [ANY, *offered], str(chosen.id) if chosen else ""
        place = chosen or place
    form.state.data = form.chosen("state", UNCLOSED)
    return Filters(
        state=form.state.data,
        place=place,
        origin=form.chosen("origin"),
        is_mine=bool(form.mine.data),
        is_overdue=bool(form.overdue.data),
        opened_from=form.opened_from.data,
        opened_to=form.opened_to.data,
    )


def place_asked(text: str, kind: str, above):
    """404 outside the reader's scope; nothing when it does not lie within what was chosen above it."""
    number = number_or_none(text)
    if number is None:
        return None
    found = visible_org(current_user, number, P.CASE_VIEW)
    return found if found.kind == kind and (above is None or found.is_within(above.path)) else None


@blueprint.get("/cases/<int:case_id>")
@requires(P.CASE_VIEW)
def show_case(case_id):
    case = visible_case(current_user, case_id)
    return render_template(
        "cases/show_case.html", events=timeline_of(case), marks=MARKS, SESSIONS=SESSIONS, absences=absences_for(case.student), **facts(case)
    )


def facts(case: Case) -> dict:
    """What the head of a case says."""
    student, today = case.student, today_in_china()
    days = streaks_among({student.id}, case.county_id, today).get(student.id, 0)
    since = first_day_of(student.id, days, today)
    about = {"case": case, "student": student, "today": today, "days": days, "since": since, "P": P}
    return about | {"may": permissions_over(current_user, student), "guardians": guardians_of(student)}


def absences_for(student: Student):
    """Of the last 20 school days; None for those who may not see rolls."""
    if P.ROLL_VIEW not in permissions_over(current_user, student):
        return None
    return recent_absences(student, today_in_china())


@blueprint.get("/students/<int:student_id>/cases")
@requires(P.CASE_VIEW)
def show_student(student_id):
    student = visible_student(current_user, student_id, P.CASE_VIEW)
    case = case_of(student)
    about = facts(case) | {"events": timeline_of(case)} if case else {"may": permissions_over(current_user, student), "P": P}
    return render_template("cases/show_student.html", **{"student": student, "case": None, **about})

"""The list of cases with those to be opened, one case, and the pupil's tab."""

import re

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from aidtracker.attendance.marks import MARKS
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.attendance.streaks import days_away_of
from aidtracker.cases import (  # noqa: F401  whose pages register themselves
    views_closing,
    views_handover,
    views_notice,
    views_notice_texts,
    views_overruling,
    views_reasons,
    views_responsibility,
    views_sealing,
    views_working,
)
from aidtracker.cases.closings import closes_at_once, is_overtaken, standing_closing
from aidtracker.cases.forms import FilterForm
from aidtracker.cases.handovers import waiting_handover
from aidtracker.cases.listing import ORDERS, UNCLOSED, Filters, days_away, filtered_cases, listed
from aidtracker.cases.models import Case
from aidtracker.cases.notices import notices_of, offices_for
from aidtracker.cases.queries import case_for, names_within, recent_absences, to_open, visible_case
from aidtracker.cases.reasons import reasons_of
from aidtracker.cases.responsibles import responsible_for
from aidtracker.cases.sealed import hidden_count, readers_of, seal_of
from aidtracker.cases.timeline import timeline_of
from aidtracker.cases.views_blueprint import blueprint
from aidtracker.cases.watch import watch_of
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.narrowing import narrowed
from aidtracker.permissions import Permission, requires
from aidtracker.students.actions_looking import view_student
from aidtracker.students.models import Student
from aidtracker.students.queries import visible_student, visible_students
from aidtracker.students.records import guardians_of, permissions_over
from aidtracker.students.search import is_number, search
from aidtracker.web.forms import CARRIED
from aidtracker.web.paging import PER_PAGE, order_of, paginate

P = Permission
NUMBER = re.compile(r"\d{6}-\d{4}-\d{1,6}")


@blueprint.get("/cases/")
@requires(P.CASE_VIEW)
def list_cases():
    return show_list(FilterForm(request.args, meta={"csrf": False}))


@blueprint.post("/cases/search")
@requires(P.CASE_VIEW)
def search_cases():
    """What is typed goes into the address, unless it is somebody's number: that is answered here and written nowhere."""
    form = FilterForm(meta={"csrf": False})  # its token has been looked at before this view
    text = form.text
    if is_number(text) and not NUMBER.fullmatch(text):
        return show_list(form)
    asked = {name: value for name, value in request.form.items() if value and name not in CARRIED}
    return redirect(url_for("cases.list_cases", **asked), 303)


def show_list(form):
    """One page of the list. Ids of places in the address are looked up within the reader's scope, else 404."""
    today, text = today_in_china(), form.text
    found = filtered_cases(current_user, filters_of(form), today)
    if text:
        try:
            found = found.where(fits(text))
        except Refused as refused:
            form.refuse(refused)
            found = found.where(Case.id.in_([]))
    order = order_of(ORDERS, "due")
    page = paginate(listed(found, order), total=found.count())
    chosen = words_of(form)
    waiting = to_open(current_user, today) if not (chosen or text) and page.number == 1 else []
    workable = names_within(current_user, [each.student_id for each in waiting[:PER_PAGE]], P.CASE_WORK)
    context = {"form": form, "page": page, "order": order, "chosen": chosen, "text": text, "today": today}
    context |= {"days": days_away(page.items, today), "waiting": waiting, "shown": waiting[:PER_PAGE], "workable": workable}
    context["reasons"] = {county: reasons_of(county) for county in {row["county"] for row in page.items}}
    context["P"] = P
    context["hidden"] = hidden_count(current_user, P.CASE_BREAK) if current_user.may(P.CASE_BREAK) else 0
    return render_template("cases/list_cases.html", **context), form.status


def words_of(form) -> list[str]:
    """What the list is narrowed to."""
    state = form.words_of("state") if form.state.data != UNCLOSED else []
    days = [f"{field.label.text} {field.data.isoformat()}" for field in (form.first, form.last) if field.data]
    ticked = [str(field.label.text) for field in (form.mine, form.overdue) if field.data]
    return [*state, *form.words_of("township", "school", "origin"), *days, *ticked]


def fits(text: str):
    """A condition on Case: its number, or the pupil's name or number."""
    if NUMBER.fullmatch(text):
        return Case.number.startswith(text)
    return Case.student.in_(search(current_user, text, visible_students(current_user, P.CASE_VIEW)).ids)


def filters_of(form) -> Filters:
    """Fills the choices of places, and reads what was chosen."""
    places = narrowed(current_user, P.CASE_VIEW, form.places())
    form.offer_places(places)
    form.state.data = form.chosen("state", UNCLOSED)
    return Filters(
        state=form.state.data,
        place=places.place,
        origin=form.chosen("origin"),
        is_mine=bool(form.mine.data),
        is_overdue=bool(form.overdue.data),
        first=form.first.data,
        last=form.last.data,
    )


@blueprint.get("/cases/<int:case_id>")
@requires(P.CASE_VIEW)
def show_case(case_id):
    case = visible_case(current_user, case_id)
    view_student(student=case.student, by=current_user)
    return render_template(
        "cases/show_case.html", events=timeline_of(case), marks=MARKS, SESSIONS=SESSIONS, absences=absences_for(case.student), **facts(case)
    )


def facts(case: Case) -> dict:
    """What the head of a case says."""
    student, today = case.student, today_in_china()
    away = days_away_of({student.id}, case.county_id, today).get(student.id, [])
    about = {"case": case, "student": student, "today": today, "days": len(away), "since": away[0] if away else None, "P": P}
    closing = standing_closing(case)
    about["responsible"] = responsible_for(student, case.closed_on or today)
    about |= {"handover": waiting_handover(case), "notices": notices_of(case), "issues": bool(offices_for(current_user, case))}
    about["seal"], about["readers"] = seal_of(case), readers_of(case)
    about["watch"] = watch_of(case, today) if P.ROLL_VIEW in permissions_over(current_user, student) else None
    about["reasons"] = reasons_of(case.county_id)
    about |= {"closing": closing, "is_overtaken": closing is not None and is_overtaken(closing), "at_once": closes_at_once(current_user, case)}
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
    view_student(student=student, by=current_user)
    case = case_for(current_user, student)
    about = facts(case) | {"events": timeline_of(case)} if case else {"may": permissions_over(current_user, student), "P": P}
    return render_template("cases/show_student.html", **{"student": student, "case": None, **about})

"""Pages that record a visit or a lesson at home, mend one, and find whom it is about."""

import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import top_orgs
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_student, view_students
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with, roster_of, visible_student, visible_students
from aidtracker.students.records import guardians_of
from aidtracker.students.search import search
from aidtracker.visits import actions
from aidtracker.visits.actions_once import record_once
from aidtracker.visits.evidence import most_photos
from aidtracker.visits.families import siblings_of
from aidtracker.visits.forms import SearchForm, TutoringForm, VisitForm
from aidtracker.visits.models import PURPOSES, TUTORING, Visit
from aidtracker.visits.paper_codes import typed_code
from aidtracker.visits.queries import may_edit, pupils_of, visible_visit
from aidtracker.visits.records import DAYS, SEALED, content_of
from aidtracker.visits.views_blueprint import blueprint

P = Permission
FOUND = 20  # pupils of one answer
OF_VILLAGE = 200  # on offer at once


@blueprint.route("/visits/new", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def search_pupils():
    """Whom the visit is about: the own class or village at once, else by name. What is typed stands in no address."""
    form, found = SearchForm(kind=request.args.get("kind", "")), []
    kind = TUTORING if form.kind.data == TUTORING else ""
    form.kind.data = kind
    if form.submitted() and (text := (form.q.data or "").strip()):
        try:
            among = taught_at_home(visible_students(current_user, P.VISIT_RECORD), kind)
            found = rows_of(search(current_user, text, among).ids)
        except Refused as refused:
            form.refuse(refused)
    rosters = rosters_of_mine(kind)
    return render_template("visits/search_pupils.html", form=form, found=found, rosters=rosters, kind=kind), form.status


def taught_at_home(students, kind: str):
    return students.where(Student.mode == "home_taught") if kind else students


def rows_of(ids: list[int]) -> list[Student]:
    """In the order of the search."""
    found = {student.id: student for student in visible_students(current_user, P.VISIT_RECORD).where(Student.id.in_(ids[:FOUND]))}
    return [found[id_] for id_ in ids[:FOUND] if id_ in found]


def rosters_of_mine(kind: str) -> list[tuple]:
    """(place, [(id, name)]) of the classes and villages that the reader holds."""
    places = top_orgs(current_user, P.VISIT_RECORD)
    return [
        *((room, [(id_, name) for id_, _uid, _seat, name, mode in roster_of(room) if not kind or mode == "home_taught"])
          for room in places if room.kind == "class"),
        *((village, at_home_in(village, kind)) for village in places if village.kind == "village"),
    ]  # fmt: skip


def at_home_in(village: Org, kind: str) -> list[tuple[int, str]]:
    """Those registered there who attend somewhere, then the others; as far as one page goes."""
    here = visible_students(current_user, P.VISIT_RECORD).where(Student.home == village).select(Student.id, Student.name)
    ordered = taught_at_home(here, kind).order_by(Student.class_org.is_null(), Student.pinyin, Student.id)
    return list(ordered.limit(OF_VILLAGE).tuples())


@blueprint.route("/students/<int:student_id>/visits/new", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def record_visit(student_id):
    student = recordable(student_id)
    paper = typed_code(request.args.get("paper", ""))
    form = VisitForm(form="on_site", on=day_at_first(paper), teachers=current_user.name, purposes=asked_for(), paper=paper)
    siblings = {str(sibling.id): sibling for sibling in siblings_of(student, current_user)}
    form.also.choices = [(id_, sibling.name) for id_, sibling in siblings.items()]
    form.offer_people(guardians_of(student))
    if form.submitted():
        students = [student, *(siblings[id_] for id_ in form.also.data)]
        try:
            return record(form, "record_visit", students)
        except Refused as refused:
            form.refuse(refused)
    return render_template("visits/record_visit.html", form=form, student=student, **for_fields(student.county_id)), form.status


def day_at_first(paper: str) -> datetime.date | None:
    """What was written on paper was written on a day before: nobody takes today's date over by oversight."""
    return None if paper else today_in_china()


def asked_for() -> list[str]:
    """A task that wants the visit leads here with its purpose, which is ticked at first."""
    return [code for code in request.args.getlist("purpose") if code in PURPOSES]


@blueprint.route("/students/<int:student_id>/tutoring/new", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def record_tutoring(student_id):
    student = recordable(student_id)
    paper = typed_code(request.args.get("paper", ""))
    form = TutoringForm(on=day_at_first(paper), teacher=current_user.name, paper=paper)
    if form.submitted():
        try:
            return record(form, "record_tutoring", [student])
        except Refused as refused:
            form.refuse(refused)
    return render_template("visits/record_tutoring.html", form=form, student=student, **for_fields(student.county_id)), form.status


def for_fields(county_id: int) -> dict:
    """What the fields of a visit read beside the form."""
    return {"today": today_in_china(), "most_photos": most_photos(county_id)}


def recordable(student_id: int) -> Student:
    student = visible_student(current_user, student_id, P.VISIT_VIEW)
    if not may_with(current_user, P.VISIT_RECORD, student):
        raise Forbidden("你没有记录这名学生家访的权限。")
    view_student(student=student, by=current_user)
    return student


def record(form, verb: str, students: list[Student]):
    """The write with its 回执号, and the way to the page that shows both."""
    told = {"values": form.values(), "evidence": form.evidence(), "paper": typed_code(form.paper.data or ""), "key": form.key.data}
    receipt = record_once(verb=verb, students=students, **told, by=current_user)
    flash(_("已保存，回执号 %(number)s。", number=receipt.number), "ok")
    return redirect(url_for("visits.show_visit", visit_id=receipt.result["visit"]), 303)


@blueprint.route("/visits/<int:visit_id>/edit", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def edit_visit(visit_id):
    visit = visible_visit(current_user, visit_id)
    if not may_edit(current_user, visit):
        raise Forbidden("只有记录人、学校管理员或上级能修改这条家访。")
    pupils = pupils_of(visit, current_user)
    view_students(ids=pupils.ids, by=current_user)
    form = form_of(visit)
    if form.submitted():
        try:
            return mend(form, visit, form.base, form.values())
        except Refused as refused:
            form.refuse(refused)
    context = {"mine": mine_of(form) if form.theirs else {}, "pupils": pupils}
    template = "visits/edit_tutoring.html" if visit.form == TUTORING else "visits/edit_visit.html"
    return render_template(template, form=form, visit=visit, most_photos=0, today=today_in_china(), **context), form.status


def mend(form, visit: Visit, revision: int, values: dict):
    def do():
        return {"changed": actions.edit_visit(visit=visit, revision=revision, values=values, by=current_user)}

    body = {"visit": visit.id, "revision": revision, **values}
    once(by=current_user, key=form.key.data, kind="visits.edit_visit", body=body, do=do)
    flash(_("已保存。"), "ok")
    return redirect(url_for("visits.show_visit", visit_id=visit.id), 303)


def form_of(visit: Visit):
    """The form as the visit stands: what was ticked and written is one text by now."""
    plain = {name: value for name, value in content_of(visit).items() if name not in (*DAYS, "person_met", "relation")}
    plain |= {name: getattr(visit, name) for name in DAYS} | {"revision": visit.revision}
    if visit.form == TUTORING:
        form = TutoringForm(**plain)
        if not form.is_submitted():
            form.take_teachers(visit.teachers)
            form.take_words()
        return form
    form = VisitForm(**plain)
    seen = pupils_of(visit, current_user).seen
    form.offer_people(guardians_of(seen[0].id) if seen else [])
    if not form.is_submitted():
        form.take_person(visit.person_met, visit.relation)
        form.take_words()
    return form


def mine_of(form) -> dict:
    """What was typed, as content_of() says what stands."""
    found = form.values()
    for name in DAYS:
        found[name] = found[name].isoformat() if found.get(name) else None
    return {name: value or (None if name in SEALED else value) for name, value in found.items()}

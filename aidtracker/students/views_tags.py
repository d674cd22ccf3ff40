"""Pages of special groups: a pupil's tags, and how many there are of each kind on a day."""

from flask import render_template, request
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.orgs.narrowing import narrowed
from aidtracker.permissions import Permission, requires
from aidtracker.students import actions_tags
from aidtracker.students.forms_tags import CorrectTagForm, CountForm, EndTagForm, TagForm
from aidtracker.students.listing import Filters, filtered_students
from aidtracker.students.models import TAGS
from aidtracker.students.queries_tags import open_tag_of, tag_of, tags_of
from aidtracker.students.tag_counts import table_of
from aidtracker.students.tag_kinds import HINTS, offered
from aidtracker.students.views_blueprint import blueprint
from aidtracker.students.views_editing import change, editable

P = Permission


@blueprint.get("/students/tags")
@requires(P.STUDENT_VIEW)
def show_tag_counts():
    """Each number leads to its pupils."""
    form = CountForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.STUDENT_VIEW, form.places())
    form.offer_places(places)
    form.on.data = day = form.on.data or today_in_china()
    pupils = filtered_students(current_user, Filters(place=places.place, by="school", on=day))
    counts = table_of(pupils, current_user, day, form.chosen("level", "school"), form.chosen("kind"))
    chosen = form.words_of("township", "school", "kind")
    return render_template("students/show_tag_counts.html", form=form, counts=counts, day=day, chosen=chosen, place=places.place)


@blueprint.route("/students/<int:student_id>/tags/new", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def add_tag(student_id):
    """What kind it is comes first: it decides what is asked."""
    student = editable(student_id)
    kind = request.form.get("kind") or request.args.get("kind", "")
    form = TagForm(starts_on=today_in_china(), kind=kind)
    if kind not in TAGS:
        if request.method == "POST":
            form.submitted()
        held = [one.kind for one in tags_of(student, current_user) if one.ends_on is None]
        return render_template("students/choose_tag.html", student=student, kinds=offered(), held=held, HINTS=HINTS), form.status
    form.keep_to(kind)

    def act():
        actions_tags.add_tag(student=student, kind=kind, **form.values(), by=current_user)

    return change(form, student, "students/add_tag.html", act, "list_tags", kind=kind, HINTS=HINTS)


@blueprint.route("/students/<int:student_id>/tags/<int:tag_id>/correct", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def correct_tag(student_id, tag_id):
    student = editable(student_id)
    tag = tag_of(student, tag_id, current_user)
    form = correction_of(tag)

    def act():
        values = form.values() | ({"ends_on": form.ends_on.data} if "ends_on" in form else {})
        actions_tags.correct_tag(tag=tag, values=values, reason=form.reason.data, by=current_user)

    return change(form, student, "students/correct_tag.html", act, "list_tags", tag=tag, HINTS=HINTS)


def correction_of(tag) -> CorrectTagForm:
    names = ("disability_class", "disability_grade", "detail", "starts_on", "source", "document", "ends_on")
    form = CorrectTagForm(part=tag.detail, **{name: getattr(tag, name) for name in names})
    form.keep_to(tag.kind)
    form.keep_choice(tag)
    if tag.ends_on is None:
        del form.ends_on
    return form


@blueprint.route("/students/<int:student_id>/tags/<int:tag_id>/end", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def end_tag(student_id, tag_id):
    student = editable(student_id)
    tag = open_tag_of(student, tag_id, current_user)
    form = EndTagForm(ends_on=today_in_china())
    form.offer(tag.kind)

    def act():
        actions_tags.end_tag(tag=tag, ends_on=form.ends_on.data, reason=form.reason(), by=current_user)

    return change(form, student, "students/end_tag.html", act, "list_tags", tag=tag)

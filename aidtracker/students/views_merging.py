"""One child, one record: likely pairs, two records side by side, merging and parting them again."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.audit.words import FIELDS
from aidtracker.db import chunks_of
from aidtracker.errors import NotFound, Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.narrowing import narrowed
from aidtracker.orgs.queries import visible_orgs
from aidtracker.permissions import Permission, requires
from aidtracker.students import actions_merging as merging
from aidtracker.students.forms import MergeForm, NotSameForm, PairsForm
from aidtracker.students.hooks import kept_rows
from aidtracker.students.likely_pairs import KINDS, likely_pairs
from aidtracker.students.listing import at_place, listed
from aidtracker.students.merging import has_two_ids, may_merge_two_ids, overlapping, pairs_of, standing_merge
from aidtracker.students.models import Student
from aidtracker.students.models_merging import StudentMerge
from aidtracker.students.moving_rows import OTHER, WORDS, counted, would_stay
from aidtracker.students.queries import visible_students
from aidtracker.students.records import head_of, permissions_over
from aidtracker.students.views_blueprint import blueprint
from aidtracker.students.views_editing import editable, to_student, write
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import ConfirmForm
from aidtracker.web.paging import PER_PAGE, Order, Page, page_number

P = Permission


@blueprint.get("/students/duplicates")
@requires(P.STUDENT_EDIT)
def list_duplicates():
    """Pairs wholly within the reader's scope; a filter by place wants one of the two there."""
    form = PairsForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.STUDENT_EDIT, form.places())
    form.offer_places(places)
    kind = form.chosen("kind")
    pairs = seen_pairs(likely_pairs(counties_of(current_user), kind), places.place)
    number = min(page_number(), max(1, -(-len(pairs) // PER_PAGE)))
    shown = pairs[(number - 1) * PER_PAGE : number * PER_PAGE]
    page = Page(shown, number, PER_PAGE, len(pairs))
    values = {"page": page, "rows": rows_of(shown), "KINDS": KINDS, "chosen": form.words_of("township", "school", "room", "kind")}
    return render_template("students/list_duplicates.html", form=form, **values)


def counties_of(user) -> list[int]:
    return [county_id for (county_id,) in visible_orgs(user, P.STUDENT_EDIT).select(Org.county).distinct().tuples() if county_id]


def seen_pairs(pairs: dict, place: Org | None) -> list[tuple[tuple[int, int], list[str]]]:
    """Both within the reader's scope, one of them at the place."""
    ids = sorted({student_id for pair in pairs for student_id in pair})
    mine = ids_within(visible_students(current_user, P.STUDENT_EDIT), ids)
    here = ids_within(visible_students(current_user, P.STUDENT_EDIT).where(at_place(place, "")), ids) if place else mine
    return [(pair, why) for pair, why in pairs.items() if mine.issuperset(pair) and not here.isdisjoint(pair)]


def ids_within(among, ids: list[int]) -> set[int]:
    found: set[int] = set()
    for chunk in chunks_of(ids):
        found.update(student_id for (student_id,) in among.select(Student.id).where(Student.id.in_(chunk)).tuples())
    return found


def rows_of(pairs) -> dict[int, dict]:
    ids = [student_id for pair, _why in pairs for student_id in pair]
    found = listed(visible_students(current_user, P.STUDENT_EDIT).where(Student.id.in_(ids)), Order("name", False))
    return {row["id"]: row for row in found}


@blueprint.route("/students/<int:student_id>/merge/<int:other_id>", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def merge_students(student_id, other_id):
    """The first record is kept, field by field with the other's values where they are chosen."""
    kept, dropped = editable(student_id), editable(other_id)
    compared = compare(kept, dropped)
    form = MergeForm(kept_revision=kept.revision, dropped_revision=dropped.revision, take=[pair.field for pair in compared["pairs"] if pair.prefers_dropped])
    if form.submitted():
        try:
            body = {"kept": kept.id, "dropped": dropped.id, **form.typed()}
            write(form, "merge_students", body, lambda: {"merge": merge(kept, dropped, form).id})
            return to_student(kept, _("已合并成一份档案。"))
        except Refused as refused:
            form.refuse(refused)
    return render_template("students/merge_students.html", form=form, kept=kept, dropped=dropped, FIELDS=FIELDS, **compared), form.status


def merge(kept: Student, dropped: Student, form) -> StudentMerge:
    revisions = (number_or_none(form.kept_revision.data) or 0, number_or_none(form.dropped_revision.data) or 0)
    about = {"take": set(form.take.data or ()), "revisions": revisions, "reason": form.reason.data}
    return merging.merge_students(kept=kept, dropped=dropped, **about, by=current_user)


def compare(kept: Student, dropped: Student) -> dict:
    """What the page shows: values side by side, what moves, what stays behind, and whether these are rather two children."""
    if kept.id == dropped.id or kept.county_id != dropped.county_id:
        raise NotFound
    may_open = all(P.STUDENT_REVEAL in permissions_over(current_user, student) for student in (kept, dropped))
    hidden = kept_rows(dropped.id, current_user.id) | kept_rows(kept.id, current_user.id)
    left = [WORDS.get(table, OTHER) for table in would_stay(dropped.id, kept.id) if table not in hidden]
    two_ids = has_two_ids(kept, dropped)
    return {
        "pairs": pairs_of(kept, dropped, may_open),
        "heads": (head_of(kept, current_user), head_of(dropped, current_user)),
        "moves": [(WORDS.get(table, OTHER), number) for table, number in counted(dropped, current_user.id).items()],
        "left": sorted((words, left.count(words)) for words in set(left)),
        "spells": overlapping(kept, dropped)[1],
        "two_ids": two_ids,
        "may": not two_ids or may_merge_two_ids(current_user, kept.county),
    }


@blueprint.route("/students/<int:student_id>/not-same/<int:other_id>", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def set_not_same(student_id, other_id):
    student, other = editable(student_id), editable(other_id)
    if student.id == other.id or student.county_id != other.county_id:
        raise NotFound
    form = NotSameForm()
    if form.submitted():
        body = {"student": student.id, "other": other.id, **form.typed()}
        try:
            write(form, "set_not_same", body, lambda: merging.set_not_same(student=student, other=other, reason=form.reason.data, by=current_user))
            flash(_("已记下：这两份档案不是同一人。"), "ok")
            return redirect(url_for("students.list_duplicates"), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("students/set_not_same.html", form=form, student=student, other=other), form.status


@blueprint.route("/students/<int:student_id>/merges/<int:merge_id>/undo", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def withdraw_merge(student_id, merge_id):
    student = editable(student_id)
    merge = standing_merge(student, merge_id)
    form = ConfirmForm()
    if form.submitted():
        try:
            write(form, "withdraw_merge", {"merge": merge.id}, lambda: merging.withdraw_merge(merge=merge, by=current_user))
            return to_student(student, _("已撤销合并，两份档案恢复原样。"), "list_changes")
        except Refused as refused:
            form.refuse(refused)
    return render_template("students/withdraw_merge.html", form=form, student=student, merge=merge), form.status

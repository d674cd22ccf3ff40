"""The lists that other departments gave, and a record for a listed child who has none."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.census import actions, listing, matching, views_kinds, views_ledger, views_matching, views_newcomers, views_pairs  # noqa: F401  whose pages register themselves
from aidtracker.census.comparing import CHANGES, COMPARISONS
from aidtracker.census.differences import FIELDS, mend_of
from aidtracker.census.known import visible_ids
from aidtracker.census.list_kinds import kinds_of, label_of, visible_list_kinds
from aidtracker.census.listing import Filters
from aidtracker.census.models import KIN, LISTS
from aidtracker.census.queries import listed_snapshots, visible_child, visible_snapshot
from aidtracker.census.standing import REASONS, STATES, STEPS, UNLISTED
from aidtracker.census.views_asking import filter_words, filters_asked, without_number
from aidtracker.census.views_blueprint import blueprint
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.moves import KINDS as MOVES
from aidtracker.students.search import is_number
from aidtracker.web.forms import ConfirmForm
from aidtracker.web.paging import paginate

P = Permission


@blueprint.record_once
def words_of_lists(state):
    words = {"KIN": KIN, "LISTS": LISTS, "list_label": label_of, "kinds_of": kinds_of, "COMPARISONS": COMPARISONS, "MATCH_CHANGES": CHANGES, "MATCH_STATES": STATES, "MATCH_UNLISTED": UNLISTED, "mend_of": mend_of}
    state.app.jinja_env.globals.update(words, MATCH_REASONS=REASONS, MATCH_STEPS=STEPS, MATCH_FIELDS=FIELDS, MATCH_MOVES={code: kind.label for code, kind in MOVES.items()})


@blueprint.get("/lists")
@requires(P.CENSUS_VIEW)
def list_snapshots():
    snapshots = listed_snapshots(current_user)
    shown = {"snapshots": snapshots, "may_import": current_user.may(P.CENSUS_IMPORT), "own_kinds": list(visible_list_kinds(current_user))}
    return render_template("census/list_snapshots.html", **shown)


@blueprint.get("/lists/<int:snapshot_id>")
@requires(P.CENSUS_VIEW)
def show_snapshot(snapshot_id):
    snapshot = visible_snapshot(current_user, snapshot_id)
    if is_number(request.args.get("q", "")):
        return without_number()
    filters = filters_asked()
    page = paginate(listing.children_of(current_user, snapshot, filters))
    shown = {"snapshot": snapshot, "page": page, **filter_words(filters, snapshot.county)}
    return render_template("census/show_snapshot.html", may_remove=current_user.may(P.CENSUS_IMPORT, snapshot.county), **shown)


@blueprint.route("/lists/<int:snapshot_id>/remove", methods=["GET", "POST"])
@requires(P.CENSUS_IMPORT)
def remove_snapshot(snapshot_id):
    snapshot, form = visible_snapshot(current_user, snapshot_id, P.CENSUS_IMPORT), ConfirmForm()
    if form.submitted():
        try:
            receipt = once(
                by=current_user,
                key=form.key.data,
                kind="census.remove_snapshot",
                body={"snapshot": snapshot.uid},
                do=lambda: actions.remove_snapshot(snapshot=snapshot, by=current_user),
            )
            flash(_("已删除这份名单，共 %(n)s 人。", n=f"{receipt.result:,}"), "ok")
            return redirect(url_for("census.list_snapshots"), 303)
        except Refused as refused:
            form.refuse(refused)
    count = listing.children_of(current_user, snapshot, Filters()).count()
    return render_template("census/remove_snapshot.html", snapshot=snapshot, form=form, count=count), form.status


@blueprint.route("/children/<int:child_id>/register", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def register_child(child_id):
    """A record of a child who has none; afterwards the case can be opened."""
    child, form = visible_child(current_user, child_id, P.STUDENT_EDIT), ConfirmForm()
    if form.submitted():
        try:
            receipt = once(
                by=current_user,
                key=form.key.data,
                kind="census.register_child",
                body={"child": child.uid},
                do=lambda: {"student": actions.register_child(child=child, by=current_user).id},
            )
            flash(_("已建立学生记录。"), "ok")
            return redirect(next_page(receipt.result["student"]), 303)
        except Refused as refused:
            form.refuse(refused)
    lists = matching.lists_on(child.snapshot.county_id, today_in_china())
    twins = matching.likely_pupils(lists, child.snapshot, [child]).get((child.name, child.born_on, child.sex), [])
    seen = visible_ids(current_user, [twin.id for twin in twins])
    shown = {"child": child, "form": form, "twins": [twin for twin in twins if twin.id in seen]}
    return render_template("census/register_child.html", **shown), form.status


def next_page(student_id: int) -> str:
    """Opening the case, where that is possible."""
    if current_user.may(P.CASE_WORK):
        return url_for("cases.open_case", student_id=student_id, origin="matching")
    return url_for("students.show_student", student_id=student_id)

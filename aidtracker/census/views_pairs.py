"""The review of children whom no number joins: who may be whom, what was decided, and taking it back."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.census import actions_pairs, pairs
from aidtracker.census.actions_pairs import refuse_outsider
from aidtracker.census.comparing import comparison_on
from aidtracker.census.forms import MatchForm
from aidtracker.census.queries import visible_child
from aidtracker.census.views_asking import counties_asked, kind_asked
from aidtracker.census.views_blueprint import blueprint
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_student
from aidtracker.students.queries import visible_student
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.paging import Page, page_of, paginate

P = Permission


@blueprint.get("/pairs")
@requires(P.CENSUS_VIEW)
def list_pairs():
    """?tab=decided: what somebody said."""
    counties, county = counties_asked()
    comparison = comparison_on(county.id, kind_asked(county), today_in_china())
    found = page_of(pairs.visible_proposals(current_user, comparison))
    waiting = Page(pairs.sides_of(found.items), found.number, found.per_page, found.total)
    decided = paginate(pairs.decided_pairs(current_user, county.id))
    shown = {"comparison": comparison, "waiting": waiting, "decided": decided, "counties": counties, "county": county}
    return render_template("census/list_pairs.html", **shown, may_work=current_user.may(P.CASE_WORK), form=ConfirmForm())


@blueprint.route("/children/<int:child_id>/match/<int:student_id>", methods=["GET", "POST"])
@requires(P.CENSUS_VIEW)
def match_child(child_id, student_id):
    child, student, form = visible_child(current_user, child_id), visible_student(current_user, student_id, P.CENSUS_VIEW), MatchForm()
    refuse_outsider(student, current_user)
    view_student(student=student, by=current_user)
    if form.submitted():
        try:
            is_same = form.verdict.data == "same"
            do = lambda: actions_pairs.match_child(child=child, student=student, is_same=is_same, by=current_user).id  # noqa: E731
            once(by=current_user, key=form.key.data, kind="census.match_child", body={"child": child.uid, "student": student.uid, "is_same": is_same}, do=do)
            flash(_("已记下：是同一人。") if is_same else _("已记下：不是同一人。"), "ok")
            return redirect(url_for("census.list_pairs", kind=child.snapshot.kind), 303)
        except Refused as refused:
            form.refuse(refused)
    (side,) = pairs.sides_of([pairs.Proposal(child.id, student.id)])
    return render_template("census/match_child.html", side=side, form=form, list=child.snapshot, is_barred=pairs.have_two_numbers(child.id_number, student.id_number)), form.status


@blueprint.post("/pairs/<int:pair_id>/withdraw")
@requires(P.CENSUS_VIEW)
def withdraw_match(pair_id):
    pair, form = pairs.visible_pair(current_user, pair_id), ConfirmForm()
    refuse_outsider(pair.student, current_user)
    if not form.submitted():
        abort(400)
    try:
        do = lambda: actions_pairs.withdraw_match(pair=pair, by=current_user)  # noqa: E731
        once(by=current_user, key=form.key.data, kind="census.withdraw_match", body={"pair": pair.uid}, do=do)
        flash(_("已撤回，这一对要重新核对。"), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(url_for("census.list_pairs"), 303)

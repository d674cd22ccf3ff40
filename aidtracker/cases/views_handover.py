"""Pages of 移交: the list, one handover, offering a case, accepting, refusing, withdrawing."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.cases import actions_handover as acts
from aidtracker.cases.forms import AcceptHandoverForm, ClosingWordsForm, HandCaseForm, HandoverListForm
from aidtracker.cases.handovers import (
    TABS,
    handovers_in,
    listed,
    may_answer,
    owners_at,
    places_to_take,
    visible_handover,
    waiting_handover,
)
from aidtracker.cases.states import CLOSED
from aidtracker.cases.views_answering import answer_page, list_page
from aidtracker.cases.views_blueprint import blueprint
from aidtracker.cases.views_working import to_case, workable, write
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.students.actions_looking import view_student

P = Permission


@blueprint.get("/cases/handovers")
@requires(P.CASE_VIEW)
def list_handovers():
    form = HandoverListForm(request.args, meta={"csrf": False})
    tabs = [tab for tab in TABS if tab != "answer" or current_user.may(P.CASE_WORK)]
    return render_template("cases/list_handovers.html", TABS=TABS, **list_page(form, tabs, handovers_in, listed))


@blueprint.get("/cases/handovers/<int:handover_id>")
@requires(P.CASE_VIEW)
def show_handover(handover_id):
    handover = visible_handover(current_user, handover_id)
    view_student(student=handover.case.student, by=current_user)
    waits = handover.state == "asked"
    about = {"handover": handover, "case": handover.case, "student": handover.case.student}
    about |= {"answers": waits and may_answer(current_user, handover), "withdraws": waits and handover.asked_by_id == current_user.id}
    return render_template("cases/show_handover.html", **about)


@blueprint.route("/cases/<int:case_id>/hand", methods=["GET", "POST"])
@requires(P.CASE_WORK)
def hand_case(case_id):
    case = workable(case_id, P.CASE_WORK)
    if request.method == "GET" and case.state == CLOSED:
        return to_case(case.id, _("这个个案已销号，不能再改。"), "warn")
    if request.method == "GET" and (asked := waiting_handover(case)):
        return redirect(url_for(".show_handover", handover_id=asked.id), 303)
    form = HandCaseForm()
    form.to_org.choices = places_to_take(case)
    if form.submitted():
        body = {"case": case.id, **form.typed()}

        def do():
            return {"handover": acts.hand_case(case=case, to_org_id=form.to_org.data, reason=form.reason.data, by=current_user).id}

        try:
            write(form, "hand_case", body, do)
            return to_case(case.id, _("已移交，等对方接收。接收以前责任人不变。"))
        except Refused as refused:
            form.refuse(refused)
    return render_template("cases/hand_case.html", form=form, case=case), form.status


@blueprint.route("/cases/handovers/<int:handover_id>/accept", methods=["GET", "POST"])
@requires(P.CASE_WORK)
def accept_handover(handover_id):
    handover = visible_handover(current_user, handover_id, P.CASE_WORK)
    form = AcceptHandoverForm(owner=current_user.id)
    form.owner.choices = owners_at(handover)

    def act():
        acts.accept_handover(handover=handover, owner_id=form.owner.data, words=form.words.data or "", by=current_user)

    return answer_page("cases/accept_handover.html", form, {"handover": handover}, act, _("已接收。"))


@blueprint.route("/cases/handovers/<int:handover_id>/refuse", methods=["GET", "POST"])
@requires(P.CASE_WORK)
def refuse_handover(handover_id):
    handover = visible_handover(current_user, handover_id, P.CASE_WORK)
    form = ClosingWordsForm()
    return answer_page("cases/refuse_handover.html", form, {"handover": handover}, lambda: acts.refuse_handover(handover=handover, words=form.words.data, by=current_user), _("已答复。"))


@blueprint.route("/cases/handovers/<int:handover_id>/withdraw", methods=["GET", "POST"])
@requires(P.CASE_WORK)
def withdraw_handover(handover_id):
    handover = visible_handover(current_user, handover_id, P.CASE_WORK)
    form = ClosingWordsForm()
    return answer_page("cases/withdraw_handover.html", form, {"handover": handover}, lambda: acts.withdraw_handover(handover=handover, words=form.words.data, by=current_user), _("已撤回。"))

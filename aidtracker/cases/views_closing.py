"""Pages of 销号 by two: the list of what waits, one request, asking for it, approving, sending back, withdrawing."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.cases import actions_closing as acts
from aidtracker.cases.closings import (
    STATES_OF,
    TABS,
    closes_at_once,
    closings_in,
    is_overtaken,
    listed,
    may_decide,
    visible_closing,
    waiting_closing,
)
from aidtracker.cases.forms import CloseCaseForm, ClosingListForm, ClosingWordsForm
from aidtracker.cases.models_closing import CaseClosing
from aidtracker.cases.outcomes import CLOSING
from aidtracker.cases.states import CLOSED
from aidtracker.cases.views_answering import answer_page, list_page
from aidtracker.cases.views_blueprint import blueprint
from aidtracker.cases.views_working import change, to_case, workable, write
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.students.actions_looking import view_student
from aidtracker.students.records import permissions_over
from aidtracker.web.forms import ConfirmForm

P = Permission


@blueprint.get("/cases/closings")
@requires(P.CASE_VIEW)
def list_closings():
    """At first what waits for the reader, where anything may; else what waits for others."""
    form = ClosingListForm(request.args, meta={"csrf": False})
    tabs = [tab for tab in TABS if tab in STATES_OF or tab == "sent_back" or current_user.may(P.CASE_CLOSE)]
    return render_template("cases/list_closings.html", TABS=TABS, **list_page(form, tabs, closings_in, listed))


@blueprint.get("/cases/closings/<int:closing_id>")
@requires(P.CASE_VIEW)
def show_closing(closing_id):
    closing = visible_closing(current_user, closing_id)
    view_student(student=closing.case.student, by=current_user)
    return page_of(closing)


def page_of(closing: CaseClosing, approve=None):
    """The request; after a refusal with what the rule said."""
    waits = closing.state == "asked"
    about = {"closing": closing, "case": closing.case, "student": closing.case.student, "may": permissions_over(current_user, closing.case.student)}
    about |= {"decides": waits and may_decide(current_user, closing), "withdraws": waits and closing.asked_by_id == current_user.id}
    approve = approve or ConfirmForm(formdata=None)
    return render_template("cases/show_closing.html", approve=approve, is_overtaken=is_overtaken(closing), **about), approve.status


@blueprint.route("/cases/<int:case_id>/ask-closing", methods=["GET", "POST"])
@requires(P.CASE_WORK)
def ask_closing(case_id):
    case = workable(case_id, P.CASE_WORK)
    if request.method == "GET":
        if case.state == CLOSED:
            return to_case(case.id, _("这个个案已销号，不能再改。"), "warn")
        if closes_at_once(current_user, case):
            return redirect(url_for(".close_case", case_id=case.id), 303)
        if asked := waiting_closing(case):
            return redirect(url_for(".show_closing", closing_id=asked.id), 303)
    form = CloseCaseForm(revision=case.revision, closed_on=today_in_china())

    def act():
        told = {"outcome": form.outcome.data, "conclusion": form.conclusion.data, "closed_on": form.closed_on.data}
        acts.ask_closing(case=case, revision=form.base, **told, by=current_user)

    return change(form, case, "cases/ask_closing.html", act, outcomes=CLOSING)


@blueprint.post("/cases/closings/<int:closing_id>/approve")
@requires(P.CASE_CLOSE)
def approve_closing(closing_id):
    closing, form = visible_closing(current_user, closing_id, P.CASE_CLOSE), ConfirmForm()
    if form.submitted():
        try:
            write(form, "approve_closing", {"closing": closing.id}, lambda: acts.approve_closing(closing=closing, by=current_user))
            return to_case(closing.case_id, _("已批准，个案已销号。"))
        except Refused as refused:
            form.refuse(refused)
    return page_of(visible_closing(current_user, closing_id), form)


@blueprint.route("/cases/closings/<int:closing_id>/send-back", methods=["GET", "POST"])
@requires(P.CASE_CLOSE)
def send_back_closing(closing_id):
    closing = visible_closing(current_user, closing_id, P.CASE_CLOSE)
    form = ClosingWordsForm()
    return answer_page("cases/send_back_closing.html", form, {"closing": closing}, lambda: acts.send_back_closing(closing=closing, words=form.words.data, by=current_user), _("已退回。"))


@blueprint.route("/cases/closings/<int:closing_id>/withdraw", methods=["GET", "POST"])
@requires(P.CASE_WORK)
def withdraw_closing(closing_id):
    closing = visible_closing(current_user, closing_id, P.CASE_WORK)
    form = ClosingWordsForm()
    return answer_page("cases/withdraw_closing.html", form, {"closing": closing}, lambda: acts.withdraw_closing(closing=closing, words=form.words.data, by=current_user), _("已撤回。"))

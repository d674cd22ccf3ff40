"""Pages of 文书: the list, one notice and its 送达回证, issuing, serving, withdrawing, and the form to print."""

import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.attachments.cleaning import Picture, clean
from aidtracker.attachments.keeping import WHOLE, opened
from aidtracker.attachments.limits import BadPicture
from aidtracker.cases import actions_notice as acts
from aidtracker.cases.forms import ClosingWordsForm
from aidtracker.cases.forms_notice import IssueNoticeForm, NoticeListForm, ServeNoticeForm
from aidtracker.cases.models import Case
from aidtracker.cases.models_notice import Notice
from aidtracker.cases.notice_pages import pages_of
from aidtracker.cases.notice_texts import texts_to_issue
from aidtracker.cases.notices import LIVE, TABS, listed, notices_in, offices_for, services_of, visible_notice, visible_service
from aidtracker.cases.states import CLOSED
from aidtracker.cases.views_answering import answer_page, list_page
from aidtracker.cases.views_blueprint import blueprint
from aidtracker.cases.views_working import to_case, workable, write
from aidtracker.db import today_in_china
from aidtracker.errors import NotFound, Refused
from aidtracker.permissions import Permission, requires
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import number_of
from aidtracker.practice import is_practice
from aidtracker.receipts.actions import new_number
from aidtracker.students.actions_looking import view_student
from aidtracker.students.records import guardians_of, permissions_over
from aidtracker.visits.evidence import KILOBYTE, digest_of
from aidtracker.web.downloads import picture

P = Permission


@blueprint.get("/cases/notices")
@requires(P.CASE_VIEW)
def list_notices():
    today = today_in_china()
    form = NoticeListForm(request.args, meta={"csrf": False})
    page = list_page(form, list(TABS), lambda user, tab: notices_in(user, tab, today), listed)
    return render_template("cases/list_notices.html", TABS=TABS, today=today, **page)


@blueprint.get("/cases/notices/<int:notice_id>")
@requires(P.CASE_VIEW)
def show_notice(notice_id):
    notice = looked_at(notice_id)
    may = permissions_over(current_user, notice.case.student)
    about = {"services": services_of([notice])[notice.id], "serves": P.CASE_WORK in may and notice.state in ("issued", "not_served")}
    about["withdraws"] = notice.state in LIVE and current_user.may(P.NOTICE_ISSUE, notice.office)
    about["reads_case"] = P.CASE_VIEW in may
    return render_template("cases/show_notice.html", notice=notice, case=notice.case, student=notice.case.student, today=today_in_china(), **about)


@blueprint.get("/cases/notices/<int:notice_id>/page")
@requires(P.CASE_VIEW)
def show_notice_page(notice_id):
    """正本、存根 and 送达回证, a page of A4 each."""
    notice = looked_at(notice_id)
    served_by_now = next((each for each in services_of([notice])[notice.id] if each.is_served), None)
    return render_template("cases/show_notice_page.html", notice=notice, pages=pages_of(notice, served_by_now, is_practice()))


@blueprint.get("/cases/services/<int:service_id>/photo")
@requires(P.CASE_VIEW)
def fetch_notice_photo(service_id):
    service = visible_service(current_user, service_id)
    if service.evidence is None:
        raise NotFound
    content = opened(service.evidence, WHOLE)
    acts.view_notice_photo(service=service, by=current_user)
    return picture(content, f"service-{service.uid[:8]}.jpg")


def looked_at(notice_id: int) -> Notice:
    notice = visible_notice(current_user, notice_id)
    view_student(student=notice.case.student, by=current_user)
    return notice


@blueprint.route("/cases/<int:case_id>/notices/new", methods=["GET", "POST"])
@requires(P.NOTICE_ISSUE)
def issue_notice(case_id):
    case = workable(case_id, P.NOTICE_ISSUE)
    if request.method == "GET" and case.state == CLOSED:
        return to_case(case.id, _("这个个案已销号，不能再改。"), "warn")
    form = IssueNoticeForm(**proposed(case))
    form.notice_text.choices = [(text.id, text.title) for text in texts_to_issue(case.county_id)]
    form.office.choices = [(office.id, office.name) for office in offices_for(current_user, case)]
    if form.submitted():
        try:
            write(form, "issue_notice", {"case": case.id, **form.values()}, lambda: {"notice": acts.issue_notice(case=case, **form.values(), by=current_user).id})
            return to_case(case.id, _("已发文书，请打印后送达。"))
        except Refused as refused:
            form.refuse(refused)
    return render_template("cases/issue_notice.html", form=form, case=case), form.status


def proposed(case: Case) -> dict:
    today, guardians = today_in_china(), guardians_of(case.student)
    named = {"addressee": guardians[0].name, "relation": guardians[0].relation} if guardians else {}
    return named | {"due_on": today + datetime.timedelta(days=number_of("notice_days", case.county_id, today))}


@blueprint.route("/cases/notices/<int:notice_id>/serve", methods=["GET", "POST"])
@requires(P.CASE_WORK)
def serve_notice(notice_id):
    notice = visible_notice(current_user, notice_id, P.CASE_WORK)
    form = ServeNoticeForm(on=today_in_china(), servers=current_user.name, receiver=notice.addressee, relation=notice.relation)
    view_student(student=notice.case.student, by=current_user)
    if form.submitted():
        try:
            return served(form, notice)
        except Refused as refused:
            form.refuse(refused)
    return render_template("cases/serve_notice.html", form=form, notice=notice, case=notice.case), form.status


def served(form: ServeNoticeForm, notice: Notice):
    """The photo is made ready before the write."""
    sent, number, is_served = form.picture_sent(), new_number(), form.served.data == "served"
    photo = made_ready(sent, notice.case.county_id)
    body = {"notice": notice.id, "is_served": is_served, "photo": digest_of(sent) if sent else "", **form.values()}

    def act():
        return {"service": acts.serve_notice(notice=notice, is_served=is_served, values=form.values(), photo=photo, by=current_user, receipt=number).id}

    receipt = write(form, "serve_notice", body, act, number)
    flash(_("已记下。回执号 %(number)s", number=receipt.number), "ok")
    return redirect(url_for(".show_notice", notice_id=notice.id), 303)


def made_ready(sent: bytes | None, county_id: int) -> Picture | None:
    if sent is None:
        return None
    try:
        return clean(sent, number_of("photo_size", county_id, today_in_china()) * KILOBYTE)
    except BadPicture as refused:
        raise Refused("照片：%(words)s", words=Phrase(refused.text)) from None


@blueprint.route("/cases/notices/<int:notice_id>/withdraw", methods=["GET", "POST"])
@requires(P.NOTICE_ISSUE)
def withdraw_notice(notice_id):
    notice = visible_notice(current_user, notice_id, P.NOTICE_ISSUE)
    form = ClosingWordsForm()
    about = {"notice": notice, "way_back": url_for(".show_notice", notice_id=notice.id)}
    return answer_page("cases/withdraw_notice.html", form, about, lambda: acts.withdraw_notice(notice=notice, words=form.words.data, by=current_user), _("已撤回。"))

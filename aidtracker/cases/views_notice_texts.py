"""Pages on which the bureau says what its notices say."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.cases import actions_notice_texts as acts
from aidtracker.cases.forms_notice import NoticeTextForm
from aidtracker.cases.models_notice import KINDS
from aidtracker.cases.notice_texts import BLANKS, SHIPPED_BODY, SHIPPED_TITLE, kinds_allowed, notice_text, shipped, standing_texts
from aidtracker.cases.views_blueprint import blueprint
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission, requires
from aidtracker.policies.queries import visible_counties, visible_county
from aidtracker.receipts.actions import once
from aidtracker.web.fields import choices
from aidtracker.web.forms import ConfirmForm, translated

P = Permission


@blueprint.get("/cases/notice-texts")
@blueprint.get("/cases/notice-texts/<int:county_id>")
@requires(P.POLICY_EDIT)
def list_notice_texts(county_id=None):
    counties = [county for county in visible_counties(current_user) if current_user.may(P.POLICY_EDIT, county)]
    county = editable(county_id) if county_id is not None else counties[0] if counties else abort(403)
    own = standing_texts(county.id)
    national = None if any(text.title == SHIPPED_TITLE for text in own) else shipped(county.id)
    return render_template("cases/list_notice_texts.html", form=ConfirmForm(), county=county, counties=counties, texts=own, national=national, KINDS=KINDS)


@blueprint.route("/cases/notice-texts/<int:county_id>/new", methods=["GET", "POST"])
@requires(P.POLICY_EDIT)
def set_notice_text(county_id):
    """Begins with the shipped text, to be changed."""
    county = editable(county_id)
    begin = shipped(county.id)
    form = NoticeTextForm(kind=begin.kind, series=begin.series, days=begin.days, body=SHIPPED_BODY)
    return text_page("cases/set_notice_text.html", county, form, None, lambda: acts.set_notice_text(county=county, values=form.typed(), by=current_user) and None)


@blueprint.route("/cases/notice-texts/<int:county_id>/<int:text_id>", methods=["GET", "POST"])
@requires(P.POLICY_EDIT)
def edit_notice_text(county_id, text_id):
    county = editable(county_id)
    text = notice_text(county, text_id)
    form = NoticeTextForm(obj=text)
    return text_page("cases/edit_notice_text.html", county, form, text, lambda: acts.edit_notice_text(text=text, values=form.typed(), by=current_user) and None)


@blueprint.post("/cases/notice-texts/<int:county_id>/<int:text_id>/withdraw")
@requires(P.POLICY_EDIT)
def withdraw_notice_text(county_id, text_id):
    county, form = editable(county_id), ConfirmForm()
    text = notice_text(county, text_id)
    if form.submitted():
        try:
            write(form, "withdraw_notice_text", county, text.id, lambda: acts.withdraw_notice_text(text=text, by=current_user))
            flash(_("已停用，以前发出的文书不变。"), "ok")
        except Refused as refused:
            flash(translated(refused), "bad")
    return redirect(url_for(".list_notice_texts", county_id=county.id), 303)


def editable(county_id: int) -> Org:
    county = visible_county(current_user, county_id)
    if not current_user.may(P.POLICY_EDIT, county):
        abort(403)
    return county


def text_page(template: str, county: Org, form: NoticeTextForm, text, act):
    form.kind.choices = choices({kind: KINDS[kind] for kind in kinds_allowed(county.id)})
    if form.submitted():
        try:
            write(form, template.removeprefix("cases/").removesuffix(".html"), county, text.id if text else None, act)
            flash(_("已保存。"), "ok")
            return redirect(url_for(".list_notice_texts", county_id=county.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, county=county, text=text, blanks=[f"{{{name}}}" for name in BLANKS]), form.status


def write(form, verb: str, county: Org, text_id: int | None, do) -> None:
    once(by=current_user, key=form.key.data, kind=f"cases.{verb}", body={"county": county.id, "text": text_id, **form.typed()}, do=do)

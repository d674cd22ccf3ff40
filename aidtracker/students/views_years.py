"""School years of a county (学年): what each held, how long it is kept, closing it and opening it again."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission, requires
from aidtracker.policies.queries import visible_counties, visible_county
from aidtracker.receipts.actions import once
from aidtracker.students import actions_years as actions
from aidtracker.students.forms_rollover import CloseYearForm
from aidtracker.students.queries_rollover import years_of
from aidtracker.students.views_blueprint import blueprint
from aidtracker.terms.years import year_words
from aidtracker.web.language import said

P = Permission
KEPT = {"student_years": "学籍", "aid_years": "资助", "trail_years": "审计"}


@blueprint.get("/years")
@blueprint.get("/years/<int:county_id>")
@requires(P.ORG_VIEW)
def list_years(county_id=None):
    counties = visible_counties(current_user)
    if county_id is None and len(counties) != 1:
        return render_template("students/list_year_counties.html", counties=counties)
    county = counties[0] if county_id is None else visible_county(current_user, county_id)
    return render_template("students/list_years.html", county=county, lines=years_of(county), KEPT=KEPT, year_words=year_words, P=P)


@blueprint.route("/years/<int:county_id>/close", methods=["GET", "POST"])
@requires(P.ORG_MANAGE)
def close_year(county_id):
    county = manageable(county_id)
    years = [line.year for line in years_of(county) if line.is_over and not line.closed]
    return change(county, years, "students/close_year.html", actions.close_year)


@blueprint.route("/years/<int:county_id>/reopen", methods=["GET", "POST"])
@requires(P.ORG_MANAGE)
def reopen_year(county_id):
    county = manageable(county_id)
    return change(county, [line.year for line in years_of(county) if line.closed], "students/reopen_year.html", actions.reopen_year)


def manageable(county_id: int) -> Org:
    county = visible_county(current_user, county_id)
    if not current_user.may(P.ORG_MANAGE, county):
        abort(403)
    return county


def change(county: Org, years: list[int], template: str, action):
    form = CloseYearForm()
    form.school_year.choices = [(year, said(year_words(year))) for year in years]
    if form.submitted():
        values, verb = form.typed(), template.removeprefix("students/").removesuffix(".html")
        try:
            once(by=current_user, key=form.key.data, kind=f"students.{verb}", body={"county": county.id, **values}, do=lambda: action(county=county, **values, by=current_user) and None)
            flash(_("已保存。"), "ok")
            return redirect(url_for("students.list_years", county_id=county.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, county=county, years=years), form.status

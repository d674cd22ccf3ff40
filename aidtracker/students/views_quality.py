"""The board of data quality, and the pupils behind each number."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker import charts
from aidtracker.db import as_day
from aidtracker.errors import Refused
from aidtracker.orgs.narrowing import narrowed
from aidtracker.orgs.queries import counties_of
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students import actions_quality
from aidtracker.students.forms_quality import QualityFilterForm
from aidtracker.students.quality import KINDS
from aidtracker.students.queries_quality import last_checked, lines_of, listed_findings, trend_of
from aidtracker.students.views_blueprint import blueprint
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.paging import paginate

P = Permission


@blueprint.get("/students/quality")
@requires(P.STUDENT_VIEW)
def show_quality():
    """By school: what is wrong, how often, and who mends it; falling over time."""
    form = QualityFilterForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.STUDENT_VIEW, form.places())
    form.offer_places(places)
    lines = lines_of(current_user, places.place)
    shown = [kind for kind in KINDS if any(line.numbers.get(kind) for line in lines)]
    sums = {kind: sum(line.numbers.get(kind, 0) for line in lines) for kind in shown}
    points = [(as_day(day).strftime("%m-%d"), number) for day, number in trend_of(current_user, places.place)]
    trend = charts.line(points, title=_("问题总数"), unit="") if len(points) > 1 else ""
    values = {"form": form, "lines": lines, "shown": shown, "sums": sums, "trend": trend, "points": points, "KINDS": KINDS}
    values |= {"checked_on": last_checked(current_user), "counties": checkable(), "confirm": ConfirmForm(), "chosen": form.words_of("township", "school")}
    return render_template("students/show_quality.html", **values)


@blueprint.get("/students/quality/<kind>")
@requires(P.STUDENT_VIEW)
def list_findings(kind):
    if kind not in KINDS:
        abort(404)
    form = QualityFilterForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.STUDENT_VIEW, form.places())
    form.offer_places(places)
    page = paginate(listed_findings(current_user, kind, places.place))
    chosen = form.words_of("township", "school")
    return render_template("students/list_findings.html", page=page, form=form, kind=kind, about=KINDS[kind], chosen=chosen)


@blueprint.post("/students/check-quality")
@requires(P.ORG_MANAGE)
def start_quality_check():
    """Looks through the county again, as a job."""
    form, found = ConfirmForm(), checkable()
    if not form.submitted() or not found:
        abort(400)
    try:
        do = lambda: actions_quality.start_quality_check(counties=found, by=current_user)  # noqa: E731
        once(by=current_user, key=form.key.data, kind="students.start_quality_check", body={}, do=do)
        flash(_("已开始检查，完成后刷新本页。"), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(url_for("students.show_quality"), 303)


def checkable() -> list:
    """Counties that the reader may have looked through anew."""
    return counties_of(current_user, P.ORG_MANAGE) if current_user.may(P.ORG_MANAGE) else []

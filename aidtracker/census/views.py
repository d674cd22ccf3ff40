"""The workbench of 四查三比对, the lists that it works on, and what is done about one child."""

import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.census import actions, listing, matching, views_newcomers  # noqa: F401  whose page registers itself
from aidtracker.census.asked import LONGEST_TEXT, OUTSIDE
from aidtracker.census.listing import COMPARISONS, Filters
from aidtracker.census.models import KIN, LISTS
from aidtracker.census.queries import listed_snapshots, visible_child, visible_snapshot
from aidtracker.census.views_blueprint import blueprint
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.queries import counties_of, visible_org
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.search import is_number
from aidtracker.web.addresses import number_or_none
from aidtracker.web.fields import parse_day
from aidtracker.web.forms import ConfirmForm
from aidtracker.web.paging import paginate, url_with

P = Permission


@blueprint.record_once
def words_of_lists(state):
    state.app.jinja_env.globals.update(KIN=KIN, LISTS=LISTS, COMPARISONS=COMPARISONS)


@blueprint.get("/")
@requires(P.CENSUS_VIEW)
def show_matching():
    name = request.args.get("list", "")
    name = name if name in COMPARISONS else next(iter(COMPARISONS))
    counties = counties_of(current_user, P.CENSUS_VIEW)
    if not counties:
        raise Refused("还没有县，请先导入行政区划。")
    county = next((each for each in counties if each.code == request.args.get("county")), counties[0])
    if is_number(request.args.get("q", "")):
        return without_number()
    day, wrong = day_asked()
    filters = filters_asked()
    lists = matching.lists_on(county.id, day)
    page = paginate(listing.compared(current_user, lists, name, filters))
    are_pupils = name == "enrolled_not_registered"
    rows = listing.pupil_rows(current_user, lists, page.items) if are_pupils else listing.child_rows(current_user, lists, name, page.items)
    shown = {"name": name, "day": day, "lists": lists, "page": page, "rows": rows, "wrong": wrong}
    shown |= {"counties": counties, "county": county, "start": listing.start_of(lists, name), "may_register": current_user.may(P.STUDENT_EDIT)}
    shown |= {"may_work": current_user.may(P.CASE_WORK), **filter_words(filters, county)}
    return render_template("census/show_matching.html", **shown), 400 if shown["wrong"] else 200


def day_asked() -> tuple[datetime.date, str]:
    """?as-of=, and what is wrong with it."""
    text, today = request.args.get("as-of", ""), today_in_china()
    day = parse_day(text) if text else today
    if day is None:
        return today, _("请填写真实的日期，例如：2012-03-05。")
    return day, ""


def without_number():
    """A number that was typed for a name: out of the address, and the way to where it may be asked."""
    flash(_("这里只按姓名查找。证件号请到「学生」里查，那里不会留在地址里。"), "warn")
    return redirect(url_with(q=None), 303)


def filters_asked() -> Filters:
    """What ?township=, ?q= and ?only= narrow the list to. 404 for a township outside the reader's scope."""
    asked = request.args.get("township", "")
    number = number_or_none(asked)
    township = visible_org(current_user, number, P.CENSUS_VIEW) if number is not None else None
    text = "".join(letter for letter in request.args.get("q", "") if letter.isprintable()).strip()[:LONGEST_TEXT]
    return Filters(township, asked == OUTSIDE, text, request.args.get("only") == "monitored")


def filter_words(filters: Filters, county) -> dict:
    """The choices of the filters, and what was chosen."""
    townships = listing.townships_of(current_user, county)
    sees_outside = current_user.may(P.CENSUS_VIEW, county)
    is_narrowed = bool(filters.township or filters.is_outside or filters.text or filters.only_monitored)
    return {"filters": filters, "townships": townships, "sees_outside": sees_outside, "is_narrowed": is_narrowed}


@blueprint.get("/lists")
@requires(P.CENSUS_VIEW)
def list_snapshots():
    snapshots = listed_snapshots(current_user)
    return render_template("census/list_snapshots.html", snapshots=snapshots, may_import=current_user.may(P.CENSUS_IMPORT))


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
    seen = listing.visible_ids(current_user, [twin.id for twin in twins])
    shown = {"child": child, "form": form, "twins": [twin for twin in twins if twin.id in seen]}
    return render_template("census/register_child.html", **shown), form.status


def next_page(student_id: int) -> str:
    """Opening the case, where that is possible."""
    if current_user.may(P.CASE_WORK):
        return url_for("cases.open_case", student_id=student_id, origin="matching")
    return url_for("students.show_student", student_id=student_id)

"""One press puts children of the workbench on the suspected ledger."""

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from aidtracker.census import actions_ledger, listing
from aidtracker.census.comparing import Comparison, comparison_on
from aidtracker.census.listing import Filters
from aidtracker.census.views_asking import address_of, counties_asked, filters_asked, kind_asked
from aidtracker.census.views_blueprint import blueprint
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import ConfirmForm, translated

P = Permission
DONE = {"opened": _l("新建个案 %(n)s 个"), "reopened": _l("重新开案 %(n)s 个")}
LEFT = {
    "case": _l("%(n)s 人已有没销号的个案，没有重复建案"),
    "explained": _l("%(n)s 人已有说明"),
    "review": _l("%(n)s 人可能和在读学生是同一人，请先核对"),
    "kept": _l("%(n)s 人由专人负责"),
    "incomplete": _l("%(n)s 人名单里没有性别或出生日期，请先在「学生」里新增"),
    "outside": _l("%(n)s 人的学生记录不在你的管辖范围，请联系教育局"),
    "gone": _l("%(n)s 人已不在这一类里，或不在你的管辖范围"),
}


@blueprint.post("/put-on-ledger")
@requires(P.CENSUS_VIEW)
def put_on_ledger():
    """Those that were ticked, or all whom the list was narrowed to and about whom something is to be done."""
    form = ConfirmForm()
    if not form.submitted():
        abort(400)
    _counties, county = counties_asked()
    if request.form.get("county", county.code) != county.code:
        abort(404)
    filters, comparison = filters_asked(), comparison_on(county.id, kind_asked(county), today_in_china())
    address = address_of(comparison, filters, county)
    back = url_for("census.show_matching", **address)
    if comparison.snapshot is None:
        abort(404)
    try:
        body = {"of": comparison.snapshot.uid, "children": request.form.getlist("children"), "every": request.form.get("every", ""), **address}
        receipt = once(by=current_user, key=form.key.data, kind="census.put_on_ledger", body=body, do=lambda: put(comparison, filters))
        tell(receipt.result)
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(back, 303)


def put(comparison: Comparison, filters: Filters) -> dict[str, int]:
    """As the action says, and how many more wait; reckoned once, for the same press again finds fewer."""
    ids, waiting = ids_asked(comparison, filters)
    return actions_ledger.put_on_ledger(comparison=comparison, child_ids=ids, by=current_user) | {"waiting": waiting}


def ids_asked(comparison: Comparison, filters: Filters) -> tuple[list[int], int]:
    """(ids of children, how many more wait behind them)"""
    if not request.form.get("every"):
        return [id_ for id_ in map(number_or_none, request.form.getlist("children")) if id_ is not None], 0
    ids = listing.todo_ids(current_user, comparison, filters)
    return ids[: actions_ledger.MOST], max(0, len(ids) - actions_ledger.MOST)


def tell(found: dict[str, int]) -> None:
    waiting = found["waiting"]
    done = [str(words) % {"n": found[what]} for what, words in DONE.items() if what in found]
    left = [str(words) % {"n": found[what]} for what, words in LEFT.items() if what in found]
    left += [_("还有 %(n)s 人，请再放一次", n=waiting)] if waiting else []
    if done:
        flash(_("已放入疑似辍学台账：%(done)s。", done=_("，").join(done)), "ok")
    if left:
        flash(_("没有放入的：%(left)s。", left=_("；").join(left)) if not waiting or len(left) > 1 else left[0], "warn")

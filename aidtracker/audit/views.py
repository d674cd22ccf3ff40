"""The trail as whoever may read it sees it: their counties' entries, newest first. Nothing here writes."""

from flask import Blueprint, current_app, render_template, request
from flask_login import current_user

from aidtracker.audit.anchors import FILE, first_unmet, read_anchors, short_anchor
from aidtracker.audit.forms import EntryFilterForm
from aidtracker.audit.queries import visible_entries
from aidtracker.audit.words import action_words, field_words
from aidtracker.permissions import Permission, requires
from aidtracker.web.paging import paginate

blueprint = Blueprint("audit", __name__)
blueprint.add_app_template_filter(action_words)
blueprint.add_app_template_filter(field_words)
MOST = 5000  # entries that are paged through; further back one goes by the day


@blueprint.get("/audit")
@requires(Permission.AUDIT_VIEW)
def list_entries():
    form = EntryFilterForm(request.args, meta={"csrf": False})
    form.validate()
    county_ids = current_user.counties_within(Permission.AUDIT_VIEW)
    found = visible_entries(
        county_ids,
        is_above_counties="city" in current_user.levels(Permission.AUDIT_VIEW),
        person=form.person.data or "",
        action=form.action.data or "",
        first=form.first.data,
        last=form.last.data,
    )
    total = found.limit(MOST).count()
    page = paginate(found, total=total)
    return render_template("audit/list_entries.html", form=form, page=page, is_cut=total == MOST, **seal())


def seal() -> dict:
    """The head to note down, how many heads were noted day by day, and the first of them that is no longer met."""
    anchors = read_anchors(current_app.config["SETTINGS"].instance / FILE)
    return {"head": short_anchor(), "anchors": len(anchors), "unmet": first_unmet(anchors)}

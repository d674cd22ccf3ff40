"""开通进度: the road of a county, a township or a school, step by step."""

from flask import Blueprint, current_app, render_template, url_for
from flask_login import current_user

from aidtracker.errors import NotFound
from aidtracker.imports.kinds import KINDS
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission, requires
from aidtracker.setup.queries import places_to_set_up, steps_of, unfinished_imports, visible_place
from aidtracker.setup.step import Step

blueprint = Blueprint("setup", __name__)
P = Permission
# Where a step is done by hand: (what the link says, endpoint, permission at the place).
PAGES = {
    "schools": ("看学校与班级", "orgs.show_org", P.ORG_VIEW),
    "staff": ("看账号", "accounts.list_users", P.ACCOUNT_MANAGE),
    "students": ("看学生", "students.list_students", P.STUDENT_VIEW),
    "calendar": ("设校历", "terms.show_calendar", P.CALENDAR_EDIT),
    "rules": ("看规则", "policies.list_policies", P.ORG_VIEW),
    "paper": ("打印密钥纸", "operation.confirm_paper_key", P.OPERATION_RUN),
    "invitations": ("发邀请单", "accounts.invite_users", P.ACCOUNT_MANAGE),
    "rolls": ("看谁还没报", "attendance.show_board", P.ROLL_VIEW),
}


@blueprint.get("/setup")
@blueprint.get("/setup/<int:org_id>")
@requires(P.SETUP_VIEW)
def show_setup(org_id=None):
    """Without a number: the place where the person's road begins, or a choice of several."""
    places = places_to_set_up(current_user)
    if org_id is None and len(places) != 1:
        return render_template("setup/list_places.html", places=places)
    place = places[0] if org_id is None else visible_place(current_user, org_id)
    if place is None:
        raise NotFound
    steps = steps_of(current_user, place, current_app.config["SETTINGS"].instance)
    needed = [step for step in steps if not step.is_optional]
    following = next((step for step in needed if not step.is_done), None)
    context = {"place": place, "steps": steps, "needed": needed, "following": following, "waiting": unfinished(place)}
    return render_template("setup/show_setup.html", **context, links={step.key: links_of(step, place) for step in steps}, P=P)


def unfinished(place: Org) -> dict:
    return unfinished_imports(current_user) if current_user.may(P.IMPORT_RUN, place) else {}


def links_of(step: Step, place: Org) -> dict:
    """What of a step this person may do: bring a workbook in, or go to its page."""
    found = {}
    kind = KINDS.get(step.kind)
    if kind and current_user.may(P.IMPORT_RUN, place) and current_user.may(kind.permission, place):
        found["upload"] = url_for("imports.upload_workbook", kind=kind.name)
        found["blank"] = url_for("imports.fetch_blank", kind=kind.name)
    if step.key in PAGES:
        label, endpoint, permission = PAGES[step.key]
        if current_user.may(permission, place):
            found["page"] = (label, url_for(endpoint))
    return found

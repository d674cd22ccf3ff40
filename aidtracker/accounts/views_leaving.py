"""The page on which somebody's leaving is recorded: what they hold, what they leave open, to whom it goes."""

from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.accounts import actions_leaving, queries
from aidtracker.accounts.forms import LeaverForm
from aidtracker.accounts.hooks import open_work
from aidtracker.accounts.queries_leaving import classes_without, successors
from aidtracker.accounts.views_blueprint import blueprint
from aidtracker.accounts.views_managing import MANAGE, change, lasts, manageable
from aidtracker.db import today_in_china
from aidtracker.permissions import ROLES, requires
from aidtracker.web.language import said


@blueprint.route("/accounts/<int:user_id>/leave", methods=["GET", "POST"])
@requires(MANAGE)
def record_leaver(user_id):
    user = manageable(user_id)
    form = LeaverForm(last_day=today_in_china())
    form.user.choices = [(0, _("先不指定")), *((id_, said(name)) for id_, name in successors(current_user, user))]

    def act():
        successor = queries.visible_user(current_user, form.user.data) if form.user.data else None
        values = {"last_day": form.last_day.data, "successor": successor, "reason": form.reason.data}
        actions_leaving.record_leaver(user=user, **values, by=current_user)

    held = [m for m in queries.memberships_of(user) if lasts(m)]
    context = {"held": held, "ROLES": ROLES, "work": open_work(user), "rooms": classes_without(user)}
    return change(form, user, "accounts/record_leaver.html", act, **context)

"""The list of 异动 of a place in a period."""

import datetime

from flask import render_template, request
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.orgs.narrowing import narrowed
from aidtracker.permissions import Permission, requires
from aidtracker.students.forms_moves import MoveListForm
from aidtracker.students.moves import KINDS
from aidtracker.students.queries_moves import Period, balances, listed_moves, moves_in, still_seen
from aidtracker.students.timeline import class_names
from aidtracker.students.views_blueprint import blueprint
from aidtracker.web.paging import paginate

P = Permission
USUAL = datetime.timedelta(days=30)


@blueprint.get("/students/moves")
@requires(P.MOVE_VIEW)
def list_moves():
    form = MoveListForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.MOVE_VIEW, form.places())
    form.offer_places(places)
    period = period_of(form)
    form.first.data, form.last.data = period
    moves = moves_in(current_user, period, form.chosen("kind"), places.place)
    page = paginate(listed_moves(moves), total=moves.count())
    names = class_names({row[name] for row in page for name in ("from_class", "to_class") if row[name]})
    context = {"names": names, "seen": still_seen(current_user, [row["student_id"] for row in page]), "KINDS": KINDS, "period": period}
    context |= {"balances": balances(current_user, period, places.place), "chosen": form.words_of("township", "school", "kind")}
    return render_template("students/list_moves.html", form=form, page=page, has_away=bool(current_user.scopes(P.RETURN_RECORD)), **context)


def period_of(form) -> Period:
    """The last thirty days when nothing was asked; never turned round."""
    last = form.last.data or today_in_china()
    first = form.first.data or last - USUAL
    return Period(min(first, last), max(first, last))

"""班主任安排: the classes of a school with who leads them, substitutes, acting holders, the hand-over to the next year."""

import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.accounts import actions_homerooms, queries, queries_homerooms
from aidtracker.accounts.forms import AssignTeacherForm, DelegateForm, HandOverForm, SubstituteForm
from aidtracker.accounts.views_blueprint import blueprint
from aidtracker.accounts.views_managing import MANAGE, WAITS, change, managed_role
from aidtracker.db import today_in_china
from aidtracker.errors import NotFound, Refused
from aidtracker.orgs import grades
from aidtracker.orgs.queries import visible_org
from aidtracker.permissions import ROLES, TWO_PERSON_ROLES, requires, requires_fresh
from aidtracker.receipts.actions import once
from aidtracker.web.addresses import number_or_none
from aidtracker.web.language import said


@blueprint.get("/orgs/<int:school_id>/homerooms")
@requires(MANAGE)
def list_homerooms(school_id):
    school = place_of("school", school_id)
    return render_template("accounts/list_homerooms.html", school=school, rooms=queries_homerooms.rooms_of(school))


@blueprint.route("/orgs/<int:class_id>/homeroom", methods=["GET", "POST"])
@requires(MANAGE)
@requires_fresh
def set_homeroom(class_id):
    room = place_of("class", class_id)
    form = AssignTeacherForm(starts_on=today_in_china())
    form.user.offer(offered(queries_homerooms.colleagues(current_user, room.parent)))

    def act():
        user = queries.visible_user(current_user, form.user.data)
        actions_homerooms.set_homeroom(room=room, user=user, starts_on=form.starts_on.data, by=current_user)

    return change_room(form, room, "accounts/set_homeroom.html", act)


@blueprint.route("/orgs/<int:class_id>/substitute", methods=["GET", "POST"])
@requires(MANAGE)
def set_substitute(class_id):
    room = place_of("class", class_id)
    form = SubstituteForm(starts_on=today_in_china())
    form.user.offer(offered(queries_homerooms.colleagues(current_user, room.parent)))

    def act():
        user = queries.visible_user(current_user, form.user.data)
        values = {name: form[name].data for name in ("starts_on", "ends_on", "reason")}
        actions_homerooms.set_substitute(room=room, user=user, **values, by=current_user)

    return change_room(form, room, "accounts/set_substitute.html", act)


@blueprint.route("/accounts/<int:user_id>/roles/<int:membership_id>/delegate", methods=["GET", "POST"])
@requires(MANAGE)
@requires_fresh
def delegate_role(user_id, membership_id):
    user = queries.visible_user(current_user, user_id)
    found = managed_role(user, membership_id)
    form = DelegateForm(starts_on=today_in_china())
    form.user.offer(offered(one for one in queries_homerooms.people_at(current_user, found.org) if one[0] != user.id))

    def act():
        deputy = queries.visible_user(current_user, form.user.data)
        values = {name: form[name].data for name in ("starts_on", "ends_on", "reason")}
        actions_homerooms.delegate_role(membership=found, user=deputy, **values, by=current_user)
        if found.role in TWO_PERSON_ROLES:
            flash(WAITS, "ok")

    return change(form, user, "accounts/delegate_role.html", act, membership=found, ROLES=ROLES)


@blueprint.route("/orgs/<int:school_id>/homerooms/next", methods=["GET", "POST"])
@requires(MANAGE)
@requires_fresh
def hand_over_homerooms(school_id):
    """What each class would get is proposed; one button confirms it all."""
    school = place_of("school", school_id)
    form = HandOverForm(starts_on=datetime.date(grades.school_year_of(today_in_china()) + 1, 9, 1))
    found, done = queries_homerooms.proposals(current_user, school, form.starts_on.data or today_in_china())
    chosen = choices_of(found)
    if form.submitted():
        body = {"school": school.id, "choices": chosen, "starts_on": form.starts_on.data}
        values = {"school": school, "choices": chosen, "starts_on": form.starts_on.data}
        try:
            once(
                by=current_user,
                key=form.key.data,
                kind="accounts.hand_over_homerooms",
                body=body,
                do=lambda: actions_homerooms.hand_over_homerooms(**values, by=current_user),
            )
            flash(_("已安排下一学年的班主任，从 %(day)s 起。", day=form.starts_on.data.isoformat()), "ok")
            return redirect(url_for("accounts.list_homerooms", school_id=school.id), 303)
        except Refused as refused:
            form.refuse(refused)
    people = offered(queries_homerooms.colleagues(current_user, school, form.starts_on.data))
    context = {"form": form, "school": school, "found": found, "done": done, "people": people, "chosen": chosen}
    return render_template("accounts/hand_over_homerooms.html", **context), form.status


def choices_of(found) -> dict[int, int | None]:
    """{class: the teacher that was chosen, else the proposed one}."""
    sent = request.form if request.method == "POST" else {}
    return {one.room.org.id: number_or_none(sent[name]) if (name := f"teacher-{one.room.org.id}") in sent else one.proposed for one in found}


def place_of(kind: str, org_id: int):
    org = visible_org(current_user, org_id, MANAGE)
    if org.kind != kind:
        raise NotFound
    return org


def offered(people) -> list[tuple[int, str]]:
    return [(id_, said(name)) for id_, name in people]


def change_room(form, room, template: str, act):
    verb = template.removeprefix("accounts/").removesuffix(".html")
    if form.submitted():
        try:
            once(by=current_user, key=form.key.data, kind=f"accounts.{verb}", body={"room": room.id, **form.typed()}, do=lambda: act() and None)
            flash(_("已保存。"), "ok")
            return redirect(url_for("accounts.list_homerooms", school_id=room.parent_id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, room=room), form.status

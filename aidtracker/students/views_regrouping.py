"""Splitting a class, joining classes, merging a school: who goes where stands on the page before anything is written."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students import actions_regrouping as actions
from aidtracker.students.forms_rollover import CombineForm, MergeForm, RegroupForm
from aidtracker.students.queries_rollover import orgs_of, receiving, visible_class, visible_school
from aidtracker.students.regrouping import WAYS, halves, joinable, merger
from aidtracker.students.views_blueprint import blueprint

P = Permission


@blueprint.route("/classes/<int:class_id>/split", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def split_class(class_id):
    room, form = visible_class(current_user, class_id), RegroupForm(on_day=today_in_china())

    def act():
        return actions.split_class(room=room, **form.typed(), by=current_user).id

    return change(form, room, "students/split_class.html", act, {"half": halves(room)})


@blueprint.route("/classes/<int:class_id>/combine", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def combine_classes(class_id):
    room, form = visible_class(current_user, class_id), CombineForm(on_day=today_in_china())
    others = joinable(room)
    form.rooms.choices = [(one.id, _("%(name)s（%(n)s 人）", name=one.name, n=number)) for one, number in others]

    def act():
        values = form.typed()
        chosen = orgs_of(values.pop("rooms") or [])
        return actions.combine_classes(room=room, others=chosen, **values, by=current_user).id

    return change(form, room, "students/combine_classes.html", act, {"others": others})


@blueprint.route("/schools/<int:school_id>/merge", methods=["GET", "POST"])
@requires(P.ORG_MANAGE)
def merge_school(school_id):
    """?to_school= and ?way= show who goes where."""
    school = visible_school(current_user, school_id, P.ORG_MANAGE)
    schools = {str(org.id): org for org in receiving(current_user, school)}
    asked, way = request.args.get("to_school", ""), request.args.get("way", "")
    form = MergeForm(on_day=today_in_china(), to_school=asked, way=way if way in WAYS else "join")
    form.to_school.choices = [("", _("请选择")), *((id_, org.name) for id_, org in schools.items())]
    chosen = schools.get(form.to_school.data or "")
    plan = merger(school, chosen, form.way.data) if chosen and form.way.data in WAYS else []

    def act():
        values = form.typed()
        values.pop("to_school")
        return actions.merge_school(school=school, receiving=chosen, **values, by=current_user).id

    return change(form, school, "students/merge_school.html", act, {"plan": plan, "chosen": chosen, "WAYS": WAYS})


def change(form, org: Org, template: str, act, shown: dict):
    if form.submitted():
        verb = template.removeprefix("students/").removesuffix(".html")
        try:
            receipt = once(by=current_user, key=form.key.data, kind=f"students.{verb}", body={"org": org.id, **form.typed()}, do=act)
            flash(_("已办理。"), "ok")
            return redirect(url_for("students.show_done_rollover", rollover_id=receipt.result), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, org=org, **shown), form.status

"""待办: the list of what is to be done, and one task with what can be done about it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.tasks import actions
from aidtracker.tasks.forms import FinishTaskForm, HandTaskForm, TaskListForm
from aidtracker.tasks.hooks import about_tasks, pupil_is_shown
from aidtracker.tasks.kinds import HOW, KINDS, UNITS, WHY
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import OPEN, holders_of, is_mine, may_do, overdue, people_for, visible_task, visible_tasks
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import ConfirmForm
from aidtracker.web.paging import paginate

P = Permission
blueprint = Blueprint("tasks", __name__)


@blueprint.record_once
def words_of_tasks(state):
    state.app.jinja_env.globals.update(TASK_KINDS=KINDS, TASK_UNITS=UNITS, TASK_HOW=HOW, TASK_WHY=WHY)


@blueprint.get("/tasks/")
@requires(P.CASE_WORK)
def list_tasks():
    form, today = TaskListForm(request.args, meta={"csrf": False}), today_in_china()
    which, kind = form.chosen("which", "mine"), form.chosen("kind")
    form.which.data = which
    found = visible_tasks(current_user)
    found = found.where(~OPEN).order_by(Task.id.desc()) if which == "over" else found.where(OPEN).order_by(Task.due_on, Task.id)
    if which == "mine":
        found = found.where(is_mine(current_user))
    if which == "overdue":
        found = overdue(found, today)
    page = paginate(found.where(Task.kind == kind) if kind else found)
    about = about_tasks(current_user, [task.id for task in page])
    who = holders_of({task.org_id for task in page})
    return render_template("tasks/list_tasks.html", form=form, page=page, about=about, who=who, today=today, chosen=bool(kind) or which != "mine")


@blueprint.get("/tasks/<int:task_id>")
@requires(P.CASE_WORK)
def show_task(task_id):
    return page_of_task(visible_task(current_user, task_id))


def page_of_task(task: Task, finish: FinishTaskForm | None = None, hand: HandTaskForm | None = None):
    """The task with its forms; after a refusal with the one that was sent."""
    sent, about = finish or hand, about_tasks(current_user, [task.id]).get(task.id)
    if about and about.student_id:
        pupil_is_shown(about.student_id, current_user)
    offered = people_for(task) if task.is_open else []
    hand = hand or with_people(HandTaskForm(formdata=None), task, offered)
    context = {"task": task, "today": today_in_china(), "finish": finish or FinishTaskForm(formdata=None), "hand": hand, "again": ConfirmForm(formdata=None)}
    context |= {"about": about, "who": holders_of({task.org_id, task.escalated_to_id} - {None}), "sent": sent, "may_do": may_do(current_user, task)}
    return render_template("tasks/show_task.html", **context), sent.status if sent else 200


def with_people(form: HandTaskForm, task: Task, people) -> HandTaskForm:
    """All but the one who has it; who handed it over may take it back."""
    holder = task.person_id or current_user.id
    form.person.choices = [("", _("请选择")), *((str(id_), name) for id_, name in people if id_ != holder or len(people) == 1)]
    return form


@blueprint.post("/tasks/<int:task_id>/finish")
@requires(P.CASE_WORK)
def finish_task(task_id):
    task, form = visible_task(current_user, task_id), FinishTaskForm()
    if form.submitted():
        try:
            ask("tasks.finish_task", form, task, lambda: actions.finish_task(task=task, note=form.note.data, by=current_user))
            flash(_("已完成。"), "ok")
            return redirect(url_for(".show_task", task_id=task.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return page_of_task(task, finish=form)


@blueprint.post("/tasks/<int:task_id>/hand")
@requires(P.CASE_WORK)
def hand_task(task_id):
    task = visible_task(current_user, task_id)
    offered = people_for(task)
    form = with_people(HandTaskForm(), task, offered)
    if form.submitted():
        try:
            person_id = number_or_none(form.person.data) or 0
            ask("tasks.hand_task", form, task, lambda: actions.hand_task(task=task, person_id=person_id, by=current_user))
            flash(_("已转交给%(name)s。", name=dict(offered)[person_id]), "ok")
            return redirect(url_for(".show_task", task_id=task.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return page_of_task(task, hand=form)


@blueprint.post("/tasks/<int:task_id>/reopen")
@requires(P.CASE_WORK)
def reopen_task(task_id):
    task, form = visible_task(current_user, task_id), ConfirmForm()
    if form.submitted():
        try:
            ask("tasks.reopen_task", form, task, lambda: actions.reopen_task(task=task, by=current_user))
            flash(_("已撤销完成，这项待办还要办。"), "ok")
        except Refused as refused:
            flash(refused.message, "bad")
    return redirect(url_for(".show_task", task_id=task.id), 303)


def ask(kind: str, form, task: Task, do) -> None:
    once(by=current_user, key=form.key.data, kind=kind, body={"task": task.id, **form.typed()}, do=do)

"""Real changes in a small county, each to be cut off at any statement: the change and its entry come together or not at all."""

import contextlib
import datetime
import hashlib
import itertools
from collections.abc import Callable, Iterator
from types import SimpleNamespace

from aidtracker.accounts import actions as accounts_actions
from aidtracker.accounts.models import User
from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.queries import visible_class
from aidtracker.audit.models import AuditEntry
from aidtracker.cases.actions import open_case
from aidtracker.db import database, today_in_china
from aidtracker.orgs.actions import edit_org
from aidtracker.orgs.models import Org
from aidtracker.receipts.actions import once
from aidtracker.schema import MODELS
from aidtracker.students import actions as students_actions
from aidtracker.students.actions_revealing import reveal
from aidtracker.students.models import Student
from aidtracker.terms.models import CalendarDay
from aidtracker.visits.actions import record_visit
from tests import cast, factories

numbers = itertools.count(1)


class Cut(Exception):
    """The power, the disk or the network went, at this statement."""


def make_world() -> SimpleNamespace:
    """A county with a class of five, and those who write about it."""
    world = cast.make_county()
    world.teacher = factories.make_user("teacher", world.room, "张老师", "teacher")
    world.officer = factories.make_user("bureau_admin", world.county, "赵主任", "administrator")
    world.pupils = [factories.make_student(world.room, f"次仁{n}", seat=n, home=world.village, phone="13900005678") for n in range(1, 9)]
    today = today_in_china()
    for n in range(-3, 12):
        CalendarDay.create(on=today + datetime.timedelta(days=n), county=world.county, kind="workday", name="演练")
    return world


def changes(world) -> dict[str, Callable]:
    """What does it anew each time, by name; a change that was cut off can be made again."""
    pupil, officer, teacher, today = world.pupils[0], world.officer, world.teacher, today_in_china()

    def edit_student():
        now = Student.get_by_id(pupil.id)
        students_actions.edit_student(student=now, revision=now.revision, values={"name": f"卓玛{next(numbers)}"}, why="录错了", by=officer)

    def edit_student_once():
        once(by=officer, key=f"drill-{next(numbers)}", kind="students.edit_student", body={}, do=edit_student)

    def add_guardian():
        values = {"name": "次仁", "relation": "父亲", "phone": "13800001234", "is_guardian": True}
        students_actions.add_guardian(student=pupil, values=values, by=officer)

    def take_roll():
        marks = {pupil.id: ("sick_leave", None)}
        room = visible_class(teacher, world.room.id)
        submit_roll_call(class_org=room, on=today, session="morning", marks=marks, base_revision=0, by=teacher)

    def visit():
        values = {"form": "on_site", "on": today, "minutes": 30, "purposes": ["routine"], "teachers": "张老师", "person_met": "次仁"}
        values |= {"relation": "父亲", "at_home": "表现良好", "views": "", "agreed": "继续关注", "follow_up_on": None}
        record_visit(students=[pupil], values=values, by=teacher)

    def case():
        open_case(student=world.pupils[1], values={"found_on": today, "main_reason": "01", "detail": "雀案"}, by=teacher)

    def rename_org():
        edit_org(org=Org.get_by_id(world.school.id), name=f"双河镇第{next(numbers)}小学", category="完全小学", sponsor="公办", by=officer)

    def rename_user():
        accounts_actions.edit_user(user=User.get_by_id(teacher.id), name=f"张老师{next(numbers)}", by=officer)

    def see_number():
        reveal(student=pupil, field="phone", reason="核对", by=teacher)

    found = (edit_student, edit_student_once, add_guardian, take_roll, visit, case, rename_org, rename_user, see_number)
    return {each.__name__: each for each in found}


@contextlib.contextmanager
def cut_at(statement: int) -> Iterator[None]:
    """The n-th statement that writes is never run."""
    real, seen = database.obj.execute_sql, itertools.count(1)

    def execute_sql(sql, *arguments, **named):
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")) and next(seen) == statement:
            raise Cut
        return real(sql, *arguments, **named)

    database.obj.execute_sql = execute_sql
    try:
        yield
    finally:
        del database.obj.execute_sql


def state(*without) -> str:
    """Of everything but the trail, and but for these."""
    found = hashlib.sha256()
    for model in MODELS:
        if model is not AuditEntry and model not in without:
            table, key = model._meta.table_name, ", ".join(str(n + 1) for n in range(len(model._meta.sorted_fields)))
            found.update(repr(database.execute_sql(f"SELECT * FROM {table} ORDER BY {key}").fetchall()).encode())
    return found.hexdigest()


def entries() -> int:
    return AuditEntry.select().count()

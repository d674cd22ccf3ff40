"""Move (学籍异动): why a spell began or ended. Transfer: from one school of the county to another, which both confirm."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student

STATES = {  # of a transfer
    "asked": "等对方学校确认",
    "confirmed": "已确认，等学生报到",
    "missing": "到期没有报到",
    "arrived": "已报到",
    "refused": "对方不同意",
    "withdrawn": "已撤回",
}
OPEN = ("asked", "confirmed", "missing")


class Move(BaseModel):
    """`on_day` is the first day on which it holds: of the new spell, or the day after the last one in class."""

    uid = peewee.CharField(max_length=32, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    student = peewee.ForeignKeyField(Student, backref="moves", on_delete="CASCADE")
    kind = peewee.CharField(max_length=20)  # one of moves.KINDS
    on_day = peewee.DateField()
    until_on = peewee.DateField(null=True)  # 休学、延缓入学: the last day, as approved
    from_class = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT")
    to_class = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT")
    place = peewee.CharField(max_length=100, default="")  # outside the county
    document = peewee.CharField(max_length=100, default="")  # 文号, or which paper
    reason = EncryptedField("note", null=True)
    recorded_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    recorded_at = peewee.DateTimeField(default=utcnow)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    withdrawn_at = peewee.DateTimeField(null=True)

    class Meta:
        indexes = ((("student", "on_day"), False), (("county", "on_day", "kind"), False))


class Transfer(BaseModel):
    """Either school asks, the other confirms; until the child has arrived it stays on the roster of the school it leaves."""

    uid = peewee.CharField(max_length=32, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    student = peewee.ForeignKeyField(Student, backref="transfers", on_delete="CASCADE")
    from_class = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    from_school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    to_school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    to_class = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT")
    state = peewee.CharField(max_length=12, default="asked")
    asked_by_school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    leaves_on = peewee.DateField()  # the first day at which the child is looked for at the new school
    arrive_by = peewee.DateField()  # the deadline
    arrived_on = peewee.DateField(null=True)
    document = peewee.CharField(max_length=100, default="")
    reason = EncryptedField("note", null=True)
    answer = EncryptedField("note", null=True)  # why it was refused or withdrawn
    asked_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    asked_at = peewee.DateTimeField(default=utcnow)
    confirmed_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    confirmed_at = peewee.DateTimeField(null=True)
    ended_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    ended_at = peewee.DateTimeField(null=True)
    missed_at = peewee.DateTimeField(null=True)  # when the deadline had passed and nobody had come

    class Meta:
        indexes = ((("from_school", "state"), False), (("to_school", "state"), False), (("state", "arrive_by"), False))

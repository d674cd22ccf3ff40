"""CaseClosing: 销号 that one asks for and another approves or sends back. CaseTask: which case a task is about."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.cases.models import Case
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.tasks.models import Task

LEVELS = {"township": "乡镇或教育局", "county": "教育局"}  # who approves
STATES = {"asked": "等批准", "approved": "已批准", "sent_back": "已退回", "withdrawn": "已撤回"}
TONES = {"asked": "warn", "approved": "ok", "sent_back": "bad", "withdrawn": "info"}


class CaseClosing(BaseModel):
    """What was asked for stays as it was asked. `case_revision`: the case as it stood then; `words`: why it was sent back or withdrawn."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    case = peewee.ForeignKeyField(Case, backref="closings", on_delete="RESTRICT")
    case_revision = peewee.SmallIntegerField()
    level = peewee.CharField(max_length=10)
    outcome = peewee.CharField(max_length=20)
    conclusion = EncryptedField("note")
    closed_on = peewee.DateField()
    state = peewee.CharField(max_length=10, default="asked")
    asked_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    asked_at = peewee.DateTimeField(default=utcnow)
    ended_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    ended_at = peewee.DateTimeField(null=True)
    words = EncryptedField("note", null=True)


class CaseTask(BaseModel):
    task = peewee.ForeignKeyField(Task, primary_key=True, backref="+", on_delete="RESTRICT")
    case = peewee.ForeignKeyField(Case, backref="+", on_delete="RESTRICT")

"""Leave (请假 of a pupil over one or more days) and LeaveStep (who did what with it, and what stood before an edit)."""

import json

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student

KINDS = {"sick_leave": "病假", "personal_leave": "事假", "official": "公假"}  # the marks that a roll is given
STATES = {"asked": "待批准", "approved": "已批准", "sent_back": "已退回", "withdrawn": "已撤回", "closed": "已销假"}
LIVE = ("asked", "approved", "closed")  # it holds, or may come to hold
TONES = {"asked": "warn", "approved": "info", "sent_back": "bad", "withdrawn": "bad", "closed": "ok"}
WAYS = {"in_person": "当面", "phone": "电话", "message": "微信或短信", "slip": "请假条"}
LEVELS = {"class": "班主任", "school": "学校", "principal": "校长"}
STEPS = {"asked": "申请", "edited": "修改", "approved": "批准", "sent_back": "退回", "withdrawn": "撤回", "closed": "销假"}
CLEARANCES = {"seen": "已看复课证明", "waived": "没有证明，由校级管理员说明原因"}


class Leave(BaseModel):
    """From a session of a day to a session of a day, both included; `days` are school days. 销假 that comes early moves the end."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    class_org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)  # of the first day
    student = peewee.ForeignKeyField(Student, backref="+", on_delete="RESTRICT", index=False)
    kind = peewee.CharField(max_length=16)
    first_on = peewee.DateField()
    first_session = peewee.CharField(max_length=12)
    last_on = peewee.DateField()
    last_session = peewee.CharField(max_length=12)
    days = peewee.SmallIntegerField()
    reason = EncryptedField("note")
    applicant = peewee.CharField(max_length=40)
    way = peewee.CharField(max_length=12)
    is_proved = peewee.BooleanField(default=False)  # 诊断证明 was seen
    level = peewee.CharField(max_length=10)  # who had to approve it
    state = peewee.CharField(max_length=10, default="asked")
    continues = peewee.ForeignKeyField("self", null=True, backref="+", on_delete="RESTRICT", index=False)  # 续假
    revision = peewee.SmallIntegerField(default=1)
    asked_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    asked_at = peewee.DateTimeField(default=utcnow)
    decided_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    decided_at = peewee.DateTimeField(null=True)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    withdrawn_at = peewee.DateTimeField(null=True)
    closed_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    closed_at = peewee.DateTimeField(null=True)
    back_on = peewee.DateField(null=True)
    clearance = peewee.CharField(max_length=8, default="")  # 复课证明

    class Meta:
        indexes = ((("student", "last_on"), False), (("class_org", "state"), False))


class LeaveStep(BaseModel):
    """`former`: the values that an edit replaced, as JSON."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    leave = peewee.ForeignKeyField(Leave, backref="steps", on_delete="CASCADE")
    kind = peewee.CharField(max_length=10)
    done_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    done_at = peewee.DateTimeField(default=utcnow)
    words = EncryptedField("note", null=True)
    former = EncryptedField("note", null=True)

    @property
    def before(self) -> dict | None:
        return json.loads(self.former) if self.former else None

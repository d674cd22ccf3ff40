"""Responsibility (包保): a person, with or without an account, who answers for a child or a place, from one date to another."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student

LINES = {"gov": "行政线", "edu": "教育线"}  # 双线
DUTIES = {  # 七长, and whoever else is named
    "county": "县（区）长",
    "bureau": "教育局长",
    "township": "乡（镇）长",
    "village": "村长（村主任）",
    "principal": "校长",
    "teacher": "师长（班主任、教师）",
    "parent": "家长",
    "other": "其他包保干部",
}
KINDS = ("class", "school", "village", "township", "county")  # of places, from the nearest up


class Responsibility(BaseModel):
    """Of a child or of a place (`org`), never both; the `phone` is sealed. What was recorded by mistake is withdrawn, not erased."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    org = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT", index=False)
    student = peewee.ForeignKeyField(Student, null=True, backref="+", on_delete="RESTRICT", index=False)
    line = peewee.CharField(max_length=4)
    duty = peewee.CharField(max_length=10)
    name = peewee.CharField(max_length=40)
    post = peewee.CharField(max_length=40, default="")
    phone = EncryptedField("phone", null=True)
    person = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    starts_on = peewee.DateField()
    ends_on = peewee.DateField(null=True)
    recorded_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    recorded_at = peewee.DateTimeField(default=utcnow)
    ended_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    ended_at = peewee.DateTimeField(null=True)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    withdrawn_at = peewee.DateTimeField(null=True)

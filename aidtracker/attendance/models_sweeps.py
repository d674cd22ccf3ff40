"""返校核查: SweepDay (a county's further day), Sweep (a class's answer in a round), NotReturned (who had not come back)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student


class SweepDay(BaseModel):
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    on = peewee.DateField(column_name="on_day")
    reason = peewee.CharField(max_length=100)
    declared_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    declared_at = peewee.DateTimeField(default=utcnow)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    withdrawn_at = peewee.DateTimeField(null=True)

    class Meta:
        table_name = "sweep_day"


class Sweep(BaseModel):
    class_org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    round = peewee.CharField(max_length=12)  # 2026-autumn, or the day that the county declared
    on = peewee.DateField(column_name="on_day")  # the first school day of the round at this school
    expected = peewee.IntegerField()
    revision = peewee.SmallIntegerField(default=1)
    is_late = peewee.BooleanField()
    confirmed_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    confirmed_at = peewee.DateTimeField(default=utcnow)
    changed_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    changed_at = peewee.DateTimeField(null=True)

    class Meta:
        indexes = ((("class_org", "round"), True), (("round", "school"), False))


class NotReturned(BaseModel):
    """Whether the child has come since is not kept here: the rolls say it (queries_sweeps.py). `cleared`: somebody said so by hand."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    sweep = peewee.ForeignKeyField(Sweep, backref="+", on_delete="RESTRICT", index=False)
    student = peewee.ForeignKeyField(Student, backref="+", on_delete="RESTRICT")
    kind = peewee.CharField(max_length=12, default="unknown")
    expected_on = peewee.DateField(null=True)  # 预计返校
    note = EncryptedField("note", null=True)
    changed_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    changed_at = peewee.DateTimeField(default=utcnow)
    cleared_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    cleared_at = peewee.DateTimeField(null=True)

    class Meta:
        table_name = "not_returned"
        indexes = ((("sweep", "student"), True),)

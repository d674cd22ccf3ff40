"""NotSame: two pupils who look like one and are two. StudentMerge: two records that became one, and how to part them again."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student


class NotSame(BaseModel):
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    first = peewee.ForeignKeyField(Student, backref="+", on_delete="CASCADE")
    second = peewee.ForeignKeyField(Student, backref="+", on_delete="CASCADE")
    reason = peewee.CharField(max_length=200)
    decided_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("first", "second"), True), (("second",), False))


class StudentMerge(BaseModel):
    """`journal`: which rows moved and what stood before. Revisions are those that the merger left: others mean that somebody wrote since."""

    uid = peewee.CharField(max_length=32, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    kept = peewee.ForeignKeyField(Student, backref="+", on_delete="RESTRICT")
    dropped = peewee.ForeignKeyField(Student, backref="+", on_delete="RESTRICT")
    kept_revision = peewee.IntegerField()
    dropped_revision = peewee.IntegerField()
    reason = peewee.CharField(max_length=200)
    journal = EncryptedField("note")
    merged_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    merged_at = peewee.DateTimeField(default=utcnow)
    undone_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    undone_at = peewee.DateTimeField(null=True)

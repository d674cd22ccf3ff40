"""What a record said before: FormerNumber, FormerName, StudentVersion; RosterStep. Values are sealed like the columns they stood in."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.crypto.keyed_index import KeyedIndexField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student


class FormerNumber(BaseModel):
    """An ID or 学籍号 that was replaced: the child is still found by it, whoever writes the old one."""

    uid = peewee.CharField(max_length=32, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    student = peewee.ForeignKeyField(Student, backref="former_numbers", on_delete="CASCADE")
    kind = peewee.CharField(max_length=20)  # id_number or student_number
    number = EncryptedField("id")
    number_index = KeyedIndexField("index_id", of="number")
    replaced_on = peewee.DateField()
    reason = peewee.CharField(max_length=200)
    replaced_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    replaced_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("county", "kind", "number_index"), False),)


class FormerName(BaseModel):
    """曾用名."""

    student = peewee.ForeignKeyField(Student, backref="former_names", on_delete="CASCADE")
    name = peewee.CharField(max_length=100)
    replaced_on = peewee.DateField()
    reason = peewee.CharField(max_length=200)
    recorded_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    recorded_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("student", "name"), True),)


class StudentVersion(BaseModel):
    """What a change replaced, as JSON: {"fields": {...}} and whatever else its cause touched. `revision` is that of before."""

    uid = peewee.CharField(max_length=32, default=new_uid)
    student = peewee.ForeignKeyField(Student, backref="versions", on_delete="CASCADE")
    revision = peewee.IntegerField()
    cause = peewee.CharField(max_length=20)  # edit, import, merge, rollover, correct, undo
    cause_uid = peewee.CharField(max_length=32, default="")  # of the import, the merger or the rollover
    content = EncryptedField("note")
    replaced_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    replaced_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("student", "revision"), False),)


class RosterStep(BaseModel):
    """What one transaction of an import wrote: insert, update or make_classes; `ids` as runs, [[1, 5000], [5004, 5004]]."""

    import_uid = peewee.CharField(max_length=32)
    kind = peewee.CharField(max_length=20)
    ids = peewee.TextField()
    made_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("import_uid", "id"), False),)

"""Fields of a county's own (自定义项目), and a pupil's values in them."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.crypto.keyed_index import KeyedIndexField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student

KINDS = {"text": "文字", "number": "数字", "date": "日期", "choice": "选项"}


class ExtraField(BaseModel):
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    key = peewee.CharField(max_length=32, default=new_uid, unique=True)
    label = peewee.CharField(max_length=20)
    kind = peewee.CharField(max_length=10)
    choices = peewee.TextField(default="")  # one a line; of the kind choice
    position = peewee.IntegerField(default=0)
    is_sensitive = peewee.BooleanField(default=False)  # read by whoever may see whole numbers
    shown_in_list = peewee.BooleanField(default=False)
    set_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    set_at = peewee.DateTimeField(default=utcnow)
    withdrawn_at = peewee.DateTimeField(null=True)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")

    @property
    def words(self) -> list[str]:
        return self.choices.split("\n") if self.choices else []


class ExtraValue(BaseModel):
    """No row: nothing is said."""

    uid = peewee.CharField(max_length=32, default=new_uid)
    student = peewee.ForeignKeyField(Student, backref="extra_values", on_delete="CASCADE")
    field = peewee.ForeignKeyField(ExtraField, backref="+", on_delete="RESTRICT")
    value = EncryptedField("note")
    value_index = KeyedIndexField("index_id", of="value")
    changed_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    changed_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("student", "field"), True), (("field", "value_index"), False))

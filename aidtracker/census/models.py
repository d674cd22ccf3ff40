"""ListKind (a kind of list that a county named), Snapshot (one department's list of one day), ListedChild (a line of it), MatchedPair (a line and a pupil that somebody compared)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.crypto.keyed_index import KeyedIndexField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student

LISTS = {  # which department's list
    "household_registry": "户籍适龄儿童少年名单",
    "monitored_households": "防返贫监测对象名单",
    "disabled_children": "残疾儿童少年名单",
}
KIN = {"子": "儿子", "女": "女儿"}  # as registers write it; 女 alone would read as the head's sex


class ListKind(BaseModel):
    """A kind of list that a county has beside the three: 孤儿, 低保 ... `tag`: whom our own records mark so; '' : children of any group."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    label = peewee.CharField(max_length=40)
    giver = peewee.CharField(max_length=40, default="")  # the department
    tag = peewee.CharField(max_length=20, default="")
    added_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    added_at = peewee.DateTimeField(default=utcnow)
    ended_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    ended_at = peewee.DateTimeField(null=True)

    @property
    def code(self) -> str:
        """What a snapshot of this kind bears."""
        return f"own_{self.id}"


class Snapshot(BaseModel):
    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    kind = peewee.CharField(max_length=20)
    dated = peewee.DateField()  # the day that the list speaks of
    brought_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    brought_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("county", "kind", "dated"), True),)


class ListedChild(BaseModel):
    uid = peewee.CharField(max_length=32, default=new_uid)
    snapshot = peewee.ForeignKeyField(Snapshot, backref="children", on_delete="CASCADE", index=False)
    id_number = EncryptedField("id")
    id_index = KeyedIndexField("index_id", of="id_number")  # of the same key as Student.id_index, so that the two join
    name = peewee.CharField(max_length=100)
    sex = peewee.CharField(max_length=1, default="")
    born_on = peewee.DateField(null=True)
    ethnicity = peewee.CharField(max_length=30, default="")
    head_name = peewee.CharField(max_length=100, default="")  # 户主姓名
    relation = peewee.CharField(max_length=20, default="")  # 与户主关系
    home_code = peewee.CharField(max_length=12, default="")
    home = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT")  # village, township; null: outside the county
    category = peewee.CharField(max_length=40, default="")  # 监测对象类型, 残疾类别
    level = peewee.CharField(max_length=20, default="")  # 残疾等级
    certificate = EncryptedField("note", null=True)  # 残疾证号, which contains the ID
    listed_on = peewee.DateField(null=True)  # 纳入日期
    cleared_on = peewee.DateField(null=True)  # 风险消除日期; monitored until the day before

    class Meta:
        indexes = ((("snapshot", "id_index"), True),)


class MatchedPair(BaseModel):
    """Whether the child who is listed under this number is that pupil: said once by a person, and it holds for every later list."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    id_number = EncryptedField("id")
    id_index = KeyedIndexField("index_id", of="id_number")
    student = peewee.ForeignKeyField(Student, backref="+", on_delete="CASCADE", index=False)
    is_same = peewee.BooleanField()
    decided_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    decided_at = peewee.DateTimeField(default=utcnow)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    withdrawn_at = peewee.DateTimeField(null=True)

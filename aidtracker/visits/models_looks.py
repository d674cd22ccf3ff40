"""SecondLook: that a visit is worth a second look (值得再看), why, and who has looked. It says nothing about anybody's fault.

FormerLook: what somebody said who looked before that was taken back."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.visits.models import Visit

LOOK_REASONS = {
    "odd_hours": "时间很早或很晚",
    "past_midnight": "过了半夜才结束",
    "two_places": "同一个人同时在两家",
    "many_at_once": "一小时里去了很多家",
    "same_words": "和别家的记录一字不差",
    "same_photo": "照片和另一次家访一样",
}
LONGEST_REMARK = 500


class SecondLook(BaseModel):
    """Of the latest of the visits that it is about; `others` are the earlier ones."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    visit = peewee.ForeignKeyField(Visit, backref="+", on_delete="RESTRICT", index=False)
    reason = peewee.CharField(max_length=12)
    others = peewee.JSONField(default=list)  # ids of visits
    found_at = peewee.DateTimeField(default=utcnow)
    looked_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    looked_at = peewee.DateTimeField(null=True)
    remark = EncryptedField("note", null=True)

    class Meta:
        table_name = "second_look"
        indexes = ((("visit", "reason"), True),)


class FormerLook(BaseModel):
    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    second_look = peewee.ForeignKeyField(SecondLook, backref="+", on_delete="RESTRICT")
    looked_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    looked_at = peewee.DateTimeField()
    remark = EncryptedField("note", null=True)
    withdrawn_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    withdrawn_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        table_name = "former_look"

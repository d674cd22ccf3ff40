"""Feeder (对口升学), Rollover (what an act on whole classes did, with its journal), RolloverOrder (one that waits for 1 September)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org

KINDS = {"year": "升级", "split": "分班", "combine": "并班", "merge": "学校撤并"}


class Feeder(BaseModel):
    """Where the pupils of a school go on when they finish a stage; `to_school` null: they graduate out."""

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    stage = peewee.CharField(max_length=12)  # the stage that they finish
    to_school = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT")
    classes = peewee.SmallIntegerField(default=1)  # first-grade classes that the receiving school shall have
    set_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    set_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("school", "stage"), True), (("county", "to_school"), False))


class Rollover(BaseModel):
    """One act on whole classes of one school. `journal` is JSON: what stood before, by ids, as undoing needs it."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    kind = peewee.CharField(max_length=12)  # one of KINDS
    school_year = peewee.IntegerField()
    on_day = peewee.DateField()  # the first day of the new spells
    document = peewee.CharField(max_length=100, default="")  # 文号
    reason = EncryptedField("note", null=True)
    classes = peewee.IntegerField(default=0)  # that rose, were split or joined
    moved = peewee.IntegerField(default=0)  # pupils who sit in another class now
    graduated = peewee.IntegerField(default=0)
    held = peewee.IntegerField(default=0)  # left alone
    journal = EncryptedField("note")
    done_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    done_at = peewee.DateTimeField(default=utcnow)
    undone_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    undone_at = peewee.DateTimeField(null=True)

    class Meta:
        indexes = ((("school", "done_at"), False),)


class RolloverOrder(BaseModel):
    """Asked for before 1 September: the server begins it on that day. `place` is a school, or a county for all its schools."""

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    place = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    school_year = peewee.IntegerField()
    asked_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    asked_at = peewee.DateTimeField(default=utcnow)
    started_at = peewee.DateTimeField(null=True)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    withdrawn_at = peewee.DateTimeField(null=True)

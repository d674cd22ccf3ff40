"""CaseHandover: a case that one place offers and another takes over or not; until then it keeps its owner."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.cases.models import Case
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org

STATES = {"asked": "等接收", "accepted": "已接收", "refused": "不接收", "withdrawn": "已撤回", "closed": "个案已销号"}
TONES = {"asked": "warn", "accepted": "ok", "refused": "bad", "withdrawn": "info", "closed": "info"}


class CaseHandover(BaseModel):
    """`reason` and the answer's `words` are sealed; `from_owner` answered for the case when it was offered."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    case = peewee.ForeignKeyField(Case, backref="handovers", on_delete="RESTRICT")
    to_org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    from_owner = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    reason = EncryptedField("note")
    answer_by = peewee.DateField()
    state = peewee.CharField(max_length=10, default="asked")
    asked_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    asked_at = peewee.DateTimeField(default=utcnow)
    new_owner = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    ended_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    ended_at = peewee.DateTimeField(null=True)
    words = EncryptedField("note", null=True)

    class Meta:
        indexes = ((("to_org", "state"), False),)

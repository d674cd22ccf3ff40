"""CaseSeal (a case for named people only), CaseReader (one of them), CaseGlance (a look in need, for a time), CaseOverruling (by the bureau)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.cases.models import Case
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow


class CaseSeal(BaseModel):
    """`reason`: why it was sealed; `words`: why no more."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    case = peewee.ForeignKeyField(Case, backref="seals", on_delete="RESTRICT", index=False)
    reason = EncryptedField("note")
    sealed_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    sealed_at = peewee.DateTimeField(default=utcnow)
    lifted_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    lifted_at = peewee.DateTimeField(null=True)
    words = EncryptedField("note", null=True)


class CaseReader(BaseModel):
    case = peewee.ForeignKeyField(Case, backref="readers", on_delete="RESTRICT")
    user = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    named_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    named_at = peewee.DateTimeField(default=utcnow)
    ended_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    ended_at = peewee.DateTimeField(null=True)


class CaseGlance(BaseModel):
    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    case = peewee.ForeignKeyField(Case, backref="glances", on_delete="RESTRICT")
    user = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    reason = EncryptedField("note")
    at = peewee.DateTimeField(default=utcnow)
    until = peewee.DateTimeField(column_name="until_at")

    class Meta:
        indexes = ((("user", "until"), False),)


class CaseOverruling(BaseModel):
    """`what`: other named people ("readers"), or the end of the seal ("lift")."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    case = peewee.ForeignKeyField(Case, backref="overrulings", on_delete="RESTRICT")
    what = peewee.CharField(max_length=10)
    reason = EncryptedField("note")
    by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    at = peewee.DateTimeField(default=utcnow)

    class Meta:
        table_name = "case_overruling"

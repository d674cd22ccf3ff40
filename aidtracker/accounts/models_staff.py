"""StaffRecord (what a county's list says of a person who signs in) and Invitation (a one-time way to a first password)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.crypto.keyed_index import KeyedIndexField, normalise_id
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org


class StaffRecord(BaseModel):
    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    user = peewee.ForeignKeyField(User, unique=True, backref="+", on_delete="CASCADE")
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    staff_number = peewee.CharField(max_length=30, default="")  # 工号, the county's own; '' when there is none
    phone = EncryptedField("phone", null=True)
    phone_index = KeyedIndexField("index_phone", of="phone", part=normalise_id, null=True)
    leaves_on = peewee.DateField(null=True)  # the last day of a leaver; the account is disabled after it


class Invitation(BaseModel):
    """Only hashes are kept of its token and of the short code. It holds for the epoch that it was made in, so that whatever
    changes the account's roles, password or state ends it."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    user = peewee.ForeignKeyField(User, backref="+", on_delete="CASCADE", index=False)
    epoch = peewee.IntegerField()
    token_hash = peewee.BlobField(unique=True)
    code_hash = peewee.BlobField()
    created_at = peewee.DateTimeField(default=utcnow)
    created_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    expires_at = peewee.DateTimeField()
    used_at = peewee.DateTimeField(null=True)
    ended_at = peewee.DateTimeField(null=True)

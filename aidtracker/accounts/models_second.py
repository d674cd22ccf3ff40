"""SecondFactor (a secret that a phone shares), RecoveryCode (for when it is lost), HalfSignIn (a right password that waits for the code)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid


class SecondFactor(BaseModel):
    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    user = peewee.ForeignKeyField(User, unique=True, backref="+", on_delete="CASCADE")
    secret = EncryptedField("totp", null=True)  # base32; None until a first code has confirmed it
    new_secret = EncryptedField("totp", null=True)  # shown on the page, not confirmed yet
    last_step = peewee.BigIntegerField(default=0)  # of thirty seconds: the last one whose code was taken
    confirmed_at = peewee.DateTimeField(null=True)


class RecoveryCode(BaseModel):
    """Sixteen random letters, so that a plain hash tells nothing; each is good once."""

    user = peewee.ForeignKeyField(User, backref="+", on_delete="CASCADE")
    code_hash = peewee.BlobField(unique=True)
    used_at = peewee.DateTimeField(null=True)


class HalfSignIn(BaseModel):
    """The password was right for this epoch; opens nothing, and holds for a few minutes."""

    token_hash = peewee.BlobField(primary_key=True)
    user = peewee.ForeignKeyField(User, backref="+", on_delete="CASCADE")
    epoch = peewee.IntegerField()
    is_shared = peewee.BooleanField()
    expires_at = peewee.DateTimeField()

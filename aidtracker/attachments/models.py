"""Attachment (a photo or a signature, with its own key) and AttachmentContent (what it shows, sealed by that key)."""

import peewee

from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow

PHOTO, SIGNATURE = "photo", "signature"
KINDS = {PHOTO: "照片", SIGNATURE: "签字"}


class Attachment(BaseModel):
    """What it is of knows the room that shows it. Without `sealing` nobody can open it any more, wherever a copy of it lies."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    kind = peewee.CharField(max_length=10)
    sealing = EncryptedField("photo", null=True)  # the key of its content
    width = peewee.SmallIntegerField()
    height = peewee.SmallIntegerField()
    size = peewee.IntegerField()  # bytes
    look = peewee.CharField(max_length=16, default="")  # alike.py; '' of a signature, and of a photo that looks like any wall
    look_1 = peewee.CharField(max_length=4, default="")
    look_2 = peewee.CharField(max_length=4, default="")
    look_3 = peewee.CharField(max_length=4, default="")
    look_4 = peewee.CharField(max_length=4, default="")
    added_at = peewee.DateTimeField(default=utcnow)
    removed_at = peewee.DateTimeField(null=True)


class AttachmentContent(BaseModel):
    """A table of its own, so that a list of attachments reads no pictures."""

    attachment = peewee.ForeignKeyField(Attachment, primary_key=True, backref="+", on_delete="CASCADE")
    whole = peewee.BlobField()
    small = peewee.BlobField()  # for a page of several

    class Meta:
        table_name = "attachment_content"

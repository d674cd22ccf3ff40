"""Receipt: the proof of one write, found again by its key or its number."""

import peewee

from aidtracker.db import BaseModel, utcnow


class Receipt(BaseModel):
    user_id = peewee.IntegerField()  # accounts stand below on the floor plan
    key = peewee.CharField(max_length=64)  # made by the client before it sends
    kind = peewee.CharField(max_length=60)  # room.action that was asked for: attendance.submit_roll_call
    body_hash = peewee.BlobField()
    number = peewee.CharField(max_length=12, unique=True)  # 回执号, as people read it out
    result = peewee.JSONField(null=True)  # ids of what the action made
    created_at = peewee.DateTimeField(default=utcnow)
    phone_at = peewee.DateTimeField(null=True)  # when a phone without signal wrote it down, as its clock said
    brought_by = peewee.IntegerField(null=True)  # who pasted it in for the one whose it is

    class Meta:
        indexes = ((("user_id", "key"), True),)

"""AuditEntry: one per change, chained by HMAC; no foreign keys, so it outlives what it describes."""

import datetime

import peewee

from aidtracker.db import BaseModel


class AuditEntry(BaseModel):
    id = peewee.IntegerField(primary_key=True)  # 1, 2, 3 ... without a gap
    at_us = peewee.BigIntegerField()  # microseconds since 1970, UTC
    actor_id = peewee.IntegerField(null=True)  # null: the operator at the command line
    actor_name = peewee.CharField(max_length=100)
    action = peewee.CharField(max_length=60)  # room.verb_object, as the action is called
    object_kind = peewee.CharField(max_length=30)
    object_id = peewee.CharField(max_length=64)
    county_id = peewee.IntegerField(null=True)
    fields = peewee.TextField()  # names of changed fields, comma separated; never values
    count = peewee.IntegerField(null=True)  # of records, when one action changed many
    reason = peewee.TextField()
    network = peewee.CharField(max_length=45)  # IP address, '' at the command line
    request_id = peewee.CharField(max_length=32)
    previous = peewee.BlobField()
    mac = peewee.BlobField()

    class Meta:
        indexes = ((("object_kind", "object_id"), False), (("actor_id",), False))

    @property
    def at(self) -> datetime.datetime:
        """When, as naive UTC."""
        return datetime.datetime.fromtimestamp(self.at_us / 1_000_000, datetime.UTC).replace(tzinfo=None)

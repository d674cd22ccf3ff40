"""KeyringKey: the data keys, each wrapped by the key file, so that a stolen database opens nothing."""

import peewee

from aidtracker.db import BaseModel, utcnow


class KeyringKey(BaseModel):
    """One key of one purpose. New values are sealed by the active one, old values open with retired ones."""

    purpose = peewee.CharField(max_length=30)
    kid = peewee.SmallIntegerField()
    state = peewee.CharField(max_length=10, default="active")
    wrapped = peewee.BlobField()
    created_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("purpose", "kid"), True),)
        constraints = [peewee.Check("state IN ('active', 'retired')")]

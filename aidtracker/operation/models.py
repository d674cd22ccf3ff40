"""Installation: one row that says what this database is; Backup: the files that were made of it."""

import peewee

from aidtracker.db import BaseModel, new_uid, utcnow


class Installation(BaseModel):
    id = peewee.IntegerField(primary_key=True, default=1)
    is_demo = peewee.BooleanField(default=False)  # made by `demo`: says so on every page
    is_practice = peewee.BooleanField(default=False)  # made by `practice`, beside a real site: never put in or taken out later
    reset_wanted_at = peewee.DateTimeField(null=True)  # of practice: somebody asked for a new beginning
    created_at = peewee.DateTimeField(default=utcnow)
    paper_key = peewee.CharField(max_length=8, default="")  # name of the key that two sheets were shown to give
    paper_key_at = peewee.DateTimeField(null=True)
    generation = peewee.IntegerField(default=1)  # raised by every restore: what was acknowledged since may be gone


class Backup(BaseModel):
    """One file that was made by schedule or by hand, and what came of opening it again."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    file_name = peewee.CharField(max_length=100)
    made_at = peewee.DateTimeField(default=utcnow)
    size = peewee.BigIntegerField()  # bytes
    checked_at = peewee.DateTimeField(null=True)
    problem = peewee.CharField(max_length=200, default="")

"""ImportFile: one workbook that somebody brought in, what the check found and what became of it."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.db import BaseModel, new_uid, utcnow

STATES = ("uploaded", "checked", "committed", "discarded", "failed")


class ImportFile(BaseModel):
    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    kind = peewee.CharField(max_length=30)
    file_name = peewee.CharField(max_length=200)  # as the sender called it; never part of a path
    sha256 = peewee.CharField(max_length=64)
    size = peewee.IntegerField()  # bytes
    school_year = peewee.IntegerField(null=True)  # 2020 for 2020-2021
    state = peewee.CharField(max_length=12, default="uploaded")
    outcome = peewee.JSONField(null=True)  # as the contract of the command line says it
    job_uid = peewee.CharField(max_length=32, null=True)
    by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    created_at = peewee.DateTimeField(default=utcnow)
    committed_at = peewee.DateTimeField(null=True)

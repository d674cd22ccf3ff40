"""ImportFile: one workbook that somebody brought in, what the check found and what became of it. ImportHeading: what a sender's word means."""

import json
from functools import cached_property

import peewee

from aidtracker.accounts.models import User
from aidtracker.census.models import ListKind
from aidtracker.crypto.field import EncryptedField, sealed_column
from aidtracker.db import BaseModel, new_uid, utcnow

STATES = ("uploaded", "checked", "committed", "discarded", "failed")


class ImportFile(BaseModel):
    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    kind = peewee.CharField(max_length=30)
    file_name = peewee.CharField(max_length=200)  # as the sender called it; never part of a path
    sha256 = peewee.CharField(max_length=64)
    size = peewee.IntegerField()  # bytes
    school_year = peewee.IntegerField(null=True)  # 2020 for 2020-2021
    dated = peewee.DateField(null=True)  # the day that another department's list speaks of
    list_kind = peewee.ForeignKeyField(ListKind, null=True, backref="+", on_delete="RESTRICT", index=False)  # a county's own
    state = peewee.CharField(max_length=12, default="uploaded")
    found = EncryptedField("note", column_name="outcome", null=True)  # its words repeat cells, in a slipped column an ID
    job_uid = peewee.CharField(max_length=32, null=True)
    by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    created_at = peewee.DateTimeField(default=utcnow)
    committed_at = peewee.DateTimeField(null=True)
    batch_uid = peewee.CharField(max_length=32, default="")  # of the files that were sent together
    undone_at = peewee.DateTimeField(null=True)
    undone_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")

    @cached_property
    def outcome(self) -> dict | None:
        """What the check or the commit found, as the contract of the command line says it."""
        return json.loads(self.found) if self.found else None

    def sealed(self, outcome: dict) -> bytes | None:
        """For the statement that writes it."""
        return sealed_column(ImportFile.found)(self.uid, json.dumps(outcome, ensure_ascii=False))


class ImportHeading(BaseModel):
    """A heading that this sender uses for one of our columns: asked once, remembered for the next file."""

    user = peewee.ForeignKeyField(User, backref="+", on_delete="CASCADE")
    kind = peewee.CharField(max_length=30)
    heading = peewee.CharField(max_length=100)
    column_key = peewee.CharField(max_length=40)  # '' where it stands for nothing of ours
    set_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("user", "kind", "heading"), True),)

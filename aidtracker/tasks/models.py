"""Task: what needs whom by when. It knows no pupil: the room that asks for it keeps what it is about."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org


class Task(BaseModel):
    """Whoever answers for the `org` does it, or the `person` to whom it was handed; the `note` on how it went is sealed.

    The rule: `after` so many days, in `unit`; `since` when they count. It ends done (`how`) or withdrawn (`why`), or stays open.
    """

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    person = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    kind = peewee.CharField(max_length=20)
    since = peewee.DateField()
    after = peewee.IntegerField()
    unit = peewee.CharField(max_length=10, default="school")
    due_on = peewee.DateField()
    asked_at = peewee.DateTimeField(default=utcnow)
    done_at = peewee.DateTimeField(null=True)
    done_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    how = peewee.CharField(max_length=12, default="")
    note = EncryptedField("note", null=True)
    withdrawn_at = peewee.DateTimeField(null=True)
    why = peewee.CharField(max_length=12, default="")
    escalated_at = peewee.DateTimeField(null=True)
    escalated_to = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT", index=False)

    class Meta:
        indexes = ((("org", "due_on"), False), (("county", "due_on"), False))

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.withdrawn_at is None

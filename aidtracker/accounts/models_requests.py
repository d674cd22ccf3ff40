"""RoleRequest: a role that one administrator asked for and another confirms, or nobody in time."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.db import BaseModel, utcnow
from aidtracker.orgs.models import Org


class RoleRequest(BaseModel):
    user = peewee.ForeignKeyField(User, backref="+", on_delete="CASCADE", index=False)
    role = peewee.CharField(max_length=30)
    org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    starts_on = peewee.DateField()
    ends_on = peewee.DateField(null=True)
    stands_in_for = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)  # else it is their own
    reason = peewee.CharField(max_length=200, default="")
    requested_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    requested_at = peewee.DateTimeField(default=utcnow)
    expires_at = peewee.DateTimeField()
    decided_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    decided_at = peewee.DateTimeField(null=True)
    is_given = peewee.BooleanField(default=False)

"""ClosedYear (学年封存): what happened in it is changed by nobody until it is opened again, with a reason."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.db import BaseModel, utcnow
from aidtracker.orgs.models import Org


class ClosedYear(BaseModel):
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    school_year = peewee.IntegerField()  # 2025: from 1 September 2025 to 31 August 2026
    reason = peewee.CharField(max_length=200, default="")
    closed_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    closed_at = peewee.DateTimeField(default=utcnow)
    reopen_reason = peewee.CharField(max_length=200, default="")
    reopened_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    reopened_at = peewee.DateTimeField(null=True)

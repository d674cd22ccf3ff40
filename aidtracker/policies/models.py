"""PolicyValue: what a county has set, from which day on, by whom and why."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.db import BaseModel, utcnow
from aidtracker.orgs.models import Org


class PolicyValue(BaseModel):
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    key = peewee.CharField(max_length=40)
    value = peewee.CharField(max_length=40)  # as registry.py writes it
    holds_from = peewee.DateField()
    reason = peewee.CharField(max_length=200)
    set_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    set_at = peewee.DateTimeField(default=utcnow)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    withdrawn_at = peewee.DateTimeField(null=True)  # before it began

    class Meta:
        indexes = ((("county", "key", "holds_from"), False),)

"""ReasonName: what a county calls a reason for staying away; the code stays, and is what is counted."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.db import BaseModel, utcnow
from aidtracker.orgs.models import Org


class ReasonName(BaseModel):
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    code = peewee.CharField(max_length=2)
    label = peewee.CharField(max_length=20)
    set_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    set_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        table_name = "reason_name"
        indexes = ((("county", "code"), True),)

    @property
    def uid(self) -> str:
        return f"{self.county_id}-{self.code}"

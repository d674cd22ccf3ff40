"""Installation: one row that says what this database is."""

import peewee

from aidtracker.db import BaseModel, utcnow


class Installation(BaseModel):
    id = peewee.IntegerField(primary_key=True, default=1)
    is_demo = peewee.BooleanField(default=False)  # made by `demo`: says so on every page
    created_at = peewee.DateTimeField(default=utcnow)

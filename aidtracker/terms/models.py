"""CalendarDay: a day that differs from its weekday's rule: public holiday, 调休 workday, closure."""

import peewee

from aidtracker.db import BaseModel
from aidtracker.orgs.models import Org

KINDS = {"holiday": "放假", "workday": "调休上课", "closure": "停课"}


class CalendarDay(BaseModel):
    on = peewee.DateField(column_name="on_day")
    county = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="CASCADE")  # null: the whole country
    kind = peewee.CharField(max_length=10)
    name = peewee.CharField(max_length=40)

"""CalendarDay (public holiday, 调休 workday), Closure, TermDates, Rota: which days are school days, and where."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org

KINDS = {"holiday": "放假", "workday": "调休上课", "closure": "停课"}
CLOSURES = {"closure": "停课", "makeup": "补课"}


class CalendarDay(BaseModel):
    on = peewee.DateField(column_name="on_day")
    county = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="CASCADE")  # null: the whole country
    kind = peewee.CharField(max_length=10)
    name = peewee.CharField(max_length=40)


class Closure(BaseModel):
    """Days without school that the calendar does not know (snow, flood), or days that are made up for, at a place and below it."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")  # county, township or school
    kind = peewee.CharField(max_length=10)
    first_on = peewee.DateField()
    last_on = peewee.DateField()
    reason = peewee.CharField(max_length=100)
    declared_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    declared_at = peewee.DateTimeField(default=utcnow)
    ended_on = peewee.DateField(null=True)  # its last day after all; the day before first_on: it never was
    ended_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    ended_at = peewee.DateTimeField(null=True)

    class Meta:
        indexes = ((("county", "last_on"), False),)

    @property
    def ends_on(self):
        return self.ended_on or self.last_on

    @property
    def never_was(self) -> bool:
        return self.ends_on < self.first_on


class TermDates(BaseModel):
    """First and last school day of a term as the county has set them; the latest row of a term holds."""

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    term = peewee.CharField(max_length=12)  # 2026-autumn
    first_on = peewee.DateField()
    last_on = peewee.DateField()
    set_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    set_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("county", "term"), False),)


MOST_DAYS = 40  # of one turn of a rota


class Rota(BaseModel):
    """A boarding school's own week: so many days in, so many off, from a day on; 0 and 0: the ordinary week again."""

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    starts_on = peewee.DateField()
    days_in = peewee.SmallIntegerField()
    days_off = peewee.SmallIntegerField()
    set_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    set_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("county", "school"), False),)

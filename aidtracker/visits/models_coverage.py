"""CoverageSum, what the coverage of home visits comes to in each class on the day that CoverageKept names: derived, and made again at any time."""

import peewee

from aidtracker.db import BaseModel
from aidtracker.orgs.models import Org


class CoverageSum(BaseModel):
    """One class in which somebody sits; the numbers of covered_sums.NAMES."""

    class_org = peewee.ForeignKeyField(Org, primary_key=True, backref="+", on_delete="CASCADE")
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="CASCADE", index=False)
    school = peewee.ForeignKeyField(Org, backref="+", on_delete="CASCADE", index=False)
    pupils = peewee.IntegerField()
    visited = peewee.IntegerField()
    on_site = peewee.IntegerField()
    year_met = peewee.IntegerField()
    term_due = peewee.IntegerField()
    term_met = peewee.IntegerField()
    entry_due = peewee.IntegerField()
    entry_met = peewee.IntegerField()
    key_due = peewee.IntegerField()
    key_met = peewee.IntegerField()
    classes = peewee.SmallIntegerField()  # 1
    door_met = peewee.SmallIntegerField()  # 0 or 1
    share_met = peewee.SmallIntegerField()
    planned = peewee.IntegerField()
    lacking = peewee.IntegerField()
    late = peewee.IntegerField()

    class Meta:
        table_name = "coverage_sum"
        indexes = ((("county", "school"), False),)


class CoverageKept(BaseModel):
    """The sums of a county are those of this day, with everything in them that the trail tells up to this entry."""

    county = peewee.ForeignKeyField(Org, primary_key=True, backref="+", on_delete="CASCADE")
    on = peewee.DateField(column_name="on_day")
    entry_id = peewee.IntegerField()

    class Meta:
        table_name = "coverage_kept"

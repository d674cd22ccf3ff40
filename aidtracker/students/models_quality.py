"""QualityFinding: one thing wrong with one pupil's record, and since when it is known. QualitySum: how many there were on a day."""

import peewee

from aidtracker.db import BaseModel
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student


class QualityFinding(BaseModel):
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="CASCADE")
    school = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="CASCADE")  # null: the child sits in no class
    student = peewee.ForeignKeyField(Student, backref="findings", on_delete="CASCADE")
    kind = peewee.CharField(max_length=20)
    found_on = peewee.DateField()

    class Meta:
        indexes = ((("student", "kind"), True), (("county", "kind", "school"), False))


class QualitySum(BaseModel):
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="CASCADE")
    school = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="CASCADE")
    kind = peewee.CharField(max_length=20)  # a kind of finding, or pupils: how many there were to look at
    on = peewee.DateField(column_name="on_day")
    number = peewee.IntegerField()

    class Meta:
        indexes = ((("county", "on", "kind"), False),)

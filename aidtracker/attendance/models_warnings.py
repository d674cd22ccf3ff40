"""AbsenceWarning: a pupil who stays away reached a step of the county's ladder, or comes too seldom; or a class that takes no roll."""

import peewee

from aidtracker.db import BaseModel, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student
from aidtracker.tasks.models import Task


class AbsenceWarning(BaseModel):
    """Stands until `ended_at`; one that stands for each pupil and step, and one for each streak. `step` is one of ladder.STEPS, LOW_RATE or SILENT.

    `first_on` is the first day that counts, `reached_on` the one that reached the step.
    """

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    class_org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    student = peewee.ForeignKeyField(Student, null=True, backref="+", on_delete="RESTRICT", index=False)  # None: of the class
    step = peewee.CharField(max_length=20)
    first_on = peewee.DateField()
    reached_on = peewee.DateField()
    raised_at = peewee.DateTimeField(default=utcnow)
    ended_at = peewee.DateTimeField(null=True)
    task = peewee.ForeignKeyField(Task, unique=True, backref="+", on_delete="RESTRICT")

    class Meta:
        table_name = "absence_warning"
        indexes = ((("county", "ended_at"), False), (("student", "step"), False))


class WarningRound(BaseModel):
    """A county's night in which everybody was looked at."""

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    on = peewee.DateField(column_name="on_day")
    changed = peewee.IntegerField()
    made_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        primary_key = peewee.CompositeKey("county", "on")

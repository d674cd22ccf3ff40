"""VisitPlan (家访计划), IndividualPlan (一人一案) and IndividualGoal of a pupil taught at home, QuotaReminder and YearReminder of what is still lacking."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student
from aidtracker.tasks.models import Task


class VisitPlan(BaseModel):
    """The day on which somebody means to visit the pupil; the one that was not withdrawn holds."""

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    student = peewee.ForeignKeyField(Student, backref="visit_plans", on_delete="RESTRICT", index=False)
    planned_on = peewee.DateField()
    planned_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    planned_at = peewee.DateTimeField(default=utcnow)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    withdrawn_at = peewee.DateTimeField(null=True)


class IndividualPlan(BaseModel):
    """How a pupil is taught at home, from a day to a day. A later one takes its place from its own first day on."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    student = peewee.ForeignKeyField(Student, backref="individual_plans", on_delete="RESTRICT", index=False)
    starts_on = peewee.DateField()
    ends_on = peewee.DateField()  # the last day, included
    place = peewee.CharField(max_length=40)  # a code of models.PLACES
    schedule = peewee.CharField(max_length=100)  # 每周三下午
    assessed = EncryptedField("note", null=True)  # 评估情况
    consent_on = peewee.DateField()  # 送教服务家长同意书
    consent_by = peewee.CharField(max_length=100)
    teacher = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    second_teacher = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    made_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    made_at = peewee.DateTimeField(default=utcnow)
    ended_on = peewee.DateField(null=True)  # its last day after all; before starts_on: it never was
    end_reason = peewee.CharField(max_length=100, default="")
    ended_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    ended_at = peewee.DateTimeField(null=True)

    @property
    def last_on(self):
        return self.ended_on or self.ends_on


class IndividualGoal(BaseModel):
    """What a pupil taught at home is to reach in a term, and what became of it. Rows are only added; the latest of a term holds."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    student = peewee.ForeignKeyField(Student, backref="individual_goals", on_delete="RESTRICT", index=False)
    term = peewee.CharField(max_length=12)  # 2026-autumn
    goals = EncryptedField("note")
    result = EncryptedField("note", null=True)
    set_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    set_at = peewee.DateTimeField(default=utcnow)


class QuotaReminder(BaseModel):
    """That a pupil's month was short of lessons when it drew to its end, with the task that says so."""

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    student = peewee.ForeignKeyField(Student, backref="quota_reminders", on_delete="RESTRICT", index=False)
    month = peewee.CharField(max_length=7)  # 2026-11
    class_org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    task = peewee.ForeignKeyField(Task, unique=True, backref="+", on_delete="RESTRICT")
    asked_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("student", "month"), True),)


class YearReminder(BaseModel):
    """That a pupil's school year would not have enough lessons at the pace so far, with the task that says so."""

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    student = peewee.ForeignKeyField(Student, backref="year_reminders", on_delete="RESTRICT", index=False)
    school_year = peewee.SmallIntegerField()  # 2026: from September of it
    class_org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    task = peewee.ForeignKeyField(Task, unique=True, backref="+", on_delete="RESTRICT")
    asked_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        table_name = "year_reminder"
        indexes = ((("student", "school_year"), True),)

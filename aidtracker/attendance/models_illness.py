"""SymptomReport (what a pupil who is ill has) and IllnessAlert (聚集性病例: like cases in a class or a school)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.attendance.models_leaves import Leave
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student


class SymptomReport(BaseModel):
    """One pupil on one day; what is recorded anew withdraws what stood. `symptoms` are codes with commas, sealed."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    class_org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    student = peewee.ForeignKeyField(Student, backref="+", on_delete="RESTRICT", index=False)
    leave = peewee.ForeignKeyField(Leave, null=True, backref="+", on_delete="RESTRICT", index=False)
    on = peewee.DateField(column_name="on_day")
    onset_on = peewee.DateField()  # 发病日期
    symptoms = EncryptedField("note")
    recorded_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    recorded_at = peewee.DateTimeField(default=utcnow)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    withdrawn_at = peewee.DateTimeField(null=True)

    class Meta:
        indexes = ((("school", "on"), False),)


class IllnessAlert(BaseModel):
    """Of a class on a day, or of a school over the three days that end with it (class_org is null). `measures` are sealed."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    class_org = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT", index=False)
    on = peewee.DateField(column_name="on_day")
    symptom = peewee.CharField(max_length=12)
    cases = peewee.IntegerField()
    found_at = peewee.DateTimeField(default=utcnow)
    lifted_at = peewee.DateTimeField(null=True)  # after a correction the cases are too few
    handled_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    handled_at = peewee.DateTimeField(null=True)
    reported_on = peewee.DateField(null=True)  # to the centre for disease control
    measures = EncryptedField("note", null=True)

    class Meta:
        indexes = ((("school", "on"), False),)

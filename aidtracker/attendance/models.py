"""SessionPlan, NoClass (无课), RollCall (one class, day, session, with its counts), Absence, RollCallVersion (what stood before), DaySum."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student


class SessionPlan(BaseModel):
    """Which sessions a school takes from a day on, or the schools of a county that have set nothing themselves."""

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")  # county or school
    sessions = peewee.CharField(max_length=60)  # morning,afternoon,night; '' of a school: as the county
    holds_from = peewee.DateField()
    reason = peewee.CharField(max_length=200)
    set_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    set_at = peewee.DateTimeField(default=utcnow)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    withdrawn_at = peewee.DateTimeField(null=True)  # before it began

    class Meta:
        indexes = ((("county", "org"), False),)


class NoClass(BaseModel):
    """A class, or every class of a school, has no such session that day. Taken back, never changed. A roll that stands outranks it."""

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")  # class or school
    on = peewee.DateField(column_name="on_day")
    session = peewee.CharField(max_length=12)
    kind = peewee.CharField(max_length=10)  # of free.KINDS
    reason = peewee.CharField(max_length=100, default="")
    declared_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    declared_at = peewee.DateTimeField(default=utcnow)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    withdrawn_at = peewee.DateTimeField(null=True)

    class Meta:
        indexes = ((("county", "on"), False),)


class Counts(BaseModel):
    """The sums that a roll and a day's sum share."""

    expected = peewee.IntegerField()
    present = peewee.IntegerField()
    sick_leave = peewee.IntegerField()
    personal_leave = peewee.IntegerField()
    unexcused = peewee.IntegerField()
    late = peewee.IntegerField()
    left_early = peewee.IntegerField()
    official = peewee.IntegerField()


class RollCall(Counts):
    class_org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    on = peewee.DateField(column_name="on_day")
    session = peewee.CharField(max_length=12)
    revision = peewee.SmallIntegerField(default=1)
    submitted_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    submitted_at = peewee.DateTimeField(default=utcnow)
    receipt = peewee.CharField(max_length=12, default="")  # 回执号 of this revision; '' when it came in a workbook
    is_late = peewee.BooleanField(default=False)  # 迟报: the first revision came after its time; a correction does not change it

    class Meta:
        indexes = ((("class_org", "on", "session"), True), (("on", "school"), False))


class Absence(BaseModel):
    """One pupil who was not simply present at one roll."""

    roll_call = peewee.ForeignKeyField(RollCall, backref="absences", on_delete="CASCADE", index=False)
    student = peewee.ForeignKeyField(Student, backref="+", on_delete="RESTRICT")
    on = peewee.DateField(column_name="on_day")
    mark = peewee.CharField(max_length=16)
    reason = EncryptedField("note", null=True)

    class Meta:
        indexes = ((("roll_call", "student"), True), (("on", "mark", "student"), False))

    @property
    def uid(self) -> str:
        return f"{self.roll_call_id}-{self.student_id}"


class RollCallVersion(BaseModel):
    """A roll as it stood before it was corrected: {student id: mark}, and the reasons, sealed, as {student id: text}."""

    roll_call = peewee.ForeignKeyField(RollCall, backref="versions", on_delete="CASCADE")
    revision = peewee.SmallIntegerField()
    expected = peewee.IntegerField()
    marks = peewee.JSONField()
    reasons = EncryptedField("note", null=True)
    submitted_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    submitted_at = peewee.DateTimeField()
    replaced_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    replaced_at = peewee.DateTimeField(default=utcnow)
    reason = peewee.TextField()

    class Meta:
        indexes = ((("roll_call", "revision"), True),)

    @property
    def uid(self) -> str:
        return f"{self.roll_call_id}-{self.revision}"


class DaySum(Counts):
    """Sums of a school's rolls of one day and session, kept in the submit's own transaction."""

    school = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    on = peewee.DateField(column_name="on_day")
    session = peewee.CharField(max_length=12)
    rolls = peewee.IntegerField()

    class Meta:
        indexes = ((("school", "on", "session"), True),)

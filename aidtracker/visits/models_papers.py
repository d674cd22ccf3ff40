"""PaperBatch (blank forms printed together for one class) and Paper (one of them: whose it is, its code, the visit typed in from it)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.db import BaseModel, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student
from aidtracker.visits.models import Visit

PAPER_FORMS = {"visit": "家访记录表", "tutoring": "送教上门记录表"}


class PaperBatch(BaseModel):
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    class_org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    form = peewee.CharField(max_length=10)  # of PAPER_FORMS
    printed_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    printed_at = peewee.DateTimeField(default=utcnow)


class Paper(BaseModel):
    """Its code is what the QR says of it: random, and worth nothing without signing in and reaching the pupil."""

    batch = peewee.ForeignKeyField(PaperBatch, backref="papers", on_delete="RESTRICT", index=False)
    student = peewee.ForeignKeyField(Student, backref="+", on_delete="RESTRICT", index=False)
    code = peewee.CharField(max_length=8, unique=True)
    visit = peewee.ForeignKeyField(Visit, null=True, unique=True, backref="+", on_delete="RESTRICT")

"""Program, Batch (of one program and term), Payment (a line of it), PaymentVersion (what stood before an edit)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.crypto.keyed_index import KeyedIndexField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student

STATUSES = {"pending": "待发放", "paid": "成功", "returned": "退回"}  # 发放状态
# What a line says, by column; beside it stands only the sealed card.
LINE = (
    "school_id stage grade class_number is_boarding hardship standard_fen amount_fen bank_name card_index "
    "holder_name holder_relation paid_on status return_reason"
).split()


class Program(BaseModel):
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    name = peewee.CharField(max_length=100)  # 资助项目
    created_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("county", "name"), True),)


class Batch(BaseModel):
    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    program = peewee.ForeignKeyField(Program, backref="batches", on_delete="RESTRICT", index=False)
    term = peewee.CharField(max_length=12)  # 2021-spring
    name = peewee.CharField(max_length=60)  # 批次, 2021春-01
    created_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    created_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("program", "term", "name"), True), (("county", "term"), False))


class Payment(BaseModel):
    """One pupil in one batch; school, stage, grade and boarding are those of the line, not of today. Imported history is
    exempt from the rule that nobody is paid twice for one program and term."""

    uid = peewee.CharField(max_length=32, default=new_uid)
    batch = peewee.ForeignKeyField(Batch, backref="payments", on_delete="RESTRICT", index=False)
    program = peewee.ForeignKeyField(Program, backref="+", on_delete="RESTRICT", index=False)  # the batch's, for the unique index
    term = peewee.CharField(max_length=12)  # the batch's
    student = peewee.ForeignKeyField(Student, backref="+", on_delete="RESTRICT", index=False)
    school = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT", index=False)
    stage = peewee.CharField(max_length=12)
    grade = peewee.CharField(max_length=20)
    class_number = peewee.CharField(max_length=20, default="")
    is_boarding = peewee.BooleanField()
    hardship = peewee.CharField(max_length=60, default="")  # 困难类型
    standard_fen = peewee.IntegerField(null=True)  # 标准, fen per pupil and term
    amount_fen = peewee.IntegerField()  # 应发金额
    bank_name = peewee.CharField(max_length=100, default="")
    card_number = EncryptedField("bank", null=True)
    card_index = KeyedIndexField("index_bank", of="card_number", null=True)
    holder_name = peewee.CharField(max_length=100, default="")
    holder_relation = peewee.CharField(max_length=20, default="")
    paid_on = peewee.DateField(null=True)
    status = peewee.CharField(max_length=10)
    return_reason = peewee.CharField(max_length=200, default="")
    is_imported = peewee.BooleanField(default=False)
    recorded_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    recorded_at = peewee.DateTimeField(default=utcnow)
    revision = peewee.SmallIntegerField(default=1)

    class Meta:
        indexes = ((("batch", "student"), True), (("student", "term"), False), (("term", "status", "school"), False))


class PaymentVersion(BaseModel):
    """A payment as it stood before an edit: its fields as JSON, sealed."""

    payment = peewee.ForeignKeyField(Payment, backref="versions", on_delete="RESTRICT", index=False)
    revision = peewee.SmallIntegerField()
    content = EncryptedField("bank")
    replaced_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    replaced_at = peewee.DateTimeField(default=utcnow)
    reason = peewee.CharField(max_length=200)

    class Meta:
        indexes = ((("payment", "revision"), True),)

    @property
    def uid(self) -> str:
        return f"{self.payment_id}-{self.revision}"

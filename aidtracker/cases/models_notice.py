"""NoticeText (what a county's 文书 say), Notice (one that was issued, under its 文号), NoticeService (送达回证, an attempt each)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.attachments.models import Attachment
from aidtracker.cases.models import Case
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.tasks.models import Task

KINDS = {"return": "督促返校", "other": "其他文书", "penalty": "行政处罚", "suit": "司法"}
SANCTIONS = ("penalty", "suit")  # only where the county says so
STATES = {"issued": "待送达", "served": "已送达", "not_served": "送达未果", "withdrawn": "已撤回"}
TONES = {"issued": "warn", "served": "ok", "not_served": "bad", "withdrawn": "info"}
WAYS = {"direct": "直接送达", "left": "留置送达", "post": "邮寄送达", "entrusted": "委托送达", "public": "公告送达", "other": "其他方式"}


def reference_of(series: str, year: int, number: int) -> str:
    """文号"""
    return f"{series}〔{year}〕第{number}号"


class NoticeText(BaseModel):
    """With blanks in braces, as {学生}. It is never changed: a new text takes the place of the old one, which stays."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    kind = peewee.CharField(max_length=10)
    title = peewee.CharField(max_length=40)
    series = peewee.CharField(max_length=20)  # 字: what stands before 〔year〕; {单位} in it is the office
    body = peewee.TextField()
    days = peewee.SmallIntegerField()
    set_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    set_at = peewee.DateTimeField(default=utcnow)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    withdrawn_at = peewee.DateTimeField(null=True)

    class Meta:
        table_name = "notice_text"


class Notice(BaseModel):
    """The `body` as it was handed out is sealed. Never deleted: what was withdrawn keeps its number and says why (`words`)."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    case = peewee.ForeignKeyField(Case, backref="notices", on_delete="RESTRICT")
    office = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    kind = peewee.CharField(max_length=10)
    title = peewee.CharField(max_length=40)
    series = peewee.CharField(max_length=60)
    year = peewee.SmallIntegerField()
    number = peewee.IntegerField()
    addressee = peewee.CharField(max_length=100)  # 受送达人
    relation = peewee.CharField(max_length=20, default="")
    body = EncryptedField("note")
    issued_on = peewee.DateField()
    due_on = peewee.DateField()  # 返校期限
    state = peewee.CharField(max_length=10, default="issued")
    issued_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    issued_at = peewee.DateTimeField(default=utcnow)
    withdrawn_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    withdrawn_at = peewee.DateTimeField(null=True)
    words = EncryptedField("note", null=True)
    serve_task = peewee.ForeignKeyField(Task, null=True, backref="+", on_delete="RESTRICT", index=False)
    late_task = peewee.ForeignKeyField(Task, null=True, backref="+", on_delete="RESTRICT", index=False)

    class Meta:
        indexes = ((("office", "series", "year", "number"), True),)

    @property
    def reference(self) -> str:
        return reference_of(self.series, self.year, self.number)


class NoticeService(BaseModel):
    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    notice = peewee.ForeignKeyField(Notice, backref="services", on_delete="RESTRICT", index=False)
    ordinal = peewee.SmallIntegerField()
    is_served = peewee.BooleanField()
    way = peewee.CharField(max_length=10)
    on = peewee.DateField(column_name="on_day")
    place = EncryptedField("note", null=True)  # often somebody's home
    receiver = peewee.CharField(max_length=100, default="")  # who took it
    relation = peewee.CharField(max_length=20, default="")
    servers = peewee.CharField(max_length=200)  # 送达人
    witness = peewee.CharField(max_length=100, default="")  # 见证人
    words = EncryptedField("note", null=True)
    evidence = peewee.ForeignKeyField(Attachment, null=True, backref="+", on_delete="RESTRICT", index=False)
    recorded_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    recorded_at = peewee.DateTimeField(default=utcnow)
    receipt = peewee.CharField(max_length=12, default="")

    class Meta:
        table_name = "notice_service"
        indexes = ((("notice", "ordinal"), True),)

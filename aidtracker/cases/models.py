"""Case (one per child, reopened after a relapse), FollowUp (a 劝返 or a call), CaseStep (how its state changed), CaseVersion
(what stood before an edit)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student
from aidtracker.visits.models import Visit

STATES = {
    "suspected": "疑似辍学（核查中）",
    "dropout": "辍学（劝返中）",
    "promised": "承诺返校",
    "returned": "复学（巩固期）",
    "closed": "已销号",
}
ORIGINS = {"roll": "考勤", "no_show": "开学未报到", "matching": "名单比对", "report": "群众反映", "transfer": "转学未到"}  # 发现途径
REASONS = {
    "01": "厌学/学习困难",
    "02": "家庭经济困难",
    "03": "外出务工",
    "04": "早婚早孕",
    "05": "残疾/重病",
    "06": "心理/精神",
    "07": "家庭变故/监护缺失",
    "08": "随父母流动，去向不明",
    "09": "信教/出家/私塾",
    "10": "上学路途远",
    "11": "校园关系/欺凌",
    "12": "网瘾",
    "13": "违法/涉案",
    "14": "家长观念",
    "99": "其他",
}
KINDS = {"phone": "电话", "on_site": "入户", "video": "视频", "chase": "外地追访", "notice": "文书"}
RESULTS = {"returned": "已返校", "promised": "承诺返校", "not_returned": "未返校", "not_met": "未见到人", "refused": "拒绝"}


class Case(BaseModel):
    """The `detail` and the `conclusion` with its evidence are sealed; `number` is 990100-2026-0001."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    number = peewee.CharField(max_length=30, unique=True)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    student = peewee.ForeignKeyField(Student, backref="+", on_delete="RESTRICT", unique=True)
    class_org = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT", index=False)  # when it was opened
    school = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT", index=False)
    state = peewee.CharField(max_length=10, default="suspected")
    origin = peewee.CharField(max_length=10)
    absent_from = peewee.DateField(null=True)  # 开始缺勤日期
    found_on = peewee.DateField()  # 发现日期
    main_reason = peewee.CharField(max_length=2, default="")
    second_reason = peewee.CharField(max_length=2, default="")
    detail = EncryptedField("note", null=True)
    owner = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)  # 责任人
    due_on = peewee.DateField(null=True)  # of the next step
    opened_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    opened_at = peewee.DateTimeField(default=utcnow)
    outcome = peewee.CharField(max_length=20, default="")  # 核查结论, a code of outcomes.py
    conclusion = EncryptedField("note", null=True)  # 销号依据
    closed_on = peewee.DateField(null=True)
    closed_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    closed_at = peewee.DateTimeField(null=True)
    revision = peewee.SmallIntegerField(default=1)

    class Meta:
        table_name = "dropout_case"  # CASE is a word of SQL


class FollowUp(BaseModel):
    """One persuasion or call; a home visit that served it is named, not copied."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    case = peewee.ForeignKeyField(Case, backref="follow_ups", on_delete="RESTRICT", index=False)
    kind = peewee.CharField(max_length=10)
    ordinal = peewee.SmallIntegerField()  # 第几次
    on = peewee.DateField(column_name="on_day")
    people = peewee.CharField(max_length=200)  # who went, of the education line
    people_gov = peewee.CharField(max_length=200, default="")  # and of the government line
    person_met = peewee.CharField(max_length=100, default="")
    relation = peewee.CharField(max_length=20, default="")
    result = peewee.CharField(max_length=12)
    words = EncryptedField("note", null=True)
    promise = EncryptedField("note", null=True)  # 承诺事项
    promised_on = peewee.DateField(null=True)  # and by when
    next_on = peewee.DateField(null=True)
    visit = peewee.ForeignKeyField(Visit, null=True, backref="+", on_delete="RESTRICT", index=False)
    recorded_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    recorded_at = peewee.DateTimeField(default=utcnow)
    receipt = peewee.CharField(max_length=12, default="")

    class Meta:
        indexes = ((("case", "ordinal"), True),)


class CaseStep(BaseModel):
    """From one state to another, with who and when; from '' when it was opened."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    case = peewee.ForeignKeyField(Case, backref="steps", on_delete="RESTRICT")
    from_state = peewee.CharField(max_length=10)
    to_state = peewee.CharField(max_length=10)
    outcome = peewee.CharField(max_length=20, default="")  # of a step to 销号: it outlives a reopening
    on = peewee.DateField(column_name="on_day")
    words = EncryptedField("note", null=True)
    follow_up = peewee.ForeignKeyField(FollowUp, null=True, backref="+", on_delete="RESTRICT", index=False)
    by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    at = peewee.DateTimeField(default=utcnow)


class CaseVersion(BaseModel):
    """A case as it stood before an edit or a reopening: its fields as JSON, sealed."""

    case = peewee.ForeignKeyField(Case, backref="versions", on_delete="RESTRICT", index=False)
    revision = peewee.SmallIntegerField()
    content = EncryptedField("note")
    replaced_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    replaced_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("case", "revision"), True),)

    @property
    def uid(self) -> str:
        return f"{self.case_id}-{self.revision}"

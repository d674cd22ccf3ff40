"""Visit (家访 or one 送教上门), VisitStudent (whom it was about), VisitFile (its photos and signature), VisitVersion (what stood before an edit)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.attachments.models import Attachment
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student

TUTORING = "tutoring"
FORMS = {"on_site": "入户", "phone": "电话", "video": "视频", "invited": "约谈", TUTORING: "送教上门"}  # 家访形式
PURPOSES = {  # 家访目的, several at once
    "routine": "常规",
    "absence": "缺勤",
    "suspected_dropout": "疑似辍学",
    "persuasion": "劝返",
    "aid_check": "受助核实",
    "psychological": "心理",
    "safety": "安全",
}
PLACES = {"home": "家庭", "community": "社区", "welfare": "福利院", "rehabilitation": "康复机构", "online": "线上"}  # 送教地点
LABELS = {  # of the fields that an edit keeps
    "form": "方式",
    "on": "日期",
    "makes_up_on": "补哪一天的送教",
    "starts_at": "几点到的",
    "minutes": "时长（分钟）",
    "purposes": "目的",
    "lessons": "课时数",
    "place": "送教地点",
    "subject": "学科和内容",
    "teachers": "去的人",
    "person_met": "受访人",
    "relation": "与学生关系",
    "at_home": "表现",
    "views": "家长意见建议",
    "agreed": "措施和作业",
    "follow_up_on": "下次跟进日期",
    "signed_by": "家长签字",
    "no_photo": "没有照片的原因",
    "unsigned": "没有签字的原因",
}
NO_PHOTO = {"declined": "家长不同意", "remote": "不是上门", "unable": "手机不能拍", "other": "其他原因"}
UNSIGNED = {"absent": "监护人不在", "declined": "不愿意签", "unable": "不会写字", "remote": "不是上门"}
STATES = {"recorded": "待核实", "verified": "已核实", "sent_back": "退回补充"}


class Visit(BaseModel):
    """One visit, or one coming to teach at home (form `tutoring`, with its lessons, 课时)."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    form = peewee.CharField(max_length=10)
    on = peewee.DateField(column_name="on_day")
    starts_at = peewee.CharField(max_length=5, default="")  # 14:05, as the clock in China says; '' when nobody wrote it down
    minutes = peewee.SmallIntegerField(null=True)
    purposes = peewee.JSONField(default=list)  # codes of PURPOSES
    teachers = peewee.CharField(max_length=200)  # who went, as written: 班主任; 教师甲、教师乙
    person_met = peewee.CharField(max_length=100, default="")  # 受访人
    relation = peewee.CharField(max_length=20, default="")
    at_home = EncryptedField("note", null=True)  # 在家表现; of tutoring: how the pupil did
    views = EncryptedField("note", null=True)  # 家长意见建议
    agreed = EncryptedField("note", null=True)  # 达成措施; of tutoring: homework and next plan
    follow_up_on = peewee.DateField(null=True)
    lessons = peewee.SmallIntegerField(null=True)  # 课时数
    place = peewee.CharField(max_length=40, default="")  # 送教地点, a code of PLACES or as written
    subject = peewee.CharField(max_length=100, default="")  # 学科/内容
    makes_up_on = peewee.DateField(null=True)  # 补送: the day of the lesson that was missed, for which it counts
    signed_by = peewee.CharField(max_length=100, default="")  # 家长签字
    no_photo = peewee.CharField(max_length=10, default="")  # why there is none: a code of NO_PHOTO; nobody has to say
    unsigned = peewee.CharField(max_length=10, default="")  # a code of UNSIGNED
    ordinal = peewee.SmallIntegerField(default=1)  # the n-th visit with the same pupil, day, form and teachers
    is_imported = peewee.BooleanField(default=False)
    state = peewee.CharField(max_length=10, default="recorded")
    checked_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    checked_at = peewee.DateTimeField(null=True)
    remark = EncryptedField("note", null=True)  # what the coordinator said when sending it back
    recorded_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    recorded_at = peewee.DateTimeField(default=utcnow)
    receipt = peewee.CharField(max_length=12, default="")  # 回执号; '' when it came in a workbook
    revision = peewee.SmallIntegerField(default=1)


class VisitStudent(BaseModel):
    """One pupil of a visit, with the class and school of that day."""

    student = peewee.ForeignKeyField(Student, backref="+", on_delete="RESTRICT", index=False)
    visit = peewee.ForeignKeyField(Visit, backref="pupils", on_delete="CASCADE")
    class_org = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT", index=False)
    school = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT", index=False)

    class Meta:
        primary_key = peewee.CompositeKey("student", "visit")


class VisitFile(BaseModel):
    """A photo of a visit or its signature. What was removed keeps its line, so that a phone that sends it again brings nothing back."""

    attachment = peewee.ForeignKeyField(Attachment, primary_key=True, backref="+", on_delete="RESTRICT")
    visit = peewee.ForeignKeyField(Visit, backref="+", on_delete="CASCADE", index=False)
    sent = peewee.CharField(max_length=64)  # SHA-256 of what came

    class Meta:
        table_name = "visit_file"
        indexes = ((("visit", "sent"), True),)


class AwaitedFile(BaseModel):
    """A photo or signature that the record names and that is still on the phone; gone once it came."""

    visit = peewee.ForeignKeyField(Visit, backref="+", on_delete="CASCADE", index=False)
    sent = peewee.CharField(max_length=64)  # SHA-256 of what will come

    class Meta:
        table_name = "awaited_file"
        primary_key = peewee.CompositeKey("visit", "sent")


class VisitVersion(BaseModel):
    """A visit as it stood before an edit: its fields as JSON, sealed."""

    visit = peewee.ForeignKeyField(Visit, backref="versions", on_delete="CASCADE", index=False)
    revision = peewee.SmallIntegerField()
    content = EncryptedField("note")
    replaced_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    replaced_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("visit", "revision"), True),)

    @property
    def uid(self) -> str:
        return f"{self.visit_id}-{self.revision}"

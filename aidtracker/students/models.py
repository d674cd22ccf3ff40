"""Household, Student, Guardian, Enrollment (spells in a class), Tag (special groups, with dates)."""

import re

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.crypto.keyed_index import KeyedIndexField, normalise_id
from aidtracker.db import BaseModel, new_uid, utcnow
from aidtracker.orgs.models import Org

RESIDENT = "居民身份证"  # the kind of document that an ID card is
RESIDENT_ID = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")
SEXES = {"M": "男", "F": "女"}
MODES = {"day": "走读", "boarding": "住校", "home_taught": "送教上门"}  # 就读方式
TAGS = {"left_behind": "留守儿童", "disabled": "残疾", "applies_for_aid": "需要申请资助", "orphan": "孤儿"}
TAGS |= {"migrant": "随迁子女", "martyr": "烈士或优抚子女", "poor_household": "脱贫家庭", "monitored": "监测对象"}
TAGS |= {"subsistence": "低保", "destitute": "特困", "de_facto_orphan": "事实无人抚养", "hardship": "困境儿童"}
TAGS |= {"unstable_poor": "脱贫不稳定户", "marginal_poor": "边缘易致贫户", "sudden_hardship": "突发严重困难户", "low_income": "低保边缘"}
TAGS |= {"key_hardship": "重点困境儿童", "involved": "涉案未成年人", "inclusive": "随班就读"}


def last_six(id_number: str) -> str:
    """What people know by heart of an ID."""
    return id_number[-6:]


def phone_digits(text: str) -> str:
    """A telephone number as it is compared: digits alone, without the country's 86."""
    if text.isascii() and text.isdigit():  # as nearly all are written, and a roster has a hundred thousand
        digits = text
    else:
        digits = "".join(letter for letter in normalise_id(text) if letter.isascii() and letter.isdigit())
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


class Household(BaseModel):
    """家庭: pupils who live together, put into it by hand."""

    uid = peewee.CharField(max_length=32, default=new_uid)
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    head_name = peewee.CharField(max_length=100)  # 户主
    home = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT")
    address = EncryptedField("address", null=True)
    created_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    created_at = peewee.DateTimeField(default=utcnow)
    number = peewee.CharField(max_length=20, null=True)  # 户编号, the county's own; unique in it


class Student(BaseModel):
    uid = peewee.CharField(max_length=32, default=new_uid)  # 128 random bits: what the seals are bound to
    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")  # the county that answers for the record
    name = peewee.CharField(max_length=100)
    pinyin = peewee.CharField(max_length=200)  # the first reading, shown beside rare characters
    sex = peewee.CharField(max_length=1)
    born_on = peewee.DateField()
    ethnicity = peewee.CharField(max_length=30)
    id_kind = peewee.CharField(max_length=20)
    id_number = EncryptedField("id", null=True)
    id_index = KeyedIndexField("index_id", of="id_number", null=True)
    student_number = EncryptedField("student_number", null=True)  # 学籍号
    student_number_index = KeyedIndexField("index_student_number", of="student_number", null=True)
    last_six_index = KeyedIndexField("index_last_six", of="id_number", part=last_six, null=True)
    phone = EncryptedField("phone", null=True)
    address = EncryptedField("address", null=True)
    entered_on = peewee.CharField(max_length=6)  # 入学年月, '201809'
    home_code = peewee.CharField(max_length=12)  # 户口所在地行政区划, as registered
    home = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT")  # null: outside the county
    class_org = peewee.ForeignKeyField(Org, null=True, backref="+", on_delete="RESTRICT")  # of the open spell
    mode = peewee.CharField(max_length=12, default="day")  # of the open spell
    revision = peewee.IntegerField(default=1)
    created_at = peewee.DateTimeField(default=utcnow)
    updated_at = peewee.DateTimeField(default=utcnow)
    phone_index = KeyedIndexField("index_phone", of="phone", part=phone_digits, null=True)
    household = peewee.ForeignKeyField(Household, null=True, backref="pupils", on_delete="RESTRICT")
    merged_into = peewee.ForeignKeyField("self", null=True, backref="merged", on_delete="RESTRICT")  # a tombstone: seen nowhere


class NameReading(BaseModel):
    """What a name is found by: full pinyin and initials, of every reading, as plain prefixes. Who removes a pupil removes them."""

    county_id = peewee.IntegerField()  # leads the index: search stays inside the reader's county
    reading = peewee.CharField(max_length=200)
    student = peewee.IntegerField(column_name="student_id")

    class Meta:
        primary_key = peewee.CompositeKey("county_id", "reading", "student")


class Guardian(BaseModel):
    student = peewee.ForeignKeyField(Student, backref="guardians", on_delete="CASCADE")
    position = peewee.SmallIntegerField()  # 成员1, 成员2
    name = peewee.CharField(max_length=100)
    relation = peewee.CharField(max_length=20)
    phone = EncryptedField("phone", null=True)
    phone_index = KeyedIndexField("index_phone", of="phone", part=phone_digits, null=True)
    is_guardian = peewee.BooleanField()
    has_custody = peewee.BooleanField(default=False)  # 监护权
    lives_with = peewee.BooleanField(default=False)  # 与学生同住
    holds_card = peewee.BooleanField(default=False)  # 银行卡户主

    class Meta:
        indexes = ((("student", "position"), True),)

    @property
    def uid(self) -> str:
        return guardian_uid(self.student_id, self.position)


def guardian_uid(student_id: int, position: int) -> str:
    """What the seal of a guardian's phone is bound to."""
    return f"{student_id}-{position}"


class Enrollment(BaseModel):
    """A spell: one pupil in one class in one mode, from a day to a day. At most one is open."""

    student = peewee.ForeignKeyField(Student, backref="enrollments", on_delete="CASCADE")
    class_org = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT")
    mode = peewee.CharField(max_length=12)
    seat = peewee.SmallIntegerField(null=True)  # 班内学号
    starts_on = peewee.DateField()
    ends_on = peewee.DateField(null=True)  # the last day, included
    created_at = peewee.DateTimeField(default=utcnow)


class Tag(BaseModel):
    student = peewee.ForeignKeyField(Student, backref="tags", on_delete="CASCADE")
    kind = peewee.CharField(max_length=20)
    detail = peewee.CharField(max_length=60)  # 肢体残疾
    starts_on = peewee.DateField()
    ends_on = peewee.DateField(null=True)
    source = peewee.CharField(max_length=60)
    created_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    created_at = peewee.DateTimeField(default=utcnow)
    uid = peewee.CharField(max_length=32, default=new_uid)  # '' where a workbook brought it
    document = peewee.CharField(max_length=100, default="")  # 文号, or what the paper is called
    disability_class = peewee.CharField(max_length=10, default="")
    disability_grade = peewee.CharField(max_length=10, default="")
    certificate = EncryptedField("id", null=True)  # 残疾证号
    end_reason = peewee.CharField(max_length=60, default="")
    end_recorded_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    end_recorded_at = peewee.DateTimeField(null=True)

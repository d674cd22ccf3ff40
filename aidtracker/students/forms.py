"""Forms of pupils: narrowing the list, the record, guardians, classes, seeing a number."""

import re

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SearchField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp, ValidationError

from aidtracker.audit.words import FIELDS
from aidtracker.crypto.keyed_index import normalise_id
from aidtracker.orgs.grades import PLACES
from aidtracker.students.former import WHY
from aidtracker.students.likely_pairs import KINDS as PAIR_KINDS
from aidtracker.students.listing import BY
from aidtracker.students.merging import FIELDS as MERGED
from aidtracker.students.models import MODES, RESIDENT, RESIDENT_ID, SEXES, TAGS
from aidtracker.web.fields import ANY, CHOOSE, ChecksField, DayField, PickField, Required, SegmentedField, TextField, choices, long
from aidtracker.web.forms import Form, ListForm, RevisionForm

ID_KINDS = (RESIDENT, "香港特区护照/身份证", "澳门特区护照/身份证", "台湾居民来往大陆通行证", "护照", "其他", "无")
RELATIONS = ("父亲", "母亲", "祖父", "祖母", "外祖父", "外祖母", "其他亲属", "其他监护人")
REASONS = {  # why somebody may want to see a whole number
    "contact": "联系学生或监护人",
    "verify": "核对学籍或身份信息",
    "aid": "办理资助",
    "visit": "家访、劝返",
    "other": "其他（请写明）",
}
REMOVE = ("无", "none")  # typed into a sealed field, either empties it
PHONE = re.compile(r"[0-9+()\- 转]{5,30}")  # mobile, landline, extension


def check_phone(_form, field) -> None:
    """Somebody will dial it: no words."""
    typed = (field.data or "").strip()
    if typed and typed.lower() not in REMOVE and not PHONE.fullmatch(typed):
        raise ValidationError(_l("电话只写数字，例如 13900000000 或 0564-7350000。"))


class FilterForm(ListForm):
    q = SearchField(_l("姓名、拼音、证件号"))
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    room = SelectField(_l("班级"), default="")
    grade = SelectField(_l("年级"), choices=[ANY, *((grade, _l(grade)) for grade in PLACES)], default="")
    mode = SelectField(_l("就读方式"), choices=[ANY, *choices(MODES)], default="")
    sex = SelectField(_l("性别"), choices=[ANY, *choices(SEXES)], default="")
    tag = SelectField(_l("特殊群体"), choices=[ANY, *choices(TAGS)], default="")
    on = DayField(_l("哪一天（特殊群体）"), [Optional()])
    by = SelectField(_l("范围"), choices=choices(BY), default="")


class StudentForm(RevisionForm):
    name = TextField(_l("姓名"), [Required(_l("请填写姓名。")), long(100)])
    sex = SegmentedField(_l("性别"), [InputRequired(_l("请选择性别。"))], choices=choices(SEXES))
    born_on = DayField(_l("出生日期"), [Required(_l("请填写出生日期，例如：2012-03-05。"))])
    ethnicity = TextField(_l("民族"), [long(30)])
    id_kind = SelectField(_l("证件类型"), [CHOOSE], choices=[(kind, _l(kind)) for kind in ID_KINDS])
    id_number = TextField(_l("身份证件号"), [long(30)], normal=True)
    student_number = TextField(_l("学籍号"), [long(30)], normal=True)
    phone = TextField(_l("联系电话"), [long(30), check_phone], normal=True)
    address = TextField(_l("现住址"), [long(200)])
    home_code = TextField(_l("户籍地区划代码"), [Optional(), Regexp(r"\d{6,12}$", message=_l("请填写 6 到 12 位区划代码。"))], normal=True)
    entered_on = TextField(
        _l("入学年月"), [Optional(), Regexp(r"(19|20)\d\d(0[1-9]|1[0-2])$", message=_l("请写成 201809 这样。"))], normal=True
    )

    is_another = BooleanField(_l("不是同一个孩子，继续保存"))  # after the page said who it may be

    def validate_id_number(self, field):
        number = normalise_id(field.data)
        if number and number.lower() not in REMOVE and self.id_kind.data == RESIDENT and not RESIDENT_ID.fullmatch(number):
            raise ValidationError(_l("身份证号应为 17 位数字加一位数字或 X，或者 15 位旧号。"))

    def keep_choice(self, kind: str) -> None:
        """Workbooks bring kinds that are not offered here: what stands stays possible."""
        if kind and kind not in ID_KINDS:
            self.id_kind.choices = [(kind, kind), *self.id_kind.choices]

    def values(self) -> dict:
        """By column. A sealed field left empty is not among them; 无 empties it."""
        plain = ("name", "sex", "born_on", "ethnicity", "id_kind", "home_code", "entered_on", "address")
        found = {name: self[name].data or "" for name in plain}
        for name in ("id_number", "student_number", "phone"):
            if self[name].data:
                found[name] = "" if self[name].data.lower() in REMOVE else self[name].data
        return found


class EditStudentForm(StudentForm):
    why = SelectField(_l("更改原因"), choices=[("", _l("请选择")), *choices(WHY)], default="")
    why_words = TextField(_l("说明更改原因"), [long(100)])

    def validate_why_words(self, field):
        if self.why.data == "other" and not (field.data or "").strip():
            raise ValidationError(_l("请写明更改的原因。"))

    def why_text(self) -> str:
        return "：".join(part for part in (WHY.get(self.why.data or "", ""), (self.why_words.data or "").strip()) if part)


class SpellFields(Form):
    class_org = PickField(_l("班级"), [CHOOSE], validate_choice=False)
    mode = SegmentedField(_l("就读方式"), choices=choices(MODES), default="day")
    seat = IntegerField(_l("班内学号"), [Optional(), NumberRange(1, 999, _l("学号是 1 到 999 的数。"))])
    starts_on = DayField(_l("开始日期"), [Required(_l("请填写开始日期。"))])


class CreateStudentForm(StudentForm, SpellFields):
    pass


class ChangeModeForm(Form):
    mode = SegmentedField(_l("新的就读方式"), [InputRequired(_l("请选择就读方式。"))], choices=choices(MODES))
    starts_on = DayField(_l("从哪天起"), [Required(_l("请填写日期。"))])


class GuardianForm(Form):
    name = TextField(_l("姓名"), [Required(_l("请填写姓名。")), long(100)])
    relation = SelectField(_l("与学生关系"), [CHOOSE], choices=[(word, _l(word)) for word in RELATIONS])
    phone = TextField(_l("联系电话"), [long(30), check_phone], normal=True)
    is_guardian = BooleanField(_l("是监护人"), default=True)
    has_custody = BooleanField(_l("有监护权"))
    lives_with = BooleanField(_l("与学生同住"))
    holds_card = BooleanField(_l("银行卡户主"))

    def keep_choice(self, relation: str) -> None:
        if relation and relation not in RELATIONS:
            self.relation.choices = [(relation, relation), *self.relation.choices]

    def values(self) -> dict:
        """The phone is among them when it was typed; 无 empties it."""
        found = {name: self[name].data for name in ("name", "relation", "is_guardian", "has_custody", "lives_with", "holds_card")}
        if self.phone.data:
            found["phone"] = None if self.phone.data.lower() in REMOVE else self.phone.data
        return found


class HouseholdForm(Form):
    also = ChecksField(_l("同一家庭的学生"), choices=[])
    head_name = TextField(_l("户主姓名"), [long(100)])
    address = TextField(_l("家庭住址"), [long(200)])
    number = TextField(_l("户编号"), [long(20)], normal=True)


class PairsForm(ListForm):
    """Which likely pairs are listed."""

    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    room = SelectField(_l("班级"), default="")
    kind = SelectField(_l("相似之处"), choices=[ANY, *choices(PAIR_KINDS)], default="")


class MergeForm(Form):
    """Which of the two values counts, by field; both revisions as they were shown."""

    kept_revision = HiddenField()
    dropped_revision = HiddenField()
    take = ChecksField(_l("用另一份档案的内容"), choices=[(name, FIELDS[name]) for name in MERGED])
    reason = TextAreaField(_l("为什么是同一个孩子"), [Required(_l("请写明理由，例如：核对户口簿是同一人。")), long(200)])


class NotSameForm(Form):
    reason = TextAreaField(_l("为什么不是同一人"), [Required(_l("请写明理由，例如：同村同名，户口簿上是两人。")), long(200)])


class RevealForm(Form):
    field = HiddenField()
    reason = SelectField(_l("查看原因"), [CHOOSE], choices=choices(REASONS))
    words = StringField(_l("补充说明"), [long(100)])

    def validate_words(self, field):
        if self.reason.data == "other" and not (field.data or "").strip():
            raise ValidationError(_l("请写明查看的原因。"))

    def reason_text(self) -> str:
        words = (self.words.data or "").strip()
        return "：".join(part for part in (REASONS[self.reason.data], words) if part)

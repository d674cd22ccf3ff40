"""Forms of special groups: each asks only what its kind needs."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import Optional

from aidtracker.students.models import TAGS
from aidtracker.students.tag_kinds import CLASSES, GRADES, OTHER, PARTS, ends_of, fields_of
from aidtracker.web.fields import ANY, CHOOSE, DayField, Required, TextField, choices, long
from aidtracker.web.forms import Form, ListForm

LEVELS = {"school": "按学校", "township": "按乡镇"}
REMOVE = "无"


def words(values) -> list[tuple]:
    return [(value, _l(value)) for value in values]


class TagFields(Form):
    """`keep_to` leaves those of a kind."""

    part = SelectField(_l("城乡"), [CHOOSE], choices=words(("农村", "城市")))
    disability_class = SelectField(_l("残疾类别"), [CHOOSE], choices=[("", _l("请选择")), *words(CLASSES)], default="")
    disability_grade = SelectField(_l("残疾等级"), choices=[("", _l("未评定")), *words(GRADES)], default="")
    certificate = TextField(_l("残疾证号"), [long(30)], normal=True)
    detail = TextField(_l("说明"), [long(60)])
    starts_on = DayField(_l("开始日期"), [Required(_l("请填写开始日期。"))])
    source = TextField(_l("依据"), [Required(_l("请写明依据，例如：残疾证、民政名单。")), long(60)])
    document = TextField(_l("文号或材料"), [long(100)])

    def keep_to(self, kind: str) -> None:
        for name in ("part", "disability_class", "disability_grade", "certificate", "detail"):
            if name not in fields_of(kind):
                del self[name]

    def values(self) -> dict:
        """By column; a certificate left empty is not among them, 无 empties it."""
        found = {f.name: f.data or "" for f in self if f.name in ("disability_class", "disability_grade", "source", "document", "detail")}
        if "part" in self:
            found["detail"] = self.part.data
        if "certificate" in self and self.certificate.data:
            found["certificate"] = None if self.certificate.data == REMOVE else self.certificate.data
        return {"detail": "", **found, "starts_on": self.starts_on.data}


class TagForm(TagFields):
    kind = SelectField(_l("类别"), [CHOOSE], choices=choices(TAGS))


class CorrectTagForm(TagFields):
    ends_on = DayField(_l("结束日期"), [Optional()])
    reason = TextField(_l("更正原因"), [Required(_l("请写明更正的原因和依据。")), long(100)])

    def keep_choice(self, tag) -> None:
        """What stands may be left as it is: a roster named no class."""
        if "part" in self and tag.detail not in PARTS[tag.kind]:
            self.part.choices = [(tag.detail, tag.detail or "—"), *self.part.choices]
        if "disability_class" in self and not tag.disability_class:
            self.disability_class.validators = [Optional()]


class EndTagForm(Form):
    ends_on = DayField(_l("结束日期"), [Required(_l("请填写结束日期。"))])
    why = SelectField(_l("结束原因"), [Required(_l("请选择。"))])
    why_words = TextField(_l("说明"), [long(50)])

    def offer(self, kind: str) -> None:
        self.why.choices = words(ends_of(kind))
        self.why.data = self.why.data or ends_of(kind)[0]

    def reason(self) -> str:
        said = (self.why_words.data or "").strip()
        return (said if self.why.data == OTHER else f"{self.why.data}：{said}") if said else self.why.data


class CountForm(ListForm):
    """特殊群体 on a day, by school or township."""

    PLACES = ("township", "school")
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    level = SelectField(_l("分组"), choices=choices(LEVELS), default="school")
    kind = SelectField(_l("类别"), choices=[ANY, *choices(TAGS)], default="")
    on = DayField(_l("日期"), [Optional()])

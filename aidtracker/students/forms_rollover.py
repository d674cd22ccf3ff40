"""Forms of rollovers, split and joined classes, merged schools, closed years."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, NumberRange

from aidtracker.orgs.grades import STAGE_LABELS
from aidtracker.students.regrouping import WAYS
from aidtracker.students.rollover import NEXT
from aidtracker.web.fields import CHOOSE, ChecksField, DayField, Required, TextField, choices, long
from aidtracker.web.forms import Form

NOWHERE = ("", _l("不升学，毕业离校"))


class FeederForm(Form):
    stage = SelectField(_l("读完哪个学段"), [CHOOSE], choices=[(stage, _l(STAGE_LABELS[stage])) for stage in NEXT])
    to_school = SelectField(_l("接收学校"), choices=[NOWHERE])
    classes = IntegerField(_l("接收学校的起始年级开几个班"), [InputRequired(_l("请填写班数。")), NumberRange(1, 40, message=_l("请填写 1 到 40 之间的整数。"))])


class RegroupForm(Form):
    on_day = DayField(_l("从哪天起"), [Required(_l("请填写日期，例如：2026-11-23。"))])
    document = TextField(_l("文号"), [long(100)])
    reason = TextField(_l("原因"), [Required(_l("请写明原因，例如：班额超过规定。")), long(200)])


class CombineForm(RegroupForm):
    rooms = ChecksField(_l("哪些班并进来"), coerce=int)


class MergeForm(RegroupForm):
    to_school = SelectField(_l("并入哪所学校"), [CHOOSE])
    way = RadioField(_l("怎样并入"), [CHOOSE], choices=choices(WAYS), default="join")


class CloseYearForm(Form):
    school_year = SelectField(_l("学年"), [CHOOSE], coerce=int)
    reason = TextField(_l("说明"), [Required(_l("请写明依据，例如：年度数据已上报。")), long(200)])

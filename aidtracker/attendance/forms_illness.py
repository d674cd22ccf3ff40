"""Forms of illness: what a pupil has, and what was done about like cases."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField

from aidtracker.attendance.illness import LONGEST_MEASURES, SYMPTOMS
from aidtracker.web.fields import ChecksField, DayField, Required, choices, long
from aidtracker.web.forms import Form, ListForm


class SymptomsForm(Form):
    on = DayField(_l("缺课日期"), [Required(_l("请填写缺课的日期。"))])
    symptoms = ChecksField(_l("症状"), choices=choices(SYMPTOMS))
    onset_on = DayField(_l("发病日期"))


class AlertListForm(ListForm):
    only = SelectField(_l("状态"), choices=[("open", _l("待处置")), ("", _l("全部"))], default="open")


class HandleAlertForm(Form):
    measures = TextAreaField(_l("做了什么"), [Required(_l("请写明做了什么，例如：已报县疾控中心，教室已消毒，患病学生居家。")), long(LONGEST_MEASURES)])
    reported_on = DayField(_l("哪天报告疾控和上级的"))

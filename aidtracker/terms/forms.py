"""Forms of the calendar."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from aidtracker.terms.models import CLOSURES, MOST_DAYS
from aidtracker.web.fields import CHOOSE, DayField, Required, SegmentedField, TextField, choices, long
from aidtracker.web.forms import Form

A_DAY = Required(_l("请填写日期，例如：2026-11-23。"))


class ClosureForm(Form):
    kind = SegmentedField(_l("登记什么"), [CHOOSE], choices=choices(CLOSURES), default="closure")
    first_on = DayField(_l("从哪天起"), [A_DAY])
    last_on = DayField(_l("到哪天止"), [A_DAY])
    reason = TextField(_l("原因"), [Required(_l("请写明原因，例如：大雪封路。")), long(100)])


class TermForm(Form):
    term = SelectField(_l("学期"), [CHOOSE])
    first_on = DayField(_l("开学日期"), [A_DAY])
    last_on = DayField(_l("放假前最后一天"), [A_DAY])


def number_of_days(label) -> IntegerField:
    limits = NumberRange(0, MOST_DAYS, message=_l("请填写 0 到 40 之间的整数。"))
    return IntegerField(label, [InputRequired(_l("请填写天数。")), limits])


class RotaForm(Form):
    starts_on = DayField(_l("从哪天起"), [A_DAY])
    days_in = number_of_days(_l("连续上课几天"))
    days_off = number_of_days(_l("然后休息几天"))

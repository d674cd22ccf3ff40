"""Forms of plans of visits: narrowing the list of who is due, and the day on which those who were ticked are to be visited."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.validators import Optional

from aidtracker.visits.rules import LABELS, STATES
from aidtracker.web.fields import ANY, ChecksField, DayField, choices
from aidtracker.web.forms import Form, ListForm


class DueForm(ListForm):
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    room = SelectField(_l("班级"), default="")
    rule = SelectField(_l("规定"), choices=[ANY, *choices(LABELS)], default="")
    state = SelectField(_l("状态"), choices=[ANY, *choices(STATES)], default="")


class PlanForm(Form):
    pupils = ChecksField(_l("学生"), choices=[], coerce=int, validate_choice=False)  # looked for within the scope
    planned_on = DayField(_l("家访日期"), [Optional()])
    is_taken_back = BooleanField(_l("取消已定的日期"))

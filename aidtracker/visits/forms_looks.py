"""Forms of second looks: narrowing their list, and what somebody found who looked."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, TextAreaField

from aidtracker.visits.models_looks import LONGEST_REMARK, LOOK_REASONS
from aidtracker.web.fields import ANY, choices, long
from aidtracker.web.forms import Form, ListForm


class SecondLookListForm(ListForm):
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    reason = SelectField(_l("为什么"), choices=[ANY, *choices(LOOK_REASONS)], default="")
    only = HiddenField(default="")


class LookForm(Form):
    note = TextAreaField(_l("看的结果"), [long(LONGEST_REMARK)])

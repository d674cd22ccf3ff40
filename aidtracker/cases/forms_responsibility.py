"""Forms of 包保: the list, naming somebody, ending it."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from aidtracker.cases.models_responsibility import DUTIES, LINES
from aidtracker.web.fields import CHOOSE, DayField, Required, SegmentedField, TextField, choices, long
from aidtracker.web.forms import Form, ListForm

TABS = {"current": "现在的", "all": "历年全部"}


class ResponsibilityListForm(ListForm):
    tab = SelectField(_l("看哪些"), choices=choices(TABS), default="current")
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    room = SelectField(_l("班级"), default="")


class ResponsibilityForm(Form):
    line = SegmentedField(_l("哪条线"), [CHOOSE], choices=choices(LINES))
    duty = SelectField(_l("七长"), [CHOOSE], choices=choices(DUTIES), default="other")
    name = TextField(_l("姓名"), [Required(_l("请填写责任人的姓名。")), long(40)])
    post = TextField(_l("职务"), [long(40)])
    phone = TextField(_l("联系电话"), [long(20)])
    person = SelectField(_l("本系统的账号"), default="")
    starts_on = DayField(_l("从哪天起"), [Required(_l("请填写从哪天起。"))])
    ends_on = DayField(_l("到哪天止"))


class EndResponsibilityForm(Form):
    ends_on = DayField(_l("到哪天止"), [Required(_l("请填写到哪天止。"))])

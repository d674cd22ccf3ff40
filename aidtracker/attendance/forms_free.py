"""Which sessions of which day have no class, and why."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from aidtracker.attendance.free import KINDS, LONGEST_REASON
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.web.fields import CHOOSE, ChecksField, DayField, Required, TextField, choices, long
from aidtracker.web.forms import Form


class NoClassForm(Form):
    on_day = DayField(_l("哪一天"), [Required(_l("请填写哪一天无课。"))])
    sessions = ChecksField(_l("哪几场"), choices=choices(SESSIONS))
    free_kind = SelectField(_l("为什么"), [CHOOSE], choices=[("", _l("请选择")), *choices(KINDS)])
    reason = TextField(_l("说明"), [long(LONGEST_REASON)])

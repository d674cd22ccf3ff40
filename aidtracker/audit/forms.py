"""Narrowing the trail: by person, by what was done, by day."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from aidtracker.audit.words import ACTIONS
from aidtracker.web.fields import DayField, TextField
from aidtracker.web.forms import Form


class EntryFilterForm(Form):
    person = TextField(_l("姓名"))
    action = SelectField(
        _l("做了什么"),
        choices=[("", _l("全部")), *((code, _l(words)) for code, words in ACTIONS.items())],
        default="",
        validate_choice=False,
    )
    first = DayField(_l("从哪天"))
    last = DayField(_l("到哪天"))

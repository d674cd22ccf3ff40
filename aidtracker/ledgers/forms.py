"""The form of an export: which kind of file, and whether with whole numbers, and why."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField

from aidtracker.web.fields import TextField
from aidtracker.web.forms import Form


class ExportForm(Form):
    format = StringField(default="xlsx")
    is_whole = BooleanField(_l("含完整号码"))
    reason = TextField(_l("用途"))

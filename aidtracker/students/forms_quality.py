"""What the board of data quality is narrowed to."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from aidtracker.web.forms import ListForm


class QualityFilterForm(ListForm):
    PLACES = ("township", "school")
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")

"""What the list of 异动 is narrowed by."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import Optional

from aidtracker.students.moves import KINDS
from aidtracker.web.fields import ANY, DayField, choices
from aidtracker.web.forms import ListForm


class MoveListForm(ListForm):
    PLACES = ("township", "school")
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    kind = SelectField(_l("异动类型"), choices=[ANY, *choices({code: kind.label for code, kind in KINDS.items()})], default="")
    first = DayField(_l("从"), [Optional()])
    last = DayField(_l("到"), [Optional()])

"""Which sessions from a day on, and why."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from aidtracker.attendance.sessions import SESSIONS
from aidtracker.orgs.models import Org
from aidtracker.web.fields import ChecksField, DayField, Required, TextField, choices, long
from aidtracker.web.forms import Form


class CountySessionsForm(Form):
    sessions = ChecksField(_l("每天点哪些场次"), choices=choices(SESSIONS))
    holds_from = DayField(_l("从哪天起"), [Required(_l("请填写从哪天起执行。"))])
    reason = TextField(_l("依据或原因"), [Required(_l("请写明依据，例如：本学期起初中部住校。")), long(200)])

    @property
    def wanted(self) -> tuple[str, ...]:
        return tuple(self.sessions.data or ())


class SchoolSessionsForm(CountySessionsForm):
    follows = BooleanField(_l("不单独设，按县里的规定"))

    @property
    def wanted(self) -> tuple[str, ...]:
        return () if self.follows.data else super().wanted


def sessions_form(place: Org, **standing) -> CountySessionsForm:
    return (SchoolSessionsForm if place.kind == "school" else CountySessionsForm)(**standing)

"""Who has not come back, what is known of one of them, and a county's further day."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from aidtracker.attendance.sweeps import KINDS, LONGEST_NOTE
from aidtracker.web.addresses import number_or_none
from aidtracker.web.fields import ChecksField, DayField, Required, TextField, choices, long
from aidtracker.web.forms import Form


class ReturnForm(Form):
    """`offer(roster)` before use."""

    absent = ChecksField(_l("没有返校的学生"), coerce=int)
    base_revision = HiddenField()

    def offer(self, roster) -> None:
        self.absent.choices = [(pupil.id, f"{pupil.seat or ''} {pupil.name}".strip()) for pupil in roster]

    @property
    def base(self) -> int:
        return number_or_none(self.base_revision.data) or 0


class FollowReturnForm(Form):
    return_kind = SelectField(_l("去向"), choices=choices(KINDS))
    expected_on = DayField(_l("预计哪天返校"))
    note = TextField(_l("说明"), [long(LONGEST_NOTE)])


class SweepDayForm(Form):
    on_day = DayField(_l("哪一天"), [Required(_l("请填写哪一天核查。"))])
    reason = TextField(_l("原因"), [Required(_l("请写明原因，例如：国庆假后返校。")), long(100)])

"""Forms of leave: asking, deciding, taking back, 销假; narrowing the list."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, TextAreaField

from aidtracker.attendance.illness import SYMPTOMS
from aidtracker.attendance.leaves import BACK, FROM, LONGEST_REASON, UNTIL, Span
from aidtracker.attendance.models_leaves import CLEARANCES, KINDS, WAYS
from aidtracker.attendance.queries_leaves import TABS
from aidtracker.web.fields import ANY, CHOOSE, ChecksField, DayField, Required, SegmentedField, TextField, choices, long
from aidtracker.web.forms import Form, ListForm, RevisionForm


class LeaveListForm(ListForm):
    tab = SelectField(_l("状态"), choices=choices(TABS), default="current")
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    room = SelectField(_l("班级"), default="")
    kind = SelectField(_l("种类"), choices=[ANY, *choices(KINDS)], default="")


class EditLeaveForm(RevisionForm):
    kind = SegmentedField(_l("种类"), [CHOOSE], choices=choices(KINDS), default="sick_leave")
    first_on = DayField(_l("从哪天起"), [Required(_l("请填写从哪天起。"))])
    first_session = SelectField(_l("从什么时候起"), [CHOOSE], choices=choices(FROM), default="early")
    last_on = DayField(_l("到哪天"), [Required(_l("请填写到哪天为止。"))])
    last_session = SelectField(_l("到什么时候为止"), [CHOOSE], choices=choices(UNTIL), default="night")
    reason = TextAreaField(_l("原因"), [Required(_l("请写明请假的原因。")), long(LONGEST_REASON)])
    applicant = TextField(_l("谁来请的假"), [Required(_l("请写明是谁来请的假，例如：母亲。")), long(40)])
    way = SelectField(_l("怎么请的"), [CHOOSE], choices=choices(WAYS), default="phone")
    is_proved = BooleanField(_l("已看诊断证明"))

    @property
    def span(self) -> Span:
        return Span(self.first_on.data, self.first_session.data, self.last_on.data, self.last_session.data)

    def values(self) -> dict:
        plain = {name: self[name].data for name in ("kind", "reason", "applicant", "way", "is_proved")}
        return {**plain, "span": self.span}


class LeaveForm(EditLeaveForm):
    revision = None
    symptoms = ChecksField(_l("症状（病假）"), choices=choices(SYMPTOMS))
    onset_on = DayField(_l("发病日期"))

    def values(self) -> dict:
        return super().values() | {"symptoms": self.symptoms.data or [], "onset_on": self.onset_on.data}


class ApproveForm(Form):
    is_proved = BooleanField(_l("已看诊断证明"))


class LeaveWordsForm(Form):
    words = TextAreaField(_l("原因"), [Required(_l("请写明原因。")), long(LONGEST_REASON)])


class CloseLeaveForm(Form):
    back_on = DayField(_l("哪天返校的"), [Required(_l("请填写哪天返校的。"))])
    back_session = SelectField(_l("从什么时候起在校"), [CHOOSE], choices=choices(BACK), default="morning")
    clearance = SelectField(_l("复课证明"), choices=[("", _l("不需要")), *choices(CLEARANCES)], default="")
    words = TextField(_l("说明"), [long(LONGEST_REASON)])

"""Forms of calls back: narrowing their list, and what one call found."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Optional

from aidtracker.students.people_met import NOBODY, OTHER, people_to_meet, person_met
from aidtracker.visits.models_calls import CALL_OUTCOMES, CALL_STATES, LONGEST
from aidtracker.web.fields import ANY, TextField, choices, long
from aidtracker.web.forms import ListForm, RevisionForm
from aidtracker.web.language import said


class CallListForm(ListForm):
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    month = SelectField(_l("月份"), default="")
    state = SelectField(_l("状态"), choices=[ANY, *choices(CALL_STATES)], default="")
    only = HiddenField(default="")

    def offer_months(self, months: list[str], is_any: bool) -> str:
        """Which is chosen; the latest where one has to be."""
        self.month.choices = [*([ANY] if is_any else []), *((month, month) for month in months)]
        self.month.data = self.chosen("month", "" if is_any or not months else months[0])
        return self.month.data


class CallForm(RevisionForm):
    outcome = RadioField(_l("结果"), [InputRequired(_l("请选择回访的结果。"))], choices=choices(CALL_OUTCOMES))
    met = RadioField(_l("和谁通的话"), [Optional()])
    person_met = TextField(_l("对方姓名、和学生的关系"), [long(LONGEST["spoke_to"])])
    note = TextAreaField(_l("备注"), [long(LONGEST["remark"])])

    def offer_people(self, guardians) -> None:
        self.guardians = guardians
        self.met.choices = [(code, said(words)) for code, words in people_to_meet(guardians) if code != NOBODY]

    @property
    def spoke_to(self) -> str:
        """次仁（父亲）; 学生本人; what was typed of somebody else."""
        if self.met.data == OTHER:
            return self.person_met.data or ""
        name, relation = person_met(self.met.data or "", self.guardians, ("", ""))
        return f"{name}（{relation}）" if name and relation else name or relation

"""Forms of an individual plan (一人一案): the plan, its end, and the goals of a term."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Optional

from aidtracker.visits.individual import MOST, STATES, WORDS
from aidtracker.visits.models import PLACES
from aidtracker.visits.tutored import MONTHS
from aidtracker.web.fields import ANY, DayField, PickField, Required, SegmentedField, TextField, choices, long
from aidtracker.web.forms import Form, ListForm, RevisionForm


def teacher_or_none(value) -> int | None:
    return int(value) if value else None


class IndividualPlanForm(Form):
    starts_on = DayField(_l("开始日期"), [Required(_l("请填写开始日期，例如：2026-09-01。"))])
    ends_on = DayField(_l("到哪一天"), [Required(_l("请填写方案到哪一天，最长一年。"))])
    person = PickField(_l("送教教师"), [InputRequired(_l("请选择送教教师。"))])
    companion = SelectField(_l("同行教师"), [Optional()], coerce=teacher_or_none)
    place = SegmentedField(_l("送教地点"), [InputRequired(_l("请选择送教地点。"))], choices=choices(PLACES), default="home")
    schedule = TextField(_l("送教时间安排"), [long(WORDS["schedule"])])
    assessed = TextAreaField(_l("评估情况"), [long(WORDS["assessed"])])
    goals = TextAreaField(_l("本学期目标"), [Required(_l("请写明本学期的目标，例如：能认读 20 个常用字。")), long(MOST)])
    consent_on = DayField(_l("签同意书的日期"), [Required(_l("送教要监护人同意：请填写签同意书的日期。"))])
    consent_by = TextField(_l("签同意书的监护人"), [Required(_l("请填写签同意书的监护人。")), long(WORDS["consent_by"])])

    def offer_teachers(self, teachers: list[tuple[int, str]]) -> None:
        self.person.choices = teachers
        self.companion.choices = [("", _l("没有")), *teachers]

    def values(self) -> dict:
        """By actions_individual.FIELDS."""
        plain = {name: self[name].data for name in ("starts_on", "ends_on", "place", "schedule", "assessed", "consent_on", "consent_by")}
        return plain | {"teacher": self.person.data, "second_teacher": self.companion.data}


class EndPlanForm(Form):
    ended_on = DayField(_l("最后一天"), [Required(_l("请填写方案的最后一天。"))])
    reason = TextField(_l("原因"), [Required(_l("请写明为什么结束，例如：孩子身体好转，回校随班就读。")), long(100)])


class GoalsForm(RevisionForm):
    """Of one term; `revision` is the number of the row that was shown."""

    goals = TextAreaField(_l("目标"), [Required(_l("请写明目标，例如：能认读 20 个常用字。")), long(MOST)])
    result = TextAreaField(_l("完成情况"), [long(MOST)])


class TutoredForm(ListForm):
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    room = SelectField(_l("班级"), default="")
    plan = SelectField(_l("一人一案"), choices=[ANY, *choices(STATES)], default="")
    state = SelectField(_l("本月送教"), choices=[ANY, *choices(MONTHS)], default="")

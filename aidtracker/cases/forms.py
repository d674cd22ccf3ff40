"""Forms of cases: narrowing the list, opening, editing, following up, closing, reopening."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SearchField, SelectField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from aidtracker.cases.closings import TABS
from aidtracker.cases.handovers import TABS as HANDOVER_TABS
from aidtracker.cases.listing import EVERY, UNCLOSED
from aidtracker.cases.models import KINDS, ORIGINS, REASONS, RESULTS, STATES
from aidtracker.cases.outcomes import CLOSING
from aidtracker.students.people_met import NOBODY, SELF, person_met
from aidtracker.web.addresses import number_or_none
from aidtracker.web.fields import ANY, CHOOSE, DayField, Required, SegmentedField, TextField, choices, long
from aidtracker.web.forms import Form, ListForm, RevisionForm


class FilterForm(ListForm):
    q = SearchField(_l("姓名、拼音、个案编号"))
    state = SelectField(_l("状态"), choices=[(UNCLOSED, _l("未销号")), *choices(STATES), (EVERY, _l("全部"))], default=UNCLOSED)
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    origin = SelectField(_l("发现途径"), choices=[ANY, *choices(ORIGINS)], default="")
    first = DayField(_l("发现日期从"), name="from")
    last = DayField(_l("到"), name="to")
    mine = BooleanField(_l("我负责的"))
    overdue = BooleanField(_l("已超期"))


class EditCaseForm(RevisionForm):
    main_reason = SelectField(_l("主要原因"), choices=[("", _l("还不清楚")), *choices(REASONS)], default="")
    second_reason = SelectField(_l("次要原因"), choices=[("", _l("没有")), *choices(REASONS)], default="")
    detail = TextAreaField(_l("情况说明"), [long(2000)])
    owner = SelectField(_l("责任人"), [CHOOSE], coerce=int)
    due_on = DayField(_l("下一步最迟哪天"), [Required(_l("请填写下一步的日期。"))])

    def offer_reasons(self, names: dict[str, str]) -> None:
        """As the county calls them."""
        self.main_reason.choices = [("", _l("还不清楚")), *choices(names)]
        self.second_reason.choices = [("", _l("没有")), *choices(names)]

    def values(self) -> dict:
        return {
            "main_reason": self.main_reason.data,
            "second_reason": self.second_reason.data,
            "detail": (self.detail.data or "").strip(),
            "owner": self.owner.data,
            "due_on": self.due_on.data,
        }


class OpenCaseForm(EditCaseForm):
    revision = None
    origin = SelectField(_l("发现途径"), [CHOOSE], choices=choices(ORIGINS), default="roll")
    absent_from = DayField(_l("从哪天起没有到校"))
    found_on = DayField(_l("发现日期"), [Required(_l("请填写发现日期。"))])

    def values(self) -> dict:
        told = {"origin": self.origin.data, "absent_from": self.absent_from.data, "found_on": self.found_on.data}
        return told | super().values()


class ReopenCaseForm(OpenCaseForm):
    reason = TextAreaField(_l("为什么重新开案"), [Required(_l("请写明原因，例如：返校两周后又连续 3 天没有到校。")), long(1000)])


class UnlessVisit(Required):
    """A visit that is named says it already."""

    def __call__(self, form, field):
        if not form.visit.data:
            super().__call__(form, field)


class UnlessTheOtherLine(UnlessVisit):
    """Somebody went, of one line or the other."""

    def __call__(self, form, field):
        if not form.people_gov.data:
            super().__call__(form, field)


class MetSomebody(Required):
    def __call__(self, form, field):
        if form.result.data and form.result.data != "not_met" and not form.visit.data and field.data == NOBODY:
            raise ValidationError(str(self.message))


class FollowUpForm(Form):
    visit = SelectField(_l("已经记过的家访"), default="")
    kind = SegmentedField(_l("方式"), [CHOOSE], choices=choices(KINDS))
    on = DayField(_l("哪天"), [UnlessVisit(_l("请填写日期。"))])
    people = TextField(_l("谁去的（学校、教育局）"), [UnlessTheOtherLine(_l("请填写谁去的、谁打的电话，例如：张老师、村干部王支书。")), long(200)])
    people_gov = TextField(_l("谁去的（乡镇、村）"), [long(200)])
    met = SelectField(_l("见到了谁"), [MetSomebody(_l("请填写见到了谁，例如：母亲。没有见到人时，结果选「未见到人」。"))], default=NOBODY)
    person_met = TextField(_l("其他人的姓名"), [long(100)])
    relation = TextField(_l("与学生关系"), [long(20)])
    result = SegmentedField(_l("结果"), [InputRequired(_l("请选择这次的结果。"))], choices=choices(RESULTS))
    words = TextAreaField(_l("谈了什么，学生和家长的态度"), [UnlessVisit(_l("请写明谈了什么、学生和家长的态度。")), long(4000)])
    promise = TextField(_l("承诺了什么"), [long(200)])
    promised_on = DayField(_l("承诺最迟哪天"))
    next_on = DayField(_l("下一步最迟哪天"), [Required(_l("请填写下一步的日期。"))])

    def values(self, guardians, student) -> dict:
        """By actions_following.FIELDS; the pupil's own name is known."""
        name, relation = person_met(self.met.data or "", guardians, (self.person_met.data or "", self.relation.data or ""))
        told = {each: self[each].data for each in ("kind", "on", "people", "people_gov", "result", "promise", "promised_on", "next_on")}
        return told | {
            "person_met": student.name if self.met.data == SELF else name,
            "relation": "" if self.met.data == NOBODY else relation,
            "words": (self.words.data or "").strip(),
            "visit": number_or_none(self.visit.data),
        }


class CloseCaseForm(RevisionForm):
    outcome = SelectField(
        _l("核查结论"), [CHOOSE], choices=[("", _l("请选择")), *((code, _l(each.label)) for code, each in CLOSING.items())]
    )
    conclusion = TextAreaField(_l("销号依据"), [Required(_l("请写明销号依据，并说明佐证材料存放在哪里。")), long(4000)])
    closed_on = DayField(_l("销号日期"), [Required(_l("请填写销号日期。"))])


class ClosingWordsForm(Form):
    words = TextAreaField(_l("原因"), [Required(_l("请写明原因。")), long(1000)])


class HandCaseForm(Form):
    to_org = SelectField(_l("移交给"), [CHOOSE], coerce=int)
    reason = TextAreaField(_l("为什么移交"), [Required(_l("请写明为什么移交。")), long(1000)])


class AcceptHandoverForm(Form):
    owner = SelectField(_l("接收以后的责任人"), [CHOOSE], coerce=int)
    words = TextAreaField(_l("说明"), [long(1000)])


class HandoverListForm(ListForm):
    tab = SelectField(_l("状态"), choices=choices(HANDOVER_TABS), default="answer")


class ClosingListForm(ListForm):
    tab = SelectField(_l("状态"), choices=choices(TABS), default="decide")

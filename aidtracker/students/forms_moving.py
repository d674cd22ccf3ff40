"""Forms of moves: into a class, out of it, away for a time, taken back, corrected."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Optional

from aidtracker.students.forms import SpellFields
from aidtracker.students.moves import KINDS, OF_LAW, Kind
from aidtracker.web.fields import CHOOSE, DayField, PickField, Required, TextField, long
from aidtracker.web.forms import Form


class EnrollForm(SpellFields):
    kind = HiddenField()
    place = TextField(_l("原学校"), [long(100)])
    document = TextField(_l("证明材料或文号"), [long(100)])
    reason = TextField(_l("说明"), [long(200)])

    def about(self) -> dict:
        return about(self)


class LeaveForm(Form):
    kind = HiddenField()
    left_on = DayField(_l("最后在班日期"), [Required(_l("请填写日期。"))])
    place = TextField(_l("接收学校"), [long(100)])
    document = TextField(_l("证明材料或文号"), [long(100)])
    until_on = DayField(_l("到哪一天为止"), [Optional()])
    reason = TextAreaField(_l("原因和去向"), [Required(_l("请写明离班的原因和去向，例如：随父母到外县就读。")), long(200)])

    def about(self) -> dict:
        return about(self)


class DeferForm(Form):
    on_day = DayField(_l("从哪天起"), [Required(_l("请填写日期。"))])
    until_on = DayField(_l("到哪一天为止"), [Required(_l("请填写日期。"))])
    document = TextField(_l("证明材料或文号"), [Required(_l("请填写批准文件的文号，或者是哪份文件。")), long(100)])
    reason = TextAreaField(_l("原因"), [Required(_l("请写明延缓入学的原因。")), long(200)])


class WithdrawMoveForm(Form):
    reason = TextAreaField(_l("为什么撤销"), [Required(_l("请写明为什么撤销。")), long(200)])


class CorrectSpellForm(Form):
    class_org = PickField(_l("班级"), [CHOOSE], validate_choice=False)
    starts_on = DayField(_l("开始日期"), [Required(_l("请填写开始日期。"))])
    ends_on = DayField(_l("结束日期"), [Optional()])
    reason = TextAreaField(_l("原因和依据"), [Required(_l("请写明更正的原因和依据。")), long(200)])


def mark_needed(form, code: str) -> None:
    """What is refused when it is missing is not called one that may stay empty."""
    kind = KINDS.get(code, Kind(""))
    needed = {"place": bool(kind.place), "document": code in OF_LAW, "until_on": kind.asks_until}
    for name in [name for name, is_needed in needed.items() if is_needed and name in form]:
        form[name].flags.required = True


def about(form) -> dict:
    """What the kind asks of a place outside, a paper and a term; nothing that it does not ask."""
    kind = KINDS.get(form.kind.data or "")
    if kind is None:
        return {}
    found = {"place": form.place.data or ""} if kind.place else {}
    found |= {"document": form.document.data or ""} if kind.document else {}
    return found | ({"until_on": form.until_on.data} if kind.asks_until else {})

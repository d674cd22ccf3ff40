"""Forms of aid: narrowing the lists, a batch, a payment."""

import re
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from wtforms import SearchField, SelectField
from wtforms.validators import ValidationError

from aidtracker.aid.models import STATUSES
from aidtracker.aid.queries import UNPAID
from aidtracker.aid.sheets import CARD, MOST_FEN
from aidtracker.crypto.keyed_index import normalise_id
from aidtracker.web.addresses import number_or_none
from aidtracker.web.fields import ANY, CHOOSE, DayField, OneOf, Required, SegmentedField, TextField, choices, long
from aidtracker.web.forms import Form, ListForm, RevisionForm

BOARDING = {"boarding": "寄宿", "day": "走读"}
LONGEST_TEXT = 30
REMOVE = ("无", "none")  # typed into the card's field, either empties it
AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}")  # no 1e5, no 1_000: nobody types an amount so
NO_AMOUNT = _l("请填写金额，单位元，最多两位小数，例如 312.50。")


class YuanField(TextField):
    """Yuan as typed; `fen` is the same as whole fen, None when it is blank or no amount."""

    def __init__(self, label=None, validators=None, **kwargs):
        super().__init__(label, validators, normal=True, **kwargs)

    @property
    def fen(self) -> int | None:
        text = (self.data or "").replace(",", "").strip("¥元 ")
        if not AMOUNT.fullmatch(text):
            return None
        scaled = Decimal(text).scaleb(2)
        return int(scaled) if scaled == scaled.to_integral_value() and scaled <= MOST_FEN else None

    def pre_validate(self, form):
        if self.data and self.fen is None:
            raise ValidationError(NO_AMOUNT)


class BatchFilterForm(ListForm):
    term = SelectField(_l("学期"), default="")
    program = SelectField(_l("资助项目"), default="")
    q = SearchField(_l("批次名称"))


class PaymentFilterForm(ListForm):
    """Of one batch."""

    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    state = SelectField(_l("发放状态"), choices=[ANY, *choices(STATUSES), (UNPAID, _l("退回未补发"))], default="")
    boarding = SelectField(_l("就读方式"), choices=[ANY, *choices(BOARDING)], default="")
    q = SearchField(_l("姓名"))


class BatchForm(Form):
    program = SelectField(_l("资助项目"), [OneOf()], validate_choice=False, default="")
    program_name = TextField(_l("新项目名称"), [long(100)])
    term = SelectField(_l("学期"), [CHOOSE])
    name = TextField(_l("批次名称"), [Required(_l("请填写批次名称，例如：2026秋-01。")), long(60)])

    def validate_program_name(self, field):
        known = {str(value) for value, *_more in self.program.choices if value}
        if not field.data and self.program.data not in known:
            raise ValidationError(_l("请选择资助项目，或填写新项目的名称。"))


class PaymentFields(Form):
    hardship = TextField(_l("困难类型"), [long(60)])
    standard = YuanField(_l("标准（元/学期）"))
    amount = YuanField(_l("应发金额（元）"), [Required(NO_AMOUNT)])
    bank_name = TextField(_l("开户行"), [long(100)])
    card_number = TextField(_l("社保卡/银行卡号"), [long(40)], normal=True)
    holder_name = TextField(_l("开户人姓名"), [long(100)])
    holder_relation = TextField(_l("开户人与学生关系"), [long(20)])
    state = SegmentedField(_l("发放状态"), [CHOOSE], choices=choices(STATUSES))
    paid_on = DayField(_l("发放日期"))
    return_reason = TextField(_l("退回原因"), [long(200)])

    def validate_card_number(self, field):
        number = normalise_id(field.data)
        if number and number.lower() not in REMOVE and not CARD.fullmatch(number):
            raise ValidationError(_l("卡号只写数字，请核对。"))

    def values(self) -> dict:
        """By column. A card left empty is not among them; 无 empties it."""
        plain = ("hardship", "bank_name", "holder_name", "holder_relation", "return_reason")
        found = {name: self[name].data or "" for name in plain}
        found |= {"standard_fen": self.standard.fen, "amount_fen": self.amount.fen, "paid_on": self.paid_on.data, "status": self.state.data}
        if self.card_number.data:
            number = normalise_id(self.card_number.data)
            found["card_number"] = None if number.lower() in REMOVE else number
        return found


def id_of(value) -> int:
    """A choice's value; what can be no id is no choice."""
    found = number_or_none(str(value))
    if found is None:
        raise ValueError(value)
    return found


class RecordPaymentForm(PaymentFields):
    batch = SelectField(_l("批次"), [CHOOSE], coerce=id_of, validate_choice=False)


class EditPaymentForm(RevisionForm, PaymentFields):
    pass

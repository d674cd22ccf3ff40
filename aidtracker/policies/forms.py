"""A new value for one policy: the value itself, the day from which it holds, and why."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import ValidationError

from aidtracker.errors import Refused
from aidtracker.policies.policy import Policy
from aidtracker.web.fields import CHOOSE, DayField, Required, TextField, choices, long
from aidtracker.web.forms import Form, translated


class NumberPolicyForm(Form):
    value = TextField(_l("新的值"), [Required(_l("请填写新的值。")), long(12)], normal=True)
    holds_from = DayField(_l("从哪天起"), [Required(_l("请填写从哪天起执行。"))])
    reason = TextField(_l("依据或原因"), [Required(_l("请写明依据，例如：县教育局 2026 年 3 号文。")), long(200)])
    policy: Policy

    def fit(self, policy: Policy) -> None:
        self.policy = policy

    def validate_value(self, field):
        try:
            self.policy.typed(field.data)
        except Refused as refused:
            raise ValidationError(translated(refused)) from None

    @property
    def wanted(self) -> int | str:
        return self.policy.typed(self.value.data)


class ChoicePolicyForm(NumberPolicyForm):
    value = SelectField(_l("新的值"), [CHOOSE])

    def fit(self, policy: Policy) -> None:
        super().fit(policy)
        self.value.choices = choices(policy.choices)

    def validate_value(self, field):
        """The field knows its choices."""


def policy_form(policy: Policy, **standing) -> NumberPolicyForm:
    form = (ChoicePolicyForm if policy.choices else NumberPolicyForm)(**standing)
    form.fit(policy)
    return form

"""Forms of 保密个案: sealing, the named people, lifting the seal, looking in need."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from aidtracker.web.fields import ChecksField, Required, long
from aidtracker.web.forms import Form


class ReadersForm(Form):
    readers = ChecksField(_l("知情人"), coerce=int)


class SealCaseForm(ReadersForm):
    reason = TextAreaField(_l("为什么保密"), [Required(_l("请写明为什么保密，例如：涉及未成年人受侵害，只限办案人员知情。")), long(1000)])


class OverruleSealForm(Form):
    reason = TextAreaField(_l("为什么由教育局来改"), [Required(_l("请写明为什么由教育局来改，例如：设为保密的人已经调走，没有人跟进。")), long(1000)])


class OverruleReadersForm(ReadersForm, OverruleSealForm):
    pass


class BreakSealForm(Form):
    reason = TextAreaField(_l("为什么要紧急查看"), [Required(_l("请写明为什么要紧急查看。")), long(1000)])

"""The one question of a review."""

from flask_babel import lazy_gettext as _l

from aidtracker.web.fields import Required, SegmentedField
from aidtracker.web.forms import Form


class MatchForm(Form):
    verdict = SegmentedField(_l("是同一个孩子吗"), [Required(_l("请选择是不是同一个孩子。"))], choices=[("same", _l("是同一人")), ("other", _l("不是同一人"))])

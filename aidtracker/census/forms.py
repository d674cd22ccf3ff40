"""The question of a review, and a further kind of list."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from aidtracker.students.tag_kinds import GUARDED, offered
from aidtracker.web.fields import Required, SegmentedField, TextField, choices, long
from aidtracker.web.forms import Form

MARKS = {tag: label for tag, label in offered().items() if tag not in GUARDED}


class MatchForm(Form):
    verdict = SegmentedField(_l("是同一个孩子吗"), [Required(_l("请选择是不是同一个孩子。"))], choices=[("same", _l("是同一人")), ("other", _l("不是同一人"))])


class ListKindForm(Form):
    label = TextField(_l("名单名称"), [Required(_l("请填写名单的名称，例如：孤儿名单。")), long(40)])
    giver = TextField(_l("由哪个部门提供"), [long(40)])
    tag = SelectField(_l("和学籍的哪一类特殊群体核对"), choices=[("", _l("不核对")), *choices(MARKS)], default="")

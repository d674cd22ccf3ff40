"""Forms of tasks: narrowing the list, how a task was done, to whom it goes."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField

from aidtracker.tasks.kinds import KINDS, LONGEST
from aidtracker.web.fields import Required, long
from aidtracker.web.forms import Form, ListForm

WHICH = (("mine", _l("我的")), ("all", _l("本单位全部")), ("overdue", _l("过期的")), ("over", _l("已完成和撤回的")))


class TaskListForm(ListForm):
    which = SelectField(_l("看哪些"), choices=WHICH, default="mine")
    kind = SelectField(_l("事项"), choices=[("", _l("全部")), *((code, _l(kind.label)) for code, kind in KINDS.items())])


class FinishTaskForm(Form):
    note = TextAreaField(_l("怎么办的、结果怎样"), [Required(_l("请写明怎么办的、结果怎样。")), long(LONGEST)])


class HandTaskForm(Form):
    person = SelectField(_l("转交给"), [Required(_l("请选择转交给谁。"))], coerce=str)

"""Forms of transfers within the county."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.validators import NumberRange, Optional

from aidtracker.students.models import MODES
from aidtracker.students.queries_transfers import TABS
from aidtracker.web.fields import CHOOSE, DayField, PickField, Required, SegmentedField, TextField, choices, long
from aidtracker.web.forms import Form, ListForm


class TransferListForm(ListForm):
    PLACES = ("township", "school")
    tab = SelectField(_l("状态"), choices=choices(TABS), default="confirm")
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")


class TransferForm(Form):
    to_school = PickField(_l("转入学校"), [CHOOSE])
    leaves_on = DayField(_l("从哪天起"), [Required(_l("请填写日期。"))])
    document = TextField(_l("证明材料或文号"), [long(100)])
    reason = TextAreaField(_l("原因"), [Required(_l("请写明转学的原因。")), long(200)])


class AskForPupilForm(TransferForm):
    """The whole number first; who was found is asked for with the second tap."""

    number = TextField(_l("完整的身份证号或学籍号"), [Required(_l("请输入完整的身份证号或学籍号。")), long(30)], normal=True)
    found = HiddenField()


class WordsForm(Form):
    words = TextAreaField(_l("原因"), [Required(_l("请写明原因。")), long(200)])


class ArrivalForm(Form):
    class_org = PickField(_l("班级"), [CHOOSE])
    mode = SegmentedField(_l("就读方式"), choices=choices(MODES), default="day")
    seat = IntegerField(_l("班内学号"), [Optional(), NumberRange(1, 999, _l("学号是 1 到 999 的数。"))])
    arrived_on = DayField(_l("报到日期"), [Required(_l("请填写日期。"))])

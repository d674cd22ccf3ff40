"""Forms of bringing in a workbook."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.validators import ValidationError

from aidtracker.db import today_in_china
from aidtracker.web.fields import DayField, Required
from aidtracker.web.forms import Form


class UploadForm(Form):
    file = FileField(_l("工作簿"), [FileRequired(_l("请选择一个文件。"))])


class RosterUploadForm(UploadForm):
    school_year = SelectField(_l("名册说的是哪个学年"), coerce=int)


class ListUploadForm(UploadForm):
    dated = DayField(_l("名单日期"), [Required(_l("请填写名单是哪一天的。"))])

    def validate_dated(self, field):
        if field.data and field.data > today_in_china():
            raise ValidationError(str(_l("名单日期不能晚于今天。")))

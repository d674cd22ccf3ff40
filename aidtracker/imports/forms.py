"""Forms of bringing in a workbook."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from aidtracker.web.forms import Form


class UploadForm(Form):
    file = FileField(_l("工作簿"), [FileRequired(_l("请选择一个文件。"))])


class RosterUploadForm(UploadForm):
    school_year = SelectField(_l("名册说的是哪个学年"), coerce=int)

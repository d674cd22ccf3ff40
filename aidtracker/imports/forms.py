"""Forms of bringing in a workbook."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import RadioField, SelectField
from wtforms.validators import Optional, ValidationError

from aidtracker.db import today_in_china
from aidtracker.web.fields import CHOOSE, DayField, Required
from aidtracker.web.forms import Form

MOST_FILES = 60  # sent together; a township has thirty schools


class UploadForm(Form):
    file = MultipleFileField(_l("工作簿"), [FileRequired(_l("请选择一个文件。"))])

    def validate_file(self, field):
        if len(field.data or ()) > MOST_FILES:
            raise ValidationError(str(_l("一次最多选 %(n)s 个文件，请分几次上传。", n=MOST_FILES)))


class RosterUploadForm(UploadForm):
    school_year = SelectField(_l("名册说的是哪个学年"), coerce=int)


class ListUploadForm(UploadForm):
    dated = DayField(_l("名单日期"), [Required(_l("请填写名单是哪一天的。"))])

    def validate_dated(self, field):
        if field.data and field.data > today_in_china():
            raise ValidationError(str(_l("名单日期不能晚于今天。")))


class OwnListUploadForm(ListUploadForm):
    list_kind = SelectField(_l("名单种类"), [CHOOSE], coerce=int)


def headings_form(headings: list[str], columns: list[tuple[str, str]], meant: dict[str, str]) -> Form:
    """One choice for each heading that we do not know: `heading-0`, `heading-1` ...; columns: (key, our heading)."""
    choices = [("", _l("不读取这一列")), *columns]
    fields = {f"heading-{n}": SelectField(heading, choices=choices, default=meant.get(heading, "")) for n, heading in enumerate(headings)}
    return type("HeadingsForm", (Form,), fields)()


def choices_form(conflicts: list[dict]) -> Form:
    """`line-0`, `line-1` ...: whose mark holds; none chosen leaves the line out."""
    fields = {}
    for n, one in enumerate(conflicts):
        choices = [("mine", _l("用表里的：%(mark)s", mark=one["mine"])), ("theirs", _l("留系统里的：%(mark)s", mark=one["theirs"]))]
        fields[f"line-{n}"] = RadioField(f"{one['name']} {one['column']}", [Optional()], choices=choices, default=one["choice"] or None)
    return type("ChoicesForm", (Form,), fields)()

"""Forms of paper sheets: whom they are printed for, and the code of one that comes back."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired

from aidtracker.visits.models_papers import PAPER_FORMS
from aidtracker.web.fields import ChecksField, Required, TextField, long
from aidtracker.web.forms import Form, ListForm


class PrintPapersForm(Form):
    kind = HiddenField(default="visit")
    pupils = ChecksField(_l("给哪些学生打印"), [InputRequired(_l("请至少选一名学生。"))], coerce=int)

    @property
    def paper_form(self) -> str:
        return self.kind.data if self.kind.data in PAPER_FORMS else "visit"


class FindPaperForm(Form):
    paper_code = TextField(_l("纸质表编号"), [Required(_l("请填写纸质表编号，例如：ABCD-2345。")), long(200)], normal=True)


class PapersForm(ListForm):
    """Of which class, for the list of what was printed and for printing more."""

    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    room = SelectField(_l("班级"), default="")

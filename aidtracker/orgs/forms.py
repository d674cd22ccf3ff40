"""Forms of places."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import InputRequired, Length

from aidtracker.web.fields import Required, TextField
from aidtracker.web.forms import Form

CATEGORIES = (
    "幼儿园", "完全小学", "小学教学点", "初级中学", "九年一贯制学校", "完全中学", "高级中学", "十二年一贯制学校", "中等职业学校", "特殊教育学校", "专门学校"
)  # fmt: skip


class EditOrgForm(Form):
    name = TextField(_l("名称"), [Required(_l("请填写名称。")), Length(max=100, message=_l("太长了，最多 100 个字符。"))])
    category = SelectField(_l("办学类型"), [InputRequired(_l("请选择。"))], choices=[(word, _l(word)) for word in CATEGORIES])
    sponsor = TextField(_l("举办者类型"), [Length(max=30, message=_l("太长了，最多 30 个字符。"))])

    def fit(self, kind: str, category: str) -> None:
        """Only a school has a category; one that workbooks brought stays possible."""
        if kind != "school":
            del self.category, self.sponsor
        elif category and category not in CATEGORIES:
            self.category.choices = [(category, category), *self.category.choices]


class CloseOrgForm(Form):
    reason = TextField(_l("原因"), [Required(_l("请写明原因，例如：撤并到中心小学。")), Length(max=200)])

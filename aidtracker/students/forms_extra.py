"""Forms of a county's own fields: defining one, and the fields that they add to the forms of pupils."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, TextAreaField
from wtforms.validators import NumberRange, Optional, ValidationError

from aidtracker.errors import Refused
from aidtracker.students.extra_fields import LONGEST, NAME, filterable, meant
from aidtracker.students.models_extra import KINDS, ExtraField
from aidtracker.web.fields import ANY, CHOOSE, Required, TextField, choices, long
from aidtracker.web.forms import Form, translated

REMOVE = "无"


class EditFieldForm(Form):
    label = TextField(_l("名称"), [Required(_l("请填写名称。")), long(20)])
    choices = TextAreaField(_l("选项"), [long(1000)])
    position = IntegerField(_l("顺序"), [Optional(), NumberRange(0, 999, _l("顺序是 0 到 999 的数。"))], default=0)
    is_sensitive = BooleanField(_l("敏感：只有能看完整号码的人能看到内容"))
    shown_in_list = BooleanField(_l("显示在学生名单里"))

    def values(self) -> dict:
        return {name: self[name].data for name in ("label", "choices", "position", "is_sensitive", "shown_in_list") if name in self}


class AddFieldForm(EditFieldForm):
    kind = SelectField(_l("类型"), [CHOOSE], choices=choices(KINDS))


def with_fields(form_class, fields: list[ExtraField], standing: dict[int, str]):
    """The form of a record with a field for each; a sensitive one is not shown, as a sealed number is not."""
    own = {NAME.format(field.id): entry_of(field, standing.get(field.id, "")) for field in fields}
    return type(form_class.__name__, (form_class,), own)


def entry_of(field: ExtraField, standing: str):
    if field.kind == "choice" and not field.is_sensitive:
        words = [*field.words, *([standing] if standing and standing not in field.words else [])]
        return SelectField(field.label, choices=[("", _l("未填")), *((word, word) for word in words)], default=standing)
    return TextField(field.label, [long(LONGEST), fits(field, standing)], default="" if field.is_sensitive else standing)


def fits(field: ExtraField, standing: str):
    def check(_form, entry) -> None:
        typed = (entry.data or "").strip()
        if typed in (standing, "") or (field.is_sensitive and typed == REMOVE):
            return
        try:
            meant(field, typed)
        except Refused as refused:
            raise ValidationError(translated(refused)) from refused

    return check


def extra_of(form, fields: list[ExtraField]) -> dict[int, str]:
    """{field: what was typed}; a sensitive one left empty is not among them, 无 empties it."""
    typed = {field: (form[NAME.format(field.id)].data or "").strip() for field in fields}
    return {field.id: "" if field.is_sensitive and text == REMOVE else text for field, text in typed.items() if text or not field.is_sensitive}


def with_filters(form_class, fields: list[ExtraField]):
    """The form of the list with a choice for each field that it can be narrowed by."""
    own = {NAME.format(f.id): SelectField(f.label, choices=[ANY, *((word, word) for word in f.words)], default="") for f in filterable(fields)}
    return type(form_class.__name__, (form_class,), own)

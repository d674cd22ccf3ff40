"""Fields that take what people really type."""

import datetime
import re
import unicodedata

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import Choice
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, DateInput

DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?|(\d{4})(\d{2})(\d{2})")


ANY = ("", _l("全部"))  # the first choice of a filter
CHOOSE = InputRequired(_l("请选择。"))


def choices(words: dict) -> list[tuple]:
    """{code: Chinese words} as a field offers them."""
    return [(code, _l(label)) for code, label in words.items()]


def long(most: int) -> Length:
    return Length(max=most, message=_l("太长了，最多 %(max)d 个字符。"))


def parse_day(text: str) -> datetime.date | None:
    """2012-03-05, 20120305, 2012.3.5, 2012/3/5, 2012年3月5日, full-width too; None when it is no day."""
    found = DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return None
    try:
        return datetime.date(*(int(part) for part in found.groups() if part))
    except ValueError:
        return None


class OneOf:
    """Marks a field that is filled, or another in its place: the page does not call it one that may stay empty."""

    field_flags = {"one_of": True}

    def __call__(self, form, field):
        """The other field looks at both."""


class DayField(DateField):
    """A date in any of the usual ways of writing it; `data` is a date or None."""

    widget = DateInput()

    def process_formdata(self, valuelist):
        text = valuelist[0].strip() if valuelist else ""
        self.data = parse_day(text) if text else None
        if text and self.data is None:
            raise ValueError(gettext("请填写真实的日期，例如：2012-03-05。"))


class TextField(StringField):
    """Text without spaces around it or control characters; normal=True also narrows full-width letters."""

    def __init__(self, label=None, validators=None, normal=False, **kwargs):
        super().__init__(label, validators, **kwargs)
        self.normal = normal

    def process_formdata(self, valuelist):
        super().process_formdata(valuelist)
        text = self.data or ""
        text = unicodedata.normalize("NFKC", text) if self.normal else text
        self.data = "".join(letter for letter in text if letter >= " " or letter in "\n\t").strip()


class PickField(SelectField):
    """One out of a list by its number; of several none is chosen until somebody does, so that nobody lands in the first by oversight."""

    def __init__(self, label=None, validators=None, **kwargs):
        super().__init__(label, validators, coerce=int, **kwargs)

    def iter_choices(self):
        if len(self.choices or ()) > 1:
            yield Choice("", _l("请选择"), self.data is None, {})
        yield from super().iter_choices()


class SegmentedField(RadioField):
    """A few choices side by side, one tap each; render_field draws it."""


class OneOfSeveral(CheckboxInput):
    """Never `required` by itself: of a group that must be answered the browser would want every box ticked."""

    validation_attrs = ["disabled"]


class ChecksField(SelectMultipleField):
    """A few choices of which several hold, one tap each; render_field draws it."""

    option_widget = OneOfSeveral()

    @property
    def any_of(self) -> str:
        """What to do when none is ticked; empty when none may be (static/js/checks.js)."""
        return next((str(rule.message) for rule in self.validators if isinstance(rule, InputRequired)), "")


class Required:
    """Says in words what to fill in: Required(_l('请填写见到了谁，例如：母亲。'))."""

    field_flags = {"required": True}

    def __init__(self, message):
        self.message = message

    def __call__(self, form, field):
        if field.errors:  # what was typed could not be read, which has been said
            return
        if field.data is None or (isinstance(field.data, str) and not field.data.strip()):
            raise ValidationError(str(self.message))

"""Form: what every form on a page has in common: CSRF, an idempotency key, errors as a list."""

from functools import lru_cache
from uuid import uuid4

from flask_babel import get_locale
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField
from wtforms.i18n import get_translations
from wtforms.validators import UUID, Length

from aidtracker.errors import KeyReused, Refused
from aidtracker.phrases import Phrase
from aidtracker.web.fields import ChecksField
from aidtracker.web.language import said

CARRIED = ("csrf_token", "key")


def new_key() -> str:
    return str(uuid4())


built_in_words = lru_cache(get_translations)  # Flask-WTF reads its catalogue from disk at every request


class Form(FlaskForm):
    class Meta(FlaskForm.Meta):
        def get_translations(self, form):
            return built_in_words((str(get_locale()),))

    # Made with the page, so that a second tap or a repeated send of one page is one write.
    key = HiddenField(default=new_key, validators=[Length(max=36), UUID()])

    refused_with = 400

    def submitted(self) -> bool:
        """Sent and well formed; otherwise the page is shown again with what was typed."""
        return self.validate_on_submit()

    def refuse(self, refused: Refused) -> None:
        """A rule said no: its words stand above the form, and nothing typed is lost."""
        self.form_errors = [*self.form_errors, translated(refused)]
        self.refused_with = refused.status if isinstance(refused, KeyReused) else self.refused_with

    @property
    def status(self) -> int:
        """Of the page that shows the form: 400 when something was wrong with it, 422 when its key stands for another body."""
        return self.refused_with if self.errors_list() else 200

    def typed(self) -> dict:
        """What was sent, without what every form carries."""
        return {name: value for name, value in self.data.items() if name not in CARRIED}

    def errors_list(self) -> list[tuple[str | None, str]]:
        """(id of the field or None, message) in the order of the page, for the summary."""
        found: list[tuple[str | None, str]] = [(None, str(message)) for message in self.form_errors]
        for field in self:
            found += [(target_of(field), str(error)) for error in field.errors]
        return found


class ConfirmForm(Form):
    """One button."""


def target_of(field) -> str | None:
    """Where the summary's link jumps: the field, the first of its choices, nowhere for a hidden one."""
    if isinstance(field, HiddenField):
        return None
    return f"{field.id}-0" if isinstance(field, RadioField | ChecksField) else field.id


def translated(refused: Refused) -> str:
    """The Chinese source string is the id in the catalogue."""
    return said(Phrase(refused.text, **refused.params))

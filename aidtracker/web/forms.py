"""Form: what every form on a page has in common: CSRF, an idempotency key, errors as a list."""

from functools import lru_cache
from uuid import uuid4

from flask_babel import get_locale
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict as Sent
from wtforms import HiddenField, RadioField
from wtforms.i18n import get_translations
from wtforms.validators import UUID, Length

from aidtracker.errors import Conflict, NotFound, Refused
from aidtracker.phrases import Phrase
from aidtracker.web.addresses import number_or_none
from aidtracker.web.fields import ANY, ChecksField
from aidtracker.web.language import said

CARRIED = ("csrf_token", "key")


def new_key() -> str:
    return str(uuid4())


def sent_as(pairs: list[tuple[str, str]]) -> Sent:
    """What a page would have sent, of fields that came another way."""
    return Sent(pairs)


built_in_words = lru_cache(get_translations)  # Flask-WTF reads its catalogue from disk at every request


class Form(FlaskForm):
    class Meta(FlaskForm.Meta):
        def get_translations(self, form):
            return built_in_words((str(get_locale()),))

    refused: Refused | None = None  # what a rule said
    # Made with the page, so that a second tap or a repeated send of one page is one write.
    key = HiddenField(default=new_key, validators=[Length(max=36), UUID()])


    def submitted(self) -> bool:
        """Sent and well formed; otherwise the page is shown again with what was typed."""
        return self.validate_on_submit()

    def refuse(self, refused: Refused) -> None:
        """A rule said no: its words stand above the form, and nothing typed is lost."""
        self.form_errors = [*self.form_errors, translated(refused)]
        self.refused = refused

    @property
    def status(self) -> int:
        """Of the page that shows the form: what a rule's refusal says, 400 when a field was wrong. The page was found:
        what a field names and nobody finds is a wrong field."""
        if self.refused is not None and not isinstance(self.refused, NotFound):
            return self.refused.status
        return 400 if self.errors_list() else 200

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


class RevisionForm(Form):
    """An edit that says what it was based on. After a conflict the page shows both, and saving again outranks theirs."""

    revision = HiddenField()

    @property
    def base(self) -> int:
        """0, which fits nothing, where it was not sent."""
        return number_or_none(str(self.revision.data)) or 0 if self.revision.raw_data else 0

    @property
    def theirs(self) -> dict | None:
        """What stands now, when somebody else wrote first."""
        return self.refused.theirs if isinstance(self.refused, Conflict) else None

    def refuse(self, refused: Refused) -> None:
        super().refuse(refused)
        if self.theirs and "revision" in self.theirs and "revision" in self:
            self.revision.data = self.theirs["revision"]


class ListForm(Form):
    """What a list is narrowed by, in its address; what is no choice counts as not chosen."""

    PLACES = ("township", "school", "room")
    LONGEST_TEXT = 60

    @property
    def text(self) -> str:
        """What is searched for, in the field q, as far as a database takes it."""
        return "".join(letter for letter in self.q.data or "" if letter.isprintable()).strip()[: self.LONGEST_TEXT]

    def chosen(self, name: str, otherwise: str = "") -> str:
        field = self[name]
        return field.data if field.data in {str(value) for value, _label, *_more in field.iter_choices()} else otherwise

    def places(self) -> dict[str, int | None]:
        """{name of a field: id that was asked for}, for orgs.narrowing.narrowed()."""
        return {name: number_or_none(self[name].data) for name in self.PLACES if name in self}

    def offer_places(self, narrowed) -> None:
        for name, offered in narrowed.offered.items():
            self[name].choices = [ANY, *((str(id_), label) for id_, label in offered)]
            self[name].data = str(narrowed.chosen[name] or "")

    def words_of(self, *names: str) -> list[str]:
        """What the list is narrowed to, in the words of these fields."""
        found = [(value, label, self[name].data) for name in names for value, label, *_more in self[name].iter_choices()]
        return [str(label) for value, label, chosen in found if value and value == chosen]


def target_of(field) -> str | None:
    """Where the summary's link jumps: the field, the first of its choices, nowhere for a hidden one."""
    if isinstance(field, HiddenField):
        return None
    return f"{field.id}-0" if isinstance(field, RadioField | ChecksField) else field.id


def translated(refused: Refused) -> str:
    """The Chinese source string is the id in the catalogue."""
    return said(Phrase(refused.text, **refused.params))

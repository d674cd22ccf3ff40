"""The form of a county's names of the reasons: a field for each."""

from flask_babel import lazy_gettext as _l

from aidtracker.cases.models import REASONS
from aidtracker.web.fields import TextField, long
from aidtracker.web.forms import Form


class ReasonNamesForm(Form):
    def names(self) -> dict[str, str]:
        return {code: self[f"reason_{code}"].data or "" for code in REASONS}


for each in REASONS:
    setattr(ReasonNamesForm, f"reason_{each}", TextField(_l(REASONS[each]), [long(20)]))

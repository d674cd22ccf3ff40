"""What the pages of the roll send."""

from wtforms import StringField

from aidtracker.attendance.marks import UNCLEAR
from aidtracker.web.forms import Form


class RollForm(Form):
    """Token and key only: fields of 45 pupils would cost six times the page. See marks_of()."""


class ReasonForm(RollForm):
    """Its one field is drawn by hand on the page; here for the summary's link."""

    reason = StringField()


def marks_of(sent) -> dict[int, tuple[str, str | None]]:
    """absent=ID for every ticked pupil, mark-ID=CODE, reason-ID=words (optional). What is no ID is left out by nobody:
    it becomes a stranger's, whom the action refuses."""
    marks = {}
    for text in sent.getlist("absent"):
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        reason = sent.get(f"reason-{text}")
        marks[number] = (sent.get(f"mark-{text}") or UNCLEAR, reason if reason is None else reason.strip())
    return marks


def revision_of(sent) -> int:
    text = sent.get("base_revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0

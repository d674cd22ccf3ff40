"""What the page of the roll sends. Read by hand: as fields of a form, 45 pupils would cost six times the page."""

from uuid import UUID

from aidtracker.attendance.marks import SYMPTOMS, UNCLEAR
from aidtracker.errors import Refused
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import new_key, translated


class RollForm:
    """The key of the page and what is wrong, as web.forms.Form has them; the token is checked before every view."""

    def __init__(self, sent=None):
        self.sent = sent
        self.key = new_key() if sent is None else sent.get("key", "")
        self.errors: list[str] = []

    def check(self) -> None:
        try:
            self.key = str(UUID(self.key[:80]))
        except ValueError:
            raise Refused("这个页面的编号不对，没有提交。请核对后再提交一次。") from None

    def refuse(self, refused: Refused) -> None:
        self.errors.append(translated(refused))

    def errors_list(self) -> list[tuple[str | None, str]]:
        return [(None, message) for message in self.errors]

    @property
    def marks(self) -> dict[int, tuple[str, str | None]]:
        """absent=ID for every ticked pupil, mark-ID=CODE or CODE:SYMPTOM, reason-ID=words (optional).

        What is no ID becomes 0, nobody's, so that the action refuses it instead of losing it.
        """
        marks = {}
        for text in self.sent.getlist("absent"):
            mark, _colon, symptom = self.sent.get(f"mark-{text}", "").partition(":")
            reason = symptom if symptom in SYMPTOMS else self.sent.get(f"reason-{text}")
            marks[number_or_none(text) or 0] = (mark or UNCLEAR, reason if reason is None else reason.strip())
        return marks

    @property
    def base_revision(self) -> int:
        return (number_or_none(self.sent.get("base_revision")) or 0) if self.sent is not None else 0

    @property
    def reason(self) -> str:
        return self.sent.get("reason", "") if self.sent is not None else ""

    @property
    def choice(self) -> str:
        """After a conflict: lines (by the picks), mine; '' of a first try."""
        return self.sent.get("choice", "")

    @property
    def picks(self) -> set[int]:
        """Pupils whose mark is taken from the reader's own list; of all others the list that stands is right."""
        mine = [name.removeprefix("pick-") for name in self.sent if name.startswith("pick-") and self.sent[name] == "mine"]
        return {number for number in map(number_or_none, mine) if number is not None}

    def told(self) -> dict:
        """As submit_once() takes it."""
        sent = {"marks": self.marks, "base_revision": self.base_revision, "reason": self.reason}
        return {**sent, "choice": self.choice, "picks": self.picks, "key": self.key}

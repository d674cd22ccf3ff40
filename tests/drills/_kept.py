"""Holds the open database against what was sent: everything acknowledged is there, whole and once, and the books about it agree.

What was sent and not acknowledged may be there or not, but never in part. Finds are counted as lost, half, doubled and wrong.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection

from aidtracker.attendance.day_sums import FIGURES
from aidtracker.attendance.marks import counts_of
from aidtracker.attendance.models import Absence, RollCallVersion
from aidtracker.audit.queries import first_broken_entry
from aidtracker.crypto.field import unsealed_column
from aidtracker.db import is_sqlite, run_sql
from tests.bench.house import CLASS_SIZE
from tests.drills._writers import Sent
from tests.drills.drill import Outcome

ZEROS = ("lost", "half", "doubled", "wrong")
ROLLS = f"SELECT id, class_org_id, on_day, session, revision, school_id, {', '.join(FIGURES)} FROM roll_call"  # noqa: S608
SUMMED = ", ".join(f"SUM({name})" for name in FIGURES)
LIVE = f"SELECT school_id, on_day, session, {SUMMED}, COUNT(*) FROM roll_call GROUP BY school_id, on_day, session"  # noqa: S608
KEPT = f"SELECT school_id, on_day, session, {', '.join(FIGURES)}, rolls FROM day_sum"  # noqa: S608
TOLD = """SELECT action, object_id, COUNT(*) FROM audit_entry WHERE action IN
('attendance.submit_roll_call', 'attendance.correct_roll_call', 'aid.record_payment', 'visits.record_visit') GROUP BY action, object_id"""


class Reckoning:
    """One look at the database. `acknowledged` are numbers of what was sent."""

    def __init__(self, outcome: Outcome, sent: Collection[Sent], acknowledged: Collection[int], where: str = ""):
        self.outcome, self.where, self.acknowledged = outcome, where, acknowledged
        self.sent: dict[str, dict[tuple, list[Sent]]] = defaultdict(lambda: defaultdict(list))
        for each in sent:
            self.sent[each.kind][each.about].append(each)
        self.told: Counter = Counter()  # (action, object) -> entries that the trail must have

    def take(self) -> None:
        self.is_whole()
        self.rolls()
        self.payments()
        self.visits()
        self.receipts()
        self.sums()
        self.trail()

    def found(self, word: str, line: str) -> None:
        self.outcome.found(word, f"{line}{self.where}")

    def acknowledged_of(self, sent: list[Sent]) -> list[Sent]:
        return [each for each in sent if each.number in self.acknowledged]

    def is_whole(self) -> None:
        if is_sqlite():
            answers = [row[0] for row in run_sql("PRAGMA integrity_check").fetchall()]
            if answers != ["ok"]:
                self.found("corrupt", f"integrity_check says {answers[:3]}")
            if strays := run_sql("PRAGMA foreign_key_check").fetchall():
                self.found("corrupt", f"foreign_key_check says {strays[:3]}")

    def rolls(self) -> None:
        """Revision by revision: the versions are what was sent before, the absences what was sent last, the figures their sums."""
        absences, versions = marks_of_rolls(), marks_of_versions()
        standing = {}
        for id_, room, day, session, revision, _school, *figures in run_sql(ROLLS).fetchall():
            about = (str(room), str(day), session)
            standing[about] = revision
            self.told["attendance.submit_roll_call", str(id_)] += 1
            if revision > 1:
                self.told["attendance.correct_roll_call", str(id_)] += revision - 1
            sent = self.sent["roll"].get(about, [])
            found = [*versions.pop(id_, []), absences.pop(id_, {})]
            if len(sent) < revision:
                self.found("doubled", f"roll {about} has {revision} revisions, {len(sent)} were sent")
            elif found != [each.content for each in sent[:revision]]:
                self.found("half", f"roll {about}, revision {revision}, holds {[len(each) for each in found]} marks, not what was sent")
            if dict(zip(FIGURES, figures, strict=True)) != counts_of([mark for mark, _ in found[-1].values()], CLASS_SIZE):
                self.found("half", f"roll {about} counts {figures}, its absences say otherwise")
        for about, sent in self.sent["roll"].items():
            kept = standing.get(about, 0)
            for each in self.acknowledged_of(sent[kept:]):
                self.found("lost", f"roll {about}, sent as {each.number}; {kept} revisions are there")

    def payments(self) -> None:
        rows = run_sql("SELECT p.student_id, p.batch_id, p.amount_fen, s.uid FROM payment p JOIN student s ON s.id = p.student_id").fetchall()
        for pupil, batch, fen, uid in rows:
            self.told["aid.record_payment", uid] += 1
            sent = self.sent["payment"].pop((pupil, batch), [])
            if fen not in [each.content["amount_fen"] for each in sent]:
                self.found("doubled", f"a payment of {fen} fen that nobody sent, or twice")
        self.all_there("payment", [])

    def visits(self) -> None:
        rows = run_sql("SELECT v.teachers, v.uid, s.student_id FROM visit v LEFT JOIN visit_student s ON s.visit_id = v.id").fetchall()
        times = Counter((words,) for words, _uid, _pupil in rows)
        for words, uid, pupil in rows:
            self.told["visits.record_visit", uid] += 1
            if pupil not in [each.content["pupil"] for each in self.sent["visit"].get((words,), [])]:
                self.found("half", f"the visit {words} is nobody's")
        for about, many in times.items():
            if many > 1:
                self.found("doubled", f"the visit {about} is there {many} times")
        self.all_there("visit", times)

    def all_there(self, kind: str, there: Collection[tuple]) -> None:
        for about, sent in self.sent[kind].items():
            if about not in there and self.acknowledged_of(sent):
                self.found("lost", f"{kind} {about}")

    def receipts(self) -> None:
        """One for every change and none without: by it a repetition is known."""
        keys = Counter(key for (key,) in run_sql("SELECT key FROM receipt").fetchall())
        wanted = self.told.total()
        if keys.total() != wanted:
            self.found("wrong", f"{keys.total()} receipts of {wanted} changes")
        numbers = {number for (number,) in run_sql("SELECT number FROM receipt").fetchall()}
        shown = run_sql("SELECT receipt FROM roll_call UNION ALL SELECT receipt FROM visit").fetchall()
        if strangers := [number for (number,) in shown if number not in numbers]:
            self.found("wrong", f"{len(strangers)} numbers are shown of which no receipt is kept")
        if doubled := [key for key, many in keys.items() if many > 1]:
            self.found("doubled", f"{len(doubled)} keys have two receipts")

    def sums(self) -> None:
        live, kept = (sorted((school, str(day), *map(str, rest)) for school, day, *rest in run_sql(text).fetchall()) for text in (LIVE, KEPT))
        if live != kept:
            self.found("half", f"{len(set(live) ^ set(kept))} sums of days are not those of their rolls")

    def trail(self) -> None:
        """The chain holds, and has one entry for each change that is there."""
        broken = first_broken_entry()
        if broken is not None:
            self.found("wrong", f"the trail is broken at entry {broken}")
        told = Counter({(action, object_id): many for action, object_id, many in run_sql(TOLD).fetchall()})
        if told != self.told:
            missing, more = (self.told - told).total(), (told - self.told).total()
            self.found("wrong", f"the trail lacks {missing} changes and tells of {more} that are not there")


def marks_of_rolls() -> dict[int, dict]:
    """{roll: {pupil: (mark, reason)}}, with what was left blank as ''."""
    unseal, found = unsealed_column(Absence.reason), defaultdict(dict)
    for roll, pupil, mark, reason in run_sql("SELECT roll_call_id, student_id, mark, reason FROM absence").fetchall():
        found[roll][pupil] = (mark, unseal(f"{roll}-{pupil}", reason) or "")
    return found


def marks_of_versions() -> dict[int, list[dict]]:
    """{roll: [the same, by revision]}."""
    unseal, found = unsealed_column(RollCallVersion.reasons), defaultdict(list)
    asked = "SELECT roll_call_id, revision, marks, reasons FROM roll_call_version ORDER BY roll_call_id, revision"
    for roll, revision, marks, sealed in run_sql(asked).fetchall():
        marks = json.loads(marks) if isinstance(marks, str) else marks
        reasons = json.loads(unseal(f"{roll}-{revision}", sealed) or "{}")
        found[roll].append({int(pupil): (mark, reasons.get(pupil, "")) for pupil, mark in marks.items()})
    return found


"""A visit that a door brings in: it is recorded once, however often it is sent, and has a 回执号."""

import uuid

from aidtracker.receipts.actions import new_number, once
from aidtracker.visits import actions, actions_files
from aidtracker.visits.evidence import NOTHING, Evidence, made_ready
from aidtracker.visits.files import await_files
from aidtracker.visits.queries_files import own_visit, sent_visit
from aidtracker.visits.records import EVIDENCE


def record_once(*, verb, students, values, key, by, evidence: Evidence = NOTHING, paper="", phone_at=None, brought_by=None):
    """The receipt of `record_visit` (one or more pupils) or `record_tutoring` (one), whose rules hold.

    A record that came as text, handed over, names its photos: they are put to it when the phone itself sends it.
    """
    number, files, uid = new_number(), made_ready(evidence, students[0].county_id), uid_of(by, key)
    whom = {"students": students} if verb == "record_visit" else {"student": students[0]}

    def do():
        stands = sent_visit(uid, by)  # a text handed over may come again long after its key was forgotten
        if stands is None:
            stands = getattr(actions, verb)(**whom, values=values, by=by, receipt=number, files=files, uid=uid, paper=paper)
            await_files(stands, evidence.digests)
        return {"visit": stands.id}

    came = {"phone_at": phone_at, "brought_by": brought_by}
    receipt = once(by=by, key=key, kind=f"visits.{verb}", body=body_of(students, values, evidence, paper), do=do, number=number, **came)
    if files:  # of a visit that stood already some may be missing
        actions_files.complete_visit(visit=own_visit(receipt.result["visit"], by), files=files, by=by)
    return receipt


def uid_of(by, key: str) -> str:
    """Of the visit that is sent under this key: the same whenever it comes, and nobody else's."""
    return uuid.uuid5(uuid.UUID(by.uid), key).hex


def body_of(students, values: dict, evidence: Evidence, paper: str = "") -> dict:
    """What stays out when there is none: a phone may send again what it sent before there were photos, times and papers."""
    said = {name: value for name, value in values.items() if value or name not in (*EVIDENCE, "starts_at")}
    further = {"files": evidence.digests, "paper": paper}
    return {"students": [student.id for student in students], **said, **{name: value for name, value in further.items() if value}}

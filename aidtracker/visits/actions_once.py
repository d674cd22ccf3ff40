"""A visit that a door brings in: it is recorded once, however often it is sent, and has a 回执号."""

from aidtracker.receipts.actions import new_number, once
from aidtracker.visits import actions


def record_once(*, verb, students, values, key, by, phone_at=None, brought_by=None):
    """The receipt of `record_visit` (one or more pupils) or `record_tutoring` (one), whose rules hold."""
    number = new_number()
    whom = {"students": students} if verb == "record_visit" else {"student": students[0]}

    def do():
        return {"visit": getattr(actions, verb)(**whom, values=values, by=by, receipt=number).id}

    body = {"students": [student.id for student in students], **values}
    came = {"phone_at": phone_at, "brought_by": brought_by}
    return once(by=by, key=key, kind=f"visits.{verb}", body=body, do=do, number=number, **came)

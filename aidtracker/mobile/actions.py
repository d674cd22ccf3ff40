"""Handing in for somebody without signal: the record is that person's, whoever pastes it."""

from aidtracker.audit.actions import record
from aidtracker.db import transaction
from aidtracker.errors import Forbidden
from aidtracker.mobile.handing import opened
from aidtracker.mobile.intake import refuse_foreign, take_in
from aidtracker.permissions import Permission
from aidtracker.receipts.models import Receipt


def hand_in(*, text: str, by) -> Receipt:
    """The receipt of the record that the text holds, the first one when it has come in already, by whichever way.

    The rules are those for its writer. Refused: a text that was changed, and a class or pupil whom `by` does not see, and whoever
    only looks.
    """
    if not by.may(Permission.VISIT_RECORD):
        raise Forbidden("你只能查看，不能代交。请让老师把文字发给乡镇专干或校级管理员。")
    handed = opened(text)
    refuse_foreign(kind=handed.kind, fields=handed.fields, by=by)
    with transaction():
        told = {"kind": handed.kind, "key": handed.key, "fields": handed.fields, "at": handed.at}
        receipt = take_in(**told, by=handed.user, brought_by=by.id)
        if not receipt.is_duplicate:
            record(action="mobile.hand_in", by=by, object_kind="receipt", object_id=receipt.number, county_id=handed.user.county_id)
    return receipt

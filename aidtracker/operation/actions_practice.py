"""Asking for a new beginning of a practice installation; its server makes it within a minute (demo/actions_practice.py)."""

from aidtracker.audit.actions import record
from aidtracker.db import transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.operation.models import Installation
from aidtracker.practice import is_practice


def start_reset(*, by) -> None:
    """Refused on a real site."""
    if not is_practice():
        raise Refused("这里不是练习站，没有改动任何数据。")
    with transaction():
        Installation.update(reset_wanted_at=utcnow()).execute()
        record(action="operation.start_reset", by=by, object_kind="installation", object_id=1)

"""Which pupils and classes one import wrote, transaction by transaction: what its undo goes by."""

import json
from collections.abc import Iterable

from aidtracker.students.models_history import RosterStep


def keep_step(import_uid: str, kind: str, ids: list[int]) -> None:
    """In the transaction that wrote them."""
    if import_uid and ids:
        RosterStep.create(import_uid=import_uid, kind=kind, ids=json.dumps(runs_of(ids)))


def ids_of(import_uid: str, kind: str) -> list[int]:
    steps = RosterStep.select(RosterStep.ids).where((RosterStep.import_uid == import_uid) & (RosterStep.kind == kind)).tuples()
    return [id_ for (runs,) in steps.order_by(RosterStep.id) for first, last in json.loads(runs) for id_ in range(first, last + 1)]


def runs_of(ids: Iterable[int]) -> list[list[int]]:
    """[[first, last], ...] of ids in a row."""
    runs: list[list[int]] = []
    for id_ in sorted(ids):
        if runs and id_ == runs[-1][1] + 1:
            runs[-1][1] = id_
        else:
            runs.append([id_, id_])
    return runs

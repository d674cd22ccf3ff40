"""What the process that reads a file says to the one that waits: one line of JSON each, days and moments marked as such."""

import datetime
import json
from typing import Any

LAST = {"end": True}  # without this line the answer was cut short


def said(value: object) -> bytes:
    return json.dumps(value, default=_marked, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def understood(line: bytes) -> Any:
    """ValueError when it is no such line."""
    return json.loads(line, object_hook=_unmarked)


def _marked(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return {"moment": value.isoformat()}
    return {"day": value.isoformat()} if isinstance(value, datetime.date) else str(value)


def _unmarked(value: dict) -> object:
    match value:
        case {"moment": str(moment)}:
            return datetime.datetime.fromisoformat(moment)
        case {"day": str(day)}:
            return datetime.date.fromisoformat(day)
    return value

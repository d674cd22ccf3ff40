"""Where a change came from (IP address, request id): set by the door, read by the trail."""

from contextvars import ContextVar
from typing import NamedTuple


class Origin(NamedTuple):
    network: str = ""
    request_id: str = ""


origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 an immutable tuple

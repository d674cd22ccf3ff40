"""Numbers in addresses: what no id can be is no address, so that nobody asks the database about it."""

from flask import Flask
from werkzeug.routing import IntegerConverter

LARGEST = 2**31 - 1  # an id on PostgreSQL


class IdConverter(IntegerConverter):
    """<int:student_id>: what is past every id answers 404, as an unknown address does."""

    def __init__(self, map, *args, **kwargs):
        super().__init__(map, *args, **{"max": LARGEST, **kwargs})


def register_addresses(app: Flask) -> None:
    app.url_map.converters["int"] = IdConverter


def number_or_none(text: str | None) -> int | None:
    """An id in a query or a form: ASCII digits that an id can be, else None."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    return int(text) if int(text) <= LARGEST else None

"""What stands on top of what is printed: whose it is, and of when. A screen says so in other ways."""

from flask import Flask
from flask_login import current_user

from aidtracker.db import utcnow


def register_printing(app: Flask) -> None:
    app.jinja_env.globals.update(places_printed=places_printed, printed_at=utcnow)


def places_printed() -> list[str]:
    """Where the person works: the school of whoever has a class."""
    if not current_user.is_authenticated:
        return []
    return list(dict.fromkeys((held.org.parent if held.org.kind == "class" else held.org).name for held in current_user.memberships))

"""What rooms above do when the calendar changes; create_app fills the list."""

from collections.abc import Callable

# Called with (id of the county, by), inside the transaction: days are school days no more, or are now.
when_calendar_changes: list[Callable] = []

"""The class of the cast with its pupils, and today a day of school."""

import pytest

from tests.attendance import conftest as attendance


@pytest.fixture
def here(county, today):
    return {"class_id": county.room.id, "on": today.isoformat(), "session": "morning"}


pupils, take, today = attendance.pupils, attendance.take, attendance.today

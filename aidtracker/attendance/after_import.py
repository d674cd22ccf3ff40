"""What follows from many rolls that a workbook brought: whom they warn of, and like cases of illness that they name."""

from collections.abc import Iterable

from aidtracker.attendance.alerts import sync_alerts
from aidtracker.attendance.early_warning import look_at_county
from aidtracker.attendance.many_rolls import WholeRoll
from aidtracker.db import today_in_china, transaction


def look_at_rolls(county_id: int, rolls: Iterable[WholeRoll], by) -> None:
    """What a roll by itself wakes at once; of the mornings each school and day once."""
    mornings = {(roll.school_id, roll.on) for roll in rolls if roll.session == "early"}
    with transaction():
        for school_id, on in sorted(mornings):
            sync_alerts(county_id, school_id, on)
        look_at_county(county_id=county_id, today=today_in_china(), by=by)

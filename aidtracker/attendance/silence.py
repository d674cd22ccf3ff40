"""Classes that have taken no roll for so many school days in a row. A session declared free (无课) is heard of, too."""

import datetime

from aidtracker.attendance.sessions import TAUGHT
from aidtracker.db import as_day, chunks_of, marks_for, run_sql
from aidtracker.students.queries import attending_counts
from aidtracker.terms.days import ONE_DAY, Calendar

GIVEN_UP = datetime.timedelta(days=120)  # a class of which nothing was heard for longer keeps its rolls elsewhere
BACK = datetime.timedelta(days=60)  # among which the school days are looked for
HEARD = f"""SELECT o.id, o.parent_id, (SELECT MAX(r.on_day) FROM roll_call r WHERE r.class_org_id = o.id AND r.on_day <= ? AND r.{TAUGHT}),
(SELECT MAX(n.on_day) FROM no_class n WHERE n.org_id IN (o.id, o.parent_id) AND n.on_day <= ? AND n.withdrawn_at IS NULL)
FROM org o WHERE o.county_id = ? AND o.kind = 'class' AND (o.closed_on IS NULL OR o.closed_on > ?)"""  # noqa: S608 our own names


def silent_since(county_id: int, today: datetime.date, days: int, class_ids: list[int] | None = None) -> dict[int, tuple[datetime.date, datetime.date]]:
    """{class: (its first school day without a word, the one that was too many)}; today is not over, and never counts.

    A class that has never taken a roll has not begun, and one that expects nobody has nothing to say.
    """
    if not days:
        return {}
    calendar, found = Calendar(county_id, today - BACK, today - ONE_DAY), {}
    for class_id, school, heard in heard_of(county_id, today, class_ids):
        missed = [day for day in calendar.of(school) if day > heard]
        if len(missed) >= days:
            found[class_id] = (missed[0], missed[days - 1])
    pupils = attending_counts(today, list(found)) if found else {}
    return {class_id: told for class_id, told in found.items() if pupils.get(class_id)}


def heard_of(county_id: int, today: datetime.date, class_ids: list[int] | None) -> list[tuple[int, int, datetime.date]]:
    """(class, school, the last day of which anything was said), of those that have begun and of which something was heard of late."""
    asked, rows = (today, today, county_id, today), []
    if class_ids is None:
        rows = run_sql(HEARD, asked).fetchall()
    else:
        for some in chunks_of(class_ids):
            rows += run_sql(f"{HEARD} AND o.id IN {marks_for(some)}", (*asked, *some)).fetchall()
    found = [(id_, school, max(as_day(day) for day in (rolled, free) if day)) for id_, school, rolled, free in rows if rolled]
    return [told for told in found if told[2] >= today - GIVEN_UP]

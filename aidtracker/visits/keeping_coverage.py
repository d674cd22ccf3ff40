"""Bringing the kept sums of coverage up to date: by the server itself, twice a minute, so that hardly a reader has to wait for it.

They are derived: where nobody keeps them, or they are of another day, the report counts everything itself.
"""

import datetime

from aidtracker.db import chunks_of, insert_rows, lock, marks_for, run_sql, today_in_china, transaction
from aidtracker.orgs.models import Org
from aidtracker.orgs.scopes import Scope
from aidtracker.students.search import counties
from aidtracker.visits.covered_changes import classes_changed
from aidtracker.visits.covered_kept import Kept, kept_of
from aidtracker.visits.covered_sums import NAMES, sums_by_class
from aidtracker.visits.models_coverage import CoverageSum
from aidtracker.visits.rules import rules_of

BEHIND = 500  # entries of the trail that a reader may have to look through in vain
LAST = "SELECT COALESCE(MAX(id), 0) FROM audit_entry"
COLUMNS = ("class_org_id", "county_id", "school_id", *NAMES)
PUT = """INSERT INTO coverage_kept (county_id, on_day, entry_id) VALUES (?, ?, ?)
ON CONFLICT (county_id) DO UPDATE SET on_day = excluded.on_day, entry_id = excluded.entry_id"""


def keep_coverage_when_due() -> None:
    """What the server does twice a minute: the first time of a day all classes, then those that changed."""
    for county_id in counties():
        keep_coverage(county_id, today_in_china())


def keep_coverage(county_id: int, on: datetime.date) -> bool:
    """Whether anything was written. Counted before the lock is taken: what comes meanwhile is told behind the entry that is noted."""
    kept, (last,) = kept_of(county_id), run_sql(LAST).fetchone()
    changed = classes_changed(county_id, kept.entry_id) if kept and kept.on == on else None
    if changed is not None and not changed and last - kept.entry_id < BEHIND:
        return False
    county = Org.get_by_id(county_id)
    scope = Scope(county, county, [str(county.path)])
    sums = sums_by_class(scope, rules_of(county_id, on), changed)
    with transaction():
        lock("coverage", county_id)
        if kept_of(county_id) != kept:  # another host was first
            return False
        put(county_id, sums, changed, Kept(on, last))
    return True


def put(county_id: int, sums: dict[int, dict], changed: set[int] | None, kept: Kept) -> None:
    if changed is None:
        run_sql("DELETE FROM coverage_sum WHERE county_id = ?", (county_id,))
    for some in chunks_of(sorted(changed or ())):
        run_sql(f"DELETE FROM coverage_sum WHERE class_org_id IN {marks_for(some)}", some)  # noqa: S608 marks
    rows = [(room, county_id, found["school_id"], *(found[name] for name in NAMES)) for room, found in sums.items()]
    insert_rows(CoverageSum, COLUMNS, rows)
    run_sql(PUT, (county_id, kept.on, kept.entry_id))

"""The sums of coverage as they are kept, with whatever changed since counted anew: what the report adds up. A look writes nothing."""

import datetime
from typing import NamedTuple

from aidtracker.db import as_day, marks_for, run_sql
from aidtracker.orgs.scopes import Scope, sum_up
from aidtracker.visits.covered_changes import classes_changed
from aidtracker.visits.covered_sums import NAMES, NOTHING, inside_of, sums_by_class
from aidtracker.visits.rules import Rules

KEPT = "SELECT on_day, entry_id FROM coverage_kept WHERE county_id = ?"
OF_CLASSES = f"SELECT class_org_id, school_id, {', '.join(NAMES)} FROM coverage_sum WHERE county_id = ? AND {{}}"  # noqa: S608 our own names
OF_SCHOOLS = f"SELECT school_id, {', '.join(f'SUM({name})' for name in NAMES)} FROM coverage_sum WHERE county_id = ? AND {{}} GROUP BY school_id"  # noqa: S608


class Kept(NamedTuple):
    """Up to which entry of the trail the sums are true, and of which day."""

    on: datetime.date
    entry_id: int


def kept_of(county_id: int) -> Kept | None:
    row = run_sql(KEPT, (county_id,)).fetchone()
    return Kept(as_day(row[0]), row[1]) if row else None


def sums_of_classes(scope: Scope, rules: Rules) -> dict[int, dict]:
    """{class: sums, with its school}"""
    changed = changed_on(scope, rules)
    if changed is not None:
        text, values = kept_rows(OF_CLASSES, scope, changed)
        rows = run_sql(text, values).fetchall()
        if is_still_of(scope, rules):
            kept = {room: dict(zip(NAMES, map(int, numbers), strict=True)) | {"school_id": school} for room, school, *numbers in rows}
            return kept | sums_by_class(scope, rules, changed)
    return sums_by_class(scope, rules)


def sums_of_schools(scope: Scope, rules: Rules) -> dict[int, dict]:
    """{school: sums} of those in which somebody sits."""
    changed = changed_on(scope, rules)
    if changed is not None:
        text, values = kept_rows(OF_SCHOOLS, scope, changed)
        rows = run_sql(text, values).fetchall()
        if is_still_of(scope, rules):
            found = {school: [dict(zip(NAMES, map(int, numbers), strict=True))] for school, *numbers in rows}
            return added(found, sums_by_class(scope, rules, changed))
    return added({}, sums_by_class(scope, rules))


def added(found: dict[int, list[dict]], classes: dict[int, dict]) -> dict[int, dict]:
    for sums in classes.values():
        found.setdefault(sums["school_id"], []).append(sums)
    return {school: sum_up(parts, NOTHING) for school, parts in found.items()}


def changed_on(scope: Scope, rules: Rules) -> set[int] | None:
    """Classes to be counted anew; None: all of them."""
    kept = kept_of(scope.county.id)
    return classes_changed(scope.county.id, kept.entry_id) if kept and kept.on == rules.on else None


def is_still_of(scope: Scope, rules: Rules) -> bool:
    """At midnight the sums that were just read may be those of the next day."""
    kept = kept_of(scope.county.id)
    return kept is not None and kept.on == rules.on


def kept_rows(text: str, scope: Scope, changed: set[int]) -> tuple[str, list]:
    inside, paths = inside_of(scope)
    without = f"class_org_id NOT IN {marks_for(changed)}" if changed else "1 = 1"
    return text.format(f"{inside} AND {without}"), [scope.county.id, *paths, *sorted(changed)]

"""Ready-made choices of the filters: this month, last month, this term; the latest school years."""

import datetime

from aidtracker.orgs.grades import school_year_of
from aidtracker.terms.calendar import school_year_label, term_of

YEARS_SHOWN = 10


def ranges_of(today: datetime.date) -> list[tuple[str, dict[str, str]]]:
    """(words, {'from': ..., 'to': ...})"""
    month = today.replace(day=1)
    before = month - datetime.timedelta(days=1)
    term = term_of(today)
    spans = [("今天", today, today), ("本月", month, today), ("上月", before.replace(day=1), before)]
    spans.append(("本学期", term.starts_on, today))
    return [(words, {"from": first.isoformat(), "to": last.isoformat()}) for words, first, last in spans]


def school_years(today: datetime.date) -> list[str]:
    this = school_year_of(today)
    return [school_year_label(year) for year in range(this, this - YEARS_SHOWN, -1)]

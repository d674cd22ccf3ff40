"""Who was missing at a session, by name; and who was missing at 就寝 and has not been seen since: whom somebody must look for today.

A pupil is off the nightly list as soon as a later roll at which they were expected has them there, or the roll of that night is
corrected (事假, 病假 ...); after a week the count of days away has taken over.
"""

import datetime
from typing import NamedTuple

from aidtracker.attendance.marks import NOT_THERE, UNEXCUSED
from aidtracker.attendance.models import Absence
from aidtracker.attendance.sessions import BOARDERS, EVERYBODY, FOR_BOARDERS, SESSIONS
from aidtracker.crypto.field import unsealed_column
from aidtracker.db import as_day, run_sql
from aidtracker.orgs import grades
from aidtracker.permissions import Permission

BACK = 7  # days
LONG_BACK = 45  # days, of whoever did not return from a break
LISTED = ("unwell",)  # at school, and yet to be seen to
MARKED = ", ".join(f"'{code}'" for code in (*NOT_THERE, *LISTED))
AWAY, WITHOUT_A_WORD = (", ".join(f"'{code}'" for code in codes) for codes in (NOT_THERE, UNEXCUSED))
EVENINGS = ", ".join(f"'{code}'" for code in FOR_BOARDERS)
COLUMNS = """SELECT a.student_id, s.name, s.class_org_id, r.class_org_id, sc.name, c.stage, c.entry_year, c.number, r.on_day, a.mark, r.id, a.reason
FROM roll_call r JOIN absence a ON a.roll_call_id = r.id JOIN student s ON s.id = a.student_id
JOIN school_class c ON c.org_id = r.class_org_id JOIN org o ON o.id = r.class_org_id JOIN org sc ON sc.id = r.school_id"""
AT = f"""{COLUMNS} WHERE r.on_day = ? AND r.session = ? AND a.mark IN ({MARKED}) AND o.path BETWEEN ? AND ?
ORDER BY o.code, s.pinyin, s.id"""  # noqa: S608 our own names
# Rolls after that night at which the pupil was expected, and there.
SEEN = f"""SELECT 1 FROM enrollment e JOIN roll_call l ON l.class_org_id = e.class_org_id WHERE e.student_id = a.student_id
AND l.on_day > r.on_day AND l.on_day <= ? AND e.starts_on <= l.on_day AND (e.ends_on IS NULL OR e.ends_on >= l.on_day)
AND {EVERYBODY} AND (l.session NOT IN ({EVENINGS}) OR {BOARDERS})
AND NOT EXISTS (SELECT 1 FROM absence b WHERE b.roll_call_id = l.id AND b.student_id = a.student_id AND b.mark IN ({AWAY}))"""  # noqa: S608
# Or later on the same day.
TIME = "CASE {0}.session " + " ".join(f"WHEN '{code}' THEN {place}" for place, code in enumerate(SESSIONS)) + " END"
SEEN_SINCE = SEEN.replace("l.on_day > r.on_day", f"(l.on_day > r.on_day OR (l.on_day = r.on_day AND {TIME.format('l')} > {TIME.format('r')}))")
NIGHTS = f"""{COLUMNS} WHERE r.session = 'night' AND r.on_day BETWEEN ? AND ? AND a.mark IN ({WITHOUT_A_WORD})
AND o.path BETWEEN ? AND ? AND NOT EXISTS ({SEEN}) ORDER BY r.on_day, o.code, s.pinyin, s.id"""  # noqa: S608
BREAKS = f"""{COLUMNS} WHERE a.mark = 'not_returned' AND r.on_day BETWEEN ? AND ? AND o.path BETWEEN ? AND ?
AND NOT EXISTS ({SEEN_SINCE}) ORDER BY r.on_day, o.code, s.pinyin, s.id"""  # noqa: S608
ANY_PLAN = "SELECT 1 FROM session_plan WHERE sessions LIKE ? LIMIT 1"


class Missing(NamedTuple):
    """One pupil; `on` is the first of the nights, `mark` that of the last. `is_here`: still in that class."""

    student_id: int
    name: str
    is_here: bool
    class_id: int
    class_name: str
    school_name: str
    on: datetime.date
    mark: str
    reason: str | None
    nights: int = 1


def missing_at(user, on: datetime.date, session: str) -> list[Missing]:
    """Within the classes whose rolls and pupils the reader may see."""
    return [missing for path in paths_of(user) for missing in read(run_sql(AT, (on, session, path, path + "~")).fetchall())]


def nights_missing(user, today: datetime.date) -> list[Missing]:
    """Each pupil once, who is away longest first."""
    if not run_sql(ANY_PLAN, ("%night%",)).fetchone():
        return []
    first, found = today - datetime.timedelta(days=BACK), {}
    for path in paths_of(user):
        for one in read(run_sql(NIGHTS, (first, today, path, path + "~", today)).fetchall()):
            before = found.get(one.student_id)
            found[one.student_id] = one._replace(on=before.on, nights=before.nights + 1) if before else one
    return sorted(found.values(), key=lambda one: (one.on, one.school_name, one.class_name, one.student_id))


def not_returned(user, today: datetime.date) -> list[Missing]:
    """Marked 未返校 after a break within the last weeks and not seen at a roll since; `on` is since when, who is away longest first."""
    first, found = today - datetime.timedelta(days=LONG_BACK), {}
    for path in paths_of(user):
        for one in read(run_sql(BREAKS, (first, today, path, path + "~", today)).fetchall()):
            before = found.get(one.student_id)
            found[one.student_id] = one._replace(on=before.on) if before else one
    return sorted(found.values(), key=lambda one: (one.on, one.school_name, one.class_name, one.student_id))


def paths_of(user) -> list[str]:
    """Where the reader may see rolls and pupils, without what lies within another."""
    seen, pupils = user.scopes(Permission.ROLL_VIEW), user.scopes(Permission.STUDENT_VIEW)
    both = {one if one.startswith(other) else other for one in seen for other in pupils if one.startswith(other) or other.startswith(one)}
    return sorted(path for path in both if not any(path != other and path.startswith(other) for other in both))


def read(rows) -> list[Missing]:
    unseal, found = unsealed_column(Absence.reason), []
    for student, name, now_in, class_id, school, stage, entered, number, on, mark, roll_id, reason in rows:
        label = grades.class_label(stage, entered, number, grades.school_year_of(as_day(on)))
        why = unseal(f"{roll_id}-{student}", bytes(reason)) if reason is not None else None
        found.append(Missing(student, name, now_in == class_id, class_id, label, school, as_day(on), mark, why))
    return found

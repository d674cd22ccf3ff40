"""The trail of one pupil: who looked, who revealed a number, who changed something, and which copies that left may hold the pupil."""

import functools
import operator

from aidtracker.audit.models import AuditEntry
from aidtracker.orgs.models import Org
from aidtracker.students.models import Enrollment, Student

LOOKS = ("students.view_student", "students.reveal")
EXPORTS = ("ledgers.export_ledger", "ledgers.reveal_numbers", "reports.export_report", "reports.reveal_ids")


def trail_of(student: Student, only: str = ""):
    """Newest first. `only`: looks (whoever saw the pupil, on a page or in a copy), changes, or '' for both."""
    own = (AuditEntry.object_kind == "student") & (AuditEntry.object_id == student.uid)
    looks = AuditEntry.action.in_(LOOKS)
    wanted = {"looks": (own & looks) | copies_with(student), "changes": own & ~looks}
    return AuditEntry.select().where(wanted.get(only, own | copies_with(student))).order_by(AuditEntry.id.desc())


def copies_with(student: Student):
    """A condition on AuditEntry: ledgers and reports of a place where the pupil is or was; their entry begins with its code."""
    codes = places_of(student)
    named = functools.reduce(operator.or_, (AuditEntry.reason.startswith(f"{code} ") | (AuditEntry.reason == code) for code in codes))
    kinds = AuditEntry.object_kind.in_(("ledger", "report"))
    return kinds & AuditEntry.action.in_(EXPORTS) & (AuditEntry.county_id == student.county_id) & named


def places_of(student: Student) -> list[str]:
    """Codes of the county, and of whatever lies above the classes and the registered home."""
    rooms = Enrollment.select(Enrollment.class_org).where(Enrollment.student == student)
    held = Org.select(Org.path).where(Org.id.in_(rooms) | (Org.id == student.home_id) | (Org.id == student.county_id)).tuples()
    ids = {int(part) for (path,) in held for part in path.strip("/").split("/")}
    return [code for (code,) in Org.select(Org.code).where(Org.id.in_(ids)).order_by(Org.id).tuples()]

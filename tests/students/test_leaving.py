"""Many pupils leave their class at once, as when 九年级 ends."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Forbidden, Refused
from aidtracker.students.actions_placing import leave_classes
from aidtracker.students.models import Enrollment, Student

LAST = datetime.date(2026, 11, 20)


def in_class():
    return Enrollment.select().where(Enrollment.ends_on.is_null()).count()


def test_leave_classes_ends_the_spells_with_one_entry_in_the_trail(pupils, officer):
    before = in_class()
    leave_classes(students=[pupils.mine, pupils.elsewhere], left_on=LAST, reason="初中毕业", by=officer)
    assert in_class() == before - 2
    assert Student.get_by_id(pupils.mine.id).class_org_id is None
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (entry.action, entry.count, entry.reason) == ("students.leave_classes", 2, "其他离校")


def test_leave_classes_is_refused_for_all_when_it_is_refused_for_one(pupils, officer, school_admin):
    before = in_class()
    leave_classes(students=[pupils.mine], left_on=LAST, reason="转学", by=officer)
    with pytest.raises(Refused, match="现在不在任何班级里"):
        leave_classes(students=[pupils.elsewhere, pupils.mine], left_on=LAST, reason="初中毕业", by=officer)
    with pytest.raises(Forbidden):
        leave_classes(students=[pupils.sibling, pupils.elsewhere], left_on=LAST, reason="初中毕业", by=school_admin)
    assert in_class() == before - 1

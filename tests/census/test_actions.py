"""Taking a list out, and a record for a listed child."""

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.census import actions
from aidtracker.census.models import ListedChild, Snapshot
from aidtracker.errors import Forbidden, NotFound, Refused
from aidtracker.students.models import Enrollment, NameReading, Student
from tests import factories
from tests.census.conftest import DAY, list_child


def last_entry():
    return AuditEntry.select().order_by(AuditEntry.id.desc()).first()


def test_remove_snapshot_takes_the_list_with_its_children_and_no_other(county, snapshot, officer):
    wrong, right = snapshot(), snapshot("disabled_children")
    for each in (wrong, wrong, right):
        list_child(each, home=county.village)
    assert actions.remove_snapshot(snapshot=wrong, by=officer) == 2
    assert [each.id for each in Snapshot.select()] == [right.id] and ListedChild.select().count() == 1
    entry = last_entry()
    assert (entry.action, entry.object_id, entry.count, entry.reason) == ("census.remove_snapshot", wrong.uid, 2, f"household_registry {DAY}")


def test_remove_snapshot_is_for_those_who_bring_lists(county, snapshot, coordinator):
    mine = snapshot()
    for user in (coordinator, factories.make_user("bureau_staff", county.other_county), factories.make_user("auditor", county.county)):
        with pytest.raises(Forbidden):
            actions.remove_snapshot(snapshot=mine, by=user)
    assert Snapshot.select().count() == 1


def test_remove_snapshot_a_second_time_finds_nothing(snapshot, officer):
    gone = snapshot()
    actions.remove_snapshot(snapshot=gone, by=officer)
    with pytest.raises((NotFound, Forbidden)):
        actions.remove_snapshot(snapshot=gone, by=officer)


def test_register_child_makes_a_record_without_a_class(county, snapshot, officer):
    child = list_child(snapshot(), "雷婷", home=county.village, ethnicity="藏族")
    student = Student.get_by_id(actions.register_child(child=child, by=officer).id)
    assert (student.name, student.sex, student.born_on, student.ethnicity) == ("雷婷", "F", child.born_on, "藏族")
    assert (student.id_number, bytes(student.id_index)) == (child.id_number, bytes(child.id_index))
    assert (student.home_id, student.home_code, student.class_org_id) == (county.village.id, county.village.code, None)
    assert Enrollment.select().count() == 0 and NameReading.select().where(NameReading.student == student.id).exists()
    entry = last_entry()
    assert (entry.action, entry.object_id) == ("census.register_child", student.uid) and "id_number" in entry.fields
    assert "雷婷" not in entry.fields + entry.reason


def test_register_child_is_refused_when_the_id_has_a_record(county, snapshot, officer):
    pupil = factories.make_student(county.room, "次仁卓玛")
    child = list_child(snapshot(), "次仁卓玛", id_number=pupil.id_number, home=county.village)
    with pytest.raises(Refused, match="次仁卓玛"):
        actions.register_child(child=child, by=officer)
    assert Student.select().count() == 1


def test_register_child_needs_sex_and_birth(snapshot, officer):
    child = list_child(snapshot(), sex="")
    with pytest.raises(Refused, match="性别或出生日期"):
        actions.register_child(child=child, by=officer)


def test_register_child_of_another_county_or_without_the_right_is_refused(county, snapshot, officer, coordinator):
    far = list_child(snapshot(of=county.other_county), home=county.far_township)
    near = list_child(snapshot(), home=county.village)
    for child, user in ((far, officer), (near, coordinator)):
        with pytest.raises(Forbidden):
            actions.register_child(child=child, by=user)
    assert Student.select().count() == 0

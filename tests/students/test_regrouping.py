"""Split classes, joined classes, merged schools: everybody has one place, past days stay, and it can be taken back."""

import datetime

import pytest

from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.plans import sessions_taken
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.students.actions_regrouping import combine_classes, merge_school, split_class
from aidtracker.students.actions_undoing import undo_rollover
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_moves import Move
from aidtracker.students.models_rollover import Rollover
from aidtracker.students.queries import roster_of
from aidtracker.terms.calendar import school_days
from tests import factories

TODAY = today_in_china()
EVE = TODAY - datetime.timedelta(days=1)
ACT = {"on_day": TODAY, "document": "教字〔2026〕9号", "reason": "人数太多"}


def fill(room, count):
    return [factories.make_student(room, f"王小{n}", sex="MF"[n % 2]) for n in range(count)]


def state():
    spells = sorted((s.id, s.class_org_id, str(s.starts_on), str(s.ends_on)) for s in Enrollment.select())
    places = sorted((o.id, o.name, str(o.closed_on)) for o in Org.select())
    return spells, places, sorted((s.id, s.class_org_id, s.mode) for s in Student.select())


def test_a_class_is_split_in_two_halves_of_each_sex(county, school_admin):
    fill(county.room, 9)
    before = list(roster_of(county.room, EVE))
    done = split_class(room=county.room, **ACT, by=school_admin)
    made = Org.get(Org.name == "三年级3班", Org.parent == county.school)
    here, there = list(Student.select().where(Student.class_org == county.room)), list(Student.select().where(Student.class_org == made))
    assert len(here) + len(there) == 9 and abs(len(here) - len(there)) <= 1
    assert abs(sum(p.sex == "M" for p in here) - sum(p.sex == "M" for p in there)) <= 1
    assert list(roster_of(county.room, EVE)) == before
    moves = Move.select()
    assert {(m.kind, m.on_day, m.document, m.reason, m.to_class_id) for m in moves} == {("reorganize", TODAY, "教字〔2026〕9号", "人数太多", made.id)}
    assert (done.kind, done.moved) == ("split", len(there))


def test_classes_of_one_grade_become_one_and_come_apart_again(county, school_admin):
    second = factories.make_class(county.school, "三年级", "5")
    fill(county.room, 3), fill(second, 2)
    before = state()
    done = combine_classes(room=county.room, others=[second], **ACT, by=school_admin)
    assert Student.select().where(Student.class_org == county.room).count() == 5
    assert Org.get_by_id(second.id).closed_on == TODAY
    undo_rollover(rollover=done, by=school_admin)
    assert state() == before
    assert not Move.select().where(Move.withdrawn_at.is_null()).exists()


def test_only_classes_of_the_same_grade_and_school_are_joined(county, school_admin):
    fill(county.room, 1), fill(county.sibling_room, 1)
    for other in (county.sibling_room, county.other_room, county.room):
        with pytest.raises(Refused, match="同一年级"):
            combine_classes(room=county.room, others=[other], **ACT, by=school_admin)


@pytest.mark.parametrize(("way", "names"), [("join", {"三年级1班": 5, "四年级1班": 2}), ("keep", {"三年级1班": 2, "三年级2班": 3, "四年级1班": 2})])
def test_a_school_is_merged_into_another_and_closed(county, administrator, way, names):
    fill(county.room, 3), fill(county.sibling_room, 2), fill(county.other_room, 2)
    before = state()
    done = merge_school(school=county.school, receiving=county.other_school, way=way, **ACT, by=administrator)
    rooms = Org.select().where((Org.parent == county.other_school) & Org.closed_on.is_null())
    assert {room.name: Student.select().where(Student.class_org == room).count() for room in rooms} == names
    assert Org.get_by_id(county.school.id).closed_on == TODAY
    undo_rollover(rollover=done, by=administrator)
    after = state()
    made = {room.id for room in rooms} - {county.other_room.id}
    assert (after[0], [place for place in after[1] if place[0] not in {row[0] for row in after[1]} - {row[0] for row in before[1]}], after[2]) == before
    assert all(Org.get_by_id(id_).closed_on for id_ in made)


def test_it_is_taken_back_no_more_once_the_class_has_called_the_roll(county, school_admin, administrator):
    fill(county.room, 4)
    [day] = school_days(TODAY - datetime.timedelta(days=20), TODAY, county.county.id)[-1:]
    done = split_class(room=county.room, **ACT | {"on_day": day}, by=school_admin)
    [made] = Org.select().where(Org.name == "三年级3班")
    session = sessions_taken(county.county.id, county.school.id, day)[0]
    submit_roll_call(class_org=made, on=day, session=session, marks={}, base_revision=0, by=school_admin)
    with pytest.raises(Refused, match="三年级3班在 .* 已经点过名"):
        undo_rollover(rollover=done, by=administrator)
    assert Rollover.get_by_id(done.id).undone_at is None


def test_refusals(county, school_admin, administrator, stranger, officer):
    late = fill(county.room, 3)[1]
    with pytest.raises(Forbidden):
        split_class(room=county.room, **ACT, by=stranger)
    with pytest.raises(Forbidden):
        merge_school(school=county.school, receiving=county.other_school, way="join", **ACT, by=officer)
    with pytest.raises(Refused, match="今天和 31 天以前之间"):
        split_class(room=county.room, **ACT | {"on_day": TODAY + datetime.timedelta(days=1)}, by=school_admin)
    with pytest.raises(Refused, match="本县的另一所学校"):
        merge_school(school=county.school, receiving=county.school, way="join", **ACT, by=administrator)
    Enrollment.update(starts_on=TODAY).where(Enrollment.student == late).execute()
    with pytest.raises(Refused, match="才进班的"):
        merge_school(school=county.school, receiving=county.other_school, way="join", **ACT, by=administrator)

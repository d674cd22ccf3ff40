"""Whose visits one sees, and of a shared one whose names."""

from aidtracker.visits.families import siblings_of
from aidtracker.visits.listing import Filters, filtered_visits
from aidtracker.visits.models import Visit
from aidtracker.visits.queries import pupils_of, to_verify, visible_visits
from tests import factories


def seen(user):
    return {visit.id for visit in visible_visits(user)}


def test_a_visit_is_seen_with_one_of_its_pupils(visit, pupils, county, teacher, coordinator, officer, stranger, school_admin):
    alone = visit(pupils.first).id
    shared = visit(pupils.first, pupils.elsewhere, by=officer).id
    away = visit(pupils.elsewhere, by=stranger).id
    homeward = visit(pupils.homeward, by=stranger).id  # registered in the coordinator's township
    assert seen(teacher) == seen(school_admin) == {alone, shared}
    assert seen(stranger) == {shared, away, homeward}
    assert seen(coordinator) == {alone, shared, homeward}
    assert seen(officer) == {alone, shared, away, homeward}
    assert seen(factories.make_user("bureau_staff", county.other_county)) == set()
    assert seen(factories.make_user("finance", county.county)) == set()


def test_other_pupils_of_a_shared_visit_are_a_number(visit, pupils, officer, teacher):
    shared = visit(pupils.first, pupils.elsewhere, by=officer)
    mine, whole = pupils_of(shared, teacher), pupils_of(shared, officer)
    assert ([pupil.name for pupil in mine.seen], mine.others) == (["次仁卓玛"], 1)
    assert (len(whole.seen), whole.others) == (2, 0)
    assert (whole.seen[0].class_name, whole.seen[0].school_name) == ("三年级2班", "双河镇中心小学")


def test_what_waits_is_of_others_and_not_decided_and_not_from_a_workbook(visit, pupils, coordinator, teacher):
    waits, own, imported, done = visit(), visit(by=coordinator), visit(), visit()
    Visit.update(is_imported=True).where(Visit.id == imported.id).execute()
    Visit.update(state="verified", checked_at=done.recorded_at).where(Visit.id == done.id).execute()
    assert [each.id for each in to_verify(coordinator)] == [waits.id]
    assert list(to_verify(teacher)) == [] and own.id in seen(coordinator)


def test_siblings_have_one_home_and_a_guardian_of_one_name_and_phone(pupils, county, school_admin, teacher):
    factories.make_guardian(pupils.first, "次仁", phone="13800001234")
    factories.make_guardian(pupils.sibling, "次仁", phone="13800001234")
    factories.make_guardian(pupils.homeward, "次仁", phone="13800001234")
    factories.make_guardian(factories.make_student(county.room, "别家", home=county.village), "次仁", phone="13900009999")
    assert [pupil.name for pupil in siblings_of(pupils.first, school_admin)] == ["次仁央宗"]  # the other is of another school
    assert siblings_of(pupils.first, teacher) == []
    assert siblings_of(pupils.at_home, school_admin) == []


def test_of_a_class_one_sees_the_visits_of_those_pupils_whom_one_may_see(visit, pupils, county, coordinator, officer, stranger):
    visit(pupils.elsewhere, by=stranger)
    homeward = visit(pupils.homeward, by=stranger).id
    both = visit(pupils.homeward, pupils.elsewhere, by=stranger).id
    in_room = {user.id: {each.id for each in filtered_visits(user, Filters(place=county.other_room))} for user in (coordinator, officer)}
    assert in_room[coordinator.id] == {homeward, both} and len(in_room[officer.id]) == 3
    assert {each.id for each in filtered_visits(coordinator, Filters(place=county.other_school))} == {homeward, both}

"""Two records of one child become one and, while nobody wrote since, two again."""

import datetime

import pytest

from aidtracker.attendance.models import Absence, RollCall
from aidtracker.audit.models import AuditEntry
from aidtracker.crypto.field import EncryptedField
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.schema import MODELS
from aidtracker.students import actions, actions_tags
from aidtracker.students.actions_correcting import correct_spell
from aidtracker.students.actions_merging import merge_students, withdraw_merge
from aidtracker.students.actions_placing import leave_class
from aidtracker.students.actions_years import close_year, reopen_year
from aidtracker.students.models import Enrollment, Guardian, NameReading, Student, Tag
from aidtracker.students.models_history import FormerName, FormerNumber
from aidtracker.students.models_merging import StudentMerge
from aidtracker.students.models_moves import Move
from aidtracker.students.moving_rows import would_stay
from aidtracker.students.queries import on_the, visible_students
from aidtracker.students.search import search
from tests import factories

UNLIKE = ("receipt", "audit_entry", "student_merge")  # a merger and its undoing are told and kept
ALWAYS = ("revision", "updated_at")


def now(pupil):
    return Student.get_by_id(pupil.id)


def house():
    """Every row of every table, with what is sealed opened."""
    found = {}
    for model in MODELS:
        if model._meta.table_name in UNLIKE:
            continue
        rows = []
        for row in model.select():
            rows.append(sorted((field.column_name, str(value_of(row, field))) for field in row._meta.sorted_fields if field.name not in ALWAYS))
        found[model._meta.table_name] = sorted(rows)
    return found


def value_of(row, field):
    value = getattr(row, field.name) if isinstance(field, EncryptedField) else row.__data__.get(field.name)
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


@pytest.fixture
def twins(county, officer, school_admin):
    """One child with two records: the second with a wrong ID, in the next class, with rows of several rooms."""
    first = factories.make_student(county.room, "次仁卓玛", home=county.village, phone="13900990099")
    factories.make_guardian(first, phone="13800990088")
    wrong = first.id_number[:-1] + ("1" if first.id_number[-1] != "1" else "2")
    second = factories.make_student(county.sibling_room, "次仁央金", id_number=wrong, home=county.village, phone="13900990077", address="扎多村3组")
    factories.make_guardian(second, name="卓嘎", relation="母亲", phone="13800990077")
    for pupil in (first, second):
        actions_tags.add_tag(student=pupil, kind="left_behind", detail="", starts_on=datetime.date(2026, 9, 1), source="家访", by=school_admin)
    actions_tags.add_tag(student=second, kind="disabled", detail="肢体", starts_on=datetime.date(2026, 9, 1), source="残疾证", by=school_admin)
    roll = make_roll(county.room, officer, 2)
    for pupil in (first, second):
        Absence.create(roll_call=roll, student=pupil, on=roll.on, mark="sick_leave", reason=f"病假{pupil.id}")
    alone = make_roll(county.sibling_room, officer, 1)
    Absence.create(roll_call=alone, student=second, on=alone.on, mark="sick_leave", reason="发烧")
    return now(first), now(second)


def make_roll(room, by, away):
    counts = {"expected": 9, "present": 9 - away, "sick_leave": away, "personal_leave": 0, "unexcused": 0, "late": 0, "left_early": 0, "official": 0}
    return RollCall.create(class_org=room, school=room.parent_id, on=datetime.date(2026, 10, 8), session="morning", submitted_by=by, **counts)


def merged(twins, by, take=(), reason="户口簿核对是同一人"):
    first, second = (now(pupil) for pupil in twins)
    return merge_students(kept=first, dropped=second, take=set(take), revisions=(first.revision, second.revision), reason=reason, by=by)


def test_the_kept_record_has_everything_and_the_other_is_seen_nowhere(twins, county, officer):
    first, second = twins
    merged(twins, officer, take={"student_number", "address"})
    kept = now(first)
    assert (kept.name, kept.id_number, kept.student_number, kept.address) == ("次仁卓玛", first.id_number, second.student_number, "扎多村3组")
    assert [g.phone for g in Guardian.select().where(Guardian.student == kept).order_by(Guardian.position)] == ["13800990088", "13800990077"]
    assert {number.number for number in FormerNumber.select().where(FormerNumber.student == kept)} == {second.id_number, first.student_number}
    assert [name.name for name in FormerName.select()] == ["次仁央金"]
    assert visible_students(officer).where(Student.id == second.id).count() == 0
    for typed in ("renyangjin", second.id_number, second.student_number, first.student_number, "次仁央金"):
        assert search(officer, typed).ids == [first.id]
    gone = now(second)
    assert (gone.merged_into_id, gone.class_org_id, gone.home_id, gone.id_number, gone.id_index) == (first.id, None, None, None, None)
    assert not NameReading.select().where(NameReading.student == second).exists()
    assert Enrollment.select().where(Enrollment.student == second).count() == 0
    assert Enrollment.select().where((Enrollment.student == first) & Enrollment.ends_on.is_null()).count() == 1


def test_what_the_kept_record_has_already_is_told_before_and_stays(twins, officer):
    first, second = twins
    before = house()
    assert sorted(would_stay(second.id, first.id)) == ["absence", "tag"] and house() == before
    merged(twins, officer)
    assert Absence.select().where(Absence.student == second).count() == 1
    moved = [absence.reason for absence in Absence.select().where(Absence.student == first).order_by(Absence.id)]
    assert moved == [f"病假{first.id}", "发烧"]
    assert sorted(tag.kind for tag in Tag.select().where(Tag.student == first)) == ["disabled", "left_behind"]


@pytest.mark.parametrize("take", [(), ("name", "id_number", "student_number", "phone", "address", "home_code"), ("id_number",)])
def test_a_merger_undone_leaves_every_table_as_before(twins, officer, take):
    before = house()
    merge = merged(twins, officer, take=take)
    assert house() != before
    withdraw_merge(merge=merge, by=officer)
    assert house() == before
    assert [e.action for e in AuditEntry.select().order_by(AuditEntry.id.desc()).limit(2)] == ["students.withdraw_merge", "students.merge_students"]
    merged(twins, officer)  # and may be done again


def test_a_merger_stands_once_somebody_wrote(twins, officer):
    merge = merged(twins, officer)
    kept = now(twins[0])
    actions.edit_student(student=kept, revision=kept.revision, values={"ethnicity": "汉族"}, by=officer)
    with pytest.raises(Refused, match="又改过"):
        withdraw_merge(merge=merge, by=officer)
    assert StudentMerge.get_by_id(merge.id).undone_at is None


def test_a_merger_stands_once_a_spell_was_corrected(twins, county, officer):
    """Also one that is over: brought back, what the merger dropped could lie over it."""
    Enrollment.update(starts_on=datetime.date(2026, 9, 1), ends_on=datetime.date(2026, 9, 10)).where(Enrollment.student == twins[1]).execute()
    Student.update(class_org=None).where(Student.id == twins[1].id).execute()
    Enrollment.update(starts_on=datetime.date(2026, 9, 20)).where(Enrollment.student == twins[0]).execute()
    merge = merged(twins, officer)
    spell = Enrollment.get((Enrollment.student == twins[0]) & Enrollment.ends_on.is_null(False))
    correct_spell(spell=spell, starts_on=spell.starts_on, ends_on=datetime.date(2026, 9, 15), class_org=spell.class_org, reason="核对点名册", by=officer)
    with pytest.raises(Refused, match="又改过"):
        withdraw_merge(merge=merge, by=officer)


def test_a_merger_is_withdrawn_though_the_number_of_a_dropped_spell_is_another_childs_by_now(twins, county, officer):
    merge = merged(twins, officer)
    newcomer = factories.make_student(county.room, "新同学")
    before = Enrollment.get(Enrollment.student == newcomer)
    withdraw_merge(merge=merge, by=officer)
    assert Enrollment.get(Enrollment.student == newcomer).id == before.id
    assert [Enrollment.select().where((Enrollment.student == twin) & Enrollment.ends_on.is_null()).count() for twin in twins] == [1, 1]


def test_a_spell_whose_next_one_a_merger_drops_says_why_it_ends(twins, county, officer):
    """The second record was in the class of before until the first one's time began; undone, all is as it was."""
    first, second = twins
    day = datetime.date(2026, 10, 1)
    Enrollment.update(starts_on=day).where(Enrollment.student == first).execute()
    Enrollment.update(starts_on=day).where(Enrollment.student == second).execute()
    Enrollment.create(student=second, class_org=county.room, mode="day", starts_on=datetime.date(2026, 9, 1), ends_on=datetime.date(2026, 9, 20))
    Enrollment.update(starts_on=datetime.date(2026, 9, 21)).where((Enrollment.student == second) & Enrollment.ends_on.is_null()).execute()
    before = house()
    merge = merged(twins, officer)
    assert [(move.kind, move.on_day) for move in Move.select().where(Move.student == first)] == [("correct", datetime.date(2026, 9, 21))]
    withdraw_merge(merge=merge, by=officer)
    assert house() == before


def test_who_died_in_one_record_does_not_sit_in_a_class_by_a_merger(twins, officer):
    first, second = twins
    leave_class(student=second, left_on=datetime.date(2026, 11, 1), reason="病故", kind="die", document="死亡证明", by=officer)
    with pytest.raises(Refused, match="登记死亡"):
        merged(twins, officer)
    leave_class(student=first, left_on=datetime.date(2026, 11, 1), reason="病故", by=officer)
    merged(twins, officer)


def test_two_valid_ids_are_merged_by_the_county_alone(twins, county, officer, school_admin):
    first, second = twins
    number = factories.make_id_number()
    actions.edit_student(student=now(second), revision=now(second).revision, values={"id_number": number}, why="录错了", by=officer)
    with pytest.raises(Refused, match="两个孩子"):
        merged(twins, school_admin)
    with pytest.raises(Refused, match="为什么"):
        merged(twins, officer, reason=" ")
    merged(twins, officer)
    assert search(officer, number).ids == [first.id]


def test_who_may_not_edit_both_merges_nothing(twins, pupils, teacher, school_admin):
    with pytest.raises(Forbidden):
        merged(twins, teacher)
    with pytest.raises(Forbidden):
        merged((twins[0], pupils.elsewhere), school_admin)


def test_a_record_that_changed_meanwhile_is_not_merged(twins, officer):
    first, second = (now(pupil) for pupil in twins)
    actions.edit_student(student=now(second), revision=second.revision, values={"ethnicity": "汉族"}, by=officer)
    with pytest.raises(Conflict):
        merge_students(kept=first, dropped=second, take=set(), revisions=(first.revision, second.revision), reason="同一人", by=officer)


def test_a_record_is_merged_once(twins, officer):
    first, second = (now(pupil) for pupil in twins)
    merged(twins, officer)
    with pytest.raises((Conflict, Forbidden)):
        merge_students(kept=second, dropped=first, take=set(), revisions=(second.revision + 1, first.revision + 1), reason="同一人", by=officer)


def close_last_year(county, by):
    close_year(county=county.county, school_year=2025, reason="已上报", by=by)


def seats(*days):
    """How many sat in a class on each of the days."""
    return [Enrollment.select().where(on_the(day)).count() for day in days]


def test_a_closed_year_holds_back_a_merger_that_would_change_how_many_sat_in_a_class(twins, county, officer, administrator):
    Enrollment.update(starts_on=datetime.date(2025, 9, 1)).execute()  # both records, through all of the year before
    close_last_year(county, administrator)
    before = house()
    with pytest.raises(Refused, match="2025–2026学年已封存"):
        merged(twins, officer)
    assert house() == before
    reopen_year(county=county.county, school_year=2025, reason="一人两份档案", by=administrator)
    merged(twins, officer)


def test_a_closed_year_holds_back_no_merger_that_leaves_its_sums_alone(twins, county, officer, administrator):
    """The second record is that of the year before: its spell changes hands, and who sat there is as many."""
    first, second = twins
    Enrollment.update(starts_on=datetime.date(2025, 9, 1), ends_on=datetime.date(2026, 7, 10)).where(Enrollment.student == second).execute()
    Student.update(class_org=None).where(Student.id == second.id).execute()
    close_last_year(county, administrator)
    days = datetime.date(2026, 3, 2), datetime.date(2026, 10, 8)
    before = seats(*days)
    merge = merged(twins, officer)
    assert seats(*days) == before and Enrollment.select().where(Enrollment.student == first).count() == 2
    withdraw_merge(merge=merge, by=officer)
    assert seats(*days) == before


def test_a_merger_from_before_the_year_was_closed_is_not_withdrawn_into_it(twins, county, officer, administrator):
    Enrollment.update(starts_on=datetime.date(2025, 9, 1)).execute()
    merge = merged(twins, officer)
    close_last_year(county, administrator)
    with pytest.raises(Refused, match="已封存"):
        withdraw_merge(merge=merge, by=officer)
    reopen_year(county=county.county, school_year=2025, reason="两个孩子", by=administrator)
    withdraw_merge(merge=merge, by=officer)

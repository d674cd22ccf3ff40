"""Taking the roll: what is saved, what is refused, and what happens when two take it."""

import datetime
import json
import threading

import pytest

from aidtracker.attendance import actions
from aidtracker.attendance.models import Absence, DaySum, RollCall, RollCallVersion
from aidtracker.attendance.queries import expected_ids, rolls_of, visible_class
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.db import database, transaction
from aidtracker.errors import Conflict, Forbidden, NotFound, Refused
from aidtracker.policies.registry import POLICIES
from aidtracker.students.queries import roster_of
from aidtracker.terms.models import CalendarDay
from tests import factories


def trail():
    return [entry.action for entry in AuditEntry.select().order_by(AuditEntry.id)]


def test_submit_roll_call_counts_everybody_and_keeps_only_who_was_not_simply_present(take, pupils, marks, sums_fit, teacher):
    roll = take({pupils.first: "sick_leave", pupils.second: "late"}, receipt="AAAAA-BBBBB")
    stored = RollCall.get_by_id(roll.id)
    assert (stored.expected, stored.present, stored.sick_leave, stored.late, stored.unexcused) == (3, 2, 1, 1, 0)
    assert (stored.revision, stored.submitted_by_id, stored.receipt) == (1, teacher.id, "AAAAA-BBBBB")
    assert marks(roll) == {pupils.first.id: "sick_leave", pupils.second.id: "late"}
    sums_fit()


def test_submit_roll_call_of_a_full_class_writes_no_absence(take):
    roll = take()
    assert (roll.expected, roll.present, Absence.select().count()) == (3, 3, 0)


def test_submit_roll_call_leaves_one_entry_in_the_trail_that_names_no_pupil(take, pupils):
    before = len(trail())
    take({pupils.first: ("sick_leave", "发热")})
    assert trail()[before:] == ["attendance.submit_roll_call"]
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.object_kind, entry.fields) == ("roll_call", "marks")
    assert first_broken_entry() is None


def test_a_reason_is_stored_sealed_and_read_back(take, pupils):
    take({pupils.first: ("sick_leave", "发热")})
    absence = Absence.get()
    assert absence.reason == "发热"
    sealed = database.execute_sql("SELECT reason FROM absence").fetchone()[0]
    assert "发热".encode() not in bytes(sealed)


def test_the_expected_are_the_roster_without_those_taught_at_home(county, pupils, today):
    roster = [row[0] for row in roster_of(county.room, today)]
    assert pupils.at_home.id in roster
    assert expected_ids(county.room.id, today, "morning") == set(roster) - {pupils.at_home.id}


def test_submit_roll_call_is_refused_on_a_closed_day(take, county, today):
    CalendarDay.update(kind="closure", name="大雪停课").where((CalendarDay.on == today) & (CalendarDay.county == county.county)).execute()
    with pytest.raises(Refused, match="休息日（大雪停课），不用点名"):
        take()


def test_submit_roll_call_is_refused_for_a_day_to_come(take, today):
    with pytest.raises(Refused, match="还没到这一天"):
        take(on=today + datetime.timedelta(days=1))


def test_submit_roll_call_is_refused_for_an_unknown_session(take):
    with pytest.raises(Refused, match="没有这个场次"):
        take(session="noon")


@pytest.mark.parametrize("who", ["at_home", "sibling", "elsewhere"])
def test_submit_roll_call_is_refused_with_somebody_who_is_not_expected(take, pupils, who):
    with pytest.raises(Refused, match="不在这个班"):
        take({getattr(pupils, who): "late"})
    assert RollCall.select().count() == 0


def test_submit_roll_call_is_refused_with_an_unknown_mark(take, pupils):
    with pytest.raises(Refused, match="没有这种出勤状态"):
        take({pupils.first: "asleep"})


def test_submit_roll_call_is_refused_with_a_reason_that_is_too_long(take, pupils):
    with pytest.raises(Refused, match="原因太长"):
        take({pupils.first: ("sick_leave", "热" * 201)})


def test_submit_roll_call_is_refused_for_a_class_without_pupils(take, county, today, school_admin):
    empty = factories.make_class(county.school, "五年级", "1")
    with pytest.raises(Refused, match="没有要点名的学生"):
        take(room=empty, by=school_admin)


def test_another_teachers_class_does_not_exist(take, county, pupils):
    with pytest.raises(NotFound):
        take(room=county.sibling_room)


def test_submit_roll_call_is_refused_without_the_right(county, pupils, today, coordinator):
    values = {"on": today, "session": "morning", "marks": {}, "base_revision": 0}
    with pytest.raises(Forbidden):
        actions.submit_roll_call(class_org=visible_class(coordinator, county.room.id), by=coordinator, **values)


def test_todays_roll_is_the_schools_to_take_not_the_bureaus(county, pupils, today, officer):
    values = {"on": today, "session": "morning", "marks": {}, "base_revision": 0}
    with pytest.raises(Forbidden):
        actions.submit_roll_call(class_org=visible_class(officer, county.room.id), by=officer, **values)


def test_a_forgotten_roll_may_be_handed_in_within_a_week(take, today):
    roll = take(on=today - datetime.timedelta(days=POLICIES["roll_late_days"].default))
    assert roll.revision == 1


def test_an_older_forgotten_roll_needs_the_right_to_correct(take, today, school_admin):
    long_ago = today - datetime.timedelta(days=POLICIES["roll_late_days"].default + 1)
    with pytest.raises(Forbidden, match="不能补点名"):
        take(on=long_ago)
    assert take(on=long_ago, by=school_admin).revision == 1


def test_the_teacher_edits_freely_on_the_same_day_and_the_former_roll_is_kept(take, pupils, marks, sums_fit, teacher):
    roll = take({pupils.first: ("sick_leave", "发热"), pupils.second: "late"})
    edited = take({pupils.first: "sick_leave", pupils.third: "unexcused"}, base=1)
    assert (edited.id, edited.revision) == (roll.id, 2)
    assert marks(roll) == {pupils.first.id: "sick_leave", pupils.third.id: "unexcused"}
    version = RollCallVersion.get()
    assert (version.revision, version.expected, version.submitted_by_id) == (1, 3, teacher.id)
    assert version.marks == {str(pupils.first.id): "sick_leave", str(pupils.second.id): "late"}
    assert json.loads(version.reasons) == {str(pupils.first.id): "发热"}
    assert trail()[-1] == "attendance.correct_roll_call"
    sums_fit()


def test_a_mark_that_stays_keeps_its_reason_and_one_that_changes_loses_it(take, pupils):
    take({pupils.first: ("sick_leave", "发热"), pupils.second: ("sick_leave", "咳嗽")})
    take({pupils.first: "sick_leave", pupils.second: "unexcused"}, base=1)
    assert {a.student_id: a.reason for a in Absence.select()} == {pupils.first.id: "发热", pupils.second.id: None}


def test_a_reason_can_be_taken_away(take, pupils):
    take({pupils.first: ("sick_leave", "发热")})
    take({pupils.first: ("sick_leave", "")}, base=1)
    assert Absence.get().reason is None


def test_what_stands_already_is_not_written_again(take, pupils):
    take({pupils.first: ("sick_leave", "发热")}, receipt="AAAAA-BBBBB")
    before = trail()
    again = take({pupils.first: "sick_leave"}, base=0, receipt="CCCCC-DDDDD")
    assert (again.revision, again.receipt) == (1, "AAAAA-BBBBB")
    assert trail() == before and RollCallVersion.select().count() == 0


def test_an_edit_of_a_stale_revision_is_a_conflict_that_carries_the_other_one(take, pupils, marks, school_admin):
    roll = take({pupils.first: "sick_leave"})
    take({pupils.second: "late"}, base=1, by=school_admin)
    with pytest.raises(Conflict) as caught:
        take({pupils.third: "unexcused"}, base=1)
    theirs = caught.value.theirs
    assert (theirs["revision"], theirs["by"], theirs["marks"]) == (2, "王校长", {str(pupils.second.id): "late"})
    assert "王校长" in caught.value.message
    assert marks(roll) == {pupils.second.id: "late"} and RollCallVersion.select().count() == 1


def test_two_phones_of_one_teacher_conflict_too(take, pupils):
    take({pupils.first: "sick_leave"})
    with pytest.raises(Conflict):
        take({pupils.second: "sick_leave"})


def test_a_past_roll_is_corrected_by_whoever_may_and_only_with_a_reason(take, pupils, yesterday, school_admin, officer, sums_fit):
    take({pupils.first: "unexplained"}, on=yesterday)
    with pytest.raises(Forbidden, match="更正"):
        take({pupils.first: "sick_leave"}, on=yesterday, base=1)
    with pytest.raises(Refused, match="请填写更正原因"):
        take({pupils.first: "sick_leave"}, on=yesterday, base=1, by=school_admin)
    assert take({pupils.first: "sick_leave"}, on=yesterday, base=1, by=school_admin, reason="补交病假条").revision == 2
    assert take({}, on=yesterday, base=2, by=officer, reason="学校来电更正").revision == 3
    assert [v.reason for v in RollCallVersion.select().order_by(RollCallVersion.revision)] == ["补交病假条", "学校来电更正"]
    sums_fit()


def test_the_morning_and_the_afternoon_are_two_rolls(take, county, today):
    take(session="afternoon")
    take(session="morning")
    assert [roll.session for roll in rolls_of(county.room, today)] == ["morning", "afternoon"]


def test_listeners_hear_of_a_roll_inside_its_transaction(take, pupils, monkeypatch):
    heard = []
    monkeypatch.setattr(actions, "when_roll_submitted", [lambda roll: heard.append((roll.revision, database.in_transaction()))])
    take({pupils.first: "late"})
    take({}, base=1)
    assert heard == [(1, True), (2, True)]


def test_a_listener_that_fails_takes_the_whole_roll_back(take, pupils, monkeypatch):
    def fail(_roll):
        raise Refused("不行")

    monkeypatch.setattr(actions, "when_roll_submitted", [fail])
    before = trail()
    with pytest.raises(Refused):
        take({pupils.first: "late"})
    assert (RollCall.select().count(), Absence.select().count(), DaySum.select().count()) == (0, 0, 0)
    assert trail() == before


def test_of_two_first_submissions_at_once_one_wins_and_the_other_is_a_conflict(take, pupils, teacher, county, sums_fit):
    start, outcomes = threading.Barrier(2), []
    teacher.memberships  # noqa: B018 read before the threads start

    def submit(pupil):
        with database.connection_context():
            start.wait()
            try:
                outcomes.append(take({pupil: "late"}).revision)
            except Conflict as conflict:
                outcomes.append(conflict.theirs["revision"] * 100)

    threads = [threading.Thread(target=submit, args=(pupil,)) for pupil in (pupils.first, pupils.second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [1, 100]
    assert (RollCall.select().count(), Absence.select().count()) == (1, 1)
    sums_fit()


def test_a_conflict_found_inside_an_outer_transaction_leaves_it_usable(take, pupils, county):
    take({pupils.first: "late"})
    with transaction():
        with pytest.raises(Conflict):
            take({pupils.second: "late"})
        assert RollCall.select().count() == 1


def test_a_submission_takes_few_statements(take, pupils):
    statements = []

    def listen(*what):
        statements.append(what)

    database.query_hooks.append(listen)
    try:
        take({pupils.first: "late", pupils.second: "sick_leave"})
    finally:
        database.query_hooks.remove(listen)
    assert len(statements) <= 18, statements  # one of them a lock, on PostgreSQL alone

"""无课: a session that a class has not is neither due nor reported nor a zero; it can be taken back; a roll outranks it."""

import datetime
import random

import pytest

from aidtracker.attendance.actions_free import declare_no_class, withdraw_no_class
from aidtracker.attendance.board import board_of
from aidtracker.attendance.figures import by_class_of
from aidtracker.attendance.models import NoClass, RollCall
from aidtracker.attendance.queries import places_below
from aidtracker.attendance.sessions import TEACHING
from aidtracker.attendance.sums import sessions_due
from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Forbidden, Refused
from aidtracker.terms.days import Calendar

EVENING = datetime.time(23, 30)
PAGE = "attendance.declare_no_class"


@pytest.fixture
def free(county, today, pupils, teacher):
    def declare(org=None, on=None, sessions=("morning",), kind="outing", reason="", by=None):
        return declare_no_class(org=org or county.room, on=on or today, sessions=sessions, kind=kind, reason=reason, by=by or teacher)

    return declare


def board(place, on):
    return board_of(places_below(place), on, datetime.datetime.combine(on, EVENING))


def due(county, first, last):
    return sessions_due(county.id, Calendar(county.id, first, last))


def test_a_session_without_class_is_neither_due_nor_missing(free, county, today, pupils):
    before = due(county.county, today, today)
    free()
    found = board(county.school, today)
    line = next(line for line in found.lines if line.org_id == county.room.id)
    assert (line.due["morning"], line.missing("morning"), line.free["morning"], str(line.why["morning"])) == (0, 0, 1, "外出活动")
    assert (found.total.due["morning"], found.total.due["afternoon"], found.free) == (1, 2, 1)
    after = due(county.county, today, today)
    assert before[county.school.id] - after[county.school.id] == 1 and before[county.other_school.id] == after[county.other_school.id]


def test_the_roll_is_not_taken_where_there_is_no_class_until_it_is_taken_back(free, take, teacher):
    (row,) = free()
    with pytest.raises(Refused, match="无课"):
        take()
    withdraw_no_class(row=row, by=teacher)
    assert take().revision == 1


def test_a_class_that_took_the_roll_had_class(free, take):
    take()
    with pytest.raises(Refused, match="上午已经点过名"):
        free(sessions=("morning", "afternoon"))
    assert NoClass.select().count() == 0


def test_a_schools_declaration_leaves_alone_the_classes_that_took_the_roll(free, take, county, today, school_admin):
    take()
    free(org=county.school, by=school_admin)
    found = board(county.school, today)
    assert (found.total.due["morning"], found.total.reported["morning"], found.total.free["morning"]) == (1, 1, 1)
    assert due(county.county, today, today)[county.school.id] == 3


def test_who_may_declare_and_until_when(free, county, today, school_admin, stranger, officer):
    with pytest.raises(Forbidden, match="校级管理员"):
        free(org=county.school)
    with pytest.raises(Forbidden):
        free(by=stranger)
    long_ago = today - datetime.timedelta(days=9)
    with pytest.raises(Forbidden, match="7 天"):
        free(on=long_ago)
    assert len(free(on=long_ago, by=school_admin)) == 1
    assert len(free(org=county.school, sessions=TEACHING, by=officer)) == 2


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"sessions": ()}, "哪一场"),
        ({"sessions": ("night",)}, "不点就寝"),
        ({"kind": "fun"}, "为什么"),
        ({"kind": "other"}, "写明原因"),
        ({"reason": "长" * 101}, "100"),
    ],
)
def test_a_bad_declaration_is_refused_in_words(free, asked, words):
    with pytest.raises(Refused, match=words):
        free(**asked)


def test_declaring_again_changes_nothing_and_each_act_has_one_entry(free, teacher):
    (row,) = free()
    with pytest.raises(Refused, match="已经登记"):
        free()
    withdraw_no_class(row=row, by=teacher)
    with pytest.raises(Refused, match="已经撤销"):
        withdraw_no_class(row=row, by=teacher)
    acts = [entry.action for entry in AuditEntry.select().order_by(AuditEntry.id)]
    assert acts == ["attendance.declare_no_class", "attendance.withdraw_no_class"]


def test_a_day_without_school_needs_no_declaration(free, today):
    with pytest.raises(Refused, match="休息日"):
        free(on=next(day for n in range(1, 9) if (day := today + datetime.timedelta(days=n)).weekday() == 6))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_due_is_what_a_naive_count_says(seed, county, today, pupils, take, school_admin, officer):
    """Random declarations and rolls: due by school, by class and on the board are those of a count class by class."""
    rng = random.Random(seed)
    days = [today - datetime.timedelta(days=n) for n in range(4)]
    rooms = [county.room, county.sibling_room]
    for _ in range(14):
        room, day, session = rng.choice(rooms), rng.choice(days), rng.choice(TEACHING)
        try:
            if rng.random() < 0.5:
                take(room=room, on=day, session=session, by=school_admin)
            else:
                declare_no_class(org=rng.choice([room, county.school]), on=day, sessions=(session,), kind="exam", reason="", by=school_admin)
        except Refused:
            continue
    rolls = set(RollCall.select(RollCall.class_org, RollCall.on, RollCall.session).tuples())
    gone = set(NoClass.select(NoClass.org, NoClass.on, NoClass.session).tuples())
    naive = {}
    for room in rooms:
        cells = [(room.id, day, session) for day in days for session in TEACHING]
        naive[room.id] = sum(cell in rolls or not ({cell, (county.school.id, *cell[1:])} & gone) for cell in cells)
    assert due(county.county, days[-1], today)[county.school.id] == sum(naive.values())
    assert {line["id"]: line["sessions_due"] for line in by_class_of(county.school, days[-1], today)} == {id_: n for id_, n in naive.items() if n}
    on_boards = [board(county.school, day) for day in days]
    assert sum(found.total.due[session] for found in on_boards for session in TEACHING) == sum(naive.values())
    assert sum(found.reported for found in on_boards) == len(rolls)


def test_the_page_declares_and_takes_back(sign_in, teacher, county, today, pupils):
    client = sign_in(teacher)
    client.post(PAGE, {"on_day": today.isoformat(), "sessions": "morning", "free_kind": "exam", "reason": "期中考试"}, org_id=county.room.id)
    assert "考试：期中考试" in client.get(PAGE, org_id=county.room.id).text
    assert "无课" in client.get("attendance.show_history", class_id=county.room.id).text
    shut = client.get("attendance.take_roll", class_id=county.room.id, on=today.isoformat(), session="morning").text
    assert "登记的是无课（考试：期中考试）" in shut
    assert "无课" in client.get("home.show_home").text
    client.post("attendance.withdraw_no_class", free_id=NoClass.get().id, page=client.url(PAGE, org_id=county.room.id))
    assert "已撤销" in client.get(PAGE, org_id=county.room.id).text


def test_a_stranger_finds_no_such_place(sign_in, stranger, county, pupils, free):
    (row,) = free()
    client = sign_in(stranger)
    client.get(PAGE, status=404, org_id=county.room.id)
    client.post("attendance.withdraw_no_class", status=404, free_id=row.id)


def test_a_township_looks_and_does_not_declare(sign_in, coordinator, county, today, pupils):
    client = sign_in(coordinator)
    client.get(PAGE, org_id=county.school.id)
    client.post(PAGE, {"on_day": today.isoformat(), "sessions": "morning", "free_kind": "exam"}, status=403, org_id=county.school.id)

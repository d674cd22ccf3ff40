"""The list of 异动, the sums that balance, and the roster of a past day."""

import datetime
import random

import pytest

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.students.actions_placing import leave_class
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_moves import Move
from aidtracker.students.moves import KINDS
from aidtracker.students.queries_moves import Balance, Period, balances, moves_in
from tests import factories
from tests.students import test_moving as acts

FIRST = datetime.date(2026, 9, 2)
LAST = datetime.date(2026, 11, 20)


@pytest.mark.parametrize("seed", range(6))
def test_came_and_left_balance_and_are_what_the_moves_say(pupils, county, officer, seed):
    draw, rooms, day = random.Random(seed), [county.room, county.sibling_room, county.other_room], FIRST
    for pupil in (pupils.mine, pupils.sibling, pupils.elsewhere):
        Move.create(county=county.county, student=pupil, kind="enroll", on_day=datetime.date(2026, 9, 1), to_class=pupil.class_org)
    for _ in range(30):
        day = min(day + datetime.timedelta(days=draw.randrange(4)), today_in_china())
        pupil = Student.get_by_id(draw.choice([pupils.mine, pupils.sibling, pupils.elsewhere]).id)
        act = draw.choice([acts.into, acts.into, acts.out, acts.away, acts.other_mode, acts.take_back, acts.mend, acts.ask_and_arrive])
        try:
            act(draw, pupil, rooms, day, officer)
        except Refused:
            pass
    for first, last in ((FIRST, today_in_china()), (datetime.date(2026, 9, 10), datetime.date(2026, 10, 10)), (FIRST, FIRST)):
        rows = {row.school_id: row for row in balances(officer, Period(first, last))}
        for school in (county.school, county.other_school):
            row = rows.get(school.id) or Balance(school.id, school.name, 0, 0, 0, 0)
            assert row.at_start + row.came - row.left == row.at_end
            assert row.at_end == sat_at(school, last) and row.at_start == sat_at(school, first - datetime.timedelta(days=1))
            assert row.came - row.left == net_of_moves(school, first, last)


def sat_at(school, day):
    spells = [spell for spell in Enrollment.select() if spell.class_org.parent_id == school.id]
    return sum(spell.starts_on <= day and (spell.ends_on is None or spell.ends_on >= day) for spell in spells)


def net_of_moves(school, first, last):
    moves = [move for move in Move.select() if first <= move.on_day <= last and not move.withdrawn_at and move.kind != "correct"]
    came = sum(bool(KINDS[move.kind].enters and move.to_class.parent_id == school.id) for move in moves)
    left = sum(bool(move.from_class_id and move.from_class.parent_id == school.id) for move in moves)
    return came - left


def test_the_list_shows_a_schools_own_moves_and_no_reason(pupils, county, school_admin, officer, sign_in):
    leave_class(student=pupils.mine, left_on=LAST, kind="move_away", place="邻县", reason="家里的事", by=school_admin)
    leave_class(student=pupils.elsewhere, left_on=LAST, kind="graduate", reason="毕业了", by=officer)
    page = sign_in(school_admin).get("students.list_moves").text
    assert pupils.mine.name in page and pupils.elsewhere.name not in page and "邻县" in page and "家里的事" not in page
    assert f"/students/{pupils.mine.id}/" not in page  # the school sees its page no more
    page = sign_in(officer).get("students.list_moves", kind="graduate", first="2026-11-01", last="2026-11-30").text
    assert pupils.elsewhere.name in page and pupils.mine.name not in page and f"/students/{pupils.elsewhere.id}/" in page
    assert "这段时间没有" in sign_in(officer).get("students.list_moves", first="2026-10-01", last="2026-10-02").text


def test_teachers_have_no_list_of_moves(pupils, teacher, sign_in):
    sign_in(teacher).get("students.list_moves", status=403)
    sign_in(teacher).get("students.list_transfers", status=403)


def test_another_countys_moves_are_not_seen(pupils, county):
    Move.create(county=county.county, student=pupils.mine, kind="enroll", on_day=LAST, to_class=county.room)
    far = factories.make_user("bureau_staff", county.far_school.county, username="far.staff")
    assert moves_in(far, Period(FIRST, today_in_china())).count() == 0


def test_the_roster_of_a_past_day_names_who_has_left_since(pupils, county, school_admin, sign_in):
    leave_class(student=pupils.mine, left_on=LAST, reason="走了", by=school_admin)
    client = sign_in(school_admin)
    assert pupils.mine.name not in client.get("orgs.show_org", org_id=county.room.id).text
    page = client.get("orgs.show_org", org_id=county.room.id, on="2026-11-20").text
    assert pupils.mine.name in page and f"/students/{pupils.mine.id}" not in page
    assert pupils.mine.name not in client.get("orgs.show_org", org_id=county.room.id, on="2026-11-21").text
    for strange in ("2026-02-31", "x", "2999-01-01"):
        assert pupils.mine.name not in client.get("orgs.show_org", org_id=county.room.id, on=strange).text

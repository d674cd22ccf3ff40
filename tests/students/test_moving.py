"""Each kind of move says what it needs; the last is taken back, a spell is corrected; spells and moves always tell one story."""

import datetime
import random

import pytest

from aidtracker.attendance.models import Absence, RollCall
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.students.actions_correcting import correct_spell
from aidtracker.students.actions_moving import defer_student, withdraw_move
from aidtracker.students.actions_placing import change_mode, enroll_student, leave_class
from aidtracker.students.actions_transferring import confirm_transfer, record_arrival, transfer_student, withdraw_transfer
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_moves import Move, Transfer
from aidtracker.students.moves import KINDS
from aidtracker.students.timeline import last_move
from tests import factories

DAY = datetime.timedelta(days=1)
FIRST = datetime.date(2026, 9, 1)
LAST = datetime.date(2026, 11, 20)
NONE = dict.fromkeys(("sick_leave", "personal_leave", "unexcused", "late", "left_early", "official"), 0)


@pytest.fixture
def township(county):
    return factories.make_user("township_coordinator", county.township, "乡镇", "township.moves")


def spells(pupil):
    return list(Enrollment.select(Enrollment.class_org, Enrollment.mode, Enrollment.starts_on, Enrollment.ends_on).where(Enrollment.student == pupil).order_by(Enrollment.starts_on).tuples())


def fresh(pupil):
    return Student.get_by_id(pupil.id)


def test_suspend_is_approved_by_the_township_and_never_by_the_school(pupils, school_admin, township):
    about = {"kind": "suspend", "left_on": LAST, "reason": "骨折", "document": "乡批〔2026〕9号", "until_on": datetime.date(2027, 2, 1)}
    with pytest.raises(Forbidden, match="乡镇政府或教育局批准"):
        leave_class(student=pupils.mine, **about, by=school_admin)
    with pytest.raises(Refused, match="批准文件"):
        leave_class(student=pupils.mine, **(about | {"document": ""}), by=township)
    with pytest.raises(Refused, match="到哪一天为止"):
        leave_class(student=pupils.mine, **(about | {"until_on": LAST}), by=township)
    leave_class(student=pupils.mine, **about, by=township)
    move = last_move(pupils.mine.id)
    assert (move.kind, move.on_day, move.until_on, move.reason) == ("suspend", LAST + DAY, about["until_on"], "骨折")
    assert "骨折" not in {entry.reason for entry in AuditEntry.select()}


def test_what_the_township_approved_is_the_townships_to_withdraw(pupils, county, school_admin, township, sign_in):
    before, about = spells(pupils.mine), {"left_on": LAST, "reason": "骨折", "document": "乡批9号", "until_on": datetime.date(2027, 2, 1)}
    leave_class(student=pupils.mine, kind="suspend", **about, by=township)
    where = {"student_id": pupils.mine.id, "move_id": last_move(pupils.mine.id).id}
    with pytest.raises(Forbidden):
        withdraw_move(move=last_move(pupils.mine.id), reason="错了", by=school_admin)
    client = sign_in(township)
    assert client.url("students.withdraw_approval", **where) in client.get("students.list_enrollments", student_id=pupils.mine.id).text
    client.post("students.withdraw_approval", {"reason": "没有休学"}, **where)
    assert spells(pupils.mine) == before and last_move(pupils.mine.id) is None


def test_the_pages_of_the_law_are_the_townships(pupils, county, school_admin, township, sign_in):
    sign_in(school_admin).get("students.suspend_student", status=403, student_id=pupils.mine.id)
    assert "请联系乡镇专干或教育局办理" in sign_in(school_admin).get("students.leave_class", student_id=pupils.mine.id).text
    data = {"left_on": "2026-11-20", "until_on": "2027-02-01", "document": "乡批9号", "reason": "骨折"}
    sign_in(township).post("students.suspend_student", data, student_id=pupils.mine.id)
    assert fresh(pupils.mine).class_org_id is None
    page = sign_in(township).get("students.list_enrollments", student_id=pupils.mine.id).text
    assert "休学" in page and "乡批9号" in page and "骨折" in page


def test_a_kind_asks_only_what_it_needs(pupils, school_admin, sign_in):
    client = sign_in(school_admin)
    page = client.get("students.leave_class", student_id=pupils.mine.id, kind="transfer_out").text
    assert "接收学校" in page and "到哪一天为止" not in page
    assert "接收学校" not in client.get("students.leave_class", student_id=pupils.mine.id, kind="graduate").text
    data = {"kind": "transfer_out", "left_on": "2026-11-20", "reason": "随父母"}
    assert "请填写接收学校" in client.post("students.leave_class", data, 400, student_id=pupils.mine.id).text
    client.post("students.leave_class", data | {"kind": "suspend"}, 403, student_id=pupils.mine.id)
    client.post("students.leave_class", data | {"place": "邻县一小"}, student_id=pupils.mine.id)
    assert last_move(pupils.mine.id).place == "邻县一小"


def test_who_died_takes_no_further_move_until_that_is_withdrawn(pupils, county, officer):
    leave_class(student=pupils.mine, kind="die", left_on=LAST, reason="溺水", document="证明", by=officer)
    pupil = fresh(pupils.mine)
    with pytest.raises(Refused, match="已登记死亡"):
        enroll_student(student=pupil, class_org=county.room, mode="day", seat=None, starts_on=today_in_china(), by=officer)
    with pytest.raises(Refused, match="已登记死亡"):
        defer_student(student=pupil, on_day=today_in_china(), until_on=today_in_china(), document="x", reason="x", by=officer)
    before = spells(pupil)
    withdraw_move(move=last_move(pupil.id), reason="登记错了人", by=officer)
    assert spells(pupil) == [(*before[0][:3], None)] and fresh(pupil).class_org_id == county.room.id
    enroll_student(student=fresh(pupil), class_org=county.sibling_room, mode="day", seat=None, starts_on=today_in_china(), by=officer)


def test_defer_is_for_a_child_in_no_class(pupils, county, officer, township):
    values = {"on_day": FIRST, "until_on": datetime.date(2027, 8, 31), "document": "乡批", "reason": "体弱"}
    with pytest.raises(Refused, match="已经在班级里"):
        defer_student(student=pupils.mine, **values, by=township)
    child = factories.make_student(None, "小小", home=county.village)
    defer_student(student=child, **values, by=township)
    assert last_move(child.id).kind == "defer" and spells(child) == []


def test_only_the_last_move_is_withdrawn_and_the_spell_before_is_as_it_was(pupils, county, school_admin):
    pupil, before = pupils.mine, spells(pupils.mine)
    enroll_student(student=pupil, class_org=county.sibling_room, mode="boarding", seat=3, starts_on=datetime.date(2026, 10, 8), by=school_admin)
    first = last_move(pupil.id)
    change_mode(student=pupil, mode="day", starts_on=datetime.date(2026, 10, 20), by=school_admin)
    with pytest.raises(Refused, match="只能撤销最后一次"):
        withdraw_move(move=first, reason="错了", by=school_admin)
    for _ in range(2):
        withdraw_move(move=last_move(pupil.id), reason="录错了", by=school_admin)
    assert spells(pupil) == before and last_move(pupil.id) is None
    assert (fresh(pupil).class_org_id, fresh(pupil).mode) == (county.room.id, "day")
    assert [move.withdrawn_by_id for move in Move.select()] == [school_admin.id] * 2
    assert "录错了" in Move.get_by_id(first.id).reason


def test_a_change_on_the_first_day_of_a_spell_cannot_be_withdrawn(pupils, county, school_admin):
    enroll_student(student=pupils.mine, class_org=county.sibling_room, mode="day", seat=3, starts_on=FIRST, by=school_admin)
    with pytest.raises(Refused, match="同一天里改的"):
        withdraw_move(move=last_move(pupils.mine.id), reason="错了", by=school_admin)
    assert len(spells(pupils.mine)) == 1


def test_a_spell_in_which_somebody_was_marked_absent_is_not_taken_back(pupils, county, school_admin, teacher):
    enroll_student(student=pupils.mine, class_org=county.sibling_room, mode="day", seat=3, starts_on=datetime.date(2026, 10, 8), by=school_admin)
    on = datetime.date(2026, 10, 9)
    roll = RollCall.create(class_org=county.sibling_room, school=county.school, on=on, session="morning", expected=1, present=0, **NONE | {"sick_leave": 1})
    Absence.create(roll_call=roll, student=pupils.mine, on=on, mark="sick_leave")
    with pytest.raises(Refused, match="2026-10-09"):
        withdraw_move(move=last_move(pupils.mine.id), reason="错了", by=school_admin)


def test_correct_spell_moves_what_touches_and_keeps_gaps(pupils, county, school_admin, officer):
    pupil, room = pupils.mine, county.room
    enroll_student(student=pupil, class_org=county.sibling_room, mode="day", seat=3, starts_on=datetime.date(2026, 10, 8), by=school_admin)
    second = Enrollment.get(Enrollment.student == pupil, Enrollment.ends_on.is_null())
    correct_spell(spell=second, starts_on=datetime.date(2026, 10, 12), ends_on=None, class_org=county.sibling_room, reason="录错", by=school_admin)
    assert [spell[2:] for spell in spells(pupil)] == [(FIRST, datetime.date(2026, 10, 11)), (datetime.date(2026, 10, 12), None)]
    assert last_move(pupil.id).on_day == datetime.date(2026, 10, 12)
    with pytest.raises(Refused, match="前一段是那天开始的"):
        correct_spell(spell=second, starts_on=FIRST, ends_on=None, class_org=county.sibling_room, reason="录错", by=school_admin)
    leave_class(student=pupil, left_on=LAST, reason="走了", by=school_admin)
    enroll_student(student=fresh(pupil), class_org=room, mode="day", seat=None, starts_on=LAST + 5 * DAY, by=officer)
    with pytest.raises(Refused, match="至少要隔一天"):
        correct_spell(spell=second, starts_on=datetime.date(2026, 10, 12), ends_on=LAST + 4 * DAY, class_org=county.sibling_room, reason="录错", by=officer)
    correct_spell(spell=second, starts_on=datetime.date(2026, 10, 12), ends_on=LAST + 2 * DAY, class_org=county.sibling_room, reason="录错", by=officer)
    assert Move.get(Move.kind == "leave").on_day == LAST + 3 * DAY
    assert_one_story(fresh(pupil))


def test_correct_spell_is_refused_to_strangers_and_without_a_reason(pupils, county, school_admin, stranger):
    spell = Enrollment.get(Enrollment.student == pupils.mine)
    for by, reason, error in ((stranger, "x", Forbidden), (school_admin, " ", Refused)):
        with pytest.raises(error):
            correct_spell(spell=spell, starts_on=FIRST + DAY, ends_on=None, class_org=county.room, reason=reason, by=by)
    with pytest.raises(Forbidden):
        correct_spell(spell=spell, starts_on=FIRST, ends_on=None, class_org=county.other_room, reason="x", by=school_admin)


# Whatever happens, spells and moves tell one story.


def assert_one_story(pupil):
    found = spells(pupil)
    standing = [move for move in Move.select().where((Move.student == pupil) & Move.withdrawn_at.is_null()) if move.kind != "correct"]
    leaving = {move.on_day for move in standing if KINDS[move.kind].leaves}
    entering = {move.on_day for move in standing if KINDS[move.kind].enters}
    for (_, _, start, end), (_, _, after, _) in zip(found, found[1:], strict=False):
        assert end is not None and start <= end < after
        assert end + DAY in leaving and after in entering, "a gap or a change that no move explains"
    open_ones = [spell for spell in found if spell[3] is None]
    assert len(open_ones) <= 1 and all(spell is found[-1] for spell in open_ones)
    assert found[-1][3] is None or found[-1][3] + DAY in leaving
    assert (pupil.class_org_id, pupil.mode) == ((open_ones[0][0], open_ones[0][1]) if open_ones else (None, "day"))


@pytest.mark.parametrize("seed", range(12))
def test_any_sequence_of_moves_tells_one_story(pupils, county, officer, seed):
    draw = random.Random(seed)
    pupil, rooms, day = pupils.mine, [county.room, county.sibling_room, county.other_room], FIRST
    done = 0
    for _ in range(25):
        day = min(day + datetime.timedelta(days=draw.randrange(5)), today_in_china())
        act = draw.choice([into, out, away, other_mode, take_back, mend, ask_and_arrive, ask_and_withdraw])
        try:
            act(draw, fresh(pupil), rooms, day, officer)
            done += 1
        except Refused:
            pass
        assert_one_story(fresh(pupil))
    assert done > 5


def into(draw, pupil, rooms, day, by):
    enroll_student(student=pupil, class_org=draw.choice(rooms), mode=draw.choice(["day", "boarding"]), seat=None, starts_on=day, by=by)


def out(draw, pupil, rooms, day, by):
    leave_class(student=pupil, kind=draw.choice(["move_away", "abroad", "custody", "transfer_out"]), left_on=day, reason="x", place="外地", by=by)


def away(draw, pupil, rooms, day, by):
    leave_class(student=pupil, kind="suspend", left_on=day, reason="x", document="x", until_on=day + 90 * DAY, by=by)


def other_mode(draw, pupil, rooms, day, by):
    change_mode(student=pupil, mode=draw.choice(["day", "boarding", "home_taught"]), starts_on=day, by=by)


def take_back(draw, pupil, rooms, day, by):
    if move := last_move(pupil.id):
        withdraw_move(move=move, reason="x", by=by)


def mend(draw, pupil, rooms, day, by):
    found = list(Enrollment.select().where(Enrollment.student == pupil))
    if not found:
        return
    spell = draw.choice(found)
    starts_on, ends_on = spell.starts_on + draw.randrange(-3, 4) * DAY, spell.ends_on and spell.ends_on + draw.randrange(-3, 4) * DAY
    correct_spell(spell=spell, starts_on=starts_on, ends_on=ends_on, class_org=draw.choice(rooms), reason="x", by=by)


def ask(draw, pupil, rooms, day, by):
    other = next((room for room in rooms if pupil.class_org and room.parent_id != pupil.class_org.parent_id), rooms[0])
    return transfer_student(student=pupil, to_school=other.parent, leaves_on=day, asks=draw.choice(["from", "to"]), by=by), other


def ask_and_arrive(draw, pupil, rooms, day, by):
    transfer, room = ask(draw, pupil, rooms, day, by)
    try:
        confirm_transfer(transfer=transfer, by=by)
        record_arrival(transfer=transfer, class_org=room, mode="day", seat=None, arrived_on=day, by=by)
    except Refused:
        withdraw_transfer(transfer=Transfer.get_by_id(transfer.id), words="x", by=by)


def ask_and_withdraw(draw, pupil, rooms, day, by):
    transfer, _room = ask(draw, pupil, rooms, day, by)
    withdraw_transfer(transfer=transfer, words="x", by=by)


def test_the_form_says_what_the_kind_needs(pupils, officer, school_admin, sign_in):
    """And only of what may stay empty that it may."""
    page = sign_in(school_admin).get("students.leave_class", student_id=pupils.mine.id, kind="transfer_out").text
    assert "接收学校</label>" in page and "证明材料或文号<small>" in page
    page = sign_in(officer).get("students.suspend_student", student_id=pupils.mine.id).text
    assert "到哪一天为止</label>" in page and "证明材料或文号</label>" in page


def test_whoever_left_is_named_once_more_to_the_school(pupils, school_admin, sign_in):
    data = {"kind": "move_away", "left_on": str(today_in_china()), "reason": "随父母", "place": "不详"}
    page = sign_in(school_admin)
    page.post("students.leave_class", data, student_id=pupils.sibling.id)
    assert f"{pupils.sibling.name}已不在你的名单里" in page.get("students.list_students").text


def test_an_entry_is_not_withdrawn_when_a_spell_was_filled_in_before_it(pupils, county, officer):
    """A roster says later where the child sat until then: taken alone, that would end without a reason."""
    pupil = pupils.mine
    leave_class(student=pupil, left_on=LAST - 9 * DAY, reason="随父母", by=officer)
    enroll_student(student=fresh(pupil), class_org=county.room, mode="day", seat=None, starts_on=LAST, by=officer)
    Enrollment.create(student=pupil, class_org=county.sibling_room, mode="day", starts_on=LAST - 5 * DAY, ends_on=LAST - DAY)
    before = spells(pupil)
    with pytest.raises(Refused, match="补录"):
        withdraw_move(move=last_move(pupil.id), reason="错了", by=officer)
    assert spells(pupil) == before
    Enrollment.delete().where(Enrollment.ends_on == LAST - DAY).execute()
    withdraw_move(move=last_move(pupil.id), reason="错了", by=officer)
    assert len(spells(pupil)) == 1

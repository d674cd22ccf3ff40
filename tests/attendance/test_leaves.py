"""Leave of several days: who approves it, what a roll makes of it, 销假 and 续假, and what is refused in words."""

import datetime

import pytest

from aidtracker.attendance import actions_leaves as acts
from aidtracker.attendance.leaves import Span
from aidtracker.attendance.models_leaves import Leave, LeaveStep
from aidtracker.attendance.queries_leaves import leaves_at, leaves_in, still_away
from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.policies.actions import set_policy
from aidtracker.policies.registry import POLICIES
from aidtracker.students.models import Enrollment
from aidtracker.terms.models import CalendarDay, Rota
from aidtracker.terms.models_years import ClosedYear

ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def ahead(county, today):
    """The next two weeks are school days too."""
    for n in range(1, 15):
        CalendarDay.create(on=today + n * ONE_DAY, county=county.county, kind="workday", name="测试")
    return today


@pytest.fixture
def ask(ahead, pupils, teacher):
    """ask(days) -> the leave of the first pupil, from today on, by the teacher."""

    def call(days=1, *, pupil=None, first=None, by=None, kind="sick_leave", continues=None, **more):
        first = first or ahead
        span = Span(first, more.pop("begins", "early"), first + (days - 1) * ONE_DAY, more.pop("ends", "night"))
        values = {"kind": kind, "span": span, "reason": "发烧", "applicant": "母亲", "way": "phone", "is_proved": False, **more}
        return acts.ask_leave(student=pupil or pupils.first, values=values, by=by or teacher, continues=continues)

    return call


def again(leave):
    return Leave.get_by_id(leave.id)


def edit(leave, by, **more):
    values = {"kind": leave.kind, "span": Span(leave.first_on, "early", leave.last_on, "night"), "reason": "新的", "applicant": "母亲", "way": "phone", "is_proved": False}
    return acts.edit_leave(leave=leave, values=values | more, revision=more.pop("revision", leave.revision), by=by)


# Who approves.


@pytest.mark.parametrize(("days", "level", "state"), [(1, "class", "approved"), (2, "school", "asked"), (3, "school", "asked"), (4, "principal", "asked")])
def test_length_in_school_days_decides_who_approves(ask, days, level, state):
    leave = ask(days, kind="personal_leave")
    assert (leave.days, leave.level, again(leave).state) == (days, level, state)


def test_days_without_school_do_not_count(ask, county, ahead):
    CalendarDay.update(kind="closure").where((CalendarDay.on == ahead + ONE_DAY) & (CalendarDay.county == county.county)).execute()
    leave = ask(2, kind="personal_leave")
    assert (leave.days, leave.state) == (1, "approved")
    with pytest.raises(Refused, match="都是休息日"):
        ask(1, first=ahead + ONE_DAY, pupil=Enrollment.select().where(Enrollment.seat == 2).get().student)


def test_a_rota_of_school_days_is_followed(ask, county, ahead, school_admin):
    CalendarDay.delete().where(CalendarDay.county == county.county).execute()
    Rota.create(county=county.county, school=county.school, starts_on=ahead, days_in=2, days_off=8, set_by=school_admin)
    leave = ask(9, kind="personal_leave")
    assert (leave.days, leave.level) == (2, "school")


def test_a_county_sets_its_own_numbers(ask, county, administrator, ahead):
    set_policy(county=county.county, policy=POLICIES["leave_class_days"], value=3, holds_from=ahead, reason="县规", by=administrator)
    assert ask(3, kind="personal_leave").state == "approved"


def test_the_school_approves_or_sends_back_with_a_reason_and_the_teacher_may_not(ask, teacher, school_admin):
    leave = ask(3, kind="personal_leave")
    with pytest.raises(Forbidden):
        acts.approve_leave(leave=leave, is_proved=False, by=teacher)
    with pytest.raises(Refused, match="为什么退回"):
        acts.send_back_leave(leave=leave, words=" ", by=school_admin)
    acts.send_back_leave(leave=leave, words="请写明去哪里", by=school_admin)
    with pytest.raises(Refused, match="已经有人处理过"):
        acts.approve_leave(leave=leave, is_proved=False, by=school_admin)
    edited = edit(again(leave), teacher)
    assert edited.state == "asked"
    acts.approve_leave(leave=edited, is_proved=False, by=school_admin)
    assert [step.kind for step in LeaveStep.select().order_by(LeaveStep.id)] == ["asked", "sent_back", "edited", "approved"]


def test_sick_leave_of_more_than_three_days_needs_a_certificate(ask, school_admin):
    leave = ask(4)
    with pytest.raises(Refused, match="诊断证明"):
        acts.approve_leave(leave=leave, is_proved=False, by=school_admin)
    assert acts.approve_leave(leave=leave, is_proved=True, by=school_admin).state == "approved"


# What is refused.


def test_what_cannot_be_is_refused_in_words(ask, county, pupils, ahead, teacher, stranger):
    ask(2, first=ahead + 3 * ONE_DAY)
    for words, call in {
        "不能重叠": lambda: ask(3, first=ahead + 2 * ONE_DAY),
        "早于开始": lambda: ask(0),
        "不在本校任何班级": lambda: ask(1, first=datetime.date(2026, 8, 20)),
        "送教上门": lambda: ask(1, pupil=pupils.at_home),
        "请写明请假的原因": lambda: ask(1, reason=" "),
        "谁来请的假": lambda: ask(1, applicant=""),
        "最长": lambda: ask(202),
        "没有给这个班的学生": lambda: ask(1, by=stranger),
        "只有病假": lambda: ask(1, kind="official", symptoms=["fever"]),
        "请选择": lambda: ask(1, kind="holiday"),
        "已超过 7 天": lambda: ask(1, first=ahead - 8 * ONE_DAY),
    }.items():
        before = Leave.select().count()
        with pytest.raises(Refused, match=words):
            call()
        assert Leave.select().count() == before, words


def test_half_days_beside_each_other_do_not_overlap(ask):
    ask(1, ends="morning")
    with pytest.raises(Refused, match="不能重叠"):
        ask(1, begins="early", ends="morning")
    ask(1, begins="afternoon", kind="official")


def test_a_closed_year_takes_no_leave(ask, county, school_admin, pupils):
    Enrollment.update(starts_on=datetime.date(2025, 9, 1)).where(Enrollment.student == pupils.first).execute()
    ClosedYear.create(county=county.county, school_year=2025, closed_by=school_admin)
    with pytest.raises(Refused, match="已封存"):
        ask(1, first=datetime.date(2026, 5, 12), by=school_admin)


def test_an_edit_of_what_stands_no_more_is_a_conflict(ask, teacher):
    leave = again(ask(1))
    edit(leave, teacher)
    with pytest.raises(Conflict):
        edit(leave, teacher)


# What a roll makes of it.


def test_a_roll_is_ticked_beforehand_and_sends_only_what_is_ticked(ask, sign_in, teacher, pupils, county, ahead):
    ask(1)
    here = {"class_id": county.room.id, "on": ahead.isoformat(), "session": "morning"}
    client = sign_in(teacher)
    page = client.get("attendance.take_roll", **here).text
    assert f'data-leave="sick_leave"><input type="checkbox" name="absent" value="{pupils.first.id}"' in page and page.count(" checked") == 1
    assert "请假中，已替你点上" in page and "1 人请假，提交" in page
    client.post("attendance.take_roll", {"base_revision": "0"}, **here)
    page = client.get("attendance.take_roll", **here).text
    assert "全勤" in page and "请假中，但这次在校" in page and "back_session=morning" in page


def test_a_waiting_leave_is_said_and_not_ticked(ask, sign_in, teacher, county, ahead):
    ask(3, kind="personal_leave")
    page = sign_in(teacher).get("attendance.take_roll", class_id=county.room.id, on=ahead.isoformat(), session="morning").text
    assert "请假还没有批准" in page and " checked" not in page and "人请假，提交</button>" not in page


def test_sessions_outside_the_leave_are_left_alone(ask, county, ahead):
    ask(1, begins="afternoon")
    marks = {session: leaves_at(county.room.id, ahead, session).marks for session in ("early", "morning", "afternoon", "evening", "night")}
    assert [session for session, found in marks.items() if found] == ["afternoon", "evening", "night"]


def test_a_leave_that_ran_out_is_said_and_whoever_stays_away_is_not_back(ask, take, pupils, teacher, school_admin, today, yesterday, county):
    leave = ask(1, first=yesterday)
    assert [one.leave_id for one in leaves_at(county.room.id, today, "morning").run_out] == [leave.id]
    assert [one.id for one in leaves_in(teacher, "overdue", today)] == [leave.id] and still_away([leave.id], today) == {}
    take({pupils.first: "unexplained"})
    assert still_away([leave.id], today) == {leave.id: True}
    take({}, session="afternoon")
    assert still_away([leave.id], today) == {leave.id: False}


# 销假, 续假, 撤回.


def test_an_early_return_shortens(ask, teacher, county, school_admin, yesterday, today):
    leave = ask(3, first=yesterday, by=school_admin, kind="personal_leave")
    acts.close_leave(leave=leave, back_on=today, back_session="afternoon", clearance="", words="", by=teacher)
    closed = again(leave)
    assert (closed.state, closed.back_on, closed.last_on, closed.last_session, closed.days) == ("closed", today, today, "morning", 2)
    assert leaves_at(county.room.id, today, "morning").marks and not leaves_at(county.room.id, today, "afternoon").marks


def test_a_return_before_it_began_is_a_withdrawal(ask, teacher, today, yesterday):
    leave = ask(1)
    for back_on, session in ((today, "morning"), (yesterday, "evening")):
        with pytest.raises(Refused, match="请用「撤回」"):
            acts.close_leave(leave=leave, back_on=back_on, back_session=session, clearance="", words="", by=teacher)
    with pytest.raises(Refused, match="还没到"):
        acts.close_leave(leave=leave, back_on=today + ONE_DAY, back_session="morning", clearance="", words="", by=teacher)
    acts.withdraw_leave(leave=leave, words="记错了", by=teacher)
    with pytest.raises(Refused, match="不能撤回"):
        acts.withdraw_leave(leave=leave, words="记错了", by=teacher)
    assert ask(1).state == "approved"


def test_after_an_infectious_illness_somebody_sees_the_certificate(ask, teacher, school_admin, today, yesterday):
    leave = ask(1, first=yesterday, symptoms=["rash", "fever"])
    close = {"leave": leave, "back_on": today, "back_session": "morning"}
    with pytest.raises(Refused, match="复课证明"):
        acts.close_leave(**close, clearance="", words="", by=teacher)
    with pytest.raises(Forbidden, match="校级管理员"):
        acts.close_leave(**close, clearance="waived", words="电话证实", by=teacher)
    with pytest.raises(Refused, match="写明原因"):
        acts.close_leave(**close, clearance="waived", words="", by=school_admin)
    assert acts.close_leave(**close, clearance="seen", words="", by=teacher).clearance == "seen"


def test_an_extension_is_a_leave_of_its_own_and_is_closed_with_what_it_extends(ask, teacher, school_admin, today, yesterday):
    leave = ask(1, first=yesterday)
    with pytest.raises(Refused, match="结束以后"):
        acts.refuse_break(leave.student_id, Span(yesterday, "night", today, "night"), leave)
    more = ask(1, first=today, continues=again(leave), by=school_admin)
    assert [one.id for one in leaves_in(teacher, "overdue", today)] == []
    acts.close_leave(leave=more, back_on=today, back_session="afternoon", clearance="", words="", by=teacher)
    assert [again(one).state for one in (leave, more)] == ["closed", "closed"]


def test_every_act_is_one_entry_and_names_no_reason(ask, teacher, today):
    before = AuditEntry.select().count()
    leave = ask(1)
    acts.withdraw_leave(leave=leave, words="记错了", by=teacher)
    entries = list(AuditEntry.select().where(AuditEntry.id > before).order_by(AuditEntry.id))
    assert [entry.action for entry in entries] == ["attendance.ask_leave", "attendance.withdraw_leave"]
    assert not any("发烧" in str(entry.__data__) or "记错了" in str(entry.__data__) for entry in entries)


# Pages.


def test_a_list_of_no_leaves_names_the_button_and_leads_to_the_pupils(sign_in, teacher):
    client = sign_in(teacher)
    page = client.get("attendance.list_leaves").text
    assert "「登记请假」" in page and client.url("students.list_students") in page


def test_from_asking_to_being_back(sign_in, teacher, school_admin, pupils, ahead):
    client = sign_in(teacher)
    day = (ahead + ONE_DAY).isoformat()
    fields = {"kind": "personal_leave", "first_on": ahead.isoformat(), "first_session": "early", "last_on": day, "last_session": "night", "reason": "回老家", "applicant": "奶奶", "way": "slip"}
    client.post("attendance.ask_leave", fields, student_id=pupils.first.id)
    leave = Leave.get()
    assert "等学校" in client.get("attendance.list_leaves", tab="waiting").text
    assert "等学校" in client.get("attendance.list_leaves").text  # nobody is on leave: what waits is shown
    head = sign_in(school_admin)
    assert "待我批准的请假" in head.get("home.show_home").text
    head.post("attendance.approve_leave", {}, leave_id=leave.id)
    assert again(leave).state == "approved"
    assert "次仁卓玛" in client.get("attendance.list_leaves").text and "回老家" in client.get("attendance.show_leave", leave_id=leave.id).text
    client.post("attendance.close_leave", {"back_on": ahead.isoformat(), "back_session": "afternoon", "clearance": "", "words": ""}, leave_id=leave.id)
    assert again(leave).state == "closed"
    assert "已销假" in client.get("attendance.show_student", student_id=pupils.first.id).text


def test_a_stranger_finds_no_leave(ask, sign_in, stranger):
    leave = ask(1)
    sign_in(stranger).get("attendance.show_leave", status=404, leave_id=leave.id)


# After a break.


@pytest.fixture
def after_a_break(county, today, yesterday):
    CalendarDay.update(kind="closure").where((CalendarDay.on == yesterday) & (CalendarDay.county == county.county)).execute()
    return today


def first_choice(page, pupil):
    return page.split(f'name="mark-{pupil.id}"')[1].split('<option value="')[1].split('"')[0]


def test_after_a_break_a_boarder_who_is_away_did_not_return(sign_in, teacher, pupils, county, after_a_break, take):
    client, here = sign_in(teacher), {"class_id": county.room.id, "on": after_a_break.isoformat()}
    page = client.get("attendance.take_roll", **here, session="morning").text
    assert (first_choice(page, pupils.first), first_choice(page, pupils.second)) == ("not_returned", "unexplained")
    assert first_choice(client.get("attendance.take_roll", **here, session="afternoon").text, pupils.first) == "unexplained"
    take({pupils.first: "not_returned"})
    assert "放假后未返校" in client.get("attendance.list_leaves").text
    take({}, session="afternoon")
    assert "放假后未返校" not in client.get("attendance.list_leaves").text

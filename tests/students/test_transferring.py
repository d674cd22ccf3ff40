"""县内转学: who asks, who answers, where the child sits meanwhile, and what happens when it does not come."""

import datetime
from multiprocessing.pool import ThreadPool

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.cases.actions import close_case
from aidtracker.cases.models import Case
from aidtracker.db import database, today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.home.waiting import waiting_for
from aidtracker.policies.models import PolicyValue
from aidtracker.students.actions_placing import leave_class
from aidtracker.students.actions_transferring import (
    confirm_transfer,
    miss_transfers,
    record_arrival,
    refuse_transfer,
    transfer_student,
    withdraw_transfer,
)
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_moves import Move, Transfer
from aidtracker.students.queries_transfers import transfers_in
from aidtracker.students.timeline import timeline_of
from tests import factories

TODAY = today_in_china()
DAY = datetime.timedelta(days=1)


@pytest.fixture
def other_head(county):
    return factories.make_user("school_admin", county.other_school, "对方校长", "other.head")


def ask(pupils, county, by, **more):
    values = {"to_school": county.other_school, "leaves_on": TODAY - DAY, "asks": "from", "reason": "随父母工作", **more}
    return transfer_student(student=pupils.mine, **values, by=by)


def test_until_the_child_arrives_it_stays_where_it_sat(pupils, county, school_admin, other_head):
    transfer = ask(pupils, county, school_admin)
    confirm_transfer(transfer=transfer, by=other_head)
    assert Student.get_by_id(pupils.mine.id).class_org_id == county.room.id
    record_arrival(transfer=transfer, class_org=county.other_room, mode="boarding", seat=9, arrived_on=TODAY, by=other_head)
    spells = Enrollment.select().where(Enrollment.student == pupils.mine).order_by(Enrollment.starts_on)
    assert [(spell.class_org_id, spell.ends_on) for spell in spells] == [(county.room.id, TODAY - DAY), (county.other_room.id, None)]
    move = Move.get()
    assert (move.kind, move.on_day, move.from_class_id, move.to_class_id, move.reason) == ("transfer", TODAY, county.room.id, county.other_room.id, "随父母工作")
    assert not any(event.can_be_withdrawn for event in timeline_of(pupils.mine))  # nor is it offered
    assert Transfer.get().state == "arrived" and Student.get_by_id(pupils.mine.id).mode == "boarding"


def test_each_step_is_the_right_schools(pupils, county, school_admin, other_head, stranger):
    with pytest.raises(Forbidden):
        ask(pupils, county, other_head)
    transfer = ask(pupils, county, school_admin)
    with pytest.raises(Refused, match="这一步由.*办理"):
        confirm_transfer(transfer=transfer, by=school_admin)
    with pytest.raises(Refused, match="这一步由.*办理"):
        withdraw_transfer(transfer=transfer, words="x", by=other_head)
    with pytest.raises(Forbidden):
        confirm_transfer(transfer=transfer, by=stranger)
    with pytest.raises(Refused, match="等对方学校确认"):
        record_arrival(transfer=transfer, class_org=county.other_room, mode="day", seat=None, arrived_on=TODAY, by=other_head)
    confirm_transfer(transfer=transfer, by=other_head)
    with pytest.raises(Refused, match="这一步由.*办理"):
        record_arrival(transfer=transfer, class_org=county.other_room, mode="day", seat=None, arrived_on=TODAY, by=school_admin)
    with pytest.raises(Refused, match="转入学校的班级"):
        record_arrival(transfer=transfer, class_org=county.room, mode="day", seat=None, arrived_on=TODAY, by=factories.make_user("bureau_staff", county.county, username="b.2"))
    for arrived_on in (TODAY + DAY, TODAY - 3 * DAY):
        with pytest.raises(Refused):
            record_arrival(transfer=transfer, class_org=county.other_room, mode="day", seat=None, arrived_on=arrived_on, by=other_head)
    withdraw_transfer(transfer=transfer, words="家长不转了", by=school_admin)
    assert Student.get_by_id(pupils.mine.id).class_org_id == county.room.id


def test_a_school_of_another_county_the_own_one_and_a_second_transfer_are_refused(pupils, county, school_admin):
    for school, words in ((county.far_school, "本县的学校"), (county.school, "已经在这所学校"), (county.township, "本县的学校")):
        with pytest.raises(Refused, match=words):
            ask(pupils, county, school_admin, to_school=school)
    with pytest.raises(Refused, match="转学日期"):
        ask(pupils, county, school_admin, leaves_on=datetime.date(2026, 9, 1))
    ask(pupils, county, school_admin)
    with pytest.raises(Refused, match="没有办完的转学"):
        ask(pupils, county, school_admin)
    with pytest.raises(Refused, match="转学还没有办完"):
        leave_class(student=pupils.mine, left_on=TODAY, reason="x", by=school_admin)


def test_the_deadline_is_the_countys_rule(pupils, county, school_admin):
    PolicyValue.create(county=county.county, key="transfer_days", value="7", holds_from=datetime.date(2026, 9, 1), reason="x", set_by=school_admin)
    assert ask(pupils, county, school_admin).arrive_by == TODAY + 7 * DAY


def test_refusing_needs_words_that_only_the_asking_side_reads(pupils, county, school_admin, other_head, sign_in):
    transfer = ask(pupils, county, school_admin)
    page = sign_in(other_head).get("students.show_transfer", transfer_id=transfer.id).text
    assert pupils.mine.name in page and "随父母工作" not in page and "13900005678" not in page
    sign_in(other_head).get("students.show_student", status=404, student_id=pupils.mine.id)
    with pytest.raises(Refused, match="写明原因"):
        refuse_transfer(transfer=transfer, words=" ", by=other_head)
    sign_in(other_head).post("students.refuse_transfer", {"words": "没有学位"}, transfer_id=transfer.id)
    assert "没有学位" in sign_in(school_admin).get("students.show_transfer", transfer_id=transfer.id).text


def test_the_new_school_finds_the_child_by_its_whole_number_only(pupils, county, other_head, sign_in):
    client, pupil = sign_in(other_head), pupils.mine
    data = {"number": pupil.id_number[-6:], "to_school": county.other_school.id, "leaves_on": str(TODAY), "reason": "随父母", "found": ""}
    assert "完整的身份证号" in client.post("students.ask_for_pupil", data, 400).text
    page = client.post("students.ask_for_pupil", data | {"number": pupil.id_number}, 200).text
    assert pupil.name not in page and "次**" in page and "13900005678" not in page
    assert Transfer.select().count() == 0
    assert AuditEntry.select().where((AuditEntry.action == "students.find_transferee") & (AuditEntry.object_id == pupil.uid)).count() == 1
    client.post("students.ask_for_pupil", data | {"number": pupil.student_number, "found": pupil.uid}, 303)
    assert Transfer.get().asked_by_school_id == county.other_school.id
    assert "本县没有" in client.post("students.ask_for_pupil", data | {"number": pupils.far.id_number}, 400).text


def test_each_number_on_the_home_page_is_that_of_its_list(pupils, county, school_admin, other_head, sign_in):
    transfer = ask(pupils, county, school_admin)
    assert [(w.number, w.query) for w in waiting_for(other_head, TODAY) if "转学" in str(w.label.text)] == [(1, {"tab": "confirm"})]
    assert pupils.mine.name in sign_in(other_head).get("students.list_transfers", tab="confirm").text
    assert transfers_in(school_admin, "confirm").count() == 0 and transfers_in(school_admin, "asked").count() == 1
    confirm_transfer(transfer=transfer, by=other_head)
    miss_transfers(on=TODAY + 30 * DAY)
    for user in (school_admin, other_head):
        assert [w.number for w in waiting_for(user, TODAY) if w.query == {"tab": "missing"}] == [1]
    assert "这里没有转学" in sign_in(other_head).get("students.list_transfers", tab="confirm").text


def test_who_does_not_come_is_marked_once_and_gets_one_case(pupils, county, school_admin, other_head):
    transfer = ask(pupils, county, school_admin)
    confirm_transfer(transfer=transfer, by=other_head)
    last = Transfer.get().arrive_by
    assert miss_transfers(on=last) == 0
    assert [miss_transfers(on=last + DAY), miss_transfers(on=last + DAY)] == [1, 0]
    case = Case.get()
    assert (case.origin, case.student_id, case.owner_id, Transfer.get().state) == ("transfer", pupils.mine.id, school_admin.id, "missing")
    assert AuditEntry.select().where(AuditEntry.action == "students.miss_transfer").count() == 1
    record_arrival(transfer=transfer, class_org=county.other_room, mode="day", seat=None, arrived_on=TODAY, by=other_head)
    assert Transfer.get().state == "arrived"


def test_an_open_case_stays_and_a_closed_one_is_opened_again(pupils, county, school_admin, other_head, officer):
    for _ in range(2):
        transfer = ask(pupils, county, school_admin)
        confirm_transfer(transfer=transfer, by=other_head)
        miss_transfers(on=TODAY + 30 * DAY)
        withdraw_transfer(transfer=transfer, words="回来了", by=school_admin)
    case = Case.get()
    close_case(case=case, revision=case.revision, outcome="transferred", conclusion="证明", closed_on=TODAY, by=officer)
    transfer = ask(pupils, county, school_admin)
    confirm_transfer(transfer=transfer, by=other_head)
    miss_transfers(on=TODAY + 30 * DAY)
    assert (Case.get().state, Case.get().origin) == ("suspected", "transfer")


def test_somebody_else_is_found_when_who_asked_has_gone(pupils, county, school_admin, other_head, teacher):
    transfer = ask(pupils, county, school_admin)
    confirm_transfer(transfer=transfer, by=other_head)
    for user in (school_admin, other_head):
        user.disabled_at = datetime.datetime(2026, 11, 1)  # noqa: DTZ001
        user.save()
    assert miss_transfers(on=TODAY + 30 * DAY) == 1
    assert Case.get().owner_id == teacher.id


def test_two_that_look_at_once_open_one_case(pupils, county, school_admin, other_head):
    transfer = ask(pupils, county, school_admin)
    confirm_transfer(transfer=transfer, by=other_head)

    def look(_n):
        with database.connection_context():
            return miss_transfers(on=TODAY + 30 * DAY)

    with ThreadPool(4) as pool:
        found = pool.map(look, range(4))
    assert sorted(found) == [0, 0, 0, 1] and Case.select().count() == 1


def test_nobody_tries_numbers_without_end(pupils, county, other_head, sign_in):
    """Asked for by numbers, found or not, as often as the county lets whole numbers be looked at; every try is on record."""
    PolicyValue.create(county=county.county, key="reveal_quota", value="2", holds_from=datetime.date(2026, 9, 1), reason="x", set_by=other_head)
    client = sign_in(other_head)
    data = {"to_school": county.other_school.id, "leaves_on": str(TODAY), "reason": "随父母", "found": ""}
    assert "找到" in client.post("students.ask_for_pupil", data | {"number": pupils.mine.id_number}, 200).text
    assert "本县没有" in client.post("students.ask_for_pupil", data | {"number": pupils.far.id_number}, 400).text
    page = client.post("students.ask_for_pupil", data | {"number": pupils.sibling.id_number}, 429).text
    assert "次数太多" in page and "找到" not in page
    assert AuditEntry.select().where(AuditEntry.action == "students.find_transferee").count() == 3


def test_the_other_school_reads_no_name_after_it_refused(pupils, county, school_admin, other_head, coordinator, sign_in):
    """That a transfer was refused or withdrawn stays in its list; who the child is does not. The county and the child's school read on."""
    for end in (refuse_transfer, withdraw_transfer):
        transfer = ask(pupils, county, school_admin)
        assert pupils.mine.name in sign_in(other_head).get("students.list_transfers", tab="confirm").text
        end(transfer=transfer, words="没有学位", by=other_head if end is refuse_transfer else school_admin)
        for page in (sign_in(other_head).get("students.list_transfers", tab="ended"), sign_in(other_head).get("students.show_transfer", transfer_id=transfer.id)):
            assert pupils.mine.name not in page.text and county.school.name in page.text and "次***" in page.text
        assert "2017" not in sign_in(other_head).get("students.show_transfer", transfer_id=transfer.id).text
        for reader in (school_admin, coordinator):
            assert pupils.mine.name in sign_in(reader).get("students.show_transfer", transfer_id=transfer.id).text
            assert pupils.mine.name in sign_in(reader).get("students.list_transfers", tab="ended").text


def test_the_childs_own_page_says_that_it_is_under_way(pupils, county, school_admin, coordinator, sign_in):
    """And offers nothing that would be refused; who knows the child by its home only is led to no page of the schools."""
    client, pupil = sign_in(school_admin), pupils.mine
    assert client.url("students.leave_class", student_id=pupil.id) in client.get("students.show_student", student_id=pupil.id).text
    transfer = ask(pupils, county, school_admin)
    for endpoint in ("students.show_student", "students.list_enrollments"):
        page = client.get(endpoint, student_id=pupil.id).text
        assert "正在办理转学" in page and county.other_school.name in page
        assert client.url("students.show_transfer", transfer_id=transfer.id) in page
        assert client.url("students.leave_class", student_id=pupil.id) not in page and client.url("students.transfer_student", student_id=pupil.id) not in page
    third = factories.make_school(county.other_township, "石门乡二小", "2199000009")
    Transfer.update(from_school=third, asked_by_school=third, from_class=factories.make_class(third)).execute()  # neither school is the coordinator's
    page = sign_in(coordinator).get("students.show_student", student_id=pupil.id).text
    assert "正在办理转学" in page and client.url("students.show_transfer", transfer_id=transfer.id) not in page


def test_a_school_or_class_is_chosen_by_somebody(pupils, county, school_admin, sign_in):
    """The first of several is nobody's choice."""
    factories.make_school(county.township, "清水小学", "2199000009")
    client, pupil = sign_in(school_admin), pupils.mine
    data = {"to_school": "", "leaves_on": str(TODAY), "reason": "随父母"}
    assert "请选择。" in client.post("students.transfer_student", data, student_id=pupil.id, status=400).text
    assert "请选择。" in client.post("students.enroll_student", {"class_org": "", "mode": "day", "starts_on": str(TODAY)}, student_id=pupil.id, status=400).text
    assert not Transfer.select().exists()


def test_of_several_who_do_the_same_step_at_once_one_does_it(pupils, county, school_admin, other_head):
    """Confirmed once, arrived once: one move, one entry of each, and one open spell."""
    transfer = ask(pupils, county, school_admin)
    arriving = {"class_org": county.other_room, "mode": "day", "seat": None, "arrived_on": TODAY}

    def attempt(act):
        with database.connection_context():
            try:
                act()
            except Refused:
                return "refused"
            return "done"

    for act in (lambda: confirm_transfer(transfer=transfer, by=other_head), lambda: record_arrival(transfer=transfer, **arriving, by=other_head)):
        with ThreadPool(4) as pool:
            assert sorted(pool.map(lambda _n: attempt(act), range(4))) == ["done", "refused", "refused", "refused"]  # noqa: B023 asked at once
    told = [action for (action,) in AuditEntry.select(AuditEntry.action).where(AuditEntry.action.in_(("students.confirm_transfer", "students.record_arrival"))).tuples()]
    assert sorted(told) == ["students.confirm_transfer", "students.record_arrival"]
    assert Move.select().count() == 1 and Enrollment.select().where((Enrollment.student == pupils.mine) & Enrollment.ends_on.is_null()).count() == 1

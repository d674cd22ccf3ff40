"""Homeroom teachers, substitutes, acting holders, and the hand-over from one school year to the next."""

import datetime
import re

import pytest

from aidtracker.accounts.actions_homerooms import delegate_role, hand_over_homerooms, set_homeroom, set_substitute
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.accounts.queries_homerooms import proposals, rooms_of
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.jobs.models import Job
from tests import factories
from tests.drills.drill import swapped

TODAY = today_in_china()
ONE_DAY = datetime.timedelta(days=1)
NEXT = datetime.date(TODAY.year + (TODAY.month >= 9), 9, 1)


@pytest.fixture
def colleague(county):
    return factories.make_user("teacher", county.school, "周老师", "colleague")


def held(user, **more):
    found = Membership.select().where(Membership.user == user)
    return list(found.where(*(getattr(Membership, name) == value for name, value in more.items())).order_by(Membership.id))


def again(user):
    return User.get_by_id(user.id)


def test_the_page_lists_every_class_with_its_teacher(county, school_admin, teacher, sign_in):
    page = sign_in(school_admin).get("accounts.list_homerooms", school_id=county.school.id)
    assert "张老师" in page.text and "还没有安排" in page.text
    sign_in(school_admin).get("accounts.list_homerooms", status=404, school_id=county.other_school.id)


def test_another_homeroom_teacher_ends_the_former_one_the_day_before(county, school_admin, teacher, colleague, sign_in):
    admin = sign_in(school_admin)
    admin.post("accounts.set_homeroom", {"user": colleague.id, "starts_on": str(TODAY)}, class_id=county.room.id)
    assert held(teacher)[0].ends_on == TODAY - ONE_DAY
    assert [m.duty for m in held(colleague, org=county.room)] == ["homeroom"]
    again_page = admin.post("accounts.set_homeroom", {"user": colleague.id, "starts_on": str(TODAY)}, 400, class_id=county.room.id)
    assert "已经是" in again_page.text
    assert AuditEntry.select().where(AuditEntry.action == "accounts.set_homeroom").count() == 1


def test_a_homeroom_teacher_of_a_later_day_waits(county, school_admin, teacher, colleague):
    set_homeroom(room=county.room, user=colleague, starts_on=TODAY + 5 * ONE_DAY, by=school_admin)
    room = next(room for room in rooms_of(county.school) if room.org == county.room)
    assert room.homeroom.user == teacher and [m.user for m in room.coming] == [colleague]
    assert held(teacher)[0].ends_on == TODAY + 4 * ONE_DAY


def test_a_substitute_takes_the_roll_only_on_their_days(county, school_admin, teacher, colleague, sign_in):
    Membership.delete().where(Membership.user == colleague).execute()
    Membership.create(user=colleague, role="teacher", org=county.sibling_room, starts_on="2020-09-01")
    days = {"user": colleague.id, "starts_on": str(TODAY), "ends_on": str(TODAY + 2 * ONE_DAY), "reason": "产假"}
    sign_in(school_admin).post("accounts.set_substitute", days, class_id=county.room.id)
    assert county.room.id in {m.org_id for m in again(colleague).memberships}
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + 3 * ONE_DAY):
        assert county.room.id not in {m.org_id for m in again(colleague).memberships}
    room = next(room for room in rooms_of(county.school) if room.org == county.room)
    assert room.homeroom.user == teacher and room.substitutes[0].stands_in_for == teacher
    page = sign_in(school_admin).get("accounts.show_user", user_id=colleague.id).text
    assert "代张老师" in page and "产假" in page


@pytest.mark.parametrize(
    ("starts", "ends", "words"), [(-1, 3, "早于今天"), (3, 1, "早于开始"), (0, 400, "最长一年")]
)  # fmt: skip
def test_days_that_cannot_be_are_refused(county, school_admin, teacher, colleague, starts, ends, words):
    values = {"starts_on": TODAY + starts * ONE_DAY, "ends_on": TODAY + ends * ONE_DAY, "reason": "病假", "by": school_admin}
    with pytest.raises(Refused, match=words):
        set_substitute(room=county.room, user=colleague, **values)


def test_a_role_is_lent_to_a_colleague_for_some_days(county, school_admin, administrator, colleague, sign_in):
    mine = held(school_admin)[0]
    days = {"user": colleague.id, "starts_on": str(TODAY), "ends_on": str(TODAY + 6 * ONE_DAY), "reason": "外出培训"}
    sign_in(administrator).post("accounts.delegate_role", days, user_id=school_admin.id, membership_id=mine.id)
    acting = held(colleague, duty="acting")[0]
    assert (acting.role, acting.org, acting.stands_in_for, acting.reason) == ("school_admin", county.school, school_admin, "外出培训")
    assert held(school_admin)[0].ends_on is None
    with pytest.raises(Refused, match="不能再转"):
        delegate_role(membership=acting, user=school_admin, starts_on=TODAY, ends_on=TODAY, reason="x", by=administrator)
    with pytest.raises(Refused, match="已经有"):
        delegate_role(membership=mine, user=colleague, starts_on=TODAY + ONE_DAY, ends_on=TODAY + ONE_DAY, reason="x", by=administrator)


def test_a_role_is_not_lent_to_a_stranger_nor_by_whoever_may_not_give_it(county, school_admin, teacher, administrator, stranger, coordinator):
    mine = held(school_admin)[0]
    with pytest.raises(Refused, match="在岗"):
        delegate_role(membership=mine, user=stranger, starts_on=TODAY, ends_on=TODAY, reason="x", by=administrator)
    with pytest.raises((Refused, Forbidden)):
        delegate_role(membership=mine, user=teacher, starts_on=TODAY, ends_on=TODAY, reason="x", by=coordinator)


def test_whoever_acts_does_not_stay(county, administrator, school_admin, colleague, sign_in):
    delegate_role(membership=held(school_admin)[0], user=colleague, starts_on=TODAY, ends_on=TODAY, reason="x", by=administrator)
    client = sign_in(colleague)
    client.get("accounts.list_users")
    data = {"role": "school_admin", "starts_on": str(TODAY), "org": county.school.id}
    page = client.post("accounts.give_role", data, 403, user_id=colleague.id, org=county.school.id)
    assert "不能给自己" in page.text


def test_an_acting_role_is_ended_early(county, administrator, school_admin, colleague, sign_in):
    delegate_role(membership=held(school_admin)[0], user=colleague, starts_on=TODAY, ends_on=TODAY + ONE_DAY, reason="x", by=administrator)
    acting = held(colleague, duty="acting")[0]
    sign_in(administrator).post("accounts.end_role", {}, user_id=colleague.id, membership_id=acting.id)
    assert not held(colleague, duty="acting")  # it began today, so it never held


def test_teachers_move_up_leavers_do_not_and_graduates_go_to_the_newest(county, school_admin, teacher, colleague, sign_in):
    top = factories.make_class(county.school, "六年级", "1")
    leaver = factories.make_user("teacher", county.sibling_room, "吴老师", "leaver")
    last = factories.make_user("teacher", top, "郑老师", "last")
    StaffRecord.create(user=leaver, county=county.county, leaves_on=NEXT - 30 * ONE_DAY)
    new = factories.make_class(county.school, "一年级", "1", NEXT.year)
    found, done = proposals(school_admin, county.school, NEXT)
    assert {one.room.org.id: one.proposed for one in found} == {county.room.id: teacher.id, county.sibling_room.id: None, new.id: last.id}
    assert [room.org for room in done] == [top]
    admin = sign_in(school_admin)
    form = {f"teacher-{county.room.id}": teacher.id, f"teacher-{county.sibling_room.id}": colleague.id, f"teacher-{new.id}": last.id}
    admin.post("accounts.hand_over_homerooms", {"starts_on": str(NEXT), **form}, school_id=county.school.id)
    assert held(leaver)[0].ends_on == held(last, org=top)[0].ends_on == NEXT - ONE_DAY
    assert [(m.org, m.starts_on) for m in held(colleague, duty="homeroom")] == [(county.sibling_room, NEXT)]
    assert [(m.org, m.starts_on) for m in held(last, duty="homeroom")] == [(new, NEXT)]
    assert held(teacher)[0].ends_on is None
    assert [entry.count for entry in AuditEntry.select().where(AuditEntry.action == "accounts.hand_over_homerooms")] == [4]
    choices = {county.room.id: teacher.id, county.sibling_room.id: colleague.id, new.id: last.id}
    with pytest.raises(Refused, match="没有变化"):
        hand_over_homerooms(school=county.school, choices=choices, starts_on=NEXT, by=again(school_admin))


def test_a_foreign_teacher_is_not_chosen(county, school_admin, teacher, stranger):
    with pytest.raises(Refused, match="不在本校"):
        hand_over_homerooms(school=county.school, choices={county.room.id: stranger.id}, starts_on=NEXT, by=school_admin)


def test_days_that_touch_are_days_that_overlap(county, school_admin, teacher, colleague):
    Membership.delete().where(Membership.user == colleague).execute()
    Membership.create(user=colleague, role="teacher", org=county.school, starts_on=TODAY)
    Membership.create(user=colleague, role="teacher", org=county.room, starts_on=TODAY, ends_on=TODAY + 5 * ONE_DAY)
    [mine] = held(teacher)
    days = {"reason": "病假", "by": school_admin}
    with pytest.raises(Refused, match="已经有这个角色"):
        delegate_role(membership=mine, user=colleague, starts_on=TODAY + 5 * ONE_DAY, ends_on=TODAY + 9 * ONE_DAY, **days)
    delegate_role(membership=mine, user=colleague, starts_on=TODAY + 6 * ONE_DAY, ends_on=TODAY + 9 * ONE_DAY, **days)


def test_nobody_stands_in_longer_than_the_role_itself_lasts(county, school_admin, teacher, colleague):
    [mine] = held(teacher)
    mine.ends_on = TODAY + 3 * ONE_DAY
    mine.save()
    with pytest.raises(Refused, match="不能晚于"):
        delegate_role(membership=mine, user=colleague, starts_on=TODAY, ends_on=TODAY + 4 * ONE_DAY, reason="病假", by=school_admin)


def test_a_role_that_begins_or_ends_today_ends_the_sessions(county, school_admin, teacher, colleague, sign_in):
    theirs, mine = sign_in(teacher), sign_in(colleague)
    set_homeroom(room=county.room, user=colleague, starts_on=TODAY, by=school_admin)
    for client in (theirs, mine):
        assert client.http.get(client.url("web.show_me")).status_code == 302


def test_files_of_a_role_that_ended_are_fetched_no_more(county, school_admin, teacher, colleague):
    job = Job.create(kind="tests.nothing", owner_id=teacher.id, state="done", result_file="x", expires_at=utcnow() + ONE_DAY)
    set_homeroom(room=county.room, user=colleague, starts_on=TODAY, by=school_admin)
    assert Job.get_by_id(job.id).expires_at <= utcnow()


def test_nobody_is_erased_by_an_old_date(county, school_admin, teacher, colleague):
    with pytest.raises(Refused, match="现任班主任从"):
        set_homeroom(room=county.room, user=colleague, starts_on=datetime.date(2020, 1, 1), by=school_admin)
    assert len(held(teacher)) == 1 and held(teacher)[0].ends_on is None


def first_choice(page):
    return re.search(r'<select[^>]*name="user"[^>]*>\s*(<option[^>]*>[^<]*</option>)', page.text)[1]


@pytest.mark.parametrize("name", ["set_homeroom", "set_substitute", "assign_teacher", "delegate_role"])
def test_nobody_is_chosen_before_somebody_was(county, administrator, school_admin, teacher, colleague, sign_in, name):
    """The first of the list would be a substitute by an inattentive tap."""
    client, own = sign_in(administrator), held(school_admin)[0]
    at = {"user_id": school_admin.id, "membership_id": own.id} if name == "delegate_role" else {"org_id" if name == "assign_teacher" else "class_id": county.room.id}
    assert first_choice(client.get(f"accounts.{name}", **at)) == '<option selected value="">请选择</option>'
    days = {"user": "", "starts_on": str(TODAY), "ends_on": str(TODAY), "reason": "病假"}
    before = Membership.select().count()
    page = client.post(f"accounts.{name}", days, 400, **at)
    assert "请选择。" in page.text and Membership.select().count() == before
    client.post(f"accounts.{name}", days | {"user": colleague.id}, **at)
    assert Membership.select().count() == before + 1

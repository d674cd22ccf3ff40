"""Notices: numbered without a gap, served with a witness or not at all, withdrawn with a reason, overdue as a task, printed on A4."""

import datetime
import io
import threading

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.cases import actions, actions_notice, actions_notice_texts
from aidtracker.cases.models import Case
from aidtracker.cases.models_notice import Notice, NoticeService
from aidtracker.cases.notice_texts import SHIPPED, texts_to_issue
from aidtracker.cases.notices import notices_in
from aidtracker.cases.timeline import timeline_of
from aidtracker.db import database, run_sql
from aidtracker.errors import Forbidden, Refused
from aidtracker.policies.models import PolicyValue
from aidtracker.students.models import Student
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import my_open_tasks
from tests import factories
from tests.attachments.pictures import file_of, scene


@pytest.fixture
def issue(coordinator, county, today):
    def make(case, by=None, office=None, text_id=SHIPPED, due_on=None):
        who = {"addressee": "次仁", "relation": "父亲"}
        days = {"due_on": due_on or today + datetime.timedelta(days=7)}
        return actions_notice.issue_notice(case=Case.get_by_id(case.id), text_id=text_id, office_id=(office or county.township).id, **who, **days, by=by or coordinator)

    return make


@pytest.fixture
def serve(village_officer, today):
    def make(notice, is_served=True, by=None, photo=None, **values):
        told = {"way": "direct", "on": today, "receiver": "卓玛", "relation": "母亲", "servers": "王支书", "witness": "", "place": "家里", "words": ""}
        return actions_notice.serve_notice(notice=Notice.get_by_id(notice.id), is_served=is_served, values=told | values, photo=photo, by=by or village_officer)

    return make


@pytest.fixture
def text(county, bureau_admin):
    def make(**values):
        told = {"kind": "other", "title": "责令改正通知书", "series": "{单位}责改字", "body": "{监护人}：请在{期限}前送{学生}返校。", "days": 5}
        return actions_notice_texts.set_notice_text(county=county.county, values=told | values, by=bureau_admin)

    return make


def kinds(user):
    return sorted(task.kind for task in my_open_tasks(user))


def test_a_notice_takes_the_next_number_of_its_office_and_fills_the_blanks(opened, issue, pupils, county, officer, coordinator, today):
    first, second = issue(opened()), issue(opened(pupils.sibling, coordinator))
    assert (first.reference, second.reference) == (f"双河镇劝通字〔{today.year}〕第1号", f"双河镇劝通字〔{today.year}〕第2号")
    of_bureau = issue(opened(pupils.at_home, officer), by=officer, office=county.county)
    assert of_bureau.reference == f"{county.county.name}劝通字〔{today.year}〕第1号"
    body = Notice.get_by_id(first.id).body
    assert body.startswith("次仁：") and "次仁卓玛" in body and "{" not in body and "7日内" in body
    assert "次仁卓玛".encode() not in bytes(run_sql("SELECT body FROM notice").fetchone()[0])


def test_a_withdrawn_notice_keeps_its_number_and_says_why(opened, issue, coordinator):
    case = opened()
    first = issue(case)
    with pytest.raises(Refused, match="请写明为什么撤回"):
        actions_notice.withdraw_notice(notice=first, words=" ", by=coordinator)
    actions_notice.withdraw_notice(notice=first, words="雀撤", by=coordinator)
    with pytest.raises(Refused, match="已撤回"):
        actions_notice.withdraw_notice(notice=first, words="雀撤", by=coordinator)
    assert issue(case).number == 2 and Notice.get_by_id(first.id).words == "雀撤"
    assert "雀撤" in [event.words for event in timeline_of(case)]
    with pytest.raises(Exception, match="(?i)check|foreign|restrict"), database.atomic():
        run_sql("UPDATE notice SET state = 'withdrawn', withdrawn_at = NULL WHERE number = 2", ())


def test_only_the_township_and_the_bureau_issue_one(opened, issue, teacher, county):
    with pytest.raises(Forbidden, match="乡镇或教育局"):
        issue(opened(), by=teacher)
    with pytest.raises(Forbidden):
        issue(Case.get(), office=county.other_township)


def test_the_same_notice_is_not_issued_twice_before_its_day_and_not_to_who_is_back(opened, issue, follow, closed, today):
    case = opened()
    with pytest.raises(Refused, match="返校期限要在今天以后"):
        issue(case, due_on=today)
    issue(case)
    with pytest.raises(Refused, match="还没有到期"):
        issue(case)
    follow(case, "returned")
    with pytest.raises(Refused, match="已经返校"):
        issue(case)


def test_serving_it_is_a_task_of_the_owner_until_it_was_served(opened, issue, serve, teacher, village_officer):
    notice = issue(opened())
    assert kinds(teacher) == ["serve_notice"]
    with pytest.raises(Refused, match="请写明原因"):
        serve(notice, is_served=False)
    serve(notice, is_served=False, words="雀无")
    assert Notice.get().state == "not_served" and kinds(teacher) == ["serve_notice"]
    serve(notice)
    now = Notice.get()
    assert now.state == "served" and kinds(teacher) == [] and Task.get().done_by == village_officer
    assert [(one.ordinal, one.is_served) for one in NoticeService.select().order_by(NoticeService.ordinal)] == [(1, False), (2, True)]
    with pytest.raises(Refused, match="已送达"):
        serve(notice)
    titles = [str(event.title) for event in timeline_of(Case.get())]
    assert {"发文书：限期返校通知书", "文书送达：直接送达", "文书没有送到：直接送达"} <= set(titles)


def test_what_is_left_at_the_door_needs_a_witness_and_what_happened(opened, issue, serve):
    notice = issue(opened())
    with pytest.raises(Refused, match="见证人"):
        serve(notice, way="left", receiver="")
    with pytest.raises(Refused, match="写明经过"):
        serve(notice, way="left", receiver="", witness="李会计")
    with pytest.raises(Refused, match="谁收的"):
        serve(notice, receiver="")
    serve(notice, way="left", receiver="", witness="李会计", words="雀拒收")


def test_serving_on_a_day_that_cannot_be_is_refused(opened, issue, serve, days, today):
    notice = issue(opened())
    for on in (days(1), today + datetime.timedelta(days=1), None):
        with pytest.raises(Refused, match="送达日期"):
            serve(notice, on=on)


def test_an_overdue_notice_becomes_one_task_of_the_office_until_somebody_follows_it_up(opened, issue, serve, follow, coordinator, county, today):
    case = opened()
    serve(issue(case))
    later = today + datetime.timedelta(days=8)
    assert actions_notice.remind_county(county_id=county.county.id, today=later - datetime.timedelta(days=1)) == 0
    assert actions_notice.remind_county(county_id=county.county.id, today=later) == 1
    assert actions_notice.remind_county(county_id=county.county.id, today=later) == 0
    assert kinds(coordinator) == ["notice_late"] and AuditEntry.select().where(AuditEntry.action == "cases.remind_notices").count() == 1
    assert notices_in(coordinator, "late", later).count() == 1
    follow(case, "not_returned")
    assert kinds(coordinator) == []


def test_who_is_back_or_whose_case_ended_makes_no_task(opened, issue, follow, county, coordinator, today):
    case = opened()
    issue(case)
    follow(case, "returned")
    later = today + datetime.timedelta(days=9)
    assert actions_notice.remind_county(county_id=county.county.id, today=later) == 0
    now = Case.get()
    actions.close_case(case=now, revision=now.revision, outcome="transferred", conclusion="x", closed_on=today, by=coordinator)
    assert not Task.get().is_open and notices_in(coordinator, "serve", today).count() == 0


def test_a_county_adds_its_own_and_changes_them_without_touching_what_was_issued(opened, issue, text, county, bureau_admin):
    own = text()
    assert [each.title for each in texts_to_issue(county.county.id)] == ["限期返校通知书", "责令改正通知书"]
    notice = issue(opened(), text_id=own.id)
    values = {"kind": "other", "title": "责令改正通知书", "series": "责改字", "body": "另一份", "days": 6}
    actions_notice_texts.edit_notice_text(text=own, values=values, by=bureau_admin)
    assert "请在" in Notice.get_by_id(notice.id).body
    with pytest.raises(Refused, match="刚被别人改过"):
        actions_notice_texts.withdraw_notice_text(text=own, by=bureau_admin)
    text(title="限期返校通知书", kind="return")
    assert [each.id == SHIPPED for each in texts_to_issue(county.county.id)] == [False, False]


def test_a_text_names_only_blanks_that_there_are(text, coordinator, county):
    with pytest.raises(Refused, match="没有叫「身份证」的空"):
        text(body="{身份证}")
    with pytest.raises(Forbidden):
        actions_notice_texts.set_notice_text(county=county.county, values={}, by=coordinator)
    text()
    with pytest.raises(Refused, match="已经有叫"):
        text()


def test_fines_and_lawsuits_are_there_only_where_the_county_says_so(text, county, officer, today):
    with pytest.raises(Refused, match="没有开启"):
        text(kind="penalty", title="行政处罚决定书")
    PolicyValue.create(county=county.county, key="notice_sanctions", value="yes", holds_from=today, reason="县文件", set_by=officer)
    text(kind="penalty", title="行政处罚决定书")
    assert [each.kind for each in texts_to_issue(county.county.id)] == ["return", "penalty"]
    PolicyValue.delete().execute()
    assert [each.kind for each in texts_to_issue(county.county.id)] == ["return"]


def test_pages_of_a_notice(opened, issue, county, sign_in, coordinator, village_officer, stranger, today):
    case, township, village = opened(), sign_in(coordinator), sign_in(village_officer)
    assert "发文书" in township.get("cases.show_case", case_id=case.id).text
    assert "次仁" in township.get("cases.issue_notice", case_id=case.id).text
    sent = {"notice_text": SHIPPED, "office": county.township.id, "addressee": "次仁", "relation": "父亲", "due_on": str(today + datetime.timedelta(days=7))}
    township.post("cases.issue_notice", sent, case_id=case.id)
    notice = Notice.get()
    village.get("cases.issue_notice", status=403, case_id=case.id)
    for tab in ("serve", "late", "running", "all"):
        township.get("cases.list_notices", tab=tab)
    assert notice.reference in village.get("cases.list_notices").text
    page = village.get("cases.show_notice_page", notice_id=notice.id).text
    assert "送达回证" in page and "存根" in page and notice.reference in page
    served = {"served": "served", "way": "direct", "on": str(today), "receiver": "卓玛", "servers": "王支书"}
    village.post("cases.serve_notice", served | {"way": "left"}, status=400, notice_id=notice.id)
    photo = {"photo": (io.BytesIO(file_of(scene((200, 150)))), "back.jpg")}
    village.post("cases.serve_notice", served | photo, notice_id=notice.id)
    service = NoticeService.get()
    assert "看照片" in township.get("cases.show_notice", notice_id=notice.id).text
    assert township.http.get(township.url("cases.fetch_notice_photo", service_id=service.id)).mimetype == "image/jpeg"
    sign_in(stranger).get("cases.show_notice", status=404, notice_id=notice.id)
    township.post("cases.withdraw_notice", {"words": "写错"}, notice_id=notice.id)
    assert Notice.get().state == "withdrawn" and "写错" in township.get("cases.show_notice", notice_id=notice.id).text


def test_pages_of_the_texts(county, sign_in, bureau_admin, coordinator):
    client = sign_in(bureau_admin)
    assert "系统自带" in client.get("cases.list_notice_texts").text
    told = {"kind": "other", "title": "责令改正通知书", "series": "责改字", "body": "{监护人}：", "days": "5"}
    client.post("cases.set_notice_text", told, county_id=county.county.id)
    page = client.get("cases.list_notice_texts", county_id=county.county.id).text
    assert "责令改正通知书" in page
    own = texts_to_issue(county.county.id)[1]
    client.post("cases.edit_notice_text", told | {"body": "{没有}"}, status=400, county_id=county.county.id, text_id=own.id)
    client.post("cases.withdraw_notice_text", {}, county_id=county.county.id, text_id=own.id)
    assert len(texts_to_issue(county.county.id)) == 1
    sign_in(coordinator).get("cases.list_notice_texts", status=403)


def test_two_who_issue_at_once_get_two_numbers_and_no_gap(opened, issue, pupils, coordinator, officer):
    cases, start, numbers = [opened(), opened(pupils.sibling, coordinator)], threading.Barrier(4), []
    cases += [opened(pupil, coordinator) for pupil in more_pupils(pupils, 2)]
    for user in (coordinator, officer):
        user.memberships  # noqa: B018 read before the threads start

    def one(case, by):
        with database.connection_context():
            start.wait()
            numbers.append(issue(case, by=by).number)

    threads = [threading.Thread(target=one, args=(case, (coordinator, officer)[n % 2])) for n, case in enumerate(cases)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [1, 2, 3, 4]


def more_pupils(pupils, number):
    return [factories.make_student(pupils.mine.class_org, f"多一人{n}") for n in range(number)]


def test_the_ledger_of_dropouts_names_what_was_issued_and_was_not_withdrawn(opened, issue, follow, coordinator, sign_in):
    case = opened()
    follow(case, "not_returned")
    first = issue(case)
    actions_notice.withdraw_notice(notice=first, words="写错", by=coordinator)
    second = issue(case)
    page = sign_in(coordinator).get("ledgers.show_ledger", name="dropouts").text
    assert f"限期返校通知书 {second.reference}" in page and first.reference not in page


def test_an_office_withdraws_its_notice_also_when_the_child_has_moved_away(opened, issue, pupils, county, coordinator, sign_in):
    notice = issue(opened())
    Student.update(class_org=county.other_room, home=None).where(Student.id == pupils.mine.id).execute()
    township = sign_in(coordinator)
    township.get("cases.show_case", status=404, case_id=notice.case_id)
    assert "撤回" in township.get("cases.show_notice", notice_id=notice.id).text
    township.get("cases.serve_notice", status=404, notice_id=notice.id)
    township.post("cases.withdraw_notice", {"words": "搬走"}, notice_id=notice.id)
    assert Notice.get().state == "withdrawn"


def test_a_case_that_was_closed_meanwhile_gets_no_notice(opened, issue, closed, county, coordinator, today):
    stale = Case.get_by_id(opened().id)
    closed(stale)
    who = {"addressee": "次仁", "relation": "父亲", "due_on": today + datetime.timedelta(days=7)}
    with pytest.raises(Refused, match="已销号"):
        actions_notice.issue_notice(case=stale, text_id=SHIPPED, office_id=county.township.id, **who, by=coordinator)
    assert not Notice.select().exists() and not Task.select().exists()


def test_where_it_was_served_is_sealed(opened, issue, serve):
    serve(issue(opened()), place="雀家三组")
    assert NoticeService.get().place == "雀家三组"
    assert "雀家".encode() not in bytes(run_sql("SELECT place FROM notice_service").fetchone()[0])

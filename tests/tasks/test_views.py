"""待办 as its readers see it: the teacher's own, the school's and the township's, and what can be done about each."""

import datetime
import re

import pytest

from aidtracker.attendance import actions
from aidtracker.attendance.queries import visible_class
from aidtracker.tasks.kinds import KINDS
from aidtracker.tasks.models import Task
from tests import factories

ONE_DAY = datetime.timedelta(days=1)
COMPLETES_ITSELF = ("call", "visit", "suspected", "dropout", "class_silent", "closing", "tutoring", "tutoring_year", "closing_back", "relapse", "handover", "serve_notice", "notice_late")


@pytest.fixture
def child(county, teacher):
    """Away without leave this morning."""
    today = factories.school_day_today()
    found = factories.make_student(county.room, "次仁卓玛")
    factories.make_student(county.room, "王小明")
    room = visible_class(teacher, county.room.id)
    actions.submit_roll_call(class_org=room, on=today, session="morning", marks={found.id: ("unexcused", None)}, base_revision=0, by=teacher)
    return found


@pytest.fixture
def call(child):
    return Task.get(Task.kind == "call")


def test_the_teachers_list_says_who_what_until_when_and_by_which_rule(child, sign_in, teacher):
    page = sign_in(teacher).get("tasks.list_tasks").text
    for words in ("次仁卓玛", "联系家长", "家访", "今天", "连续旷课满 1 个上课日，班主任当天联系家长"):
        assert words in page


def test_the_first_page_and_the_pupils_page_name_the_next_act(child, sign_in, teacher):
    client = sign_in(teacher)
    assert "第 1 天缺勤 · 应联系家长" in client.get("home.show_home").text
    page = client.get("students.show_student", student_id=child.id).text
    assert "第 1 天缺勤 · 应联系家长" in page and "班主任当天家访" in page


def test_a_list_of_nothing_says_what_will_come(sign_in, teacher):
    assert "现在没有要你办的事" in sign_in(teacher).get("tasks.list_tasks").text


def test_finish_task_keeps_how_it_went_and_can_be_undone(call, sign_in, teacher):
    client = sign_in(teacher)
    answer = client.post("tasks.finish_task", {"note": "母亲说孩子发烧"}, page=client.url("tasks.show_task", task_id=call.id), task_id=call.id)
    assert answer.headers["Location"].endswith(f"/tasks/{call.id}")  # where the way back is
    done = Task.get_by_id(call.id)
    assert (done.how, done.note, done.done_by_id) == ("hand", "母亲说孩子发烧", teacher.id)
    assert "母亲说孩子发烧" in client.get("tasks.show_task", task_id=call.id).text
    client.post("tasks.reopen_task", page=client.url("tasks.show_task", task_id=call.id), task_id=call.id)
    assert Task.get_by_id(call.id).is_open


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_says_that_it_completes_itself_only_where_something_does(call, sign_in, teacher, kind):
    Task.update(kind=kind).where(Task.id == call.id).execute()
    assert ("会自动完成" in sign_in(teacher).get("tasks.show_task", task_id=call.id).text) is (kind in COMPLETES_ITSELF)


def test_a_tasks_way_to_the_visit_ticks_its_purpose(call, child, sign_in, teacher):
    client = sign_in(teacher)
    way = re.search(r'href="([^"]*/visits/new[^"]*)"', client.get("tasks.show_task", task_id=call.id).text)[1]
    page = client.http.get(way).text
    assert re.findall(r'<input[^>]*checked[^>]*name="purposes"[^>]*value="(\w+)"', page) == ["absence"]


def test_finish_task_without_a_word_is_refused(call, sign_in, teacher):
    client = sign_in(teacher)
    answer = client.post("tasks.finish_task", {"note": " "}, status=400, page=client.url("tasks.show_task", task_id=call.id), task_id=call.id)
    assert "请写明怎么办的" in answer.text and Task.get_by_id(call.id).is_open


def test_a_second_finish_says_that_it_was_done(call, sign_in, teacher, school_admin):
    clients = [sign_in(teacher), sign_in(school_admin)]
    pages = [client.get("tasks.show_task", task_id=call.id) for client in clients]
    assert pages
    clients[0].post("tasks.finish_task", {"note": "打过了"}, page=clients[0].url("tasks.show_task", task_id=call.id), task_id=call.id)
    answer = clients[1].post("tasks.finish_task", {"note": "我也打了"}, status=400, page=clients[1].url("tasks.show_task", task_id=call.id), task_id=call.id)
    assert "已经完成了" in answer.text


def test_hand_task_makes_it_somebody_elses(call, sign_in, teacher, school_admin):
    client = sign_in(teacher)
    client.post("tasks.hand_task", {"person": str(school_admin.id)}, page=client.url("tasks.show_task", task_id=call.id), task_id=call.id)
    assert Task.get_by_id(call.id).person_id == school_admin.id
    assert "联系家长" in sign_in(school_admin).get("tasks.list_tasks").text
    assert "班主任当天联系家长" not in sign_in(teacher).get("tasks.list_tasks").text


def test_who_handed_a_task_over_can_take_it_back(call, sign_in, teacher, school_admin):
    client = sign_in(teacher)
    page = client.url("tasks.show_task", task_id=call.id)
    client.post("tasks.hand_task", {"person": str(school_admin.id)}, page=page, task_id=call.id)
    offered = client.get("tasks.show_task", task_id=call.id).text
    assert f'value="{teacher.id}"' in offered and f'value="{school_admin.id}"' not in offered
    client.post("tasks.hand_task", {"person": str(teacher.id)}, page=page, task_id=call.id)
    assert Task.get_by_id(call.id).person_id == teacher.id


def test_hand_task_to_somebody_who_may_not_see_the_class_is_refused(call, sign_in, teacher, stranger):
    client = sign_in(teacher)
    client.post("tasks.hand_task", {"person": str(stranger.id)}, status=400, page=client.url("tasks.show_task", task_id=call.id), task_id=call.id)
    assert Task.get_by_id(call.id).person_id is None


def test_the_school_sees_its_teachers_tasks_under_all(child, sign_in, school_admin):
    client = sign_in(school_admin)
    assert "次仁卓玛" not in client.get("tasks.list_tasks").text
    assert "次仁卓玛" in client.get("tasks.list_tasks", which="all").text
    assert "次仁卓玛" not in client.get("tasks.list_tasks", which="overdue").text
    assert "次仁卓玛" not in client.get("tasks.list_tasks", which="all", kind="suspected").text


def test_another_schools_people_find_no_such_task(call, sign_in, stranger):
    client = sign_in(stranger)
    client.get("tasks.show_task", status=404, task_id=call.id)
    client.post("tasks.finish_task", {"note": "x"}, status=404, task_id=call.id)


def test_what_is_late_comes_first_and_says_by_how_much(child, sign_in, teacher):
    late = Task.get(Task.kind == "visit")
    Task.update(due_on=late.due_on - ONE_DAY * 3).where(Task.id == late.id).execute()
    client = sign_in(teacher)
    page = client.get("tasks.list_tasks").text
    assert "过期 3 天" in page and page.index("当天家访") < page.index("当天联系家长")
    assert "其中过期 1 项" in client.get("home.show_home").text

"""What is worth a second look among visits is found each night, in plain words; somebody looks and it is kept; nobody is blamed."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Conflict, Forbidden
from aidtracker.visits.actions import edit_visit, record_visit
from aidtracker.visits.actions_looks import close_second_look, find_second_looks, reopen_second_look
from aidtracker.visits.evidence import Evidence, made_ready
from aidtracker.visits.models import Visit
from aidtracker.visits.models_looks import FormerLook, SecondLook
from aidtracker.visits.models_papers import Paper, PaperBatch
from aidtracker.visits.oddities import Bounds, Seen, found_in, free_words
from aidtracker.visits.records import content_of
from tests import factories
from tests.attachments.pictures import file_of, scene

D = datetime.date
BOUNDS = Bounds("06:00", "22:00", 10, 12)
WORDS = "孩子在家每天帮奶奶放羊，晚上写作业"


def seen(id_, starts_at="", minutes=None, who=("张老师",), home=None, texts=(), **changes):
    """A visit at the door on one day, each to a home of its own."""
    plain = {"on": D(2026, 11, 2), "is_at_door": True, "written_at": datetime.datetime(2026, 11, 2, 20, id_ % 60), "is_from_paper": False}
    return Seen(id=id_, starts_at=starts_at, minutes=minutes, who=frozenset(who), family=frozenset({home or id_}), texts=texts, **plain | changes)


def found(*visits, bounds=BOUNDS):
    return {(one.reason, one.visit_id, one.others) for one in found_in(list(visits), bounds)}


# The rules.


def test_hours_of_the_night_are_named():
    assert found(seen(1, "05:59"), seen(2, "06:00"), seen(3, "22:00"), seen(4, "22:01")) == {("odd_hours", 1, ()), ("odd_hours", 4, ())}


def test_what_ends_after_midnight_is_named():
    assert found(seen(1, "21:00", 180), seen(2, "21:00", 181, who=["李老师"]), seen(3, "21:00")) == {("past_midnight", 2, ())}


def test_one_person_at_two_homes_at_once():
    assert found(seen(1, "10:00", 60), seen(2, "10:59", 30)) == {("two_places", 2, (1,))}
    assert found(seen(1, "10:00", 60), seen(2, "11:00", 30)) == set()
    assert found(seen(1, "10:00", 60), seen(2, "10:30", 30, on=D(2026, 11, 3))) == set()
    assert found(seen(1, "10:00", 60), seen(2, "10:30", 30, who=["李老师"])) == set()
    assert found(seen(1, "10:00", 60), seen(2, "10:30", 30, is_at_door=False)) == set()


def test_brothers_and_sisters_live_behind_one_door():
    assert found(seen(1, "10:00", 60, home="a"), seen(2, "10:30", 30, home="a")) == set()


def test_ten_homes_within_an_hour():
    ten = [seen(n, f"10:{n * 6:02}") for n in range(10)]
    assert found(*ten) == {("many_at_once", 9, tuple(range(9)))}
    assert found(*ten[:9]) == set() and found(*ten, bounds=BOUNDS._replace(many=0)) == set()
    assert found(*[one._replace(is_from_paper=True) for one in ten]) == set()
    assert found(*[seen(n, f"{8 + n}:00".zfill(5)) for n in range(10)]) == set()


def test_without_a_time_of_arrival_the_time_of_recording_tells():
    assert {reason for reason, _id, _others in found(*[seen(n) for n in range(10)])} == {"many_at_once"}


def test_the_same_words_about_two_families():
    same = (("at_home", WORDS),)
    assert found(seen(1, texts=same), seen(2, texts=same)) == {("same_words", 2, (1,))}
    assert found(seen(1, texts=same, home="a"), seen(2, texts=same, home="a")) == set()
    assert found(seen(1, texts=same), seen(2, texts=(("views", WORDS),))) == set()
    assert found(seen(1, texts=same, is_from_paper=True), seen(2, texts=same)) == set()
    assert found(seen(1, texts=same), seen(2, texts=same), bounds=BOUNDS._replace(words=0)) == set()


def test_short_choices_say_nothing():
    assert free_words("表现良好；作业按时完成") == "" and free_words(f"表现良好； {WORDS} ") == WORDS
    ticked = (("at_home", "表现良好；作业按时完成；家中有困难"),)
    assert found(seen(1, texts=ticked), seen(2, texts=ticked)) == set()


# The night.


def find(county, today):
    return find_second_looks(county_id=county.county.id, today=today)


@pytest.fixture
def copied(county, pupils, visit):
    """Two visits with the same words about two families."""
    return [visit(pupils.first, at_home=WORDS), visit(pupils.at_home, at_home=f"表现良好；{WORDS}")]


def test_the_night_finds_each_once(county, copied, today):
    assert [find(county, today), find(county, today)] == [1, 0]
    one = SecondLook.get()
    assert (one.reason, one.visit_id, one.others) == ("same_words", copied[1].id, [copied[0].id])
    entry = AuditEntry.get(AuditEntry.action == "visits.find_second_looks")
    assert entry.count == 1 and entry.object_id == str(county.county.id)


def test_what_is_no_longer_so_goes_away(county, copied, today, teacher):
    find(county, today)
    edit_visit(visit=copied[0], revision=1, values=content_of(copied[0]) | {"on": today, "follow_up_on": None, "at_home": "别的话"}, by=teacher)
    assert find(county, today) == 1 and SecondLook.select().count() == 0


def test_pupils_with_one_guardians_phone_are_one_family(county, pupils, copied, today):
    for student in (pupils.first, pupils.at_home):
        factories.make_guardian(student, "次仁", phone="13700990001")
    assert find(county, today) == 0


def test_words_that_were_typed_in_from_paper_are_left_out(county, pupils, copied, today, teacher):
    batch = PaperBatch.create(county=county.county, class_org=county.room, form="visit", printed_by=teacher)
    Paper.create(batch=batch, student=pupils.first, code="ABCD2345", visit=copied[0])
    assert find(county, today) == 0


def test_what_came_in_a_workbook_and_what_is_long_past_is_left_out(county, copied, today):
    Visit.update(is_imported=True).where(Visit.id == copied[0].id).execute()
    assert find(county, today) == 0
    Visit.update(is_imported=False).execute()
    assert find(county, today + datetime.timedelta(days=60)) == 0


def test_a_photo_that_was_used_twice(county, pupils, visit, today, teacher):
    shot = file_of(scene((200, 150)))
    files = made_ready(Evidence((shot,), None, True), county.county.id)
    common = {"form": "on_site", "on": today, "purposes": ["routine"], "teachers": "张老师"}
    from_first = [record_visit(students=[pupil], values=common, by=teacher, files=files) for pupil in (pupils.first, pupils.at_home)]
    find(county, today)
    assert {(one.reason, one.visit_id) for one in SecondLook.select()} == {("same_photo", one.id) for one in from_first}
    assert find(county, today) == 0


# Looking.


def look(county, today):
    find(county, today)
    return SecondLook.get()


def test_whoever_looked_is_kept_with_the_remark(county, copied, today, coordinator, sign_in):
    one = look(county, today)
    close_second_look(second_look=one, remark="问过，抄了上一条", by=coordinator)
    one = SecondLook.get()
    assert (one.looked_by, one.remark) == (coordinator, "问过，抄了上一条") and one.looked_at
    assert find(county, today) == 0 and SecondLook.select().count() == 1
    assert "抄了" not in str(AuditEntry.get(AuditEntry.action == "visits.close_second_look").__data__)
    with pytest.raises(Conflict, match="已有人处理过"):
        close_second_look(second_look=SecondLook.get(), remark="", by=coordinator)
    reopen_second_look(second_look=SecondLook.get(), by=coordinator)
    assert SecondLook.get().looked_at is None and SecondLook.get().remark is None
    assert [(former.looked_by, former.remark) for former in FormerLook.select()] == [(coordinator, "问过，抄了上一条")]
    with pytest.raises(Conflict, match="已有人处理过"):
        reopen_second_look(second_look=SecondLook.get(), by=coordinator)
    assert "问过，抄了上一条" in sign_in(coordinator).get("visits.close_second_look", second_look_id=one.id).text


def test_nobody_looks_at_a_visit_of_their_own(county, copied, today, coordinator, teacher):
    one = look(county, today)
    with pytest.raises(Forbidden, match="乡镇专干"):
        close_second_look(second_look=one, remark="", by=teacher)
    Visit.update(teachers=coordinator.name).where(Visit.id == one.others[0]).execute()  # also the one that the words were copied from
    with pytest.raises(Forbidden, match="由别人再看"):
        close_second_look(second_look=SecondLook.get(), remark="", by=coordinator)


def test_the_list_leads_to_the_visits_and_back(sign_in, county, copied, today, coordinator):
    client = sign_in(coordinator)
    assert "没有要再看的家访" in client.get("visits.list_second_looks").text
    one = look(county, today)
    page = client.get("visits.list_second_looks").text
    assert "一字不差" in page and "和另外 1 次家访" in page
    page = client.get("visits.close_second_look", second_look_id=one.id).text
    assert all(client.url("visits.show_visit", visit_id=visit.id) in page for visit in copied) and WORDS in page
    client.post("visits.close_second_look", {"note": "问过老师"}, second_look_id=one.id)
    assert "没有要再看的家访" in client.get("visits.list_second_looks").text
    assert coordinator.name in client.get("visits.list_second_looks", only="looked", reason="same_words").text
    assert "没有符合条件" in client.get("visits.list_second_looks", only="looked", reason="odd_hours").text
    assert "问过老师" in client.get("visits.close_second_look", second_look_id=one.id).text
    client.post("visits.reopen_second_look", second_look_id=one.id, page=client.url("visits.close_second_look", second_look_id=one.id))
    assert "一字不差" in client.get("visits.list_second_looks").text


def test_the_page_of_the_visit_tells_it_to_whoever_verifies(sign_in, county, copied, today, coordinator, teacher):
    look(county, today)
    assert "一字不差" in sign_in(coordinator).get("visits.show_visit", visit_id=copied[1].id).text
    assert "一字不差" not in sign_in(teacher).get("visits.show_visit", visit_id=copied[1].id).text


def test_strangers_find_nothing(sign_in, county, copied, today, teacher):
    one = look(county, today)
    other = sign_in(factories.make_user("township_coordinator", county.other_township, "石专干"))
    assert "没有要再看的家访" in other.get("visits.list_second_looks").text
    other.get("visits.close_second_look", status=404, second_look_id=one.id)
    sign_in(teacher).get("visits.list_second_looks", status=403)

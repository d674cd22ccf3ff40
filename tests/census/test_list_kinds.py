"""A county names a further kind of list; it comes in, is compared and is ended like the three."""

import io

import openpyxl
import pytest

from aidtracker.census import actions_kinds
from aidtracker.census.comparing import comparison_on
from aidtracker.census.list_kinds import kinds_of, label_of
from aidtracker.census.models import ListedChild, ListKind, Snapshot
from aidtracker.errors import Forbidden, Refused
from tests import factories
from tests.census.conftest import BORN, DAY, ON
from tests.census.test_comparing import mark


@pytest.fixture
def orphans(county, administrator):
    return actions_kinds.add_list_kind(county=county.county, label="孤儿名单", giver="民政局", tag="orphan", by=administrator)


def workbook(*numbers):
    book = openpyxl.Workbook()
    book.active.append("姓名 身份证号 类别 户籍乡镇代码".split())
    for n, number in enumerate(numbers):
        book.active.append([f"孤儿{n}", number, "孤儿", "990100100"])
    found = io.BytesIO()
    book.save(found)
    found.seek(0)
    return found


def test_it_is_one_more_list_of_this_county_alone(county, orphans):
    assert kinds_of(county.county.id)[orphans.code] == "孤儿名单" == label_of(orphans.code) and orphans.code not in kinds_of(county.other_county.id)


def test_it_comes_in_by_the_browser_and_is_compared(county, orphans, administrator, sign_in, jobs_at_once, compare):
    pupil, marked = (factories.make_student(county.room, name, born_on=BORN, home=county.village) for name in ("在读没有标注", "标注了不在名单"))
    mark(marked, "orphan")
    client = sign_in(administrator)
    sent = {"file": (workbook(pupil.id_number, factories.make_id_number(BORN)), "list.xlsx"), "dated": DAY.isoformat(), "list_kind": orphans.id}
    where = client.post("imports.upload_workbook", sent, kind="other-list").headers["Location"]
    client.post("imports.commit_import", uid=where.rsplit("/", 1)[-1], page=where)
    assert Snapshot.get().kind == orphans.code and ListedChild.select().count() == 2
    assert compare(kind=orphans.code) == ["孤儿1"] and compare("not_listed", orphans.code) == ["标注了不在名单"] and compare("differing", orphans.code) == ["孤儿0"]
    said = client.get("census.show_matching", kind=orphans.code).text
    assert "孤儿1" in said and "孤儿名单" in said
    assert "孤儿名单" in client.get("census.list_snapshots").text


def test_without_a_mark_nobody_is_missed_on_it(county, administrator):
    kind = actions_kinds.add_list_kind(county=county.county, label="低保名单", giver="", tag="", by=administrator)
    assert comparison_on(county.county.id, kind.code, ON).group == ()


def test_an_ended_kind_takes_no_list_and_keeps_those_that_stand(county, orphans, snapshot, administrator):
    snapshot(orphans.code)
    actions_kinds.end_list_kind(kind=orphans, by=administrator)
    assert orphans.code in kinds_of(county.county.id)
    with pytest.raises(Refused, match="已经停用"):
        actions_kinds.end_list_kind(kind=orphans, by=administrator)


def test_a_name_is_taken_once_and_only_the_bureau_names(county, orphans, administrator, coordinator):
    for label in ("孤儿名单", "残疾儿童少年名单"):
        with pytest.raises(Refused, match="已经有叫"):
            actions_kinds.add_list_kind(county=county.county, label=label, giver="", tag="", by=administrator)
    with pytest.raises(Forbidden):
        actions_kinds.add_list_kind(county=county.county, label="别的", giver="", tag="", by=coordinator)


def test_the_page_adds_and_ends(county, administrator, sign_in):
    client = sign_in(administrator)
    client.post("census.add_list_kind", {"label": ""}, status=400)
    client.post("census.add_list_kind", {"label": "孤儿名单", "giver": "民政局", "tag": "orphan"})
    assert "孤儿名单" in client.get("census.list_snapshots").text
    client.post("census.end_list_kind", kind_id=ListKind.get().id, page=client.url("census.list_snapshots"))
    assert ListKind.get().ended_by == administrator

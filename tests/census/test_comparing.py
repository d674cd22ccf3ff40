"""The three results of one list, each at its edges; and against the list before: new, unchanged, resolved, as a plain loop says."""

import datetime
import random

import pytest

from aidtracker.census import comparing
from aidtracker.census.models import ListedChild
from aidtracker.students.models import Enrollment, Student, Tag
from tests import factories
from tests.census.conftest import DAY, ON, list_child

BORN = datetime.date(2016, 5, 1)
LATER = datetime.date(2026, 11, 8)
MONITORED, DISABLED = "monitored_households", "disabled_children"


def mark(pupil, kind, starts_on=datetime.date(2026, 9, 1), ends_on=None):
    Tag.create(student=pupil, kind=kind, detail="", starts_on=starts_on, ends_on=ends_on, source="")


def test_who_is_listed_and_in_no_class(county, snapshot, compare):
    pupil = factories.make_student(county.room, "在读", born_on=BORN)
    for kind in ("household_registry", MONITORED, DISABLED):
        of_list = snapshot(kind)
        list_child(of_list, "在读", id_number=pupil.id_number)
        list_child(of_list, f"未读{kind}")
        assert compare(kind=kind) == [f"未读{kind}"] and compare(kind=kind, on=DAY - comparing.ONE_DAY) == []


@pytest.mark.parametrize(("kind", "tag"), [(MONITORED, "marginal_poor"), (DISABLED, "disabled")])
def test_who_bears_the_mark_ought_to_be_on_the_list(county, snapshot, compare, kind, tag):
    plain, marked, listed = (factories.make_student(county.room, name, born_on=BORN) for name in ("没有标注", "标注了", "名单里有"))
    mark(marked, tag)
    mark(listed, tag)
    mark(factories.make_student(county.room, "标注结束", born_on=BORN), tag, ends_on=ON - comparing.ONE_DAY)
    list_child(snapshot(kind), "名单里有", id_number=listed.id_number)
    assert compare("not_listed", kind) == ["标注了"] and plain.id


def test_who_is_on_both_and_differs(county, snapshot, compare):
    registry = snapshot()
    for name, values in {
        "完全一样": {},
        "名字不同": {"name": "另一个名字"},
        "性别不同": {"sex": "M"},
        "名单没写性别": {"sex": ""},
        "生日不同": {"born_on": datetime.date(2016, 5, 2)},
        "名单没写生日": {"born_on": None},
        "户籍不同": {"home": county.other_township},
        "户籍同镇": {"home": county.township},
    }.items():
        pupil = factories.make_student(county.room, name, born_on=BORN, home=county.village)
        line = {"name": name, "sex": "F", "born_on": BORN, "home": county.village} | values
        list_child(registry, id_number=pupil.id_number, **line)
    assert compare("differing") == sorted(["另一个名字", "性别不同", "生日不同", "户籍不同"])


def test_a_listed_child_whose_record_bears_no_mark_differs(county, snapshot, compare):
    marked, plain = (factories.make_student(county.room, name, born_on=BORN, home=county.village) for name in ("标注了", "没有标注"))
    mark(marked, "disabled")
    for pupil in (marked, plain):
        list_child(snapshot(DISABLED) if pupil is marked else ListedChild.get().snapshot, pupil.name, id_number=pupil.id_number, home=county.village)
    assert compare("differing", DISABLED) == ["没有标注"]


def test_a_household_whose_risk_is_gone_needs_no_mark(county, snapshot, compare):
    pupil = factories.make_student(county.room, "风险消除", born_on=BORN, home=county.village)
    line = {"id_number": pupil.id_number, "home": county.village, "listed_on": DAY, "cleared_on": ON}
    list_child(snapshot(MONITORED), "风险消除", **line)
    assert compare("differing", MONITORED) == [] and compare("differing", MONITORED, ON - comparing.ONE_DAY) == ["风险消除"]


def test_against_the_list_before(county, snapshot, compare):
    before, now = snapshot(dated=DAY), snapshot(dated=LATER)
    stays, gone, returns = (list_child(before, name) for name in ("还在", "除名", "复学"))
    list_child(now, "还在", id_number=stays.id_number)
    list_child(now, "复学", id_number=returns.id_number)
    list_child(now, "新来")
    pupil = factories.make_student(county.room, "复学", id_number=returns.id_number, born_on=BORN)
    Enrollment.update(starts_on=LATER).where(Enrollment.student == pupil).execute()
    assert compare(on=LATER, change="new") == ["新来"]
    assert compare(on=LATER, change="unchanged") == ["还在"]
    assert compare(on=LATER, change="resolved") == ["复学", "除名"]
    assert compare(on=DAY) == ["复学", "还在", "除名"] == compare(on=DAY, change="new") and compare(on=DAY, change="resolved") == []
    assert gone.id


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["household_registry", MONITORED, DISABLED])
def test_a_second_list_equals_an_independent_join(county, snapshot, kind, seed):
    """Facts in plain dicts; the expected rows of all three results are joined from them by hand."""
    chance = random.Random(f"{kind} {seed}")
    ids = [factories.make_id_number(datetime.date(2010 + n % 9, 5, 1 + n % 20)) for n in range(40)]
    born = {number: datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14])) for number in ids}
    days, tag = [DAY + datetime.timedelta(days=n) for n in range(-40, 20)], {MONITORED: "sudden_hardship", DISABLED: "disabled"}.get(kind)
    spells, marks, names = {}, {}, {number: f"生{n}" for n, number in enumerate(ids)}
    for number in chance.sample(ids, 28):
        pupil = factories.make_student(county.room, names[number], id_number=number, born_on=born[number], home=county.village)
        first = chance.choice(days)
        spells[number] = (first, chance.choice([None, None, *[day for day in days if day >= first]]))
        Enrollment.update(starts_on=spells[number][0], ends_on=spells[number][1]).where(Enrollment.student == pupil).execute()
        if tag and chance.random() < 0.6:
            marks[number] = (chance.choice(days), None)
            mark(pupil, tag, *marks[number])
    lists = {}
    for day in (DAY, LATER):
        made, lists[day] = snapshot(kind, day), {}
        for number in chance.sample(ids, 24):
            line = {"name": chance.choice([names[number], f"误{names[number]}"]), "cleared_on": chance.choice([None, *days[41:]])}
            lists[day][number] = line
            list_child(made, line["name"], id_number=number, born_on=born[number], home=county.village, listed_on=days[0], cleared_on=line["cleared_on"])

    def joined(day):
        here = {n for n, (first, last) in spells.items() if first <= day and (last is None or day <= last)}
        marked = {n for n, (first, _last) in marks.items() if first <= day}
        ages = [born[n] for n in lists[day]]
        group = here & marked if tag else {n for n in here if min(ages) <= born[n] <= max(ages)}
        held = {n for n, line in lists[day].items() if kind != MONITORED or line["cleared_on"] is None or line["cleared_on"] > day}
        apart = {n for n in here & set(lists[day]) if lists[day][n]["name"] != names[n] or (tag and n in held and n not in marked)}
        return {"not_enrolled": set(lists[day]) - here, "not_listed": group - set(lists[day]), "differing": apart}

    former, latter = joined(DAY), joined(LATER)
    comparison = comparing.comparison_on(county.county.id, kind, LATER)
    for name in comparing.COMPARISONS:
        model = Student if name == "not_listed" else ListedChild
        found = {change: sorted(row.id_number for row in model.select().where(comparing.changed(comparison, name, change))) for change in comparing.CHANGES}
        wanted = {"new": latter[name] - former[name], "unchanged": latter[name] & former[name], "resolved": former[name] - latter[name]}
        assert found == {change: sorted(numbers) for change, numbers in wanted.items()}, name

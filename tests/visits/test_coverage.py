"""Who is to be visited and who was: the pages' list against the report's sums, and both against a plain count of a random county."""

import datetime
import random

import pytest

from aidtracker.db import transaction
from aidtracker.orgs.models import Org
from aidtracker.orgs.scopes import scope_of
from aidtracker.policies.models import PolicyValue
from aidtracker.students.models import Enrollment, Student, Tag
from aidtracker.visits.coverage import pupils_due
from aidtracker.visits.covered_rows import covered
from aidtracker.visits.covered_sums import NOTHING, sums_by_class
from aidtracker.visits.models import TUTORING, Visit, VisitStudent
from aidtracker.visits.models_plans import VisitPlan
from aidtracker.visits.rules import KEYS, periods_of, rules_of
from tests import factories

D = datetime.date
ON = D(2026, 11, 20)
FORMS = ("on_site", "on_site", "phone", "video", "invited", TUTORING)
CHOSEN = {
    "forms_that_count": ("any", "far", "on_site"), "lesson_is_visit": ("yes", "no"), "entry_grade_until": ("10-20", "term", "year"), "on_site_each": ("term", "year"),
    "key_groups": ("seven", "inclusive", "all"), "visits_a_year": ("0", "1", "2"), "visits_a_term": ("0", "1"), "term_share": ("0", "50"),
    "key_visits_a_term": ("0", "1", "2"), "entry_grade_visited": ("0", "30", "60", "100"), "small_class": ("0", "3"), "large_class": ("4", "6"), "on_site_share": ("0", "50"),
}  # fmt: skip


@pytest.fixture
def crowd(county, teacher):
    """Three classes of the entry grade and three above it in two schools; pupils who move, who have tags and plans; visits of one or two."""
    rng = random.Random(1120)
    rooms = [factories.make_class(school, grade, "7") for school in (county.school, county.other_school) for grade in ("一年级", "三年级", "五年级")]
    pupils = []
    for n in range(36):
        pupil = factories.make_student(rooms[n % len(rooms)], f"学生{n}", home=rng.choice((None, county.village)))
        pupils.append(pupil)
        if n % 6 == 0:
            Enrollment.update(ends_on=D(2026, 10, 9)).where(Enrollment.student == pupil).execute()
            room = rng.choice(rooms)
            Enrollment.create(student=pupil, class_org=room, mode="day", starts_on=D(2026, 10, 10))
        for kind in rng.sample(("inclusive", "left_behind", "involved", "poor_household", "disabled"), rng.choice((0, 0, 1, 2))):
            Tag.create(student=pupil, kind=kind, detail="", source="", starts_on=D(2026, 9, 1), ends_on=rng.choice((None, None, D(2026, 10, 1))))
        if n % 5 == 0:
            made = {"planned_on": rng.choice((D(2026, 11, 10), D(2026, 12, 1), D(2026, 5, 1))), "planned_at": datetime.datetime(2026, 10, rng.choice((1, 30)), 17)}
            VisitPlan.create(county=county.county, student=pupil, planned_by=teacher, **made)
    for _ in range(70):
        form = rng.choice(FORMS)
        visit = Visit.create(county=county.county, form=form, on=D(2026, 7, 20) + datetime.timedelta(rng.randrange(130)), teachers="张", lessons=2 if form == TUTORING else None)
        for pupil in rng.sample(pupils, 1 if form == TUTORING else rng.choice((1, 1, 2))):
            VisitStudent.create(student=pupil, visit=visit, class_org=pupil.class_org, school=pupil.class_org.parent, force_insert=True)
    return rooms


def put(county, administrator, **values):
    for key, value in values.items():
        PolicyValue.create(county=county.county, key=key, value=value, holds_from=D(2026, 1, 1), reason="1 号文", set_by=administrator)


def counted(pupils, rules) -> dict:
    """What the sums of a class must be, of its list."""
    found = dict(NOTHING)
    found |= {"pupils": len(pupils), "classes": 1, "planned": sum(one.plan is not None for one in pupils)}
    found |= {"visited": sum(one.visits > 0 for one in pupils), "lacking": sum(bool(one.unmet) for one in pupils), "late": sum(one.state == "late" for one in pupils)}
    for rule, due, met in (("year", "", "year_met"), ("term", "term_due", "term_met"), ("entry", "entry_due", "entry_met"), ("key", "key_due", "key_met")):
        needs = [need for one in pupils for need in one.needs if need.rule == rule]
        found |= ({due: len(needs)} if due else {}) | {met: sum(need.is_met for need in needs)}
    found["door_met"] = int(sum(one.at_door > 0 for one in pupils) >= rules.on_site_needed(len(pupils)))
    found["share_met"] = int(sum(one.in_term > 0 for one in pupils) >= rules.term_needed(len(pupils)))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_the_list_of_a_class_and_the_sums_of_the_report_tell_the_same(crowd, county, administrator, officer, coordinator, seed):
    rng = random.Random(seed)
    put(county, administrator, **{key: rng.choice(values) for key, values in CHOSEN.items()})
    rules = rules_of(county.county.id, ON)
    for user in (officer, coordinator):
        scope = scope_of(user)
        sums = sums_by_class(scope, rules)
        for room in [room for room in crowd if room.path.startswith(scope.place.path)]:
            mine, told = counted(pupils_due(room.id, "class", rules), rules), dict(sums[room.id])
            told.pop("school_id")
            alike = set(NOTHING) - {"on_site"} - ({"year_met"} if "year" not in rules.needs else set()) - ({"term_met"} if "term" not in rules.needs else set())
            assert {name: told[name] for name in alike} == {name: mine[name] for name in alike}


def test_a_pupil_is_counted_by_hand(crowd, county, administrator, officer):
    """Whoever sits in a class on the day and was visited since 1 September, whatever the form, but a lesson at home."""
    sitting = {spell.student_id for spell in Enrollment.select() if spell.starts_on <= ON and (spell.ends_on is None or spell.ends_on >= ON)}
    went = {row.student_id: row.visit for row in VisitStudent.select(VisitStudent, Visit).join(Visit)}
    rows = [(row.student_id, row.visit) for row in VisitStudent.select(VisitStudent, Visit).join(Visit)]
    visited = {id_ for id_, visit in rows if id_ in sitting and D(2026, 9, 1) <= visit.on <= ON and visit.form != TUTORING}
    site = {id_ for id_, visit in rows if id_ in sitting and D(2026, 9, 1) <= visit.on <= ON and visit.form == "on_site"}
    total, lines = covered(scope_of(officer), rules_of(county.county.id, ON))
    assert (total["pupils"], total["visited"], total["on_site"], total["year_met"]) == (len(sitting), len(visited), len(site), len(visited)) and went
    assert [line["name"] for line in lines] == ["双河镇", "石门乡"] and sum(line["visited"] for line in lines) == len(visited)


def test_a_small_class_is_visited_whole_and_half_of_a_large_one(county):
    rules = rules_of(county.county.id, ON)
    assert [rules.on_site_needed(n) for n in (1, 30, 31, 49, 50, 51)] == [1, 30, 16, 25, 25, 26]


def test_what_is_late_follows_the_dates_of_the_county(county, administrator):
    put(county, administrator, entry_grade_until="10-20")
    periods = rules_of(county.county.id, ON).periods
    assert periods["entry"].until == D(2026, 10, 20) and periods["year"].until == D(2027, 7, 31) and periods["term"].until == D(2027, 1, 31)
    values = {key: "" for key in KEYS} | {"entry_grade_until": "year", "on_site_each": "year"}
    assert periods_of(None, D(2027, 5, 1), values)["term"].first == D(2027, 2, 1)


def test_a_county_without_pupils_is_no_division_by_nothing(county, officer):
    with transaction():
        Enrollment.delete().execute()
    total, lines = covered(scope_of(officer), rules_of(county.county.id, ON))
    assert total == NOTHING and len(lines) == 2 and Org.select().count() and not Student.select().where(Student.class_org == county.room).count()

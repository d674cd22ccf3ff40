"""The report of visits against figures that can be counted by hand."""

import datetime

import pytest

from aidtracker.orgs.scopes import scope_of
from aidtracker.reports import visited
from aidtracker.reports.registry import figures
from aidtracker.students.models import Enrollment
from aidtracker.visits.models import Visit, VisitStudent
from aidtracker.visits.quotas import months_of

D = datetime.date
FIRST, LAST = D(2026, 9, 10), D(2026, 10, 31)
RANGE = {"first": FIRST, "last": LAST}


@pytest.fixture
def went(pupils):
    """went(pupil, day, form="phone"): a visit as an import leaves it."""

    def made(*students, on, form="on_site", room=None, lessons=None):
        visit = Visit.create(county=students[0].county, form=form, on=on, teachers="班主任", lessons=lessons, is_imported=True)
        for student in students:
            place = room or student.class_org
            VisitStudent.create(student=student, visit=visit, class_org=place, school=place.parent, force_insert=True)
        return visit

    return made


@pytest.fixture
def taught(went, pupils):
    """taught("2026-09-12", 2): a lesson at home of the pupil who is taught there."""
    return lambda on, lessons, pupil=None: went(pupil or pupils.at_home, on=D.fromisoformat(on), form="tutoring", lessons=lessons)


def told(user, **options):
    return figures(user, "visits", **(RANGE | options))


def of(sums, *names):
    return tuple(sums[name] for name in names)


VISITS = ("visits", "on_site", "students_visited", "students_on_site")
MONTHS = ("tutored_students", "tutoring_months_due", "tutoring_months_met")


def test_visits_and_pupils_are_counted_once_each(went, pupils, officer, county):
    went(pupils.first, on=FIRST)
    went(pupils.first, on=LAST, form="phone")
    went(pupils.first, pupils.sibling, on=D(2026, 10, 1))
    went(pupils.elsewhere, on=D(2026, 10, 2), form="video")
    went(pupils.elsewhere, on=D(2026, 9, 9))  # before
    went(pupils.elsewhere, on=D(2026, 11, 1))  # after
    went(pupils.at_home, on=D(2026, 10, 3), form="tutoring", lessons=2)  # is no visit
    said = told(officer)
    assert of(said, *VISITS) == (4, 2, 3, 2)
    townships = said["by_school_township"]
    assert of(townships["990100100"], *VISITS) == (3, 2, 2, 2)
    assert of(townships["990100200"], *VISITS) == (1, 0, 1, 0)
    assert said["months"] == ["2026-09", "2026-10"] and said["enrolled"] == 5


def test_a_transfer_in_the_middle_counts_at_both_schools_and_once_in_all(went, pupils, county, officer):
    mine = Enrollment.student == pupils.first
    Enrollment.update(ends_on=D(2026, 9, 30)).where(mine).execute()
    Enrollment.create(student=pupils.first, class_org=county.other_room, mode="day", starts_on=D(2026, 10, 1))
    went(pupils.first, on=D(2026, 9, 20), room=county.room)
    went(pupils.first, on=D(2026, 10, 20), room=county.other_room)
    said = told(officer)
    assert of(said, "students_visited", "enrolled") == (1, 5)
    assert [of(said["by_school_township"][code], "students_visited", "enrolled") for code in ("990100100", "990100200")] == [(1, 3), (1, 3)]


def test_a_tutoring_month_needs_two_visits_of_two_lessons(taught, officer):
    for on, lessons in (("2026-09-12", 2), ("2026-09-12", 3), ("2026-10-05", 2), ("2026-10-06", 1), ("2026-10-07", 1)):
        taught(on, lessons)
    assert of(told(officer), *MONTHS) == (1, 2, 1)


def test_a_month_that_the_range_only_touches_is_due_whole(taught, officer):
    taught("2026-09-02", 2)  # before the range, but of its month
    taught("2026-09-28", 2)
    said = told(officer, first=D(2026, 9, 27), last=D(2026, 11, 1))
    assert of(said, *MONTHS) == (1, 3, 1) and said["months"] == ["2026-09", "2026-10", "2026-11"]


def test_a_month_is_due_where_the_pupil_is_taught_at_home_within_the_range(taught, pupils, county, officer):
    Enrollment.update(ends_on=D(2026, 10, 5)).where(Enrollment.student == pupils.at_home).execute()
    Enrollment.create(student=pupils.at_home, class_org=county.other_room, mode="home_taught", starts_on=D(2026, 10, 6))
    said = told(officer)
    assert of(said, "tutoring_months_due") == (2,)
    assert [said["by_school_township"][code]["tutoring_months_due"] for code in ("990100100", "990100200")] == [1, 1]  # the later of October
    assert told(officer, first=D(2026, 10, 6))["tutoring_months_due"] == 1
    mine = Enrollment.student == pupils.at_home
    Enrollment.update(mode="day").where(mine & Enrollment.ends_on.is_null()).execute()
    assert told(officer, first=D(2026, 10, 6))["tutoring_months_due"] == 0


def test_townships_and_schools_see_their_parts(went, taught, pupils, county, coordinator, school_admin):
    went(pupils.first, on=FIRST)
    went(pupils.elsewhere, on=FIRST)
    taught("2026-09-12", 2)
    for user in (coordinator, school_admin):
        said = told(user)
        assert of(said, *VISITS, *MONTHS, "enrolled") == (1, 1, 1, 1, 1, 2, 0, 3)
        assert list(said["by_school_township"]) == ["990100100"]
    rows = {row["name"]: row for row in told(school_admin)["rows"]}
    assert of(rows["三年级2班"], "visits", "tutoring_months_due", "enrolled") == (1, 2, 2)
    assert of(rows["四年级1班"], "visits", "tutoring_months_due", "enrolled") == (0, 0, 1)


def test_a_visit_of_somebody_without_a_school_counts_for_the_county(pupils, county, officer):
    visit = Visit.create(county=county.county, form="on_site", on=FIRST, teachers="村干部")
    VisitStudent.create(student=pupils.first, visit=visit, force_insert=True)
    said = told(officer)
    assert said["visits"] == 1 and all(row["visits"] == 0 for row in said["rows"])


def test_the_table_says_what_was_reckoned_from_what(went, pupils, officer):
    went(pupils.first, on=FIRST)
    said = visited.sums(scope_of(officer), **RANGE)
    (table,) = visited.tables(said)
    assert "全部 1÷5，入户 1÷5" in table.notes[1]
    assert table.totals[1:6] == [1, 1, 5, 1, 0.2]
    assert [card.figure for card in visited.cards(said)] == ["1", "20.00%", "20.00%", "0.00%"]
    assert len(visited.pictures(said, lambda row: "")) == 1


def test_the_page_and_its_parts_open(went, pupils, sign_in, officer, county):
    went(pupils.first, on=FIRST)
    client = sign_in(officer)
    for org in (None, county.township.id, county.school.id):
        page = client.get("reports.show_report", name="visits", **{"from": "2026-09-10", "to": "2026-10-31", "org": org}).text
        assert "家访和送教上门情况统计表" in page and "合计" in page


def test_every_month_that_a_range_touches():
    assert months_of(D(2026, 12, 31), D(2027, 1, 1)) == ["2026-12", "2027-01"]
    assert months_of(D(2026, 9, 1), D(2026, 9, 30)) == ["2026-09"]

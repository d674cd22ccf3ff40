"""R6 and R5 for home visits: the lists, who is due and the coverage report of a county with 300,000 visits a year."""

import datetime

from aidtracker.audit.actions import record
from aidtracker.db import chunks_of, database, insert_rows, new_uid, run_sql, today_in_china, transaction, utcnow
from aidtracker.orgs.grades import school_year_of
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student
from aidtracker.terms.calendar import first_day_of
from aidtracker.visits.actions import record_visit
from aidtracker.visits.keeping_coverage import keep_coverage_when_due
from aidtracker.visits.models import Visit, VisitStudent
from tests.bench.clock import Measure, cpu_of, ratio
from tests.bench.pages import say_hello
from tests.bench.registry import signed_in

YEAR = 300_000
TENTH = YEAR // 10
TIMES, ROUNDS = 5, 9
FORMS = ("on_site", "on_site", "phone")
VISIT = "uid county_id form on_day minutes purposes teachers person_met relation lessons place subject signed_by no_photo unsigned ordinal is_imported state recorded_at receipt revision".split()
SEEN_AT_HOME = {"form": "on_site", "minutes": 30, "purposes": ["routine"], "teachers": "张老师", "person_met": "赵云山", "relation": "父亲"}
OF_PUPIL = "student_id visit_id class_org_id school_id".split()


def visited(house, visits: int, first: datetime.date, last: datetime.date) -> None:
    """So many visits on random days of the range, each of one pupil; as after an import, the server has brought its sums up to date."""
    pupils = list(Student.select(Student.id, Org.id, Org.parent).join(Org, on=(Student.class_org == Org.id)).order_by(Student.id).tuples())
    reach, begin = (last - first).days + 1, run_sql("SELECT COALESCE(MAX(id), 0) FROM visit").fetchone()[0]
    choose, random = house.random.choice, house.random.randrange
    for some in chunks_of(range(visits)):
        with transaction():
            insert_rows(Visit, tuple(VISIT), [visit_row(house, choose(FORMS), first + datetime.timedelta(days=random(reach))) for _ in some])
    ids = [id_ for (id_,) in run_sql("SELECT id FROM visit WHERE id > ? ORDER BY id", (begin,)).fetchall()]
    for some in chunks_of(ids):
        with transaction():
            insert_rows(VisitStudent, tuple(OF_PUPIL), [(pupil, id_, room, school) for id_ in some for pupil, room, school in [choose(pupils)]])
    database.execute_sql("ANALYZE")
    with transaction():
        record(action="visits.insert_visits", by=None, object_kind="visit", count=visits, county_id=house.officer.county_id)
    keep_coverage_when_due()


def visit_row(house, form: str, on: datetime.date) -> tuple:
    """In the order of VISIT."""
    return (new_uid(), house.officer.county_id, form, on, 30, '["routine"]', "张老师", "", "", None, "", "", "", "", "", 1, False, "recorded", utcnow(), "", 1)


def this_year(house) -> datetime.date:
    """A tenth of them, made once: as many for each pupil as 300,000 are in a county of 150,000 pupils."""
    first = first_day_of(school_year_of(today_in_china()))
    if not hasattr(house, "visits"):
        visited(house, TENTH, first, today_in_china())
        house.visits = TENTH
    return first


def with_ten_times_the_visits(house) -> float:
    """The worst of three: visits of a class, who of it is due, the coverage report of a school; ten times the visits lie before this year."""
    first, room = this_year(house), house.classes[0]
    head = signed_in(house, "head", "school_admin", Org.get_by_id(room.parent_id))
    pages = {"list of a class": f"/visits/?room={room.id}", "due list of a class": f"/visits/due?room={room.id}", "coverage of a school": "/reports/coverage"}
    small = costs(head, pages)
    visited(house, YEAR - TENTH, first - datetime.timedelta(days=1000), first - datetime.timedelta(days=1))
    large = costs(head, pages)
    for name, cost in large.items():
        print(f"  {name}: {cost * 1000:.1f} ms with {YEAR:,} visits, {small[name] * 1000:.1f} ms with a tenth")  # noqa: T201
    return max(cost / small[name] for name, cost in large.items())


def costs(client, pages: dict[str, str]) -> dict[str, float]:
    """The least of several rounds: what else runs on the machine only adds."""
    found = {}
    for name, address in pages.items():
        assert client.get(address).status_code == 200, name
        found[name] = min(cpu_of(lambda address=address: client.get(address), TIMES) for _ in range(ROUNDS))
    return found


def coverage_page(house) -> float:
    """The county's page, all 300,000 within the year."""
    full_year(house)
    officer = signed_in(house, "officer")
    assert officer.get("/reports/coverage").status_code == 200
    return ratio(lambda: officer.get("/reports/coverage"), say_hello(house), rounds=9, times=5, other_times=200)


def coverage_after_a_visit(house) -> float:
    """The same right after visits of three classes, which are counted anew for the reader."""
    full_year(house)
    officer = signed_in(house, "officer")
    for room in house.classes[:3]:
        pupil = Student.select().where(Student.class_org == room).first()
        record_visit(students=[pupil], values=SEEN_AT_HOME | {"on": today_in_china()}, by=house.officer)
    return ratio(lambda: officer.get("/reports/coverage"), say_hello(house), rounds=9, times=5, other_times=200)


def full_year(house) -> None:
    first = this_year(house)
    if house.visits < YEAR:
        visited(house, YEAR - TENTH, first, today_in_china())
        house.visits = YEAR


MEASURES = {
    "RV1": Measure(1.3, "visits and due list of a class, coverage of a school, CPU with 300,000 visits / with a tenth", with_ten_times_the_visits),
    "RV2": Measure(150, "coverage page of a county with 300,000 visits in the year, CPU / hello", coverage_page),
    "RV3": Measure(150, "the same right after visits of three classes, CPU / hello", coverage_after_a_visit),
}

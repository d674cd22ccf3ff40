"""R6 and R7 of cases: the list, what is overdue and the caseload, with ten times the cases behind them."""

import datetime

from aidtracker.cases.models import Case, CaseStep, FollowUp
from aidtracker.db import database, new_uid, today_in_china, utcnow
from aidtracker.students.models import Student
from tests.bench.clock import Measure, cpu_of
from tests.bench.registry import signed_in

OPEN, EVERY, FOLLOWED, TIMES = 500, 5_000, 6, 20
A_DAY = datetime.timedelta(days=1)
AT_ONCE = 2_000
PAGES = ("/cases/", "/cases/?overdue=y", "/cases/caseload", "/my-children")


def with_ten_times_the_history(house) -> float:
    """500 open cases, with 500 and with 4,500 closed ones behind them; six follow-ups each."""
    return worst(house, (OPEN, OPEN), (OPEN, EVERY - OPEN))


def with_ten_times_the_cases(house) -> float:
    """500 and 5,000 open ones."""
    return worst(house, (OPEN, 0), (EVERY, 0))


def worst(house, few: tuple[int, int], many: tuple[int, int]) -> float:
    officer = signed_in(house, "officer")
    costs = []
    for number in (few, many):
        fill(house, *number)
        costs.append({page: cpu_of(lambda page=page: asked(officer, page), TIMES) for page in PAGES})
    for page in PAGES:
        print(f"  {page}: {costs[0][page] * 1000:.1f} ms at {few}, {costs[1][page] * 1000:.1f} ms at {many}")  # noqa: T201
    return max(costs[1][page] / costs[0][page] for page in PAGES)


def asked(client, page: str) -> None:
    assert client.get(page).status_code == 200, page


def fill(house, open_: int, closed: int) -> None:
    """In place of what was there."""
    for model in (CaseStep, FollowUp, Case):
        model.delete().execute()
    county, today, now = house.classes[0].county_id, today_in_china(), utcnow()
    pupils = list(Student.select(Student.id, Student.class_org).order_by(Student.id).limit(open_ + closed).tuples())
    rows = []
    for n, (student, room) in enumerate(pupils):
        is_closed = n >= open_
        ended = {"outcome": "transferred", "closed_on": today, "closed_at": now, "closed_by": house.officer} if is_closed else {"outcome": "", "closed_on": None, "closed_at": None, "closed_by": None}
        plain = {"uid": new_uid(), "number": f"990100-2026-{n:04}", "county": county, "student": student, "class_org": room, "origin": "roll", "found_on": today - 30 * A_DAY}
        rows.append(plain | ended | {"state": "closed" if is_closed else "dropout", "owner": house.officer, "due_on": today + (n % 10 - 5) * A_DAY, "opened_at": now})
    insert(Case, rows)
    ids = [id_ for (id_,) in Case.select(Case.id).order_by(Case.id).tuples()]
    told = {"kind": "phone", "people": "张老师", "person_met": "母亲", "result": "not_returned", "recorded_at": now}
    insert(FollowUp, [{"uid": new_uid(), "case": id_, "ordinal": n + 1, "on": today - (FOLLOWED - n) * A_DAY, **told} for id_ in ids for n in range(FOLLOWED)])
    database.execute_sql("ANALYZE")


def insert(model, rows: list[dict]) -> None:
    for first in range(0, len(rows), AT_ONCE):
        model.insert_many(rows[first : first + AT_ONCE]).execute()


MEASURES = {
    "R6c": Measure(1.3, "cases, overdue, caseload with ten times the history, CPU", with_ten_times_the_history),
    "R7c": Measure(2, "the same with ten times the open cases, CPU", with_ten_times_the_cases),
}

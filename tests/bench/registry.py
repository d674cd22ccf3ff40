"""R7 and the year rollover: the registry with ten times the pupils, and a county that goes up a year."""

import datetime

from aidtracker.accounts.actions import create_user
from aidtracker.accounts.models import Membership, User
from aidtracker.db import database, init_database
from aidtracker.orgs.models import Org
from aidtracker.students.actions_rollover import roll_school
from aidtracker.students.models import Student
from tests.bench.clock import Measure, cpu_of
from tests.bench.house import PASSWORD, build, this_year
from tests.bench.pages import hidden
from tests.drills.drill import swapped

TIMES = 30
LARGE = 150_000


def with_ten_times_the_pupils(house) -> float:
    """The worst of five: a name and a class of one school, six digits and a pupil's page of the county, a child that is typed in."""
    large = costs_of(house)
    small = costs_of(build(house.folder / "tenth", house.pupils // 10, None))
    database.close()
    init_database(house.settings)
    database.connect()
    for name, cost in large.items():
        print(f"  {name}: {cost * 1000:.1f} ms at {house.pupils:,} pupils, {small[name] * 1000:.1f} ms at a tenth")  # noqa: T201
    return max(cost / small[name] for name, cost in large.items())


def costs_of(house) -> dict[str, float]:
    """{what: seconds of CPU}, everything on: scope, seals, trail."""
    room = house.classes[0]
    head, officer = signed_in(house, "head", "school_admin", Org.get_by_id(room.parent_id)), signed_in(house, "officer")
    pupil = Student.select().where(Student.class_org == room).order_by(Student.id).first()
    typed = {"name": pupil.name, "sex": pupil.sex, "born_on": pupil.born_on.isoformat(), "look": "1", **hidden(head.get("/students/new").text)}
    found = {"q": pupil.id_number[-6:], **hidden(officer.get("/students").text)}
    asked = {
        "a name, at a school": lambda: head.get(f"/students?q={pupil.name}"),
        "a class": lambda: head.get(f"/students?room={room.id}"),
        "six digits, in the county": lambda: officer.post("/students/search", data=found),
        "a pupil's page": lambda: officer.get(f"/students/{pupil.id}"),
        "a child that is typed in": lambda: head.post("/students/new", data=typed),
    }
    costs = {}
    for name, ask in asked.items():
        assert pupil.name in ask().text, name
        costs[name] = cpu_of(ask, TIMES)
    return costs


def signed_in(house, username: str, role: str = "", org: Org | None = None):
    if role and not User.select().where(User.username == username).exists():
        create_user(username=username, name=username, password=PASSWORD, role=role, org=org, by=None)
        User.update(must_change_password=False, is_exempt=True).execute()
    client = house.app.test_client()
    sent = {"username": username, "password": PASSWORD, **hidden(client.get("/sign-in").text)}
    assert client.post("/sign-in", data=sent).status_code == 303
    return client


def rollover(house) -> float:
    """Seconds of CPU for 150,000 pupils: every school in its own transaction, the sixth grade leaves."""
    later = datetime.datetime(this_year() + 1, 9, 1, 2)
    schools = list(Org.select().where(Org.kind == "school"))
    Membership.update(starts_on=datetime.date(2020, 9, 1)).execute()
    with swapped("aidtracker.db.utcnow", lambda _real: lambda: later):
        officer = User.get(User.username == "officer")
        spent = cpu_of(lambda: [roll_school(school=school, year=later.year, by=officer) for school in schools], 1)
    return spent * LARGE / house.pupils


MEASURES = {
    "R7": Measure(2, "search, class list, pupil page, typing a child in, CPU at N pupils / at a tenth", with_ten_times_the_pupils),
    "RG1": Measure(60, "year rollover of a county, seconds of CPU per 150,000 pupils", rollover),
}

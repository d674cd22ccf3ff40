"""A small county for the drills that write: twelve classes of 45, whoever writes in them, batches of aid, a long past of school days.

Made in this process, or in one of the site: python -m tests.drills._county prints the county as JSON.
"""

import datetime
import importlib
import json
import os
import random
import subprocess
import sys
from dataclasses import asdict, dataclass
from types import SimpleNamespace

from aidtracker.accounts.models import Membership, User
from aidtracker.aid.actions import create_batch
from aidtracker.db import database, today_in_china
from aidtracker.orgs.models import Org
from aidtracker.students.models import Enrollment, Student
from aidtracker.terms.calendar import school_days, term_of
from tests.bench import house
from tests.live_server import CHECKOUT

CLASSES = 12
BATCHES = 20
SINCE = datetime.timedelta(days=6 * 365)  # school days enough for every roll of a long night
ROLES = {"roll": "school_admin", "payment": "bureau_admin", "visit": "school_admin"}
WRITERS = {"roll": 8, "payment": 2, "visit": 1}


@dataclass
class County:
    """Ids, and days as text: it travels as JSON."""

    classes: dict[str, list[int]]  # class: its pupils
    days: list[str]  # in the past, the latest first
    batches: list[int]
    accounts: dict[str, list[str]]  # kind of writer: usernames

    @property
    def pupils(self) -> list[int]:
        return [pupil for pupils in self.classes.values() for pupil in pupils]


def build(classes: int = CLASSES, writers: dict[str, int] | None = None) -> County:
    """Through the same actions as a real county; in the open database."""
    made = SimpleNamespace(random=random.Random(7), pupils=classes * house.CLASS_SIZE)
    made.roster = list(house.roster_rows(made))
    house.bring_in(made)
    today = today_in_china()
    Enrollment.update(starts_on=today - SINCE).execute()
    rooms: dict[str, list[int]] = {}
    for room, pupil in Student.select(Student.class_org, Student.id).order_by(Student.class_org, Student.id).tuples():
        rooms.setdefault(str(room), []).append(pupil)
    county = Org.get(Org.kind == "county")
    half = term_of(today).code
    batches = [create_batch(county=county, program_name=f"补助{n}", term_code=half, name="01", by=made.officer).id for n in range(BATCHES)]
    days = school_days(today - SINCE, today - datetime.timedelta(days=1), county.id)
    return County(rooms, [day.isoformat() for day in reversed(days)], batches, accounts(county, made.officer, writers or WRITERS))


def accounts(county: Org, officer: User, writers: dict[str, int]) -> dict[str, list[str]]:
    """One hash for all: what it costs is another's business."""
    school = Org.get(Org.kind == "school")
    found: dict[str, list[str]] = {}
    for kind, many in writers.items():
        for number in range(1, many + 1):
            name = f"{kind}-{number}"
            user = User.create(username=name, name=name, password_hash=officer.password_hash, must_change_password=False, is_exempt=True)
            org = county if kind == "payment" else school
            Membership.create(user=user, role=ROLES[kind], org=org, starts_on=datetime.date(2020, 9, 1))
            found.setdefault(kind, []).append(name)
    return found


def build_apart(given, environ: dict[str, str], classes: int, writers: dict[str, int]) -> County:
    """In a process of the site, with the drill's bug in it."""
    asked = [given.wsgi.partition(":")[0], str(classes), json.dumps(writers)]
    command = [sys.executable, "-m", "tests.drills._county", *asked]
    done = subprocess.run(command, cwd=CHECKOUT, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    return County(**json.loads(done.stdout))


if __name__ == "__main__":
    os.umask(0o077)
    importlib.import_module(sys.argv[1])  # create_app() opens the database of the environment
    with database.connection_context():
        print(json.dumps(asdict(build(int(sys.argv[2]), json.loads(sys.argv[3])))))

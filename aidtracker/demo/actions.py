"""Building the demo county: whole or not at all, in one transaction, through the actions that the imports use."""

import datetime
import itertools
import random
from collections.abc import Callable

from aidtracker.accounts.models import User
from aidtracker.accounts.queries import user_or_none
from aidtracker.attendance.early_warning import look_at_county
from aidtracker.audit.actions import record
from aidtracker.config import Settings
from aidtracker.db import chunks_of, database, transaction
from aidtracker.demo.cases import Cases
from aidtracker.demo.checked import Checked
from aidtracker.demo.cohorts import Slot
from aidtracker.demo.known import Filled, Known, code_of
from aidtracker.demo.leaves import Leaves
from aidtracker.demo.lists import Lists
from aidtracker.demo.nights import Nights, boarding_school
from aidtracker.demo.payments import Payments
from aidtracker.demo.places import COUNTY, JUNIOR, NEIGHBOUR, PRIMARY, Places, make_places
from aidtracker.demo.plans import whole
from aidtracker.demo.pupils import KEYS, Pupils, rows_of_year
from aidtracker.demo.queries import state_of_database
from aidtracker.demo.returns import Returns
from aidtracker.demo.rollbook import RollBook
from aidtracker.demo.rolls import Register, Rolls, Streak
from aidtracker.demo.staff import NEIGHBOURS, SHOWN, create_offices, create_school_staff, shown_place
from aidtracker.demo.tables import table_of
from aidtracker.demo.visits import Visits
from aidtracker.errors import Refused
from aidtracker.operation.migration import migrate
from aidtracker.operation.models import Installation
from aidtracker.orgs.actions import close_org
from aidtracker.orgs.divisions import plan_divisions, save_divisions
from aidtracker.orgs.grades import school_year_of
from aidtracker.orgs.models import Org
from aidtracker.orgs.schools import plan_schools, save_schools
from aidtracker.orgs.sheets import DIVISIONS, SCHOOLS
from aidtracker.students.actions_placing import leave_classes
from aidtracker.students.lookup import students_by_number
from aidtracker.students.models import Student
from aidtracker.students.roster import plan_roster
from aidtracker.students.roster_save import save_roster
from aidtracker.students.sheets import ROSTER
from aidtracker.terms.calendar import first_day_of, school_days
from aidtracker.terms.days import ONE_DAY

SEED = "金寨"
PAST_DAYS = 60
KINDS = {"demo": "演示数据", "practice": "练习数据"}
IMPORTERS = {COUNTY[0]: SHOWN["bureau_admin"][0], NEIGHBOUR[0]: NEIGHBOURS["bureau_staff"][0]}


def silent(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def open_demo(*, settings: Settings, on: datetime.date, small: bool, kind: str = "demo", progress: Callable = silent) -> bool:
    """For the operator: migrates an empty database and builds the county in it; False when it stands there already."""
    with database.connection_context():
        refuse_other_database(kind)
    migrate(settings)
    with database.connection_context():
        return build_demo(on=on, by=None, small=small, kind=kind, progress=progress)


def refuse_other_database(kind: str) -> None:
    """Looked at before the migration too: `demo` and `practice` must not touch a database that is somebody's, nor each other's."""
    if state_of_database() not in ("empty", kind):
        raise Refused("这个数据库里已有别的数据，不能再放%(what)s。请用 AIDTRACKER_INSTANCE 指定一个新文件夹，再运行 %(kind)s。", what=KINDS[kind], kind=kind)


def build_demo(
    *, on: datetime.date, by: User | None, small: bool = False, seed: str = SEED, kind: str = "demo", progress: Callable = silent
) -> bool:
    """Builds the county as it stands on that day; False when the demo stands already. Refused on any other database.

    `kind` practice: marked as such before anybody is in it, for the database takes the mark only then.

    One transaction: a build that was stopped leaves nothing behind, and of two at once the second finds the first.
    """
    with transaction():
        refuse_other_database(kind)
        if state_of_database() == kind:
            return False
        Installation.update(is_demo=True, is_practice=kind == "practice").execute()
        build(on, small, seed, by, progress)
        record(action="demo.build_demo", by=by, object_kind="installation", object_id=1, reason=seed)
    database.execute_sql("ANALYZE")  # new tables: the planner must know their size
    return True


def build(on: datetime.date, small: bool, seed: str, by: User | None, progress: Callable) -> None:
    """Each part draws from a generator of its own, so that a change in one leaves the others as they were."""
    year, days = school_year_of(on), days_until(on)
    done = step(progress, 13 + len(days))
    places = make_places(draw(seed, "places"), small)
    bring_in_places(places, by)
    done()
    create_offices(school_year=year, rng=draw(seed, "offices"), by=by)
    slots = Pupils(places, year, draw(seed, "pupils")).slots(small)
    registers = [Register(room, rows) for room, rows in rows_of_year(slots, year, "now").items()]
    done()
    for county, importer in IMPORTERS.items():
        bring_in_pupils(slots, county, year, user_or_none(importer))
        done()
    create_school_staff(school_year=year, rng=draw(seed, "staff"), by=by)
    done()
    bring_in_last_year(slots, year - 1, user_or_none(IMPORTERS[COUNTY[0]]))
    done()
    county = Filled(slots, registers, *take_rolls(registers, days, on, small, draw(seed, "rolls"), draw(seed, "nights"), by, done), days, on, year, small)
    done()
    fill_rooms(county, seed, done)


def fill_rooms(county: Filled, seed: str, done: Callable) -> None:
    """What the rooms above the rolls hold, each on what stands below it."""
    Leaves(county).fill()
    done()
    Visits(county, draw(seed, "visits")).fill()
    Checked(county, draw(seed, "checked")).fill()
    done()
    with_aid = Payments(county, draw(seed, "payments")).fill()
    done()
    out_of_school = Lists(county, with_aid, draw(seed, "lists")).fill()
    done()
    Cases(county, out_of_school, draw(seed, "cases")).fill()
    done()
    for code, importer in IMPORTERS.items():
        look_at_county(county_id=Org.get(Org.code == code).id, today=county.on, by=user_or_none(importer))
    done()


def days_until(on: datetime.date) -> list[datetime.date]:
    """The last 60 school days of this school year, and today when there is school."""
    before = school_days(first_day_of(school_year_of(on)), on - ONE_DAY)[-PAST_DAYS:]
    return [*before, *school_days(on, on)]


def draw(seed: str, part: str) -> random.Random:
    return random.Random(f"{seed}/{part}")


def step(progress: Callable, total: int) -> Callable[[], None]:
    """A function to call after each of so many steps."""
    counter = itertools.count(1)
    return lambda: progress(next(counter), total)


def bring_in_places(places: Places, by: User | None) -> None:
    for spec, rows, plan, save in (
        (DIVISIONS, places.division_rows(), plan_divisions, save_divisions),
        (SCHOOLS, places.school_rows(), plan_schools, save_schools),
    ):
        save(whole(plan([table_of(spec, rows)], by=by)), by=by)


def bring_in_pupils(slots: list[Slot], county: str, school_year: int, by: User | None) -> None:
    """This year's roster."""
    rows = [row for room, rows in rows_of_year(slots, school_year, "now").items() if room.school.county == county for row in rows]
    save_roster(whole(plan_roster([table_of(ROSTER, rows)], by=by, school_year=school_year)), by=by)


def bring_in_last_year(slots: list[Slot], school_year: int, by: User | None) -> None:
    """金寨县's roster of last year, late: it gives the pupils their past, and brings those who left 九年级 since."""
    here = {slot.row["student_number"] for slot in slots if slot.now}
    rooms = {room: rows for room, rows in rows_of_year(slots, school_year, "past").items() if room.school.county == COUNTY[0]}
    rows = [{key: row[key] for key in KEYS} if row["student_number"] in here else row for rows in rooms.values() for row in rows]
    save_roster(whole(plan_roster([table_of(ROSTER, rows)], by=by, school_year=school_year)), by=by)
    graduate({row["student_number"] for row in rows} - here, datetime.date(school_year + 1, 7, 10), by)
    ended = {code_of(room, school_year) for room in rooms if room.grade in (PRIMARY[-1], JUNIOR[-1])}
    for org in Org.select().where(Org.kind == "class").order_by(Org.id):
        if org.code in ended:
            close_org(org=org, reason="毕业班", by=by)


def graduate(numbers: set[str], left_on: datetime.date, by: User | None) -> None:
    known = students_by_number(numbers, [by.memberships[0].org.county_id])
    students: list[Student] = []
    for chunk in chunks_of(sorted(student.id for student in known.values())):
        students.extend(Student.select().where(Student.id.in_(chunk)).order_by(Student.id))
    leave_classes(students=students, left_on=left_on, reason="初中毕业", by=by)


def take_rolls(registers, days, on, small, rng, nights, by, done: Callable) -> tuple[list[Streak], Known]:
    """Returns the streaks, and what the classes and pupils are called in the database.

    The classes of the shown teachers wait this morning, so that there is a roll to take.
    """
    book = RollBook(registers, school_year_of(on), rng)
    waiting = {shown_place("class", county).id for county in IMPORTERS}
    for register, room in zip(registers, book.rooms, strict=True):
        register.is_waiting = room.id in waiting
    past = [day for day in days if day < on]
    rolls = Rolls(registers, past, on if on in days else None, shown_place("village", COUNTY[0]).code, rng)
    rolls.fill(small)
    evenings = Nights(book, boarding_school(book, shown_place("township", COUNTY[0])), past, nights)
    evenings.lose(on)
    for day in days:
        book.save_day(day, by)
        done()
    book.correct_some(past, 4 if small else 30)
    evenings.fill()
    officer = user_or_none(IMPORTERS[COUNTY[0]])
    Returns(book, officer.memberships[0].org.county, past, officer).fill()
    return rolls.streaks, book.known

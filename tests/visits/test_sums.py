"""The sums of visits against a plain count in Python, of a random county with all that makes counting hard."""

import datetime
import random
from types import SimpleNamespace

import pytest

from aidtracker.orgs.models import Org
from aidtracker.orgs.scopes import scope_of
from aidtracker.students.models import Enrollment
from aidtracker.visits.models import TUTORING, Visit, VisitStudent
from aidtracker.visits.sums import NOTHING, Sums
from tests import factories

D = datetime.date
FIRST, LAST = D(2026, 9, 10), D(2026, 11, 20)
MADE_FROM = D(2026, 9, 1)  # to 90 days later: some visits lie outside
COUNTS = ("visits", "on_site", "students_visited", "students_on_site", "tutored_students", "enrolled")


@pytest.fixture
def crowd(county):
    """Two schools in each township and one of the county itself, pupils who change schools, visits of one to three pupils."""
    rng = random.Random(20260910)
    schools = [county.school, county.other_school]
    places = (county.township, county.other_township, county.county)
    schools += [factories.make_school(place, f"第{n}小学", f"219900010{n}") for n, place in enumerate(places)]
    rooms = [factories.make_class(school, "五年级", number) for school in schools for number in ("1", "2")]
    spells, visits = [], []
    for n in range(30):
        room, pupil = rooms[n % len(rooms)], factories.make_student(rooms[n % len(rooms)])
        spells.append((pupil, room, D(2026, 9, 1), None))
        if n % 4 == 0:  # leaves before the range, in it, or after it
            spells[-1:] = moved(pupil, room, rng.choice(rooms), D(2026, 9, 1) + datetime.timedelta(rng.randrange(2, 90)))
    far = factories.make_student(county.far_room)
    visits.append(visited(rng, [far], lambda _pupil, _day: county.far_room, "on_site"))
    for n in range(160):
        some = rng.sample(sorted({spell[0].id: spell[0] for spell in spells}.values(), key=lambda p: p.id), rng.choice((1, 1, 1, 2, 3)))
        form = TUTORING if n % 10 == 0 else rng.choice(("on_site", "on_site", "phone"))
        visits.append(visited(rng, some[:1] if form == TUTORING else some, lambda pupil, day: seat_of(spells, pupil, day, rng), form))
    return SimpleNamespace(spells=spells, visits=visits, schools=schools)


def moved(pupil, room, other, day):
    """Two spells in place of the open one, in the database too."""
    eve = day - datetime.timedelta(days=1)
    Enrollment.update(ends_on=eve).where(Enrollment.student == pupil).execute()
    Enrollment.create(student=pupil, class_org=other, mode="day", starts_on=day)
    return [(pupil, room, D(2026, 9, 1), eve), (pupil, other, day, None)]


def seat_of(spells, pupil, day, rng):
    """The class of that day; None for one visit in twelve, as of a pupil whom no roster has on that day."""
    if rng.randrange(12) == 0:
        return None
    return next(room for who, room, start, end in spells if who == pupil and start <= day and (end is None or day <= end))


def visited(rng, pupils, place_of, form):
    """A visit in the database; and as it is counted here: day, form, [(pupil, class or None)]."""
    day = MADE_FROM + datetime.timedelta(rng.randrange(90))
    lessons = 2 if form == TUTORING else None
    visit = Visit.create(county=pupils[0].county, form=form, on=day, teachers="班主任", lessons=lessons, is_imported=True)
    seats = [(pupil, place_of(pupil, day)) for pupil in pupils]
    for pupil, room in seats:
        VisitStudent.create(student=pupil, visit=visit, class_org=room, school=room and room.parent, force_insert=True)
    return day, form, seats


def counted(crowd, county, is_there):
    """What the database is to say of the place: every visit and every pupil once."""
    visits, on_site, pupils, pupils_on_site, tutored = set(), set(), set(), set(), set()
    for n, (day, form, seats) in enumerate(crowd.visits):
        for pupil, room in seats:
            if not FIRST <= day <= LAST or pupil.county_id != county.county.id or not is_there(room):
                continue
            if form == TUTORING:
                tutored.add(pupil.id)
                continue
            visits.add(n)
            pupils.add(pupil.id)
            if form == "on_site":
                on_site.add(n)
                pupils_on_site.add(pupil.id)
    enrolled = {who.id for who, room, start, end in crowd.spells if start <= LAST and (end is None or end >= FIRST) and is_there(room)}
    return tuple(map(len, (visits, on_site, pupils, pupils_on_site, tutored, enrolled)))


def below(place):
    """Whether a class lies in the place; a visit without a class lies in the county alone."""
    return lambda room: room.path.startswith(place.path) if room else place.kind == "county"


def test_every_level_is_what_python_counts_from_the_same_visits(crowd, county, officer):
    for place in (county.county, county.township, county.other_township, *crowd.schools):
        sums = Sums(scope_of(officer, org_id=place.id), FIRST, LAST, [])
        assert told(sums.total) == counted(crowd, county, below(place)), place.name
        for level, found in sums.of.items():
            for part in Org.select().where((Org.kind == level) & (Org.county == county.county)):
                inside = below(part), below(place)
                wanted = counted(crowd, county, lambda room: all(is_there(room) for is_there in inside))  # noqa: B023
                assert told(found.get(part.id, NOTHING)) == wanted, (place.name, part.name)


def told(sums):
    return tuple(sums[name] for name in COUNTS)


def test_the_random_county_has_what_makes_counting_hard(crowd, county):
    within = [(day, form, seats) for day, form, seats in crowd.visits if FIRST <= day <= LAST and form != TUTORING]
    assert any(len({room and room.parent_id for _, room in seats}) == 1 < len(seats) for _, _, seats in within)
    assert any(len({room and room.parent_id for _, room in seats}) > 1 for _, _, seats in within)
    assert any(room is None for _, _, seats in within for _, room in seats)
    whole = counted(crowd, county, below(county.county))
    parts = [counted(crowd, county, below(school)) for school in crowd.schools]
    assert all(sum(part[i] for part in parts) != whole[i] for i in (0, 2, 5))

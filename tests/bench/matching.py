"""R15: three departments' lists, each as long as the county has pupils, against the raw joins of the same tables."""

import datetime

from aidtracker.census import comparing, pairs
from aidtracker.census.models import LISTS, ListedChild, Snapshot
from aidtracker.census.standing import standing
from aidtracker.crypto.field import seal_values
from aidtracker.crypto.keyed_index import keyer
from aidtracker.db import chunks_of, database, insert_rows, new_uid, run_sql, today_in_china, transaction, utcnow
from aidtracker.students.models import Student, Tag
from aidtracker.students.tag_kinds import MONITORED
from tests.bench.clock import Measure, ratio
from tests.factories import id_number

COLUMNS = tuple("uid snapshot_id id_number id_index name sex born_on ethnicity head_name relation home_code home_id category level listed_on".split())
TAG_COLUMNS = tuple("student_id kind starts_on created_at detail source uid document disability_class disability_grade end_reason".split())
STRANGERS, MISSPELT, WITHOUT, TAGGED = 0.03, 0.02, 0.01, 0.97  # shares: not in a class here, another name, no number of the pupil, with our own mark
TAGS = {"monitored_households": "marginal_poor", "disabled_children": "disabled"}
SPELL = "e.student_id = s.id AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?)"
AWAY = f"""SELECT c.id FROM listed_child c LEFT JOIN student s ON s.county_id = ? AND s.id_index = c.id_index
LEFT JOIN enrollment e ON {SPELL} WHERE c.snapshot_id = ? AND e.id IS NULL"""
UNLISTED = f"""SELECT s.id FROM student s JOIN enrollment e ON {SPELL} LEFT JOIN listed_child c ON c.snapshot_id = ? AND c.id_index = s.id_index
WHERE s.county_id = ? AND s.born_on BETWEEN (SELECT MIN(born_on) FROM listed_child WHERE snapshot_id = ?) AND (SELECT MAX(born_on) FROM listed_child WHERE snapshot_id = ?) AND c.id IS NULL"""
UNLISTED_OF_GROUP = f"""SELECT DISTINCT s.id FROM student s JOIN enrollment e ON {SPELL} JOIN tag t ON t.student_id = s.id AND t.kind IN (?, ?, ?, ?) AND t.ends_on IS NULL
LEFT JOIN listed_child c ON c.snapshot_id = ? AND c.id_index = s.id_index WHERE s.county_id = ? AND c.id IS NULL"""
APART = f"""SELECT c.id FROM listed_child c JOIN student s ON s.county_id = ? AND s.id_index = c.id_index JOIN enrollment e ON {SPELL}
LEFT JOIN tag t ON t.student_id = s.id AND t.kind IN (?, ?, ?, ?) AND t.ends_on IS NULL
WHERE c.snapshot_id = ? AND (c.name <> s.name OR c.sex <> s.sex OR c.born_on <> s.born_on OR substr(c.home_code, 1, 9) <> substr(s.home_code, 1, 9) OR (? AND t.id IS NULL))"""
ALIKE = f"""SELECT c.id, s.id FROM ({AWAY}) a JOIN listed_child c ON c.id = a.id
JOIN student s ON s.county_id = ? AND s.name = c.name AND s.born_on = c.born_on AND s.sex = c.sex AND substr(c.home_code, 1, 9) = substr(s.home_code, 1, 9)
JOIN enrollment e ON {SPELL} LEFT JOIN listed_child d ON d.snapshot_id = c.snapshot_id AND d.id_index = s.id_index WHERE d.id IS NULL"""


def matched(house) -> float:
    """All three results with the reason of each child, and who may be whom; both find the same rows."""
    county, on = house.classes[0].county_id, today_in_china()
    take_numbers_away(house)
    snapshots = {kind: bring_list(house, county, kind, on) for kind in LISTS}
    database.execute_sql("ANALYZE")

    def ours() -> dict:
        return {kind: results_of(comparing.comparison_on(county, kind, on)) for kind in LISTS}

    def raw() -> dict:
        return {kind: joined(kind, county, snapshots[kind], on) for kind in LISTS}

    for found, wanted in zip(ours().values(), raw().values(), strict=True):
        assert all(found) and found[:3] == wanted[:3] and found[3] < wanted[3], [len(each) for each in (*found, *wanted)]  # two valid numbers are two
    return ratio(ours, raw, rounds=3, times=1)


def results_of(comparison: comparing.Comparison) -> tuple:
    away = ListedChild.select(ListedChild.id, standing(comparison, 0)).where(comparing.not_enrolled(comparison))
    unlisted = Student.select(Student.id).where(comparing.not_listed(comparison))
    apart = ListedChild.select(ListedChild.id).where(comparing.differing(comparison))
    alike = pairs.proposals(comparison, ListedChild.id > 0)
    return ({id_ for id_, _code in away.tuples()}, *({id_ for (id_,) in found.tuples()} for found in (unlisted, apart)), {tuple(one) for one in alike})


def joined(kind: str, county: int, snapshot: int, on: datetime.date) -> tuple:
    group = (*MONITORED,) if kind == "monitored_households" else ("disabled",) * 4
    away = run_sql(AWAY, (county, on, on, snapshot)).fetchall()
    if kind in TAGS:
        unlisted = run_sql(UNLISTED_OF_GROUP, (on, on, *group, snapshot, county)).fetchall()
    else:
        unlisted = run_sql(UNLISTED, (on, on, snapshot, county, snapshot, snapshot)).fetchall()
    apart = run_sql(APART, (county, on, on, *group, snapshot, kind in TAGS)).fetchall()
    alike = run_sql(ALIKE, (county, on, on, snapshot, county, on, on)).fetchall()
    return (*({id_ for (id_,) in found} for found in (away, unlisted, apart)), set(alike))


def take_numbers_away(house) -> None:
    """Some pupils have none, so that names have to do."""
    ids = [id_ for (id_,) in Student.select(Student.id).tuples()]
    for some in chunks_of(house.random.sample(ids, int(len(ids) * WITHOUT))):
        Student.update(id_number=None, id_index=None).where(Student.id.in_(some)).execute()


def bring_list(house, county: int, kind: str, on: datetime.date) -> int:
    """Nearly all pupils, some misspelt, and some children whom nobody knows; our own records mark nearly all of them."""
    chance, index = house.random, keyer("index_id")
    snapshot = Snapshot.create(county=county, kind=kind, dated=on)
    pupils = list(Student.select(Student.id, Student.uid, Student.id_number, Student.name, Student.sex, Student.born_on, Student.home_code, Student.home).tuples())
    opened = Student.select(Student.id, Student.uid, Student.id_number)
    numbers = {pupil.id: pupil.id_number for pupil in opened}
    lines, tags = [], []
    for n, (id_, _uid, _sealed, name, sex, born, home_code, home) in enumerate(pupils):
        number = numbers[id_] or id_number("990777", f"{born:%Y%m%d}", n % 1000)
        if chance.random() < STRANGERS:
            number = id_number("990888", f"{born:%Y%m%d}", n % 1000)
        lines.append((number, f"{name}娃" if chance.random() < MISSPELT else name, sex, born.isoformat(), home_code, home))
        if kind in TAGS and chance.random() < TAGGED:
            tags.append((id_, TAGS[kind], on.isoformat(), str(utcnow()), *[""] * 7))
    lines = list({line[0]: line for line in lines}.values())
    uids = [new_uid() for _line in lines]
    sealed = seal_values(ListedChild.id_number, uids, [line[0] for line in lines])
    rows = [
        (uid, snapshot.id, blob, index(number), name, sex, born, "", "", "", home_code, home, "", "", on.isoformat())
        for uid, blob, (number, name, sex, born, home_code, home) in zip(uids, sealed, lines, strict=True)
    ]
    with transaction():
        insert_rows(ListedChild, COLUMNS, rows)
        insert_rows(Tag, TAG_COLUMNS, tags)
    return snapshot.id


MEASURES = {"R15": Measure(4, "three lists against the pupils, with reasons and likely pairs / the raw joins", matched)}

"""R1: what the rolls weigh on disk, against one row per pupil and session."""

from aidtracker.attendance.many_rolls import WholeRoll, save_day_of_rolls
from aidtracker.db import database, is_sqlite, run_many, transaction
from aidtracker.students.models import Student
from tests.bench.clock import Measure

DAYS, MARKED = 20, 0.025  # school days; share of the pupils who are not simply present
KINDS = ("sick_leave", "personal_leave", "unexcused", "late")
OURS = ("roll_call", "absence", "day_sum")
NAIVE = """CREATE TABLE naive_attendance (id {id}, student_id INTEGER NOT NULL, on_day DATE NOT NULL,
    session VARCHAR(12) NOT NULL, status VARCHAR(16) NOT NULL, UNIQUE (student_id, on_day, session))"""
INSERT = "INSERT INTO naive_attendance (student_id, on_day, session, status) VALUES (?, ?, ?, ?)"


def storage(house) -> float:
    """The whole county, two sessions a day."""
    rooms: dict[int, list[int]] = {}
    for student, room in Student.select(Student.id, Student.class_org_id).tuples():
        rooms.setdefault(room, []).append(student)
    schools = {room.id: room.parent_id for room in house.classes}
    before = bytes_of(*OURS)
    make_naive_table()
    for day in house.days[:DAYS]:
        rolls = [roll_of(house, room, schools[room], pupils, day, s) for room, pupils in rooms.items() for s in ("morning", "afternoon")]
        save_day_of_rolls(rolls=rolls, by=house.officer, why="bench", county_id=None)
        with transaction():
            run_many(INSERT, [row for roll in rolls for row in naive_rows(roll, rooms[roll.class_id])])
    return (bytes_of(*OURS) - before) / bytes_of("naive_attendance")


def roll_of(house, room, school, pupils, day, session) -> WholeRoll:
    marks = {p: (house.random.choice(KINDS), None) for p in pupils if house.random.random() < MARKED}
    return WholeRoll(room, school, day, session, len(pupils), marks)


def naive_rows(roll: WholeRoll, pupils):
    for pupil in pupils:
        yield (pupil, roll.on.isoformat(), roll.session, roll.marks.get(pupil, ("present",))[0])


def make_naive_table() -> None:
    with transaction():
        database.execute_sql(NAIVE.format(id="INTEGER PRIMARY KEY" if is_sqlite() else "SERIAL PRIMARY KEY"))


def bytes_of(*tables: str) -> int:
    """With their indexes."""
    if not is_sqlite():
        return sum(database.execute_sql("SELECT pg_total_relation_size(%s)", (table,)).fetchone()[0] for table in tables)
    marks = ", ".join("?" * len(tables))
    within = f"SELECT name FROM sqlite_master WHERE tbl_name IN ({marks})"
    found = database.execute_sql(f"SELECT sum(pgsize) FROM dbstat WHERE name IN ({within})", tables)
    return found.fetchone()[0] or 0


MEASURES = {"R1": Measure(0.1, "attendance bytes on disk / one row per pupil and session", storage)}

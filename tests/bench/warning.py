"""R13: who has been away for how many days in a row, for the whole county, against the gaps and islands of a term of the same rolls."""

from aidtracker.attendance.many_rolls import save_day_of_rolls
from aidtracker.attendance.streaks import streaks
from aidtracker.db import database, run_sql
from aidtracker.students.models import Student
from tests.bench.clock import Measure, ratio
from tests.bench.storage import roll_of

STAYS, ONE_OF = 0.7, 1500  # who is away stays so for three days or so; so many begin it each day

ISLANDS = """WITH day AS (
  SELECT class_org_id, on_day, COUNT(*) AS sessions, ROW_NUMBER() OVER (PARTITION BY class_org_id ORDER BY on_day) AS n
  FROM roll_call WHERE on_day BETWEEN ? AND ? AND session IN ('morning', 'afternoon') GROUP BY class_org_id, on_day),
last AS (SELECT class_org_id, MAX(n) AS n FROM day GROUP BY class_org_id),
away AS (
  SELECT a.student_id, r.class_org_id, a.on_day, COUNT(*) AS missed FROM absence a JOIN roll_call r ON r.id = a.roll_call_id
  WHERE a.mark IN ('unexcused', 'unexplained', 'not_returned') AND r.session IN ('morning', 'afternoon') AND a.on_day BETWEEN ? AND ?
  GROUP BY a.student_id, r.class_org_id, a.on_day),
whole AS (
  SELECT w.student_id, w.class_org_id, d.n, d.n - ROW_NUMBER() OVER (PARTITION BY w.student_id, w.class_org_id ORDER BY d.n) AS island
  FROM away w JOIN day d ON d.class_org_id = w.class_org_id AND d.on_day = w.on_day WHERE w.missed = d.sessions)
SELECT w.student_id, COUNT(*) FROM whole w JOIN last l ON l.class_org_id = w.class_org_id
GROUP BY w.student_id, w.class_org_id, w.island, l.n HAVING MAX(w.n) = l.n"""


def warned(house) -> float:
    """Both find the same; the rolls are those of a term, two sessions a day, of every class."""
    take_rolls(house)
    county, first, last = house.classes[0].county_id, house.days[0], house.days[-1]

    def islands() -> dict[int, int]:
        return dict(run_sql(ISLANDS, (first, last, first, last)).fetchall())

    assert streaks(county, last) == islands() != {}
    return ratio(lambda: streaks(county, last), islands, rounds=5, times=10, other_times=1)


def take_rolls(house) -> None:
    rooms: dict[int, list[int]] = {}
    for student, room in Student.select(Student.id, Student.class_org_id).tuples():
        rooms.setdefault(room, []).append(student)
    schools = {room.id: room.parent_id for room in house.classes}
    everybody, away = [pupil for pupils in rooms.values() for pupil in pupils], set()
    for day in house.days:
        away = {pupil for pupil in away if house.random.random() < STAYS} | set(house.random.sample(everybody, len(everybody) // ONE_OF))
        rolls = [roll_of(house, room, schools[room], pupils, day, s) for room, pupils in rooms.items() for s in ("morning", "afternoon")]
        for roll in rolls:
            roll.marks.update({pupil: ("unexcused", None) for pupil in away.intersection(rooms[roll.class_id])})
        save_day_of_rolls(rolls=rolls, by=house.officer, why="bench", county_id=None)
    database.execute_sql("ANALYZE")


MEASURES = {"R13": Measure(0.02, "early warning of a county / gaps and islands over the term", warned)}

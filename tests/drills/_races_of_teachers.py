"""Races of teachers: the roll of a class, the visit to a family."""

from aidtracker.attendance.models import Absence, DaySum, RollCall, RollCallVersion
from aidtracker.receipts.models import Receipt
from aidtracker.visits.models import Visit, VisitVersion
from tests.drills._race_world import CROWD, MARKS, Race


def first_roll(race: Race) -> None:
    """Eight devices hand in the first roll of a class, day and session, each another one."""
    room = race.world.rooms[0]
    pupils = race.world.of_room[room.id]
    answers = race.fire(race.world.heads, roll_address(race, room, "morning"), lambda n: roll_of(pupils[:1], MARKS[n]))
    winner = race.one_wins(answers, told=(409,))
    race.round.roll = standing(race, room, "morning")
    race.true(race.round.roll.revision == 1, f"revision {race.round.roll.revision}")
    race.true(marks_of(race.round.roll) == {pupils[0].id: MARKS[winner]}, "the roll that stands is not the winner's")
    race.entries(1, "attendance.submit_roll_call", "attendance.correct_roll_call")


def edited_roll(race: Race) -> None:
    """Eight corrections of the same revision of that roll."""
    room, roll = race.world.rooms[0], race.round.roll
    pupils = race.world.of_room[room.id]
    answers = race.fire(race.world.heads, roll_address(race, room, "morning"), lambda n: roll_of(pupils[:2], MARKS[n], base=1))
    winner = race.one_wins(answers, told=(409,))
    now = standing(race, room, "morning")
    race.exactly(2, now.revision, "revisions")
    race.exactly(1, RollCallVersion.select().where(RollCallVersion.roll_call == roll).count(), "versions of what stood before")
    race.true(marks_of(now) == {pupil.id: MARKS[winner] for pupil in pupils[:2]}, "the roll that stands is not the winner's")
    race.entries(1, "attendance.correct_roll_call")


def roll_sent_again(race: Race) -> None:
    """One device sends the same roll eight times: one roll, one receipt."""
    room, head, key = race.world.rooms[0], race.world.heads[race.round.number % CROWD], race.key("roll")
    pupils = race.world.of_room[room.id]
    answers = race.fire([head] * CROWD, roll_address(race, room, "afternoon"), lambda n: roll_of(pupils[:1], MARKS[0]) | {"key": key})
    race.all_win(answers)
    roll = standing(race, room, "afternoon")
    numbers = [number for (number,) in Receipt.select(Receipt.number).where(Receipt.key == key).tuples()]
    race.true(roll.revision == 1 and numbers == [roll.receipt], "the receipt is not the roll's")
    race.entries(1, "attendance.submit_roll_call", "attendance.correct_roll_call")


def morning_of_a_school(race: Race) -> None:
    """Eight classes of one school at once: all count, and the school's sum is theirs."""
    rooms, session = race.world.rooms, "afternoon"
    pupils = [race.world.of_room[room.id] for room in rooms]
    others = range(1, CROWD)  # the first class has handed in
    answers = race.fire(race.world.heads[1:], lambda n: roll_address(race, rooms[n + 1], session), lambda n: roll_of(pupils[n + 1][:2], MARKS[n]))
    race.all_win(answers)
    rolls = [standing(race, rooms[n], session) for n in others]
    race.exactly(CROWD - 1, sum(roll is not None for roll in rolls), "rolls")
    race.entries(CROWD - 1, "attendance.submit_roll_call")
    day = RollCall.select().where((RollCall.on == race.round.day) & (RollCall.session == session))
    of_day = DaySum.get((DaySum.school == race.world.school) & (DaySum.on == race.round.day) & (DaySum.session == session))
    for name in ("expected", "present", "sick_leave", "personal_leave", "unexcused", "late", "left_early", "official"):
        race.exactly(sum(getattr(roll, name) for roll in day), getattr(of_day, name), f"{name} in the day's sum")
    race.exactly(CROWD, of_day.rolls, "rolls in the day's sum")


def roll_address(race: Race, room, session: str) -> str:
    return f"/roll/{room.id}/{race.round.day.isoformat()}/{session}"


def roll_of(pupils, mark: str, base: int = 0) -> dict:
    ticked = {"absent": [pupil.id for pupil in pupils]} | {f"mark-{pupil.id}": mark for pupil in pupils}
    return ticked | {"base_revision": base, "reason": "家长已补交假条"}


def standing(race: Race, room, session: str) -> RollCall | None:
    mine = (RollCall.class_org == room) & (RollCall.on == race.round.day) & (RollCall.session == session)
    rolls = list(RollCall.select().where(mine))
    race.exactly(1, len(rolls), "rolls")
    return rolls[0] if rolls else None


def marks_of(roll: RollCall) -> dict[int, str]:
    return dict(Absence.select(Absence.student, Absence.mark).where(Absence.roll_call == roll).tuples())


# Visits.


def visit_sent_again(race: Race) -> None:
    """The same page eight times is one visit."""
    head, key, teachers = race.world.heads[0], race.key("visit"), f"张老师{race.round.number}"
    answers = race.fire([head] * CROWD, visit_address(race), lambda n: visit_of(race, teachers) | {"key": key})
    race.all_win(answers)
    visits = list(Visit.select().where(Visit.teachers == teachers))
    race.exactly(1, len(visits), "visits")
    race.true(len({answer.location for answer in answers}) == 1, "the answers lead to different visits")
    race.entries(1, "visits.record_visit")
    race.round.visit = visits[0]


def eight_visits(race: Race) -> None:
    """Eight people write down eight visits of one child and day: none is lost, and they are counted one by one."""
    teachers = f"李老师{race.round.number}"
    race.all_win(race.fire(race.world.heads, visit_address(race), lambda n: visit_of(race, teachers)))
    ordinals = sorted(visit.ordinal for visit in Visit.select().where(Visit.teachers == teachers))
    race.exactly(CROWD, len(ordinals), "visits")
    race.true(ordinals == list(range(1, len(ordinals) + 1)), f"the visits of one day are numbered {ordinals}")
    race.entries(CROWD, "visits.record_visit")


def edited_visit(race: Race) -> None:
    visit = race.round.visit
    words = visit_of(race, visit.teachers)
    answers = race.fire(race.world.heads, f"/visits/{visit.id}/edit", lambda n: words | {"revision": 1, "at_home": f"第{n}份"})
    winner = race.one_wins(answers, told=(409,))
    now = race.round.visit = Visit.get_by_id(visit.id)
    race.exactly(2, now.revision, "revisions")
    race.exactly(1, VisitVersion.select().where(VisitVersion.visit == visit).count(), "versions of what stood before")
    race.true(now.at_home == f"第{winner}份", "the visit that stands is not the winner's")
    race.entries(1, "visits.edit_visit")


def decided_visit(race: Race) -> None:
    """Five verify it and three send it back: one of them decides."""
    visit = race.round.visit
    answers = race.fire(
        race.world.officers,
        lambda n: f"/visits/{visit.id}/{'verify' if n % 3 else 'send-back'}",
        lambda n: {"revision": visit.revision, "reason": "没有写家长的意见"},
    )
    winner = race.one_wins(answers, told=(409,))
    now = Visit.get_by_id(visit.id)
    race.true(now.checked_by_id == race.world.officers[winner].user.id, "the decision that stands is not the winner's")
    race.true(now.state == ("verified" if winner % 3 else "sent_back"), f"the visit is {now.state}")
    race.entries(1, "visits.verify_visit", "visits.send_back_visit")


def visit_address(race: Race) -> str:
    return f"/students/{race.world.pupils[0].id}/visits/new"


def visit_of(race: Race, teachers: str) -> dict:
    plain = {"form": "on_site", "on": race.world.today.isoformat(), "purposes": "routine", "met": "other", "teachers": teachers}
    return plain | {"person_met": "次仁", "relation": "父亲"}


RACES = (first_roll, edited_roll, roll_sent_again, morning_of_a_school, visit_sent_again, eight_visits, edited_visit, decided_visit)

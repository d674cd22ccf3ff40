"""What happens to a county's rolls: taken, late, corrected, sent twice; days closed and made up; children who move, and people who call on them."""

import datetime

from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.early_warning import look_at_county
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.queries import visible_class
from aidtracker.orgs.models import Org
from aidtracker.students.actions_placing import enroll_student, leave_class
from aidtracker.students.models import Student
from aidtracker.tasks.actions import finish_task
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import OPEN
from aidtracker.terms.actions import declare_closure, set_rota
from aidtracker.visits.actions import record_visit
from tests.drills._streaks_book import ONE_DAY, TAUGHT
from tests.drills._streaks_world import head_of, teacher_of

MARKS = ("unexcused", "unexcused", "unexplained", "not_returned", "sick_leave", "personal_leave", "official", "late")


def marks_of_the_day(world, room_id: int, day: datetime.date) -> dict[int, str]:
    """Whoever stays away stays away for some days; a few are always on leave, and some come for half a day."""
    found: dict[int, str] = {}
    for pupil in world.pupils:
        if world.book.room_on(pupil.id, day) != room_id:
            continue
        if world.random.random() < (0.2 if pupil.is_away else 0.12):
            pupil.is_away = not pupil.is_away
        if pupil.is_away and world.random.random() < 0.93:
            found[pupil.id] = world.random.choice(MARKS[4:6] if pupil.leaves else MARKS[:4])
        elif world.random.random() < 0.05:
            found[pupil.id] = world.random.choice(MARKS[4:])
    return found


def take(world, room_id: int, day: datetime.date, session: str, marks: dict[int, str], by, base: int = 0, reason: str = "") -> None:
    given = {pupil: (mark, None) for pupil, mark in marks.items()}
    submit_roll_call(class_org=visible_class(by, room_id), on=day, session=session, marks=given, base_revision=base, by=by, reason=reason)
    world.book.rolls[room_id, day, session] = marks


def day_of_rolls(world, day: datetime.date) -> None:
    """Some classes report, some later, some never; and now and then one says nothing for days."""
    for room_id in world.rooms:
        if world.random.random() < (0.3 if room_id in world.mute else 0.06):
            world.mute ^= {room_id}
        if room_id in world.mute:
            continue
        for session in TAUGHT:
            if not any(world.book.room_on(pupil.id, day) == room_id for pupil in world.pupils) or not world.book.has_school(world.book.school_of[room_id], day):
                continue
            marks = marks_of_the_day(world, room_id, day)
            if world.random.random() < world.chance:
                take(world, room_id, day, session, marks, teacher_of(world, room_id))
            elif world.random.random() < 0.6:
                world.waiting.append((room_id, day, session, marks))


def late_roll(world, today) -> None:
    """Written on the day, and uploaded now; by the school when it is too late for the teacher."""
    if world.waiting:
        room_id, day, session, marks = world.waiting.pop(world.random.randrange(len(world.waiting)))
        if world.book.has_school(world.book.school_of[room_id], day) and (room_id, day, session) not in world.book.rolls:
            marks = {pupil: mark for pupil, mark in marks.items() if world.book.room_on(pupil, day) == room_id}
            take(world, room_id, day, session, marks, head_of(world, room_id) if (today - day).days > 7 else teacher_of(world, room_id))


def any_roll(world):
    """One that stands on a day that is still a school day."""
    found = [key for key in world.book.rolls if world.book.has_school(world.book.school_of[key[0]], key[1]) and key[2] in TAUGHT]
    return world.random.choice(found) if found else None


def correct(world, today) -> None:
    """One pupil's mark becomes another, or none."""
    if (key := any_roll(world)) is None:
        return
    room_id, day, session = key
    here = [pupil.id for pupil in world.pupils if world.book.room_on(pupil.id, day) == room_id]
    if here:
        marks, pupil = dict(world.book.rolls[key]), world.random.choice(here)
        mark = world.random.choice(("", "unexcused", "unexcused", "sick_leave"))
        marks = {one: said for one, said in marks.items() if one != pupil} | ({pupil: mark} if mark else {})
        take(world, room_id, day, session, {p: m for p, m in marks.items() if p in here}, head_of(world, room_id), revision_of(key), "家长来电更正")


def correct_and_back(world, today) -> None:
    """A slip, and its undoing: the same pupil is there, and is not."""
    if (key := any_roll(world)) is None or not world.book.rolls[key]:
        return
    room_id, day, session = key
    stood = {p: m for p, m in world.book.rolls[key].items() if world.book.room_on(p, day) == room_id}
    for marks in ({}, stood):
        take(world, room_id, day, session, dict(marks), head_of(world, room_id), revision_of(key), "更正")


def send_again(world, today) -> None:
    """The very same roll a second time."""
    if key := any_roll(world):
        room_id, day, session = key
        marks = {p: m for p, m in world.book.rolls[key].items() if world.book.room_on(p, day) == room_id}
        take(world, room_id, day, session, marks, head_of(world, room_id), revision_of(key), "重复")


def revision_of(key) -> int:
    room_id, day, session = key
    return RollCall.get((RollCall.class_org == room_id) & (RollCall.on == day) & (RollCall.session == session)).revision


def close(world, today) -> None:
    """Days without school, or made up for: of a school, the township, the county; some of them past."""
    org = Org.get_by_id(world.random.choice([*world.heads, *world.heads, world.township.id, world.county.id]))
    first = today + ONE_DAY * world.random.randrange(-8, 5)
    last, kind = first + ONE_DAY * world.random.randrange(3), world.random.choice(("closure", "closure", "makeup"))
    declare_closure(org=org, kind=kind, first_on=first, last_on=last, reason="大雪", by=officer(world))
    world.book.declared.append((org.id, kind == "makeup", first, last))


def turn(world, today) -> None:
    school = Org.get_by_id(world.random.choice(list(world.heads)))
    days_in, days_off = world.random.choice(((10, 4), (5, 2), (0, 0)))
    set_rota(school=school, starts_on=today, days_in=days_in, days_off=days_off, by=officer(world))
    world.book.rotas[school.id].append((today, days_in, days_off))


def move(world, today) -> None:
    """Into another class, or away; the night's round finds it."""
    pupil = Student.get_by_id(world.random.choice(world.pupils).id)
    spell = next((spell for spell in world.book.spells[pupil.id] if spell[2] is None), None)
    if spell is None or spell[1] > today:
        return
    to = world.random.choice([None, *(room for room in world.rooms if room != spell[0])])
    if to is None:
        leave_class(student=pupil, left_on=today, reason="随父母", by=officer(world), document="证明", place="外县")
        spell[2] = today
    elif spell[1] < today:
        enroll_student(student=pupil, class_org=world.rooms[to], mode="day", seat=None, starts_on=today, by=officer(world))
        spell[2] = today - ONE_DAY
        world.book.spells[pupil.id].append([to, today, None])
    look_at_county(county_id=world.county.id, today=today)


def visit(world, today) -> None:
    pupil = Student.get_by_id(world.random.choice(world.pupils).id)
    if pupil.class_org_id:
        values = {"form": world.random.choice(("on_site", "phone")), "on": today, "purposes": ["absence"], "teachers": "张老师", "person_met": "母亲", "relation": "母亲"}
        record_visit(students=[pupil], values=values, by=teacher_of(world, pupil.class_org_id))


def finish(world, today) -> None:
    if open_ones := list(Task.select().where((Task.county == world.county) & OPEN)):
        finish_task(task=world.random.choice(open_ones), note="打过电话了", by=officer(world))


def officer(world):
    return type(world.officer).get_by_id(world.officer.id)


ACTS = (late_roll, late_roll, correct, correct, correct, correct_and_back, send_again, close, turn, move, visit, visit, finish)

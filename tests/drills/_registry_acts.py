"""What people do with children's places, each act written into the book as it promises: by somebody who may, or who is refused."""

import datetime

from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.students import actions_transferring as transferring
from aidtracker.students.actions import edit_student
from aidtracker.students.actions_moving import suspend_student, withdraw_move
from aidtracker.students.actions_placing import change_mode, enroll_student, leave_class
from aidtracker.students.actions_regrouping import combine_classes, split_class
from aidtracker.students.actions_rollover import roll_school
from aidtracker.students.actions_undoing import undo_rollover
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_moves import Move, Transfer
from aidtracker.students.models_rollover import Rollover
from tests import factories
from tests.drills._registry_book import ONE_DAY
from tests.drills._registry_world import come_in, last_year_of, open_rooms

PAPERS = {"document": "证明", "place": "外县"}
SHARED = ("transfer", "promote", "reorganize")
WAYS_OUT = ("transfer_out", "move_away", "abroad", "custody", "leave", "die")


def anybody(world):
    return world.random.choice(world.people)


def any_pupil(world, sits: bool = True) -> Student | None:
    found = [pupil for pupil in world.book.spells if (world.book.sits(pupil) is not None) == sits]
    return Student.get_by_id(world.random.choice(found)) if found else None


def any_room(world) -> Org:
    return world.random.choice(open_rooms(world)).org


def enroll(world, day) -> None:
    come_in(world, any_room(world), anybody(world))


def change_class(world, day) -> None:
    pupil, room = any_pupil(world), any_room(world)
    before = world.book.copy_of([pupil.id])[pupil.id]
    enroll_student(student=pupil, class_org=room, mode=world.random.choice(("day", "boarding")), seat=None, starts_on=day, by=anybody(world), reason="调班")
    world.before[pupil.id] = before
    world.book.comes(pupil.id, room.id, day)


def change_its_mode(world, day) -> None:
    pupil = any_pupil(world)
    before, mode = world.book.copy_of([pupil.id])[pupil.id], "boarding" if pupil.mode == "day" else "day"
    change_mode(student=pupil, mode=mode, starts_on=day, by=anybody(world))
    world.before[pupil.id] = before
    world.book.comes(pupil.id, world.book.sits(pupil.id), day)


def go_away(world, day) -> None:
    pupil, kind = any_pupil(world), world.random.choice(WAYS_OUT)
    before, last = world.book.copy_of([pupil.id])[pupil.id], day - world.random.randrange(3) * ONE_DAY
    leave_class(student=pupil, left_on=last, reason="随父母", by=anybody(world), kind=kind, **PAPERS)
    world.before[pupil.id] = before
    world.book.goes(pupil.id, last)
    world.dead |= {pupil.id} if kind == "die" else set()


def suspend(world, day) -> None:
    pupil = any_pupil(world)
    before = world.book.copy_of([pupil.id])[pupil.id]
    suspend_student(student=pupil, left_on=day, reason="住院", by=anybody(world), document="诊断证明", until_on=day + datetime.timedelta(days=200))
    world.before[pupil.id] = before
    world.book.goes(pupil.id, day)


def come_back(world, day) -> None:
    pupil, room = any_pupil(world, sits=False), any_room(world)
    if pupil is None:
        return
    before = world.book.copy_of([pupil.id])[pupil.id]
    enroll_student(student=pupil, class_org=room, mode="day", seat=None, starts_on=day, by=world.chief, kind=world.random.choice(("return", "transfer_in")), **PAPERS)
    assert pupil.id not in world.dead, "somebody who died sits in a class"
    world.before[pupil.id] = before
    world.book.comes(pupil.id, room.id, day)


def ask_for_transfer(world, day) -> None:
    pupil, school = any_pupil(world), world.random.choice(world.schools)
    transferring.transfer_student(student=pupil, to_school=school, leaves_on=day, asks=world.random.choice(("from", "to")), by=anybody(world), document="申请", reason="搬家")


def any_transfer(world) -> Transfer | None:
    found = list(Transfer.select().where(Transfer.ended_at.is_null() & Transfer.county.in_([world.county.id])))
    return world.random.choice(found) if found else None


def answer_transfer(world, day) -> None:
    transfer, act = any_transfer(world), world.random.choice(("confirm", "confirm", "confirm", "refuse", "withdraw"))
    if transfer is not None and act == "confirm":
        transferring.confirm_transfer(transfer=transfer, by=anybody(world))
    elif transfer is not None:
        getattr(transferring, f"{act}_transfer")(transfer=transfer, words="不同意", by=anybody(world))


def arrive(world, day) -> None:
    transfer = any_transfer(world)
    if transfer is None:
        return
    room = world.random.choice(open_rooms(world, transfer.to_school)).org
    transferring.record_arrival(transfer=transfer, class_org=room, mode="day", seat=None, arrived_on=day, by=anybody(world))
    world.before.pop(transfer.student_id, None)
    world.book.comes(transfer.student_id, room.id, day)


def miss(world, day) -> None:
    transferring.miss_transfers(on=day)


def take_back(world, day) -> None:
    move = Move.select().where(Move.withdrawn_at.is_null() & (Move.county == world.county)).order_by(Move.id.desc()).offset(world.random.randrange(12)).first()
    if move is None:
        return
    theirs = Move.select(Move.id).where((Move.student == move.student_id) & Move.withdrawn_at.is_null() & (Move.kind != "correct"))
    last = max(id_ for (id_,) in theirs.tuples()) if theirs.exists() else None
    withdraw_move(move=move, reason="录错了", by=anybody(world))
    assert move.id == last and move.kind not in SHARED, "a move was taken back that is not the last of its pupil, or that several shared"
    world.book.spells[move.student_id] = world.before.pop(move.student_id) if move.student_id in world.before else read_off(move.student_id)
    world.dead.discard(move.student_id)


def read_off(pupil: int) -> list:
    """Of whom the book has turned back once already, or whose record took another's in. What is left must still be sound."""
    spells = Enrollment.select(Enrollment.class_org, Enrollment.starts_on, Enrollment.ends_on).where(Enrollment.student == pupil)
    return [list(spell) for spell in spells.order_by(Enrollment.starts_on).tuples()]


def split(world, day) -> None:
    room = world.random.choice(open_rooms(world)).org
    before = world.book.copy_of(world.book.inside({room.id}))
    act = split_class(room=room, on_day=day, document="教字1号", reason="人多", by=anybody(world))
    gone = {pupil: now for pupil in before if (now := Student.get_by_id(pupil).class_org_id) != room.id}
    assert len(set(gone.values())) == 1 and abs(2 * len(gone) - len(before)) <= 2, "a class was not split in halves"
    settle(world, act, before, gone, day)


def combine(world, day) -> None:
    detail = world.random.choice(open_rooms(world))
    alike = [each.org for each in open_rooms(world, detail.school) if (each.stage, each.entry_year) == (detail.stage, detail.entry_year) and each.org_id != detail.org_id]
    before = world.book.copy_of(world.book.inside({org.id for org in alike}))
    act = combine_classes(room=detail.org, others=alike, on_day=day, document="教字2号", reason="人少", by=anybody(world))
    settle(world, act, before, dict.fromkeys(before, detail.org_id), day)


def settle(world, act: Rollover, before: dict, to: dict[int, int], day) -> None:
    world.acts[act.id] = {pupil: before[pupil] for pupil in to}
    for pupil, room in to.items():
        world.before.pop(pupil, None)
        world.book.comes(pupil, room, day)


def undo(world, day) -> None:
    act = Rollover.select().where(Rollover.undone_at.is_null() & (Rollover.county == world.county)).order_by(Rollover.id.desc()).offset(world.random.randrange(3)).first()
    if act is not None:
        undo_rollover(rollover=act, by=anybody(world))
        world.book.spells |= world.acts.pop(act.id)


def replace_number(world, day) -> None:
    pupil = any_pupil(world)
    old, right = pupil.id_number, factories.make_id_number(pupil.born_on, pupil.sex)
    edit_student(student=pupil, revision=pupil.revision, values={"id_number": right}, by=anybody(world), why="换发身份证")
    world.former += [(pupil.id, number) for number in (old, right) if number]


def roll_over(world, year: int) -> None:
    """Every school, by the bureau: by the book the last grade goes on or out, but for those who came that day or are on their way."""
    day = datetime.date(year, 9, 1)
    on_their_way = {pupil for (pupil,) in Transfer.select(Transfer.student).where(Transfer.ended_at.is_null()).tuples()}
    going = {}
    for school in world.schools:
        for room in open_rooms(world, school):
            if year - room.entry_year > last_year_of(room.stage):
                stays = {pupil for pupil in world.book.inside({room.org_id}) if pupil in on_their_way or world.book.spells[pupil][-1][1] >= day}
                going |= dict.fromkeys(set(world.book.inside({room.org_id})) - stays, (room.stage, school))
    before = world.book.copy_of(going)
    acts = {school.id: roll_school(school=school, year=year, by=world.chief) for school in world.schools}
    for pupil, (stage, school) in going.items():
        world.before.pop(pupil, None)
        if stage == "primary":
            to = world.nine if school.id == world.nine.id else world.junior
            here = (SchoolClass.school == to) & (SchoolClass.stage == "junior") & (SchoolClass.entry_year == year) & (SchoolClass.number == "1")
            world.book.comes(pupil, SchoolClass.get(here).org_id, day)
        else:
            world.book.goes(pupil, day - ONE_DAY)
    for school_id, act in acts.items():
        if act is not None:
            world.acts[act.id] = {pupil: before[pupil] for pupil, (_, school) in going.items() if school.id == school_id}


ACTS = (
    *(enroll, change_class, change_class, change_its_mode, go_away, go_away, suspend, come_back, come_back, come_back, take_back, take_back, take_back),
    *(ask_for_transfer, ask_for_transfer, ask_for_transfer, answer_transfer, answer_transfer, arrive, arrive, miss, split, combine, undo, undo, replace_number),
)

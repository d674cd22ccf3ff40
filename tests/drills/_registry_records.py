"""What people do with records, each act written into the book as it promises: a spell is corrected, two records become one and two
again, a school's roster comes in from a workbook."""

import datetime

from aidtracker.crypto.keyed_index import keyed
from aidtracker.excel.reader import Sheet, read_table
from aidtracker.orgs.grades import PLACES, grade_label, school_year_of
from aidtracker.orgs.models import Org
from aidtracker.students.actions_correcting import correct_spell
from aidtracker.students.actions_merging import merge_students, withdraw_merge
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_merging import StudentMerge
from aidtracker.students.roster import plan_roster
from aidtracker.students.roster_save import save_roster
from aidtracker.students.sheets import ROSTER
from tests import factories
from tests.drills._registry_acts import any_room, anybody
from tests.drills._registry_book import corrected, joined, roster_change, rostered
from tests.drills._registry_world import NAMES, open_rooms

HEADINGS = ["学校标识码", "姓名", "性别", "出生日期", "身份证件号", "年级", "班级"]
SEXES = {"M": "男", "F": "女"}


def some_pupil(world) -> int:
    """Half of the time one who has sat in more than one place."""
    least = world.random.choice((1, 2))
    found = [pupil for pupil, spells in world.book.spells.items() if len(spells) >= least]
    return world.random.choice(found or [pupil for pupil, spells in world.book.spells.items() if spells])


def two_records(world) -> list[Student]:
    """[kept, dropped]: half of the time the second ended before the first began, if there are such."""
    spells = {pupil: spells for pupil, spells in world.book.spells.items() if spells}
    kept, dropped = world.random.sample(sorted(spells), 2)
    gone = [pupil for pupil in spells if spells[pupil][-1][2] and pupil != kept]
    if gone and world.random.random() < 0.5:
        dropped = world.random.choice(gone)
        kept = world.random.choice([pupil for pupil in spells if spells[pupil][0][1] > spells[dropped][-1][2]] or [kept])
    return [Student.get_by_id(pupil) for pupil in (kept, dropped)]


def near(world, day: datetime.date) -> datetime.date:
    return day + datetime.timedelta(days=world.random.choice((0, 0, 1, -1, 7, -7, 30, -30)))


def correct(world, day) -> None:
    pupil = some_pupil(world)
    spells = world.book.spells[pupil]
    number = world.random.randrange(len(spells))
    room, first, last = spells[number]
    starts_on, ends_on = near(world, first), near(world, last) if last else None
    org = Org.get_by_id(room) if world.random.random() < 0.7 else any_room(world)
    spell = Enrollment.get_or_none((Enrollment.student == pupil) & (Enrollment.starts_on == first))
    assert spell, "a spell of the book is in no register"
    correct_spell(spell=spell, starts_on=starts_on, ends_on=ends_on, class_org=org, reason="录错了", by=world.random.choice((world.chief, anybody(world))))
    rewrite(world, pupil, lambda old: corrected(old, [room, first, last], [org.id, starts_on, ends_on]))


def rewrite(world, pupil: int, change) -> None:
    """In the book, and in every page of it that somebody may turn back to."""
    world.book.spells[pupil] = change(world.book.spells[pupil])
    if pupil in world.before:
        world.before[pupil] = change(world.before[pupil])
    for pages in world.acts.values():
        if pupil in pages:
            pages[pupil] = change(pages[pupil])


def merge(world, day) -> None:
    """Two records, mostly of two children: the chief alone may, and says why."""
    kept, dropped = two_records(world)
    by, number = world.random.choice((world.chief, anybody(world))), dropped.id_number
    was = page_of(world, kept.id, dropped.id)
    take = set(world.random.sample(("name", "id_number", "sex", "born_on"), 2))
    act = merge_students(kept=kept, dropped=dropped, take=take, revisions=(kept.revision, dropped.revision), reason="核对是同一人", by=by)
    world.merges[act.id] = was
    theirs = world.book.spells.pop(dropped.id)
    mine = world.book.spells[kept.id]
    rewrite(world, kept.id, lambda old: joined(old, theirs, mine))
    world.into[dropped.id] = kept.id
    world.dead |= {kept.id} if dropped.id in world.dead else set()
    world.before.pop(dropped.id, None)
    world.before.pop(kept.id, None)
    world.former += [(dropped.id, number)] if number else []


def page_of(world, *pupils: int) -> dict:
    """What the book says of these pupils, all of it."""
    before = {pupil: world.before[pupil] for pupil in pupils if pupil in world.before}
    acts = {act: {pupil: pages[pupil] for pupil in pupils if pupil in pages} for act, pages in world.acts.items()}
    return {"pupils": pupils, "spells": world.book.copy_of(pupils), "before": before, "acts": acts, "dead": world.dead & set(pupils)}


def part(world, day) -> None:
    """The last merger but a few, by somebody."""
    found = list(StudentMerge.select().where(StudentMerge.undone_at.is_null() & (StudentMerge.county == world.county)).order_by(StudentMerge.id.desc()).limit(4))
    if not found:
        return
    act = world.random.choice(found)
    withdraw_merge(merge=act, by=anybody(world))
    was = world.merges.pop(act.id)
    world.book.spells |= was["spells"]
    for pupil in was["pupils"]:
        world.before.pop(pupil, None)
        world.into.pop(pupil, None)
    world.before |= was["before"]
    for act_id, pages in was["acts"].items():
        world.acts.get(act_id, {}).update(pages)
    world.dead = (world.dead - set(was["pupils"])) | was["dead"]


def bring_roster(world, day) -> None:
    """One class of a school: two children who are new, and three whom the county knows."""
    year = school_year_of(day)
    room = world.random.choice(open_rooms(world, world.random.choice(world.schools)))
    grade = grade_label(room.stage, room.entry_year, year)
    if grade not in PLACES:
        return
    first = datetime.date(year, 9, 1)
    known = [pupil for pupil in (Student.get_by_id(some_pupil(world)) for _ in range(3)) if pupil.id_number]
    known = list({pupil.id: pupil for pupil in known}.values())
    rows = [[pupil.name, SEXES[pupil.sex], pupil.born_on, pupil.id_number] for pupil in known] + [newcomer(world, room) for _ in range(2)]
    school = Org.get_by_id(room.school_id)
    cells = [[school.code, name, sex, born.strftime("%Y%m%d"), number, grade, f"{room.number}班"] for name, sex, born, number in rows]
    by = world.random.choice((world.chief, anybody(world)))
    plan = plan_roster([read_table(Sheet("名册", [HEADINGS, *cells]), ROSTER)], by=by, school_year=year)
    refused = {row - 2 for _sheet, row in plan.rows_with("refused")}
    modes = {pupil.id: modes_of(pupil) for pupil in known}
    save_roster(plan, by=by)
    for pupil in (pupil for number, pupil in enumerate(known) if number not in refused):
        settle(world, pupil.id, room.org_id, first, modes[pupil.id])
    for row in (row for number, row in enumerate(rows) if number >= len(known) and number not in refused):
        world.book.comes(Student.get((Student.county == world.county) & (Student.id_index == keyed("index_id", row[3]))).id, room.org_id, first)


def settle(world, pupil: int, room: int, first: datetime.date, modes: dict) -> None:
    latest = world.book.copy_of([pupil])[pupil]
    kind, spell = roster_change(latest, room, first, modes)
    if kind == "follow":
        assert pupil not in world.dead, "somebody who died sits in a class by a roster"
        world.before[pupil] = latest
        world.book.comes(pupil, room, first)
    elif kind:
        rewrite(world, pupil, lambda old: rostered(old, kind, spell, room, first))


def newcomer(world, room) -> list:
    world.number += 1
    born = datetime.date(room.entry_year - {"primary": 6, "junior": 12}[room.stage], world.number % 8 + 1, world.number % 28 + 1)
    sex = "MF"[world.number % 2]
    return [f"{world.random.choice(NAMES)}{world.number}", SEXES[sex], born, factories.make_id_number(born, sex)]


def modes_of(pupil: Student) -> dict[datetime.date, str]:
    return dict(Enrollment.select(Enrollment.starts_on, Enrollment.mode).where(Enrollment.student == pupil).tuples())


ACTS = (correct, correct, merge, part, bring_roster, bring_roster)

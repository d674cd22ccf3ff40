"""A county lives nine school years: after each, every roster on forty past days is that of a list kept without the product.

Children come in by roster, go on to the school that receives them, move to another school, away and back; twins and namesakes among
them; classes are split and joined, a school is merged into another, one comes to another township, wrong IDs are found later.
"""

import datetime
import random
from collections import Counter
from types import SimpleNamespace

import pytest

from aidtracker.accounts.models import Membership
from aidtracker.db import transaction
from aidtracker.excel.reader import Sheet, read_table
from aidtracker.orgs.grades import entry_year
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.orgs.places import move_org
from aidtracker.orgs.scopes import scope_of
from aidtracker.permissions import Permission
from aidtracker.reports.enrolled import sums
from aidtracker.students.actions import edit_student
from aidtracker.students.actions_placing import enroll_student, leave_class
from aidtracker.students.actions_regrouping import combine_classes, merge_school, split_class
from aidtracker.students.actions_rollover import roll_school, set_feeder
from aidtracker.students.actions_transferring import confirm_transfer, record_arrival, transfer_student
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.queries import on_the, roster_of
from aidtracker.students.roster import plan_roster
from aidtracker.students.roster_save import save_roster
from aidtracker.students.search import search
from aidtracker.students.sheets import ROSTER
from tests import factories
from tests.drills._registry_book import ONE_DAY, Book

FIRST, LAST = 2017, 2025
HEADINGS = ["学校标识码", "姓名", "性别", "出生日期", "身份证件号", "年级", "班级", "就读方式"]
GRADES = ["一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "七年级", "八年级", "九年级"]
FAMILY, GIVEN = "王李张刘陈", ("小明", "芳", "丽", "强")  # few names: many namesakes


@pytest.fixture
def clock(monkeypatch):
    """clock(day): what day it is for the whole house, at eight in the morning in China."""

    def set_to(day: datetime.date) -> None:
        monkeypatch.setattr("aidtracker.db.utcnow", lambda: datetime.datetime.combine(day, datetime.time(0)))

    return set_to


@pytest.fixture
def life(county, administrator, clock):
    """Two village schools, a town school of nine grades and one of three, under two townships; their classes of 2017."""
    clock(datetime.date(FIRST, 9, 1))
    Membership.update(starts_on=datetime.date(2010, 9, 1)).execute()
    made = SimpleNamespace(county=county.county, townships=(county.township, county.other_township), by=administrator, clock=clock, book=Book(), random=random.Random(2017), serial=0)
    made.villages = [county.school, factories.make_school(county.other_township, "石门村小学")]
    made.nine = factories.make_school(county.township, "双河镇九年一贯制学校", category="九年一贯制学校")
    made.junior = factories.make_school(county.other_township, "石门乡初级中学", category="初级中学")
    for village in made.villages:
        set_feeder(school=village, stage="primary", to_school=made.junior, classes=1, by=administrator)
    for school, grades in ((made.villages[0], GRADES[:6]), (made.villages[1], GRADES[:6]), (made.nine, GRADES), (made.junior, GRADES[6:])):
        for grade in grades:
            come_by_roster(made, school, grade, FIRST, 5)
    return made


def come_by_roster(life, school, grade: str, year: int, count: int) -> None:
    """A roster of new children; two of them are twins: one birthday, one family name, numbers one after the other."""
    born_year, rows = year - 6 - GRADES.index(grade), []
    day = f"{born_year}{life.random.randrange(1, 9):02}{life.random.randrange(1, 29):02}"
    for n in range(count):
        life.serial += 1
        born = day if n < 2 else f"{born_year}{life.random.randrange(1, 9):02}{life.random.randrange(1, 29):02}"
        number = factories.id_number("990101", born, life.serial % 900 + 2 - life.serial % 2 - (n % 2))
        rows.append([school.code, life.random.choice(FAMILY) + life.random.choice(GIVEN), "男" if int(number[16]) % 2 else "女", born, number, grade, "1班", "走读"])
    numbers = [row[4] for row in rows]
    plan = plan_roster([read_table(Sheet("名册", [HEADINGS, *rows]), ROSTER)], by=life.by, school_year=year)
    if plan.refused or plan.created < len(rows):  # two numbers met by chance: other children
        return come_by_roster(life, school, grade, year, count)
    save_roster(plan, by=life.by)
    stage, entered = entry_year(grade, year)
    room = SchoolClass.get((SchoolClass.school == school) & (SchoolClass.stage == stage) & (SchoolClass.entry_year == entered) & (SchoolClass.number == "1"))
    for pupil in Student.select().where(Student.class_org == room.org_id).order_by(Student.id.desc()).limit(len(rows)):
        assert pupil.id_number in numbers
        life.book.comes(pupil.id, room.org_id, datetime.date(year, 9, 1))
    return None


def rooms_of(life, schools) -> list[SchoolClass]:
    return list(SchoolClass.select().join(Org, on=SchoolClass.org == Org.id).where(SchoolClass.school.in_(schools) & Org.closed_on.is_null()))


def open_schools(life) -> list[Org]:
    return [Org.get_by_id(org.id) for org in (*life.villages, life.nine, life.junior) if Org.get_by_id(org.id).closed_on is None]


def new_year(life, year: int) -> None:
    """1 September: by the book the sixth grade of a village goes to the junior school, that of the town school stays, the ninth is over."""
    day = datetime.date(year, 9, 1)
    life.clock(day)
    finished = {}
    for school in open_schools(life):
        for room in rooms_of(life, [school]):
            if year - room.entry_year == (6 if room.stage == "primary" else 3):
                finished[room.org_id] = (room.stage, school)
    going = {pupil: finished[life.book.sits(pupil)] for pupil in life.book.inside(finished)}
    for school in open_schools(life):
        assert roll_school(school=school, year=year, by=life.by) is not None
    for pupil, (stage, school) in going.items():
        if stage == "primary":
            to = life.nine if school.id == life.nine.id else life.junior
            room = SchoolClass.get((SchoolClass.school == to) & (SchoolClass.stage == "junior") & (SchoolClass.entry_year == year) & (SchoolClass.number == "1"))
            life.book.comes(pupil, room.org_id, day)
        else:
            life.book.goes(pupil, day - ONE_DAY)
    for school in [school for school in open_schools(life) if school.id != life.junior.id]:
        come_by_roster(life, school, "一年级", year, 5)


def one_of(life, rooms) -> Student | None:
    pupils = life.book.inside({room.org_id for room in rooms})
    return Student.get_by_id(life.random.choice(pupils)) if pupils else None


def some_days(year: int, chance) -> list[datetime.date]:
    return sorted(datetime.date(year, 9, 10) + datetime.timedelta(days=n) for n in chance.sample(range(250), 8))


def a_year(life, year: int) -> None:
    days = iter(some_days(year, life.random))
    move_within(life, next(days))
    leave_and_return(life, next(days), next(days))
    move_away(life, next(days))
    wrong_number(life, next(days))
    regroup(life, year, next(days), next(days))
    if year == FIRST + 3:
        life.clock(next(days))
        with transaction():
            move_org(Org.get_by_id(life.villages[1].id), life.townships[0])
    if year == FIRST + 5:
        merge(life, next(days))


def move_within(life, day) -> None:
    life.clock(day)
    source, target = life.random.sample([school for school in open_schools(life) if school.id != life.junior.id], 2)
    rooms = {(room.stage, room.entry_year): room for room in rooms_of(life, [target])}
    pupil = one_of(life, [room for room in rooms_of(life, [source]) if (room.stage, room.entry_year) in rooms])
    if pupil is None:
        return
    transfer = transfer_student(student=pupil, to_school=target, leaves_on=day, asks="from", by=life.by, document="申请", reason="搬家")
    other = factories.make_user("school_admin", target)
    Membership.update(starts_on=datetime.date(2010, 9, 1)).execute()
    confirm_transfer(transfer=transfer, by=other)
    detail = SchoolClass.get(SchoolClass.org == life.book.sits(pupil.id))
    room = rooms[detail.stage, detail.entry_year].org
    record_arrival(transfer=transfer, class_org=room, mode="day", seat=None, arrived_on=day, by=other)
    life.book.comes(pupil.id, room.id, day)


def leave_and_return(life, day, later) -> None:
    life.clock(day)
    pupil = one_of(life, rooms_of(life, open_schools(life)))
    room = life.book.sits(pupil.id)
    leave_class(student=pupil, left_on=day - ONE_DAY, reason="住院", by=life.by, kind="suspend", until_on=day + datetime.timedelta(days=90), document="诊断证明")
    life.book.goes(pupil.id, day - ONE_DAY)
    life.clock(later)
    back = Org.get_by_id(room)
    enroll_student(student=Student.get_by_id(pupil.id), class_org=back, mode="day", seat=None, starts_on=later, by=life.by, kind="return", document="复学申请")
    life.book.comes(pupil.id, room, later)


def move_away(life, day) -> None:
    life.clock(day)
    pupil = one_of(life, rooms_of(life, open_schools(life)))
    leave_class(student=pupil, left_on=day, reason="随父母", by=life.by, kind="transfer_out", place="外县小学", document="转学证明")
    life.book.goes(pupil.id, day)


def wrong_number(life, day) -> None:
    """A digit was wrong for years: the old number still finds the child."""
    life.clock(day)
    pupil = one_of(life, rooms_of(life, open_schools(life)))
    old, right = pupil.id_number, factories.id_number("990102", f"{pupil.born_on:%Y%m%d}", life.serial % 400 * 2 + 1)
    if not Student.select().where(Student.id != pupil.id, Student.last_six_index == pupil.last_six_index).exists():
        edit_student(student=pupil, revision=pupil.revision, values={"id_number": right}, by=life.by, why="录错了")
        assert search(life.by, old).ids == search(life.by, right).ids == [pupil.id]


def regroup(life, year: int, day, later) -> None:
    """A class is split and, months later, joined again."""
    life.clock(day)
    room = next(room for room in rooms_of(life, [life.nine]) if year - room.entry_year < 3 and len(life.book.inside({room.org_id})) > 3 and room.stage == "primary")
    before = {pupil: life.book.sits(pupil) for pupil in life.book.inside({room.org_id})}
    split_class(room=room.org, on_day=day, document="教字1号", reason="人多", by=life.by)
    gone = moved(life, before, day)
    assert abs(2 * len(gone) - len(before)) <= 2 and len(set(gone.values())) == 1
    life.clock(later)
    others = [Org.get_by_id(id_) for id_ in set(gone.values())]
    combine_classes(room=Org.get_by_id(room.org_id), others=others, on_day=later, document="教字2号", reason="人少", by=life.by)
    for pupil in life.book.inside(set(gone.values())):
        life.book.comes(pupil, room.org_id, later)


def moved(life, before: dict, day) -> dict:
    """Which half went is the product's choice: it is asked once, on the day, and kept from then on."""
    found = {}
    for pupil, room in before.items():
        now = Student.get_by_id(pupil).class_org_id
        if now != room:
            life.book.comes(pupil, now, day)
            found[pupil] = now
    return found


def merge(life, day) -> None:
    """The second village school goes into the first: each class into that of its grade."""
    life.clock(day)
    small, large = Org.get_by_id(life.villages[1].id), Org.get_by_id(life.villages[0].id)
    to = {(room.stage, room.entry_year): room.org_id for room in rooms_of(life, [large])}
    coming = {pupil: SchoolClass.get(SchoolClass.org == life.book.sits(pupil)) for pupil in life.book.inside({room.org_id for room in rooms_of(life, [small])})}
    merge_school(school=small, receiving=large, way="join", on_day=day, document="县政府〔2022〕3号", reason="生源减少", by=life.by)
    for pupil, room in coming.items():
        life.book.comes(pupil, to[room.stage, room.entry_year], day)


def sitting_on(day: datetime.date) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for room, pupil in Enrollment.select(Enrollment.class_org, Enrollment.student).where(on_the(day)).tuples():
        found.setdefault(room, set()).add(pupil)
    return found


def agree(life, year: int) -> None:
    last = datetime.date(year + 1, 8, 31)
    life.clock(last)
    rooms = [id_ for (id_,) in SchoolClass.select(SchoolClass.org).tuples()]
    whole = (last - datetime.date(FIRST, 9, 1)).days + 1
    days = {datetime.date(FIRST, 9, 1) + datetime.timedelta(days=n) for n in life.random.sample(range(whole), 40)}
    for day in sorted(days | life.book.turns(datetime.date(year, 8, 31), datetime.date(year + 1, 8, 30))):
        by_book = life.book.on(day)
        assert sitting_on(day) == by_book, day
        for room in life.random.sample(rooms, 4):
            assert {row[0] for row in roster_of(room, day)} == by_book.get(room, set()), (day, Org.get_by_id(room).name)
    figures = sums(scope_of(life.by, permission=Permission.REPORT_VIEW), school_year=year)
    township_of = {school.id: Org.get_by_id(Org.get_by_id(school.id).parent_id).code for school in (*life.villages, life.nine, life.junior)}
    school_of = dict(SchoolClass.select(SchoolClass.org, SchoolClass.school).tuples())
    counted = Counter(township_of[school_of[life.book.sits(pupil)]] for pupil in life.book.spells if life.book.sits(pupil))
    assert {code: number for code, number in figures["students_by_township"].items() if number} == dict(counted)
    assert sum(counted.values()) == figures["students"] == Enrollment.select().where(Enrollment.ends_on.is_null()).count()


@pytest.mark.by_turns
def test_nine_years_are_as_the_list_says(life):
    a_year(life, FIRST)
    agree(life, FIRST)
    for year in range(FIRST + 1, LAST + 1):
        new_year(life, year)
        a_year(life, year)
        agree(life, year)
    nine_years = [pupil for pupil, spells in life.book.spells.items() if (spells[-1][2] or datetime.date(LAST + 1, 8, 31)) - spells[0][1] > datetime.timedelta(days=8.5 * 365)]
    assert nine_years  # somebody went all the way, under one record

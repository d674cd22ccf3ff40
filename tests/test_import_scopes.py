"""What stands in workbooks: a row that names a school, class or pupil of somebody else writes nothing, and is refused without
a word about them. Every kind of import x everybody who may bring it in; the rows of other scopes stand beside one good row.
"""

import itertools
import json

import peewee
import pytest

from aidtracker import db
from aidtracker.accounts.models import User
from aidtracker.attendance.models import RollCall
from aidtracker.census.list_kinds import visible_list_kinds
from aidtracker.errors import Forbidden, Refused
from aidtracker.imports.intake import commit_plan, plan_tables, read_file
from aidtracker.imports.kinds import KINDS
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import related
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from tests import factories
from tests.matrix_contents import changes, contents, written
from tests.workbooks import write_workbook

BRINGERS = ["school_admin at school", "bureau_staff at county", "bureau_admin at county", "far officer"]
OF_ACCOUNTS = ["system_admin at county", "system_admin at city"]  # bring in staff, by the command
OF_PLACES = ("divisions", "schools")  # the others are of pupils
DAYS = [f"2026-10-{day}" for day in (12, 13, 14, 15, 16, 19, 20, 21, 22, 23, 26, 27, 28, 29, 30)]
SILENT = ("audit_entry", "keyring_key")
COMMON = {
    "name": "金某", "sex": "女", "born_on": "2017-05-04", "session": "上午", "expected": 1, "present": 0, "mark": "病假", "form": "入户",
    "purposes": "缺勤", "teachers": "班主任", "lessons": 2, "program": "生活补助", "term": "2026年春季", "amount_fen": 312.5, "paid_on": "2026-11-02",
    "listed_on": "2026-11-01", "kind": "村", "category": "完全小学", "role": "教师",
}  # fmt: skip


def cells_of_pupil(world, n, place, pupil) -> dict:
    """As if the pupil went to the class `place`."""
    room, digits = place.class_org, {"一": 1, "二": 2, "三": 3, "四": 4}
    grade, number = room.name[:3], "".join(letter for letter in room.name[3:] if letter.isdigit()) or str(digits.get(room.name[-2], 1))
    home = {"home_code": pupil.home.code if pupil.home else ""}
    who = {"id_number": pupil.id_number, "student_number": pupil.student_number, "staff_number": f"工{n}"}
    return COMMON | home | who | {"on": DAYS[n], "school": room.parent.code, "grade": grade, "class_number": number, "batch": f"秋-1{n}"}


def cells_of_place(world, n, place, pupil) -> dict:
    """The township of `place` is named as what a new village and school lie in, or those of the pupil, as if they lay there."""
    township, school = place.class_org.parent.parent, pupil.class_org.parent
    is_new = place is pupil
    village = f"{township.code}2{n:02}" if is_new else school.parent.code
    common = COMMON | {"name": "改名", "kind": "村" if is_new else "乡镇", "parent": township.code if is_new else township.parent.code}
    return common | {"code": {"divisions": village, "schools": f"21990001{n:02}" if is_new else school.code}, "township": township.code}


def workbooks_for(world, person, kind) -> list[list[dict]]:
    """Rows of: a good one with everything foreign; foreign pupils at the own place; own pupils at a foreign place, one by one,
    for of two rows with one key the second is refused for that."""
    pupils = {label: pupil for label, pupil in world.pupils.items() if label in ("own class", "other township", "other county", "other city")}
    own = next(pupil for pupil in pupils.values() if person.reaches(kind.permission, (pupil.class_org.path,)))
    foreign = [pupil for pupil in pupils.values() if not person.reaches(kind.permission, world.places_of(pupil))]
    pairs = [[(own, own), *((each, each) for each in foreign)], [(own, each) for each in foreign], *([(each, own)] for each in foreign)]
    return [[cells_of(world, kind, n, *pair) for n, pair in enumerate(some)] for some in pairs]


def cells_of(world, kind, n, place, pupil) -> dict:
    if kind.name in OF_PLACES:
        cells = cells_of_place(world, n, place, pupil)
        return cells | {"code": cells["code"][kind.name]}
    cells = cells_of_pupil(world, n, place, pupil)
    if kind.name == "class-rolls":
        return {"code": f"B{place.class_org_id}-S{pupil.id}", "name": pupil.name}
    return cells | {"school": place.class_org.parent.name} if kind.name == "aid-payments" else cells  # where it goes by its name


def brought(path, person, kind, rows, before) -> tuple[dict, str]:
    """({(model, key): (columns that came or changed, paths of all places)}, whatever was said about it)."""
    sheets = {}
    for n, spec in enumerate(kind.specs):
        columns = [column for column in spec.columns if any(column.key in row for row in rows)]
        days = [f"{RollCall.select(peewee.fn.MAX(RollCall.on)).scalar()} 上午（第 2 版）"] if spec.free else []  # a class's own workbook
        cells = [[row.get(column.key, "") for column in columns] + ["迟到"] * len(days) for row in rows]
        sheets[spec.name or f"表{n}"] = [[column.heading for column in columns] + days, *cells]
    write_workbook(path, sheets)
    user, wrote = User.get_by_id(person.user.id), changes()
    with db.database.atomic() as all_of_it:
        try:
            plan = plan_tables(kind, read_file(kind, path, "导入.xlsx"), by=user, school_year=factories.YEAR, on=db.today_in_china(), list_kind=visible_list_kinds(user).first())
            commit_plan(kind, plan, by=user)
            said = json.dumps(plan.outcome(kind.name), ensure_ascii=False)
        except Forbidden:
            raise
        except Refused as refused:
            said = str(refused)
        after = contents() if changes() != wrote or not db.is_sqlite() else before
        paths = dict(Org.select(Org.id, Org.path).tuples())
        all_of_it.rollback()
    for row in rows:
        for typed in (row.get("id_number"), row.get("student_number")):
            said = said.replace(typed, "…") if typed else said
    return {key: (row, paths) for key, row in written(before, after).items() if key[0]._meta.table_name not in SILENT}, said


def is_outside(world, person, permission, model, key, row, paths) -> bool:
    """The row is, or came to speak of, a place or a pupil beyond where the permission reaches; a child's home may lie anywhere."""
    scopes = person.scopes(permission)
    foreign = {pupil.id for pupil in world.pupils.values() if not person.reaches(permission, world.places_of(pupil))}
    named = {Org: [key] if model is Org else [], Student: [key] if model is Student else []}
    for field in model._meta.sorted_fields:
        if isinstance(field, peewee.ForeignKeyField) and field.rel_model in named and row.get(field.name) and field.name != "home":
            named[field.rel_model].append(row[field.name])
    far = [id_ for id_ in named[Org] if not any(related(paths[id_], scope) for scope in scopes)]
    return bool(far or foreign & set(named[Student]))


@pytest.mark.by_turns
@pytest.mark.parametrize("label", [label for label in BRINGERS if label != "bureau_staff at county"])  # who brings less than its admin
def test_a_row_of_another_scope_writes_nothing_and_tells_nothing(world, tmp_path, label):
    person, holes, before = world.people[label], [], contents()
    for kind in KINDS.values():
        for number, rows in enumerate(workbooks_for(world, person, kind) if person.scopes(kind.permission) else ()):
            came, said = brought(tmp_path / "import.xlsx", person, kind, rows, before)
            for (model, key), (row, paths) in came.items():
                if is_outside(world, person, kind.permission, model, int(key) if key.isdecimal() else key, row, paths):
                    holes.append(f"{kind.name} {number} wrote {model.__name__} {key}: {row}")
            if not came and number == 0:
                holes.append(f"{kind.name}: not even the good row was written: {said[:300]}")
            if found := person.forbidden.search(said):
                holes.append(f"{kind.name} {number} says {found[0]}: {said}")
    assert not holes, "\n".join(holes)


def test_nobody_else_may_bring_anything(world, tmp_path):
    open_to = set()
    for person, kind in itertools.product(world.people.values(), KINDS.values()):
        if person.user is None or person.state in ("disabled", "must_change", "must_set_up"):
            continue
        try:
            plan_tables(kind, [], by=User.get_by_id(person.user.id), school_year=factories.YEAR, on=db.today_in_china())
        except Forbidden:
            assert not person.scopes(kind.permission), f"{kind.name} is refused to {person.label}"
        except Exception:  # nothing was in it
            open_to.add(person.label)
        else:
            open_to.add(person.label)
            assert person.scopes(kind.permission), f"{kind.name} is open to {person.label}"
    takers = {person.label for person in world.people.values() if person.scopes(Permission.ROLL_SUBMIT)}  # of their own classes' rolls
    assert open_to - takers == {*BRINGERS, *OF_ACCOUNTS} - takers

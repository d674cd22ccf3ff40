"""What a roster would do, pupil by pupil: new ones, changed ones with old and new side by side, likely doubles, and who is not in it."""

from collections.abc import Sequence

from aidtracker.crypto.masking import mask_id, mask_phone, mask_student_number
from aidtracker.db import chunks_of
from aidtracker.excel.plans import Plan
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.extra_fields import fields_of, shown
from aidtracker.students.models import MODES, SEXES, TAGS, Enrollment, Student
from aidtracker.students.queries import visible_students
from aidtracker.students.roster import Roster, Row
from aidtracker.students.sheets import ROSTER

MOST_UNSEEN = 20  # hints a day and person at pupils whom that person may not see: more would let names and birthdays be tried out
MOST = 500  # rows of a group that are kept for the page; the count is whole
HEADINGS = {column.key: column.heading for column in ROSTER.columns}
MASKS = {"id_number": mask_id, "student_number": mask_student_number, "phone": mask_phone}
WORDS = {"sex": SEXES, "mode": MODES}
ELSEWHERE = "本县另一所学校，或已离校"
UNSEEN = "（原内容不在你的查看范围）"
SchoolOrg = Org.alias()


def preview_roster(plan: Plan, *, by, before: Sequence[dict] = ()) -> dict:
    """{"new", "changed", "likely", "missing"}: each {"count", "rows"}; numbers masked. `before`: what was shown to `by` today."""
    roster: Roster = plan.payload
    left = MOST_UNSEEN - sum(each.get("likely", {}).get("unseen", 0) for each in before)
    likely = few_unseen(likely_doubles(roster.new, by), max(0, left))
    unseen = sum(words == ELSEWHERE for _row, words in likely)
    fields = {field.id: field for field in fields_of({row.school.county_id for row in roster.changed})}
    missing = missing_pupils(roster)
    changed, seen = roster.changed[:MOST], seen_ids(roster.changed[:MOST], by)
    return {
        "new": group([about(row, roster.school_year) for row in roster.new[:MOST]], len(roster.new)),
        "changed": group([about(row, roster.school_year) | {"changes": list(changes_of(row, roster, fields, row.known.id in seen))} for row in changed], len(roster.changed)),
        "likely": group([about(row, roster.school_year) | {"like": words} for row, words in likely[:MOST]], len(likely))
        | {"unseen": unseen},
        "missing": group(missing[:MOST], len(missing)),
    }


def group(rows: list, count: int) -> dict:
    return {"count": count, "rows": rows}


def about(row: Row, school_year: int) -> dict:
    values = row.values
    label = grades.class_label(row.stage, row.entry_year, values["class_number"], school_year)
    number = mask_id(values["id_number"]) if values.get("id_number") else mask_student_number(values.get("student_number") or "")
    return {"name": values["name"], "sex": SEXES[values["sex"]], "born_on": values["born_on"].isoformat(), "place": f"{row.school.name} {label}", "number": number}


def seen_ids(rows: list[Row], by) -> set[int]:
    """Who sits in no class may be taken in by any school of the county; what its record says is read by those in whose scope it is."""
    ids = [row.known.id for row in rows]
    return {id_ for some in chunks_of(ids) for (id_,) in visible_students(by).select(Student.id).where(Student.id.in_(some)).tuples()}


def changes_of(row: Row, roster: Roster, fields: dict, is_seen: bool):
    """[heading, before, after] of everything that the row changes."""
    for heading, before, after in told_changes(row, roster, fields):
        yield [heading, before if is_seen or not before else UNSEEN, after]


def told_changes(row: Row, roster: Roster, fields: dict):
    known, changes = row.known, row.changes
    for name, value in changes.get("fields", {}).items():
        yield [HEADINGS.get(name, name), worded(name, known.values[name]), worded(name, value)]
    for position in changes.get("members", ()):
        yield [f"成员{position}", member_words(known.guardians.get(position)), member_words(known.member(position, row.values))]
    for kind, detail in changes.get("tags", {}).items():
        before = known.tags.get(kind)
        yield [TAGS[kind], (before[1] or "是") if before else "否", "否" if detail is None else detail or "是"]
    for id_, value in changes.get("extra", {}).items():
        yield [fields[id_].label, *(shown(fields[id_], text, False) for text in (known.extra.get(id_, ""), value))]
    if "spell" in changes:
        yield ["班级", spell_words(known, roster), about(row, roster.school_year)["place"]]


def worded(name: str, value) -> str:
    if not value:
        return ""
    return MASKS[name](value) if name in MASKS else WORDS.get(name, {}).get(value, str(value))


def member_words(member) -> str:
    if not member:
        return ""
    name, relation, phone, is_guardian = member
    return "，".join(part for part in (name, relation, mask_phone(phone) if phone else "", "监护人" if is_guardian else "") if part)


def spell_words(known, roster: Roster) -> str:
    spell = known.spells[-1] if known.spells else None
    if spell is None:
        return ""
    room = Org.select(Org.name, SchoolOrg.name).join(SchoolOrg, on=Org.parent == SchoolOrg.id).where(Org.code == spell.class_code).tuples().first()
    seat = f" {spell.seat} 号" if spell.seat else ""
    return f"{room[1]} {room[0]}{seat}，{MODES[spell.mode]}" if room else ""


def likely_doubles(rows: list[Row], by) -> list[tuple[Row, str]]:
    """New rows whose name, sex and birthday a pupil of the county already has; where that one is, for whoever may see it."""
    counties = {row.school.county_id for row in rows}
    if not rows or not Student.select().where(Student.county.in_(list(counties))).exists():
        return []
    paths, wanted = by.scopes(Permission.STUDENT_VIEW), {row.values["name"] for row in rows}
    found: dict[tuple, str] = {}
    for some in chunks_of(list(wanted)):
        columns = (Student.county, Student.name, Student.sex, Student.born_on, Org.path, Org.name, SchoolOrg.name)
        asked = Student.select(*columns).left_outer_join(Org, on=Student.class_org == Org.id).left_outer_join(SchoolOrg, on=Org.parent == SchoolOrg.id)
        for *key, path, room, school in asked.where(Student.county.in_(list(counties)) & Student.name.in_(some) & Student.merged_into.is_null()).tuples():
            is_seen = path is not None and any(path.startswith(scope) for scope in paths)
            if is_seen or tuple(key) not in found:
                found[tuple(key)] = f"{school} {room}" if is_seen else ELSEWHERE
    keys = [(row, (row.school.county_id, row.values["name"], row.values["sex"], row.values["born_on"])) for row in rows]
    return [(row, found[key]) for row, key in keys if key in found]


def few_unseen(likely: list[tuple[Row, str]], left: int) -> list[tuple[Row, str]]:
    """Without the hints at pupils out of sight that exceed `left`; the county's own list of doubles has them all."""
    unseen = [row for row, words in likely if words == ELSEWHERE]
    over = {id(row) for row in unseen[left:]}
    return [(row, words) for row, words in likely if id(row) not in over]


def missing_pupils(roster: Roster) -> list[dict]:
    """Who sits in a class that the file names, and is not in it: transferred, left, or forgotten."""
    found = []
    for some in chunks_of(sorted(roster.class_codes)):
        columns = (Student.id, Student.name, Student.sex, Student.born_on, Org.name, SchoolOrg.name)
        asked = Student.select(*columns).join(Enrollment, on=Enrollment.student).join(Org, on=Enrollment.class_org)
        asked = asked.join(SchoolOrg, on=Org.parent == SchoolOrg.id).order_by(Org.code, Student.pinyin, Student.id)
        for id_, name, sex, born_on, room, school in asked.where(Org.code.in_(some) & Enrollment.ends_on.is_null()).tuples():
            if id_ not in roster.known_ids:
                found.append({"id": id_, "name": name, "sex": SEXES[sex], "born_on": born_on.isoformat(), "place": f"{school} {room}"})
    return found

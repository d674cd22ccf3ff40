"""What a record said before: former names and numbers, and each change as "from what to what"."""

import json
from typing import NamedTuple

from aidtracker.crypto.keyed_index import keyed
from aidtracker.crypto.masking import mask_id, mask_phone, mask_student_number
from aidtracker.students.extra_fields import all_fields_of, shown, values_of
from aidtracker.students.models import SEXES, Student
from aidtracker.students.models_history import FormerName, FormerNumber, StudentVersion

WHY = {  # a name or a number changed
    "typing": "录错了",
    "renamed": "更名",
    "formal": "临时学籍号转正",
    "new_card": "换发身份证",
    "other": "其他",
}
MASKS = {"id_number": mask_id, "student_number": mask_student_number, "phone": mask_phone}
OPENED = ("address", "household_address")  # shown whole, to whoever may see whole numbers
FIELDS = ("name", "sex", "born_on", "ethnicity", "id_kind", "entered_on", "home_code", *MASKS, "address")
MOST = 50  # versions on a page


class Change(NamedTuple):
    """One field of one edit; texts as they may be shown."""

    field: str
    before: str
    after: str


def needs_why(student: Student, changed: dict) -> bool:
    """A number that is filled in for the first time replaces nothing."""
    return any(name in changed and getattr(student, name) for name in ("name", "id_number", "student_number"))


def former_names(ids: list[int]) -> dict[int, list[str]]:
    """{student id: 曾用名, the oldest first}."""
    found: dict[int, list[str]] = {}
    for student_id, name in (
        FormerName.select(FormerName.student, FormerName.name).where(FormerName.student.in_(ids)).order_by(FormerName.id).tuples()
    ):
        found.setdefault(student_id, []).append(name)
    return found


def former_numbers(student: Student) -> list[FormerNumber]:
    return list(FormerNumber.select().where(FormerNumber.student == student).order_by(FormerNumber.id.desc()))


def ids_by_former(county_ids: list[int], kind: str, number: str) -> list[int]:
    """Pupils who once bore the number."""
    here = FormerNumber.county.in_(county_ids) & (FormerNumber.kind == kind)
    asked = FormerNumber.select(FormerNumber.student).where(here & (FormerNumber.number_index == keyed("index_id", number)))
    return [student_id for (student_id,) in asked.distinct().tuples()]


def changes_of(student: Student, may_open: bool) -> list[tuple[StudentVersion, list[Change]]]:
    """Every edit, the newest first, with its fields from what to what."""
    now = {name: text_of(getattr(student, name)) for name in FIELDS}
    fields, said = {field.id: field for field in all_fields_of(student.county)}, values_of(student)
    found = []
    asked = StudentVersion.select().where(StudentVersion.student == student).order_by(StudentVersion.id.desc()).limit(MOST)
    for version in asked:
        content = json.loads(version.content)
        before = {name: text_of(value) for name, value in content.get("fields", {}).items() if name in FIELDS}
        own = changes_of_own(content.get("extra", {}), fields, said, may_open)
        home = [Change(name, *(fit(name, text, may_open) for text in pair)) for name, pair in content.get("household", {}).items()]
        found.append((version, [Change(name, fit(name, old, may_open), fit(name, now[name], may_open)) for name, old in before.items()] + own + home))
        now |= before
    return found


def changes_of_own(before: dict, fields: dict, said: dict, may_open: bool) -> list[Change]:
    """Of the county's own fields; `said` is what stood after this change, and becomes what stood before it."""
    found = []
    for id_, old in ((int(key), old or "") for key, old in before.items()):
        if id_ in fields:
            found.append(Change(fields[id_].label, *(shown(fields[id_], text, may_open) or "—" for text in (old, said.get(id_, "")))))
        said[id_] = old
    return found


def text_of(value) -> str:
    return "" if value is None else str(value)


def fit(name: str, text: str, may_open: bool) -> str:
    """Masked; an address only for whoever may see it."""
    if not text:
        return "—"
    if name in OPENED and not may_open:
        return "***"
    if name == "sex":
        return SEXES.get(text, text)
    return MASKS[name](text) if name in MASKS else text

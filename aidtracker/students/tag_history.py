"""What the tags of a pupil said before they were corrected: when, by whom, from what to what."""

import json
from typing import NamedTuple

from aidtracker.crypto.masking import mask_id
from aidtracker.students.former import Change, text_of
from aidtracker.students.models import Student, Tag
from aidtracker.students.models_history import StudentVersion

LABELS = {
    "detail": "说明",
    "starts_on": "开始日期",
    "ends_on": "结束日期",
    "source": "依据",
    "document": "文号或材料",
    "disability_class": "残疾类别",
    "disability_grade": "残疾等级",
    "certificate": "残疾证号",
}


class Correction(NamedTuple):
    version: StudentVersion
    changes: list[Change]  # their fields are labels
    why: str


def corrections_of(student: Student, tags: list[Tag]) -> dict[int, list[Correction]]:
    """{tag: its corrections, the newest first}, of these tags, which the reader may see."""
    now = {tag.id: {name: text_of(getattr(tag, name)) for name in LABELS} for tag in tags}
    found: dict[int, list[Correction]] = {}
    mine = StudentVersion.student.in_(records_of(student)) & (StudentVersion.cause == "correct")
    for version in StudentVersion.select().where(mine).order_by(StudentVersion.id.desc()) if tags else ():
        kept = json.loads(version.content).get("tag")
        if kept and kept["id"] in now:
            found.setdefault(kept["id"], []).append(Correction(version, turned_back(kept, now[kept["id"]]), kept["why"]))
    return found


def records_of(student: Student) -> list[int]:
    """The record and those that were merged into it: the tags moved, what was written about them stayed."""
    found, latest = [student.id], [student.id]
    while latest:
        latest = [id_ for (id_,) in Student.select(Student.id).where(Student.merged_into.in_(latest)).tuples()]
        found += latest
    return found


def turned_back(kept: dict, now: dict[str, str]) -> list[Change]:
    """`now` is what the tag said after the correction, and becomes what it said before."""
    found = []
    for name in LABELS:
        if name in kept:
            before = text_of(kept[name])
            found.append(Change(LABELS[name], fit(name, before), fit(name, now[name])))
            now[name] = before
    return found


def fit(name: str, text: str) -> str:
    return "—" if not text else mask_id(text) if name == "certificate" else text

"""家访记录 and 送教上门记录: a line for each pupil of a visit, by day."""

import json
from collections.abc import Iterator

from aidtracker.db import as_day
from aidtracker.ledgers.filters import FIRST, LAST, state_filter
from aidtracker.ledgers.ledger import Column, Ledger
from aidtracker.ledgers.months import months_between
from aidtracker.ledgers.reading import NOBODY, Reading
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import SEXES, Student
from aidtracker.visits.models import FORMS, PLACES, PURPOSES, STATES, TUTORING, Visit, VisitStudent

VISIT_COLUMNS = (
    Column("name", "学生姓名"),
    Column("sex", "性别"),
    Column("school", "学校"),
    Column("class", "班级"),
    Column("address", "家庭住址", is_long=True),
    Column("on", "家访时间", "day"),
    Column("minutes", "时长(分钟)", "integer"),
    Column("teachers", "家访教师"),
    Column("form", "家访形式"),
    Column("person_met", "受访人"),
    Column("relation", "与学生关系"),
    Column("phone", "联系电话", "long_number"),
    Column("purposes", "家访目的"),
    Column("at_home", "在家表现", is_long=True),
    Column("views", "家长意见建议", is_long=True),
    Column("agreed", "达成措施", is_long=True),
    Column("follow_up_on", "跟进日期", "day"),
    Column("signed_by", "家长签字"),
    Column("state", "核实情况"),
)
TUTORING_COLUMNS = (
    Column("name", "学生姓名"),
    Column("id_number", "身份证号", "long_number"),
    Column("student_number", "学籍号", "long_number"),
    Column("tags", "残疾类别"),
    Column("school", "送教学校"),
    Column("place", "送教地点"),
    Column("on", "日期", "day"),
    Column("lessons", "课时数", "integer"),
    Column("teachers", "送教教师"),
    Column("subject", "学科/内容"),
    Column("at_home", "学生表现与效果", is_long=True),
    Column("views", "家长配合", is_long=True),
    Column("agreed", "作业与下次计划", is_long=True),
    Column("signed_by", "家长签字"),
    Column("state", "核实情况"),
)
KEY = (VisitStudent.visit, VisitStudent.student)
OF_VISIT = (Visit.uid, Visit.on, Visit.teachers, Visit.at_home, Visit.views, Visit.agreed, Visit.signed_by, Visit.state)
OF_PUPIL = (Student.uid, Student.name, VisitStudent.school, VisitStudent.class_org)
VISIT_ONLY = (Student.sex, Student.address, Visit.minutes, Visit.form, Visit.person_met, Visit.relation, Visit.purposes, Visit.follow_up_on)
TUTORING_ONLY = (Student.id_number, Student.student_number, Visit.place, Visit.lessons, Visit.subject)


def parts_of(reading: Reading, form) -> Iterator:
    counties = [id_ for (id_,) in reading.read(Org.select(Org.id).where(Org.kind == "county"))]  # the index of days begins with them
    for first, last in months_between(reading.values["first"], reading.values["last"], reading.today):
        found = VisitStudent.select(*KEY).join(Visit).switch(VisitStudent).join(Student)
        found = found.where(Visit.county.in_(counties) & Visit.on.between(first, last) & form & reading.pupils)
        if reading.values["state"]:
            found = found.where(Visit.state == reading.values["state"])
        yield found.order_by(Visit.on, VisitStudent.school, Student.pinyin, *KEY)


def visit_parts(reading: Reading) -> Iterator:
    return parts_of(reading, Visit.form != TUTORING)


def tutoring_parts(reading: Reading) -> Iterator:
    return parts_of(reading, Visit.form == TUTORING)


def asked_for(reading: Reading, keys: list[tuple], more: tuple) -> list[tuple]:
    """Of these visits the lines that `keys` name; a visit has pupils whom the reader may not see."""
    wanted, ids = {tuple(key) for key in keys}, list({visit_id for visit_id, _ in keys})
    asked = VisitStudent.select(*KEY, *OF_VISIT, *OF_PUPIL, *more).join(Visit).switch(VisitStudent).join(Student)
    found = [row for row in reading.read(asked.where(VisitStudent.visit.in_(ids))) if tuple(row[:2]) in wanted]
    reading.learn((row[13] for row in found), (row[12] for row in found))
    return found


def visit_lines(reading: Reading, keys: list[tuple]) -> dict[tuple, tuple]:
    guardians, found = reading.guardians(list({student_id for _, student_id in keys})), {}
    for visit_id, student_id, *row in asked_for(reading, keys, VISIT_ONLY):
        uid, on, teachers, at_home, views, agreed, signed_by, state, pupil, name, school, class_id = row[:12]
        sex, address, minutes, form, met, relation, purposes, follow_up_on = row[12:]
        room, day = reading.room(class_id), as_day(on)
        found[visit_id, student_id] = (
            name, SEXES[sex], reading.place(school), f"{room.grade_on(day)}{room.number}班" if class_id else "",
            reading.address(pupil, address), day, minutes, teachers, FORMS[form], met, relation,
            guardians.get(student_id, NOBODY).phone, purposes_in_words(purposes), *notes(reading, uid, at_home, views, agreed),
            as_day(follow_up_on), signed_by, STATES[state],
        )  # fmt: skip
    return found


def tutoring_lines(reading: Reading, keys: list[tuple]) -> dict[tuple, tuple]:
    tags, found = reading.tags(list({student_id for _, student_id in keys})), {}
    for visit_id, student_id, *row in asked_for(reading, keys, TUTORING_ONLY):
        uid, on, teachers, at_home, views, agreed, signed_by, state, pupil, name, school, _class_id = row[:12]
        number, register, place, lessons, subject = row[12:]
        found[visit_id, student_id] = (
            name, reading.id_number(pupil, number), reading.student_number(pupil, register), "、".join(tags.get(student_id, ())),
            reading.place(school), PLACES.get(place, place), as_day(on), lessons, teachers, subject,
            *notes(reading, uid, at_home, views, agreed), signed_by, STATES[state],
        )  # fmt: skip
    return found


def notes(reading: Reading, uid: str, at_home, views, agreed) -> tuple[str, str, str]:
    return reading.note(Visit.at_home)(uid, at_home), reading.note(Visit.views)(uid, views), reading.note(Visit.agreed)(uid, agreed)


def purposes_in_words(purposes: str | list) -> str:
    """JSON is text on SQLite."""
    codes = json.loads(purposes) if isinstance(purposes, str) else purposes or []
    return "、".join(PURPOSES.get(code, code) for code in codes)


FILTERS = (FIRST, LAST, state_filter("核实情况", STATES))
VISITS = Ledger(
    name="visits",
    title="家访记录",
    summary="每次家访每名学生一行：时间、教师、形式、受访人、目的、在家表现、家长意见、达成措施和核实情况。",
    permissions=(Permission.VISIT_VIEW,),
    columns=VISIT_COLUMNS,
    filters=FILTERS,
    parts=visit_parts,
    lines=visit_lines,
)
TUTORINGS = Ledger(
    name="tutoring",
    title="送教上门记录",
    summary="每次送教每名学生一行：日期、课时、教师、内容、学生表现、家长配合和下次计划。",
    permissions=(Permission.VISIT_VIEW,),
    columns=TUTORING_COLUMNS,
    filters=FILTERS,
    parts=tutoring_parts,
    lines=tutoring_lines,
)

"""疑似辍学学生台账 and 辍学学生台账: a line for each case, in the order in which they were found."""

from collections.abc import Iterator

import peewee

from aidtracker.accounts.models import User
from aidtracker.cases.models import ORIGINS, STATES, Case, CaseStep, FollowUp
from aidtracker.cases.models_notice import Notice, reference_of
from aidtracker.cases.reasons import reasons_of
from aidtracker.cases.sealed import shown_to
from aidtracker.db import as_day
from aidtracker.ledgers import responsible
from aidtracker.ledgers.filters import state_filter
from aidtracker.ledgers.ledger import Column, Ledger
from aidtracker.ledgers.reading import NOBODY, Reading
from aidtracker.ledgers.responsible import responsible_on
from aidtracker.permissions import Permission
from aidtracker.students.models import SEXES, Student
from aidtracker.visits.models import TUTORING, Visit, VisitStudent

SUSPECTED_COLUMNS = (
    Column("number", "个案编号"),
    Column("name", "姓名"),
    Column("sex", "性别"),
    Column("id_number", "身份证号", "long_number"),
    Column("student_number", "学籍号", "long_number"),
    Column("school", "学籍学校"),
    Column("class", "年级班级"),
    Column("guardian", "监护人"),
    Column("phone", "联系电话", "long_number"),
    Column("address", "家庭住址", is_long=True),
    Column("absent_from", "开始缺勤日期", "day"),
    Column("found_on", "发现日期", "day"),
    Column("origin", "发现途径"),
    Column("main_reason", "初步原因"),
    Column("first_visit_on", "首次家访日期", "day"),
    Column("state", "个案状态"),
    Column("closed_on", "销号日期", "day"),
    Column("conclusion", "销号依据", is_long=True),
    Column("owner", "责任人"),
    *responsible.COLUMNS,
)
DROPOUT_COLUMNS = (
    *(column._replace(label="辍学原因(主)") if column.key == "main_reason" else column for column in SUSPECTED_COLUMNS),
    Column("second_reason", "辍学原因(次)"),
    Column("dropout_on", "辍学日期", "day"),
    Column("follow_ups", "劝返次数", "integer"),
    Column("last_follow_up_on", "最近劝返日期", "day"),
    Column("notices", "已下达文书及文号", is_long=True),
    Column("has_returned", "是否复学"),
    Column("returned_on", "复学日期", "day"),
    Column("closed_by", "销号审批人"),
)
OPEN = {"open": "未销号"}
OF_CASE = (Case.id, Case.uid, Case.number, Case.school, Case.class_org, Case.absent_from, Case.found_on, Case.origin, Case.main_reason)
OF_END = (Case.state, Case.closed_on, Case.conclusion, Case.owner, Case.second_reason, Case.closed_by)
OF_PUPIL = (Student.id, Student.uid, Student.name, Student.sex, Student.id_number, Student.student_number, Student.address)


def suspected_parts(reading: Reading) -> Iterator:
    found = Case.select(Case.id).join(Student).where(reading.pupils & shown_to(reading.reader_id))
    state = reading.values["state"]
    if state:
        found = found.where(Case.state != "closed" if state == "open" else Case.state == state)
    yield found.order_by(Case.found_on, Case.number)


def dropout_parts(reading: Reading) -> Iterator:
    """Those that were found to have dropped out at some time."""
    confirmed = CaseStep.select(CaseStep.case).where(CaseStep.to_state == "dropout")
    for part in suspected_parts(reading):
        yield part.where(Case.id.in_(confirmed) | (Case.state == "dropout"))


def suspected_lines(reading: Reading, keys: list[tuple]) -> dict[tuple, tuple]:
    return {key: line for key, (line, _more) in both(reading, keys).items()}


def dropout_lines(reading: Reading, keys: list[tuple]) -> dict[tuple, tuple]:
    ids = [id_ for (id_,) in keys]
    dropped, returned, persuaded, found = steps(reading, ids, "dropout"), steps(reading, ids, "returned"), persuasions(reading, ids), {}
    notices = notices_told(reading, ids)
    for key, (line, (second_reason, closed_by)) in both(reading, keys).items():
        times, last = persuaded.get(key[0], (0, None))
        back = returned.get(key[0])
        found[key] = (*line, second_reason, dropped.get(key[0]), times, last, notices.get(key[0], ""), "是" if back else "否", back, closed_by)
    return found


def both(reading: Reading, keys: list[tuple]) -> dict[tuple, tuple[tuple, tuple]]:
    """{key: (the line of 疑似辍学学生台账, (second reason, who closed it))}."""
    asked = Case.select(*OF_CASE, *OF_END, *OF_PUPIL).join(Student).where(Case.id.in_([id_ for (id_,) in keys]))
    asked = list(reading.read(asked))
    reading.learn((row[4] for row in asked), (row[3] for row in asked))
    students = [row[15] for row in asked]
    guardians, visited = reading.guardians(students), first_visits(reading, students)
    answered = responsible_on(reading, {row[15]: as_day(row[6]) for row in asked})
    reasons = reasons_of(reading.scope.county.id)
    people, found = names_of_users(reading, {row[at] for row in asked for at in (12, 14)}), {}
    for row in asked:
        id_, uid, number, school, class_id, absent_from, found_on, origin, reason = row[:9]
        state, closed_on, conclusion, owner, second_reason, closed_by = row[9:15]
        student_id, student_uid, name, sex, id_number, register, address = row[15:]
        kin = guardians.get(student_id, NOBODY)
        line = (
            number, name, SEXES[sex], reading.id_number(student_uid, id_number), reading.student_number(student_uid, register),
            reading.place(school), class_on(reading, class_id, as_day(found_on)), kin.name, kin.phone,
            reading.address(student_uid, address), as_day(absent_from), as_day(found_on), ORIGINS[origin], reasons.get(reason, reason),
            visited.get(student_id), STATES[state], as_day(closed_on), reading.note(Case.conclusion)(uid, conclusion), people.get(owner, ""),
            *answered.get(student_id, ("", "")),
        )  # fmt: skip
        found[(id_,)] = line, (reasons.get(second_reason, second_reason), people.get(closed_by, ""))
    return found


def class_on(reading: Reading, class_id: int | None, on) -> str:
    room = reading.room(class_id)
    return f"{room.grade_on(on)}{room.number}班" if class_id else ""


def first_visits(reading: Reading, student_ids: list[int]) -> dict:
    """{pupil: day of the first home visit}."""
    first = VisitStudent.select(VisitStudent.student, peewee.fn.MIN(Visit.on)).join(Visit)
    first = first.where(VisitStudent.student.in_(student_ids) & (Visit.form != TUTORING)).group_by(VisitStudent.student)
    return {student_id: as_day(on) for student_id, on in reading.read(first)}


def steps(reading: Reading, case_ids: list[int], state: str) -> dict:
    """{case: the last day on which it came into this state}."""
    last = CaseStep.select(CaseStep.case, peewee.fn.MAX(CaseStep.on))
    last = last.where(CaseStep.case.in_(case_ids) & (CaseStep.to_state == state)).group_by(CaseStep.case)
    return {case_id: as_day(on) for case_id, on in reading.read(last)}


def persuasions(reading: Reading, case_ids: list[int]) -> dict:
    """{case: (how many times, the last day)}."""
    counted = FollowUp.select(FollowUp.case, peewee.fn.COUNT(FollowUp.id), peewee.fn.MAX(FollowUp.on))
    counted = counted.where(FollowUp.case.in_(case_ids)).group_by(FollowUp.case)
    return {case_id: (times, as_day(last)) for case_id, times, last in reading.read(counted)}


def notices_told(reading: Reading, case_ids: list[int]) -> dict[int, str]:
    """{case: its notices with their 文号}, without those that were withdrawn."""
    found: dict[int, list[str]] = {}
    asked = Notice.select(Notice.case, Notice.title, Notice.series, Notice.year, Notice.number).where(Notice.case.in_(case_ids) & (Notice.state != "withdrawn"))
    for case_id, title, series, year, number in reading.read(asked.order_by(Notice.id)):
        found.setdefault(case_id, []).append(f"{title} {reference_of(series, year, number)}")
    return {case_id: "；".join(words) for case_id, words in found.items()}


def names_of_users(reading: Reading, ids: set) -> dict[int, str]:
    ids = ids - {None}
    return dict(reading.read(User.select(User.id, User.name).where(User.id.in_(ids))).fetchall()) if ids else {}


FILTERS = (state_filter("个案状态", OPEN | STATES),)
SUSPECTED = Ledger(
    name="suspected",
    title="疑似辍学学生台账",
    summary="每个个案一行：学生、监护人、开始缺勤和发现的日期、途径、原因、首次家访、状态、销号和责任人。",
    permissions=(Permission.CASE_VIEW,),
    columns=SUSPECTED_COLUMNS,
    filters=FILTERS,
    parts=suspected_parts,
    lines=suspected_lines,
)
DROPOUTS = Ledger(
    name="dropouts",
    title="辍学学生台账",
    summary="核查确认辍学的个案：辍学日期和原因、劝返次数、是否复学、销号依据和审批人。",
    permissions=(Permission.CASE_VIEW,),
    columns=DROPOUT_COLUMNS,
    filters=FILTERS,
    parts=dropout_parts,
    lines=dropout_lines,
)

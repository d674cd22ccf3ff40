"""缺勤明细: a line for each pupil and session that was not simply present, by day and class."""

from collections.abc import Iterator

from aidtracker.attendance.marks import MARKS
from aidtracker.attendance.models import Absence, RollCall
from aidtracker.attendance.sessions import SESSIONS, order_of
from aidtracker.db import as_day
from aidtracker.ledgers.filters import FIRST, LAST, Filter, state_filter
from aidtracker.ledgers.ledger import Column, Ledger
from aidtracker.ledgers.months import months_between
from aidtracker.ledgers.reading import Reading
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import Student

COLUMNS = (
    Column("on", "日期", "day"),
    Column("school", "学校"),
    Column("grade", "年级"),
    Column("class", "班级"),
    Column("session", "场次"),
    Column("name", "姓名"),
    Column("mark", "出勤情况"),
    Column("reason", "缺勤原因", is_long=True),
)
SESSION = Filter("session", "session", "场次", "choice", choices=SESSIONS)
ASKED = (Absence.id, Absence.roll_call, Absence.student, Absence.on, Absence.mark, Absence.reason)
LABELS = {code: mark.label for code, mark in MARKS.items()}


def parts(reading: Reading) -> Iterator:
    room = Org.alias()
    session = reading.values["session"]
    for first, last in months_between(reading.values["first"], reading.values["last"], reading.today):
        found = Absence.select(Absence.id).join(RollCall).join(room, on=(RollCall.class_org == room.id))
        found = found.switch(Absence).join(Student).where(Absence.on.between(first, last) & reading.pupils)
        if reading.values["state"]:
            found = found.where(Absence.mark == reading.values["state"])
        if session:
            found = found.where(RollCall.session == session)
        yield found.order_by(Absence.on, room.code, order_of(RollCall.session), Student.pinyin, Absence.id)


def lines(reading: Reading, keys: list[tuple]) -> dict[tuple, tuple]:
    asked = Absence.select(*ASKED, RollCall.class_org, RollCall.session, Student.name).join(RollCall).switch(Absence).join(Student)
    asked = list(reading.read(asked.where(Absence.id.in_([id_ for (id_,) in keys]))))
    reading.learn(row[6] for row in asked)
    reason, found = reading.note(Absence.reason), {}
    for id_, roll_id, student_id, on, mark, sealed, class_id, session, name in asked:
        room, day = reading.room(class_id), as_day(on)
        why = reason(f"{roll_id}-{student_id}", sealed)
        found[(id_,)] = (day, room.school, room.grade_on(day), f"{room.number}班", SESSIONS[session], name, LABELS[mark], why)
    return found


LEDGER = Ledger(
    name="absences",
    title="缺勤明细",
    summary="点名中没有正常到校的学生，每人每场一行：日期、学校、班级、场次、出勤情况和原因。",
    permissions=(Permission.STUDENT_VIEW, Permission.ROLL_VIEW),
    columns=COLUMNS,
    filters=(FIRST, LAST, SESSION, state_filter("出勤情况", LABELS)),
    parts=parts,
    lines=lines,
)

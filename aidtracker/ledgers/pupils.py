"""学生花名册: pupils by school, class and seat, with their guardian and what makes them special."""

from collections.abc import Iterator

from aidtracker.db import as_day
from aidtracker.ledgers import responsible
from aidtracker.ledgers.filters import state_filter
from aidtracker.ledgers.ledger import Column, Ledger
from aidtracker.ledgers.reading import NOBODY, Reading
from aidtracker.ledgers.responsible import responsible_on
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import MODES, SEXES, Enrollment, Student

STATES = {"enrolled": "在班", "left": "不在班"}
COLUMNS = (
    Column("name", "姓名"),
    Column("sex", "性别"),
    Column("ethnicity", "民族"),
    Column("id_number", "身份证号", "long_number"),
    Column("student_number", "学籍号", "long_number"),
    Column("born_on", "出生日期", "day"),
    Column("home", "户籍地"),
    Column("address", "现居住地", is_long=True),
    Column("school", "学校"),
    Column("grade", "年级"),
    Column("class", "班级"),
    Column("mode", "就读方式"),
    Column("entered_on", "入学年月"),
    Column("tags", "特殊类别"),
    Column("guardian", "监护人姓名"),
    Column("relation", "与儿童关系"),
    Column("phone", "联系电话", "long_number"),
    *responsible.COLUMNS,
)
STUDENT = (Student.id, Student.uid, Student.name, Student.sex, Student.ethnicity, Student.id_number, Student.student_number)
ASKED = (*STUDENT, Student.born_on, Student.home, Student.home_code, Student.address, Student.class_org, Student.mode, Student.entered_on)


def parts(reading: Reading) -> Iterator:
    room, spell = Org.alias(), (Enrollment.student == Student.id) & Enrollment.ends_on.is_null()
    found = Student.select(Student.id).left_outer_join(room, on=(Student.class_org == room.id))
    found = found.switch(Student).left_outer_join(Enrollment, on=spell).where(reading.pupils)
    state = reading.values["state"]
    if state:
        found = found.where(Student.class_org.is_null(state == "left"))
    yield found.order_by(room.code.is_null(), room.code, Enrollment.seat.is_null(), Enrollment.seat, Student.pinyin, Student.id)


def lines(reading: Reading, keys: list[tuple]) -> dict[tuple, tuple]:
    ids = [id_ for (id_,) in keys]
    asked = list(reading.read(Student.select(*ASKED).where(Student.id.in_(ids))))
    reading.learn((row[11] for row in asked), (row[8] for row in asked))
    guardians, tags, found = reading.guardians(ids), reading.tags(ids), {}
    answered = responsible_on(reading, dict.fromkeys(ids, reading.today))
    for id_, uid, name, sex, ethnicity, number, register, born_on, home, code, address, class_id, mode, entered_on in asked:
        room, kin = reading.room(class_id), guardians.get(id_, NOBODY)
        found[(id_,)] = (
            name, SEXES[sex], ethnicity, reading.id_number(uid, number), reading.student_number(uid, register), as_day(born_on),
            reading.place(home) or (f"县外（{code}）" if code else ""), reading.address(uid, address),
            room.school, room.grade_on(reading.today) if class_id else "", f"{room.number}班" if class_id else "",
            MODES[mode] if class_id else "", entered_on, "、".join(tags.get(id_, ())), *kin, *answered.get(id_, ("", "")),
        )  # fmt: skip
    return found


LEDGER = Ledger(
    name="pupils",
    title="学生花名册",
    summary="在册学生的学籍信息、班级、就读方式、户籍地、特殊类别、监护人和包保责任人，按学校和班级排列。",
    permissions=(Permission.STUDENT_VIEW,),
    columns=COLUMNS,
    filters=(state_filter("在班情况", STATES, "enrolled"),),
    parts=parts,
    lines=lines,
)

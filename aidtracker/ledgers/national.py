"""全国学籍系统的学生基本信息表: every column of the national workbook in its order, ours filled in; it comes back in as it went out."""

from collections.abc import Iterator

from aidtracker.db import as_day
from aidtracker.ledgers.filters import state_filter
from aidtracker.ledgers.ledger import Column, Ledger
from aidtracker.ledgers.pupils import STATES
from aidtracker.ledgers.pupils import parts as parts_of_pupils
from aidtracker.ledgers.reading import Reading
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.permissions import Permission
from aidtracker.students.models import MODES, RESIDENT, SEXES, Enrollment, Guardian, Student, Tag, guardian_uid

MEMBER = "姓名 关系 关系说明 民族 工作单位 现住址 户口所在地行政区划 联系电话 是否监护人 身份证件类型 身份证件号 职务".split()
HEADINGS = [
    *"学校标识码 姓名 性别 出生日期 出生地行政区划代码 籍贯 民族 国籍/地区 身份证件类型 港澳台侨外 政治面貌 健康状况 身份证件号".split(),
    *"姓名拼音 曾用名 身份证件有效期 户口所在地行政区划 户口性质 特长 学籍辅号 学籍号 班内学号 年级 班级 入学年月 入学方式 就读方式 学生来源".split(),
    *"现住址 通信地址 家庭地址 联系电话 邮政编码 是否独生子女 是否受过学前教育 是否留守儿童 是否进城务工人员随迁子女 是否孤儿".split(),
    *"是否烈士或优抚子女 随班就读 残疾类型 是否由政府购买学位 是否需要申请资助 是否享受一补 上下学距离 上下学交通方式 是否需要乘坐校车".split(),
    *(f"成员{n}{part}" for n in (1, 2) for part in MEMBER),
]
LONG = ("学校标识码", "身份证件号", "学籍号", "联系电话", "户口所在地行政区划", "成员1联系电话", "成员2联系电话")
TAGS = {"是否留守儿童": "left_behind", "是否进城务工人员随迁子女": "migrant", "是否孤儿": "orphan", "是否烈士或优抚子女": "martyr", "是否需要申请资助": "applies_for_aid"}
COLUMNS = tuple(Column(heading, heading, "long_number" if heading in LONG else "day" if heading == "出生日期" else "text") for heading in HEADINGS)
NUMBERS = (Student.id_number, Student.student_number, Student.phone, Student.address)
ASKED = (Student.id, Student.uid, Student.name, Student.pinyin, Student.sex, Student.born_on, Student.ethnicity, Student.id_kind, *NUMBERS, Student.home_code)
PLACE = (Student.class_org, Student.mode, Student.entered_on)
SchoolOrg = Org.alias()


def lines(reading: Reading, keys: list[tuple]) -> dict[tuple, tuple]:
    ids = [id_ for (id_,) in keys]
    asked = list(reading.read(Student.select(*ASKED, *PLACE).where(Student.id.in_(ids))))
    reading.learn(row[13] for row in asked)
    members, tags, seats, codes = members_of(reading, ids), tags_of(reading, ids), seats_of(reading, ids), codes_of(reading, {row[13] for row in asked})
    phone, found = reading.student_phone, {}
    for id_, uid, name, pinyin, sex, born_on, ethnicity, id_kind, number, register, tel, address, home, class_id, mode, entered in asked:
        room = reading.room(class_id)
        values = {
            "学校标识码": codes.get(class_id, ""), "姓名": name, "性别": SEXES[sex], "出生日期": as_day(born_on), "民族": ethnicity,
            "身份证件类型": id_kind or RESIDENT, "身份证件号": reading.id_number(uid, number), "姓名拼音": pinyin, "户口所在地行政区划": home,
            "学籍号": reading.student_number(uid, register), "班内学号": seats.get(id_), "年级": room.grade_on(reading.today) if class_id else "",
            "班级": f"{room.number}班" if class_id else "", "入学年月": entered, "就读方式": MODES[mode] if class_id else "",
            "现住址": reading.address(uid, address), "联系电话": phone(uid, tel), "残疾类型": tags.get(id_, {}).get("disabled", "无残疾"),
        }  # fmt: skip
        values |= {heading: "是" if kind in tags.get(id_, {}) else "否" for heading, kind in TAGS.items()} | members.get(id_, {})
        found[(id_,)] = tuple(values.get(heading) for heading in HEADINGS)
    return found


def members_of(reading: Reading, ids: list[int]) -> dict[int, dict]:
    """成员1 and 成员2 by their headings."""
    phone, found = reading.guardian_phone, {}
    columns = (Guardian.student, Guardian.position, Guardian.name, Guardian.relation, Guardian.phone, Guardian.is_guardian)
    asked = Guardian.select(*columns).where(Guardian.student.in_(ids) & Guardian.position.in_((1, 2)))
    for student_id, n, name, relation, sealed, is_guardian in reading.read(asked):
        told = {"姓名": name, "关系": relation, "联系电话": phone(guardian_uid(student_id, n), sealed), "是否监护人": "是" if is_guardian else "否"}
        found.setdefault(student_id, {}).update({f"成员{n}{part}": value for part, value in told.items()})
    return found


def tags_of(reading: Reading, ids: list[int]) -> dict[int, dict[str, str]]:
    """{pupil: {kind: detail}} of open tags."""
    found: dict[int, dict[str, str]] = {}
    asked = Tag.select(Tag.student, Tag.kind, Tag.detail).where(Tag.student.in_(ids) & Tag.ends_on.is_null() & Tag.kind.in_(("disabled", *TAGS.values())))
    for student_id, kind, detail in reading.read(asked):
        found.setdefault(student_id, {})[kind] = detail or "其他残疾"
    return found


def seats_of(reading: Reading, ids: list[int]) -> dict[int, int | None]:
    asked = Enrollment.select(Enrollment.student, Enrollment.seat).where(Enrollment.student.in_(ids) & Enrollment.ends_on.is_null())
    return dict(reading.read(asked))


def codes_of(reading: Reading, class_ids: set) -> dict[int, str]:
    """{class: 学校标识码}."""
    asked = SchoolClass.select(SchoolClass.org, SchoolOrg.code).join(SchoolOrg, on=SchoolOrg.id == SchoolClass.school)
    return dict(reading.read(asked.where(SchoolClass.org.in_([id_ for id_ in class_ids if id_]))))


def parts(reading: Reading) -> Iterator:
    return parts_of_pupils(reading)


LEDGER = Ledger(
    name="national",
    title="全国学籍系统学生信息表",
    summary="按全国学籍系统学生基本信息表的列和顺序导出，系统里没有的列留空；改好后可以直接作为学生名册导入。",
    permissions=(Permission.STUDENT_VIEW,),
    columns=COLUMNS,
    filters=(state_filter("在班情况", STATES, "enrolled"),),
    parts=parts,
    lines=lines,
    head="姓名",
)

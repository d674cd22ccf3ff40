"""受助学生名单 / 资助发放花名册: a line for each pupil and batch, with the school, grade and boarding of that time."""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

import peewee

from aidtracker.aid.models import STATUSES, Batch, Payment, Program
from aidtracker.aid.wan import yuan_of
from aidtracker.db import as_day
from aidtracker.ledgers.filters import TERM, state_filter
from aidtracker.ledgers.ledger import Column, Ledger
from aidtracker.ledgers.reading import NOBODY, Reading
from aidtracker.orgs.grades import STAGES
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import SEXES, Student
from aidtracker.terms.calendar import term

COLUMNS = (
    Column("school", "学校"),
    Column("grade", "年级"),
    Column("class", "班级"),
    Column("name", "姓名"),
    Column("sex", "性别"),
    Column("ethnicity", "民族"),
    Column("id_number", "身份证号", "long_number"),
    Column("student_number", "学籍号", "long_number"),
    Column("boarding", "是否寄宿"),
    Column("hardship", "困难类型"),
    Column("program", "资助项目"),
    Column("term", "学期"),
    Column("standard", "标准(元/生·学期)", "decimal"),
    Column("amount", "应发金额(元)", "decimal"),
    Column("bank_name", "开户行"),
    Column("card_number", "社保卡/银行卡号", "long_number"),
    Column("holder_name", "开户人姓名"),
    Column("holder_relation", "与学生关系"),
    Column("phone", "监护人电话", "long_number"),
    Column("batch", "批次"),
    Column("paid_on", "发放日期", "day"),
    Column("status", "发放状态"),
    Column("return_reason", "退回原因"),
)
OF_LINE = (Payment.id, Payment.uid, Payment.school, Payment.grade, Payment.class_number, Payment.is_boarding, Payment.hardship)
OF_PUPIL = (Student.id, Student.uid, Student.name, Student.sex, Student.ethnicity, Student.id_number, Student.student_number)
OF_MONEY = (Payment.batch, Payment.standard_fen, Payment.amount_fen, Payment.bank_name, Payment.card_number, Payment.holder_name)
OF_END = (Payment.holder_relation, Payment.paid_on, Payment.status, Payment.return_reason)
PLACES = [(grade, place) for place, grade in enumerate(grade for stage in STAGES for grade in stage.grades)]
IN_ORDER = peewee.Case(Payment.grade, PLACES, len(PLACES))


def parts(reading: Reading) -> Iterator:
    """A batch each, the terms in their order; within it by school, grade, class and name."""
    for batch_id in batches(reading):
        found = Payment.select(Payment.id).join(Student).switch(Payment).left_outer_join(Org, on=(Payment.school == Org.id))
        found = found.where((Payment.batch == batch_id) & reading.pupils)
        if reading.values["state"]:
            found = found.where(Payment.status == reading.values["state"])
        yield found.order_by(Org.code.is_null(), Org.code, IN_ORDER, Payment.class_number, Student.pinyin, Payment.id)


def batches(reading: Reading) -> list[int]:
    found = Batch.select(Batch.id, Batch.term).join(Program).order_by(Program.name, Batch.name, Batch.id)
    if reading.values["term"]:
        found = found.where(Batch.term == reading.values["term"])
    return [id_ for id_, _ in sorted(reading.read(found), key=lambda row: term(row[1]).starts_on)]


def lines(reading: Reading, keys: list[tuple]) -> dict[tuple, tuple]:
    asked = Payment.select(*OF_LINE, *OF_PUPIL, *OF_MONEY, *OF_END).join(Student).where(Payment.id.in_([id_ for (id_,) in keys]))
    asked = list(reading.read(asked))
    reading.learn((), (row[2] for row in asked))
    guardians, named = reading.guardians([row[7] for row in asked]), named_batches(reading, {row[14] for row in asked})
    id_number, student_number, card_number, place = reading.id_number, reading.student_number, reading.card_number, reading.place
    found = {}
    for row in asked:
        id_, uid, school, grade, class_number, boards, hardship, student_id, student_uid, name, sex, ethnicity, number, register = row[:14]
        batch, standard, amount, bank, card, holder, relation, paid_on, status, why = row[14:]
        program, term_label, batch_name = named[batch]
        found[(id_,)] = (
            place(school), grade, f"{class_number}班" if class_number else "", name, SEXES[sex], ethnicity,
            id_number(student_uid, number), student_number(student_uid, register), "是" if boards else "否", hardship,
            program, term_label, in_yuan(standard), in_yuan(amount), bank, card_number(uid, card), holder, relation,
            guardians.get(student_id, NOBODY).phone, batch_name, as_day(paid_on), STATUSES[status], why,
        )  # fmt: skip
    return found


def named_batches(reading: Reading, ids: set[int]) -> dict[int, tuple[str, str, str]]:
    """{batch: (program, term, batch)}, as they are called."""
    asked = Batch.select(Batch.id, Program.name, Batch.term, Batch.name).join(Program).where(Batch.id.in_(ids))
    return {id_: (program, str(term(code).label), name) for id_, program, code, name in reading.read(asked)}


@lru_cache(maxsize=4096)
def in_yuan(fen: int | None) -> Decimal | None:
    """Exact; a ledger has few different amounts."""
    return None if fen is None else yuan_of(fen)


LEDGER = Ledger(
    name="payments",
    title="受助学生名单",
    summary="资助发放花名册：每名受助学生每批一行，学校、年级、是否寄宿、项目、标准、金额、卡号后四位和发放状态。",
    permissions=(Permission.AID_VIEW,),
    columns=COLUMNS,
    filters=(TERM, state_filter("发放状态", STATUSES)),
    parts=parts,
    lines=lines,
)

"""劝返记录: a line for each persuasion or call, by case."""

from collections.abc import Iterator

from aidtracker.cases.models import KINDS, RESULTS, Case, FollowUp
from aidtracker.cases.sealed import shown_to
from aidtracker.db import as_day
from aidtracker.ledgers.cases import class_on
from aidtracker.ledgers.filters import ANY_FIRST, ANY_LAST, state_filter
from aidtracker.ledgers.ledger import Column, Ledger
from aidtracker.ledgers.reading import Reading
from aidtracker.permissions import Permission
from aidtracker.students.models import Student

COLUMNS = (
    Column("number", "个案编号"),
    Column("name", "学生姓名"),
    Column("school", "学籍学校"),
    Column("class", "年级班级"),
    Column("ordinal", "第几次", "integer"),
    Column("on", "劝返日期", "day"),
    Column("kind", "方式"),
    Column("people", "劝返人员"),
    Column("people_gov", "劝返人员(行政线)"),
    Column("person_met", "劝返对象"),
    Column("relation", "与学生关系"),
    Column("words", "劝返内容", is_long=True),
    Column("result", "结果"),
    Column("promise", "承诺事项", is_long=True),
    Column("promised_on", "承诺期限", "day"),
    Column("next_on", "下次跟进日期", "day"),
)
OF_STEP = (FollowUp.id, FollowUp.uid, FollowUp.ordinal, FollowUp.on, FollowUp.kind, FollowUp.people, FollowUp.person_met, FollowUp.relation)
OF_END = (FollowUp.words, FollowUp.result, FollowUp.next_on, FollowUp.people_gov, FollowUp.promise, FollowUp.promised_on)


def parts(reading: Reading) -> Iterator:
    found = FollowUp.select(FollowUp.id).join(Case).join(Student).where(reading.pupils & shown_to(reading.reader_id))
    first, last, result = (reading.values[name] for name in ("first", "last", "state"))
    if first:
        found = found.where(FollowUp.on >= first)
    if last:
        found = found.where(FollowUp.on <= last)
    if result:
        found = found.where(FollowUp.result == result)
    yield found.order_by(Case.number, FollowUp.ordinal)


def lines(reading: Reading, keys: list[tuple]) -> dict[tuple, tuple]:
    asked = FollowUp.select(*OF_STEP, *OF_END, Case.number, Case.school, Case.class_org, Student.name).join(Case).join(Student)
    asked = list(reading.read(asked.where(FollowUp.id.in_([id_ for (id_,) in keys]))))
    reading.learn((row[16] for row in asked), (row[15] for row in asked))
    said, promised, found = reading.note(FollowUp.words), reading.note(FollowUp.promise), {}
    for id_, uid, ordinal, on, kind, people, met, relation, words, result, next_on, gov, promise, promised_on, number, school, class_id, name in asked:
        day = as_day(on)
        found[(id_,)] = (
            number, name, reading.place(school), class_on(reading, class_id, day), ordinal, day, KINDS[kind], people, gov, met, relation,
            said(uid, words), RESULTS[result], promised(uid, promise), as_day(promised_on), as_day(next_on),
        )  # fmt: skip
    return found


LEDGER = Ledger(
    name="follow_ups",
    title="劝返记录",
    summary="每次劝返一行：第几次、日期、方式、人员、对象、内容、结果和下次跟进日期。",
    permissions=(Permission.CASE_VIEW,),
    columns=COLUMNS,
    is_of_cases=True,
    filters=(ANY_FIRST, ANY_LAST, state_filter("结果", RESULTS)),
    parts=parts,
    lines=lines,
)

"""What is refused of a case: strangers to it, a second one, values that cannot be, an ending that does not hold."""

import datetime

from aidtracker.attendance.streaks import days_away_of
from aidtracker.cases.models import ORIGINS, REASONS, Case
from aidtracker.cases.outcomes import AT_SCHOOL_HERE, CLOSING, OUTCOMES
from aidtracker.cases.queries import case_of, is_open, workers_for
from aidtracker.cases.sealed import is_kept_from, reader_ids, seal_of
from aidtracker.cases.states import CLOSED
from aidtracker.cases.watch import returned_on, watch_days
from aidtracker.db import china_time, today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with


class CaseAlreadyOpen(Refused):
    """Says who opened it and when; `case` is the one to go on with."""

    def __init__(self, case: Case, name: str):
        self.case = case
        who = case.opened_by.name if case.opened_by else "—"
        super().__init__(
            "%(name)s已经有个案 %(number)s（%(who)s于 %(day)s 建立），不用再建。请在原来的个案里记跟进。",
            name=name,
            number=case.number,
            who=who,
            day=china_time(case.opened_at).date().isoformat(),
        )


def refuse_outsider(student: Student, by) -> None:
    if not may_with(by, Permission.CASE_WORK, student):
        raise Forbidden("你没有跟进这名学生的权限。")
    refuse_unnamed(student, by)


def refuse_unnamed(student: Student, by) -> None:
    """The case is for named people alone; whoever looks in need changes nothing."""
    if is_kept_from(by.id, student):
        raise Forbidden("这名学生的情况由专人负责。需要了解或跟进的，请联系乡镇专干或教育局。")


def refuse_unnamed_of_any(students: list[Student], by) -> None:
    """A hook of students: nobody moves a case that is kept from them."""
    for student in students:
        refuse_unnamed(student, by)


def refuse_unnamed_owner(case: Case, owner_id: int | None) -> None:
    """Who answers for a sealed case reads it."""
    if owner_id != case.owner_id and seal_of(case) and owner_id not in reader_ids(case):
        raise Refused("这是保密个案。请先把新的责任人加为知情人，再改责任人。")


def refuse_second(student: Student) -> None:
    case = case_of(student)
    if is_open(case):
        raise CaseAlreadyOpen(case, student.name)
    if case is not None:
        raise Refused("%(name)s以前的个案 %(number)s 已销号。请重新开案，经过会接在原来的记录后面。", name=student.name, number=case.number)


def refuse_closed(case: Case) -> None:
    if case.state == CLOSED:
        raise Refused("这个个案已销号，不能再改。学生又没有到校时，请重新开案。")


def refuse_values(values: dict, student: Student, owner_id: int | None = None) -> None:
    """`owner_id`: who answers for it already, and may stay."""
    today = today_in_china()
    main, second = values.get("main_reason", ""), values.get("second_reason", "")
    if values.get("origin", "roll") not in ORIGINS or not {main, second} <= {"", *REASONS}:
        raise Refused("没有这个选项，请重新选择。")
    if second and (not main or main == second):
        raise Refused("请先选主要原因；次要原因要和主要原因不同。")
    if "found_on" in values and values["found_on"] > today:
        raise Refused("发现日期不能晚于今天。")
    if values.get("absent_from") and values["absent_from"] > values["found_on"]:
        raise Refused("开始缺勤的日期不能晚于发现日期。")
    if values.get("due_on") and values["due_on"] < today:
        raise Refused("下一步的日期不能早于今天。")
    owner = values.get("owner")
    if owner and owner != owner_id and owner not in dict(workers_for(student)):
        raise Refused("这个人不能跟进这名学生，请从名单里选责任人。")


def refuse_ending(case: Case, outcome: str, conclusion: str, closed_on: datetime.date) -> None:
    if outcome not in OUTCOMES:
        raise Refused("请选择核查结论。")
    if outcome not in CLOSING:
        raise Refused("学生还没有返校，不能销号。请继续劝返，并记下每次跟进。")
    if outcome == "returned" and case.state != "returned":
        raise Refused("还没有返校的记录。请先记一次结果为「已返校」的跟进，再销号。")
    if outcome == "returned":
        refuse_while_watched(case, closed_on)
    refuse_still_away(case, outcome, closed_on)
    if not conclusion.strip():
        raise Refused("请写明销号依据：%(evidence)s。", evidence=Phrase(OUTCOMES[outcome].evidence))
    if not case.found_on <= closed_on <= today_in_china():
        raise Refused("销号日期要在发现日期（%(day)s）和今天之间。", day=case.found_on.isoformat())


def refuse_while_watched(case: Case, on: datetime.date) -> None:
    first_on = returned_on(case)
    days, last_on = watch_days(case, first_on) if first_on else (0, on)
    if on < last_on:
        raise Refused("巩固期是返校后 %(n)s 个上课日，到 %(day)s 才满，在这以前不能按「已复学」销号。请继续回访。", n=days, day=last_on.isoformat())


def refuse_still_away(case: Case, outcome: str, on: datetime.date) -> None:
    """Who is at school here, as the conclusion says, cannot be away without leave on the rolls."""
    away = days_away_of({case.student_id}, case.county_id, on).get(case.student_id) if outcome in AT_SCHOOL_HERE else None
    if away:
        raise Refused("点名记录里，这名学生从 %(day)s 起一直旷课，不能这样销号。请先核实考勤；学生确实没有到校的，继续劝返。", day=away[0].isoformat())

"""What waits for a person in every room: numbers that each lead to the very list they count."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.aid.models import Batch, Payment, Program
from aidtracker.aid.queries import UNPAID, still_returned, visible_payments
from aidtracker.attendance.missing import not_returned
from aidtracker.attendance.models_leaves import Leave
from aidtracker.attendance.queries import own_classes
from aidtracker.attendance.queries_illness import open_alerts
from aidtracker.attendance.queries_leaves import leaves_in
from aidtracker.cases.closings import closings_in, sent_back_to
from aidtracker.cases.handovers import handovers_in
from aidtracker.cases.models import Case
from aidtracker.cases.queries import open_cases, overdue, to_open
from aidtracker.cases.responsibles import my_overdue
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.students.queries_transfers import transfers_in
from aidtracker.tasks.queries import my_open_tasks
from aidtracker.tasks.queries import overdue as overdue_tasks
from aidtracker.terms.calendar import term_of
from aidtracker.visits.coverage import pupils_due
from aidtracker.visits.models import Visit
from aidtracker.visits.queries import to_verify, visible_visits
from aidtracker.visits.queries_calls import OPEN_NOW, visible_call_backs
from aidtracker.visits.rules import rules_of

P = Permission
A_WEEK = datetime.timedelta(days=7)


class Waiting(NamedTuple):
    """`kind` is that of a tag: bad what is late, warn what waits, info what runs."""

    label: Phrase
    number: int
    kind: str
    note: Phrase
    endpoint: str
    query: dict


def waiting_for(user, today: datetime.date) -> list[Waiting]:
    """What needs this person first comes first; what is at zero is left out."""
    found = [*of_tasks(user, today), *of_cases(user, today), *of_leaves(user, today), *of_illness(user), *of_visits(user), *of_plans(user, today), *of_transfers(user), *of_payments(user, today)]
    return sorted((each for each in found if each.number), key=lambda each: ("bad", "warn", "info").index(each.kind))


def of_tasks(user, today: datetime.date) -> list[Waiting]:
    if not user.may(P.CASE_WORK):
        return []
    mine = my_open_tasks(user)
    number, late = mine.count(), overdue_tasks(mine, today).count()
    note = Phrase("其中过期 %(n)s 项", n=late) if late else Phrase("联系家长、家访、上报")
    return [Waiting(Phrase("待办"), number, "bad" if late else "warn", note, "tasks.list_tasks", {})]


def of_cases(user, today: datetime.date) -> list[Waiting]:
    if not user.may(P.CASE_VIEW):
        return []
    lists = "cases.list_cases"
    found = [
        Waiting(Phrase("超期个案"), overdue(user, today).count(), "bad", Phrase("下一步已过期"), lists, {"overdue": "y"}),
        Waiting(Phrase("跟进中的个案"), open_cases(user).count(), "info", Phrase("还没有销号"), lists, {}),
    ]
    late = my_overdue(user, today)
    found.append(Waiting(Phrase("我包保的学生里的超期个案"), late, "bad", Phrase("下一步已过期"), "cases.list_my_children", {}))
    if user.may(P.CASE_WORK):
        waiting = Waiting(Phrase("待建案学生"), len(to_open(user, today)), "bad", Phrase("连续旷课，还没有个案"), lists, {"_anchor": "to-open"})
        mine = open_cases(user).where(Case.owner == user.id).count()
        found += of_closings(user)
        to_take = handovers_in(user, "answer").count()
        found.append(Waiting(Phrase("要我接收的个案"), to_take, "warn", Phrase("接收或不接收"), "cases.list_handovers", {"tab": "answer"}))
        found += [waiting, Waiting(Phrase("我负责的个案"), mine, "warn", Phrase("责任人是我"), lists, {"mine": "y"})]
    return found


def of_closings(user) -> list[Waiting]:
    page, back = "cases.list_closings", sent_back_to(user).count()
    found = [Waiting(Phrase("退回给我的销号申请"), back, "bad", Phrase("补充后重新申请，或继续劝返"), page, {"tab": "sent_back"})]
    if user.may(P.CASE_CLOSE):
        asked = closings_in(user, "decide").count()
        found.append(Waiting(Phrase("待我批准的销号"), asked, "warn", Phrase("批准或退回"), page, {"tab": "decide"}))
    return found


def of_visits(user) -> list[Waiting]:
    found = []
    if user.may(P.VISIT_VERIFY):
        only = {"only": "waiting"}
        found.append(Waiting(Phrase("待核实家访"), to_verify(user).count(), "warn", Phrase("核实或退回补充"), "visits.list_visits", only))
        calls = visible_call_backs(user).where(OPEN_NOW).count()
        found.append(Waiting(Phrase("要打的回访电话"), calls, "warn", Phrase("抽中的家访，打给家长"), "visits.list_calls", {}))
    if user.may(P.VISIT_RECORD):
        back = visible_visits(user, P.VISIT_RECORD).where((Visit.state == "sent_back") & (Visit.recorded_by == user.id))
        note = Phrase("请补充后重新提交")
        found.append(Waiting(Phrase("退回给我的家访"), back.count(), "bad", note, "visits.list_visits", {"state": "sent_back"}))
    return found


def of_plans(user, today: datetime.date) -> list[Waiting]:
    """Of class teachers: whom of the own class to visit."""
    rooms = own_classes(user) if user.may(P.VISIT_RECORD) else []
    found = [due for room in rooms for due in pupils_due(room.id, "class", rules_of(room.county_id, today))]
    late, ahead = (sum(due.state == state for due in found) for state in ("late", "planned"))
    soon = sum(due.plan is not None and today <= due.plan.planned_on <= today + A_WEEK for due in found)
    page = {"room": rooms[0].id} if len(rooms) == 1 else {}
    late_note, soon_note = Phrase("过了规定的日期，或定好的日期"), Phrase("定好日期的共 %(n)s 人", n=ahead)
    return [
        Waiting(Phrase("家访过期的学生"), late, "bad", late_note, "visits.list_due", {**page, "state": "late"}),
        Waiting(Phrase("一周内要家访"), soon, "info", soon_note, "visits.list_due", {**page, "state": "planned"}),
    ]


def of_leaves(user, today: datetime.date) -> list[Waiting]:
    """Of whoever takes rolls; a school's administrator decides on the long ones."""
    if not user.may(P.ROLL_SUBMIT):
        return []
    page, overdue = "attendance.list_leaves", leaves_in(user, "overdue", today).count()
    found = [Waiting(Phrase("到期未销假"), overdue, "bad", Phrase("回来了的销假，没有回来的查清去向"), page, {"tab": "overdue"})]
    if user.may(P.ROLL_CORRECT):
        asked = leaves_in(user, "waiting", today).count()
        found.append(Waiting(Phrase("待我批准的请假"), asked, "warn", Phrase("批准或退回"), page, {"tab": "waiting"}))
        away = len(not_returned(user, today))
        found.append(Waiting(Phrase("放假后未返校"), away, "bad", Phrase("住校生，至今没有见到"), page, {"_anchor": "not-returned"}))
    else:
        back = leaves_in(user, "past", today).where((Leave.state == "sent_back") & (Leave.asked_by == user.id) & (Leave.last_on >= today)).count()
        found.append(Waiting(Phrase("退回给我的请假"), back, "warn", Phrase("补充后重新提交，或撤回"), page, {"tab": "past"}))
    return found


def of_illness(user) -> list[Waiting]:
    """The school, the township and the bureau: 24 hours to report."""
    if not (user.may(P.ROLL_VIEW) and user.may(P.LEDGER_EXPORT)):
        return []
    return [Waiting(Phrase("聚集性病例待处置"), open_alerts(user).count(), "bad", Phrase("24 小时内报告疾控和上级"), "attendance.list_alerts", {})]


def of_transfers(user) -> list[Waiting]:
    found, page = [], "students.list_transfers"
    if user.may(P.MOVE_VIEW) and user.may(P.STUDENT_EDIT):
        to_confirm = transfers_in(user, "confirm").count()
        found.append(Waiting(Phrase("要我确认的转学"), to_confirm, "warn", Phrase("同意或不同意"), page, {"tab": "confirm"}))
    if user.may(P.MOVE_VIEW):
        missing = transfers_in(user, "missing").count()
        found.append(Waiting(Phrase("到期没有报到的转学"), missing, "bad", Phrase("查清去向，登记报到或撤回"), page, {"tab": "missing"}))
    return found


def of_payments(user, today: datetime.date) -> list[Waiting]:
    """Whoever records payments mends those of this term that the bank gave back and nobody paid since, batch by batch."""
    if not user.may(P.AID_RECORD):
        return []
    back = (Payment.term == term_of(today).code) & still_returned()
    counted = visible_payments(user, P.AID_RECORD).select(Batch.id, Program.name, Batch.name, peewee.fn.COUNT(Payment.id)).join(Batch).join(Program)
    rows = counted.where(back).group_by(Batch.id, Program.name, Batch.name).order_by(Batch.id).tuples()
    label, page, state = Phrase("退回未补发"), "aid.show_batch", {"state": UNPAID}
    return [
        Waiting(label, number, "warn", Phrase("%(program)s，批次 %(name)s", program=program, name=name), page, {"batch_id": id_, **state})
        for id_, program, name, number in rows
    ]

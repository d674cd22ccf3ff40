"""The coordinator's caseload: open cases by school, what is late or due this week, and a text for the WeChat group that names no child."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.cases.models import Case
from aidtracker.cases.notices import notices_in
from aidtracker.cases.queries import open_cases
from aidtracker.cases.sealed import sealed_ids
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student

A_WEEK = datetime.timedelta(days=7)
Room = Org.alias()
NOWHERE = "不在任何学校"


class Load(NamedTuple):
    """`school_id` None: of children who sit in no class."""

    school_id: int | None
    name: str
    open: int
    late: int
    soon: int
    suspected: int
    dropout: int
    returned: int


class Caseload(NamedTuple):
    schools: list[Load]
    total: Load
    to_serve: int
    notices_late: int


def caseload_of(user, today: datetime.date, *, is_for_group: bool = False) -> Caseload:
    """The schools with the most that is late first. `is_for_group`: without sealed cases, for what others are told."""
    among = Case.id.not_in(sealed_ids()) if is_for_group else Case.id.is_null(False)
    rows = sums(user, today).where(among).tuples()
    schools = [Load(school, name or NOWHERE, *(int(number or 0) for number in numbers)) for school, name, *numbers in rows]
    total = Load(None, "", *(sum(load[at] for load in schools) for at in range(2, len(Load._fields))))
    to_serve, late = (notices_in(user, tab, today).where(among).count() for tab in ("serve", "late"))
    return Caseload(sorted(schools, key=lambda load: (-load.late, -load.open, load.name)), total, to_serve, late)


def sums(user, today: datetime.date):
    def number(condition):
        return peewee.fn.SUM(peewee.Case(None, [(condition, 1)], 0))

    soon = (Case.due_on >= today) & (Case.due_on < today + A_WEEK)
    found = open_cases(user).join(Room, peewee.JOIN.LEFT_OUTER, on=Student.class_org == Room.id).join(Org, peewee.JOIN.LEFT_OUTER, on=Room.parent == Org.id)
    states = [number(Case.state == state) for state in ("suspected", "dropout", "returned")]
    return found.select(Org.id, Org.name, peewee.fn.COUNT(Case.id), number(Case.due_on < today), number(soon), *states).group_by(Org.id, Org.name)


def reminder_of(caseload: Caseload, place: str, today: datetime.date) -> str:
    """Polite, ready to paste, with schools and numbers alone; '' where nothing waits. The group reads Chinese, whatever the screen speaks."""
    late = [f"{load.name} {load.late} 个" for load in caseload.schools if load.late]
    lines = [f"下一步已超期的：{'、'.join(late)}，请今天内跟进。"] if late else []
    if caseload.total.soon:
        lines.append(f"一周内到期的共 {caseload.total.soon} 个，请提前安排劝返或回访。")
    if caseload.to_serve:
        lines.append(f"待送达的文书 {caseload.to_serve} 份，请尽快送达并记下送达回证。")
    if caseload.notices_late:
        lines.append(f"到期没有返校的文书 {caseload.notices_late} 份，请和发文单位商量下一步。")
    if not lines:
        return ""
    day = f"{today.month} 月 {today.day} 日"
    return "\n".join([f"各位老师、干部好！{day}{place}控辍保学工作提醒：", *lines, "请登录系统，在「我负责的个案」和「待办」里查看。辛苦大家了！"])

"""How a case moves: where the result of a follow-up leads, what is to be done next, which step of the way it is.

疑似辍学（核查中） -> 辍学（劝返中） -> 承诺返校 -> 复学（巩固期） -> 已销号. A follow-up moves it, recorded by whoever may
work on it (CASE_WORK), on the day of the follow-up. Only township and bureau close it (CASE_CLOSE), from any open
state. A relapse after that reopens the same case, which is verified anew; it is never deleted.
"""

import datetime

from aidtracker.cases.models import STATES
from aidtracker.errors import Refused
from aidtracker.policies.queries import number_of
from aidtracker.terms.calendar import school_days

FIRST, CLOSED = "suspected", "closed"
OPEN = tuple(state for state in STATES if state != CLOSED)
# 县级文件的通行做法：劝返后 3 天（周末除外）仍未到校，请村、乡镇介入。So long may a next step take.
LONGEST_BREAK = datetime.timedelta(days=120)
MOVES = {  # state: {result of a follow-up: the state it leads to}; any other result leaves it
    "suspected": {"returned": "returned", "promised": "promised", "not_returned": "dropout", "refused": "dropout"},
    "dropout": {"returned": "returned", "promised": "promised"},
    "promised": {"returned": "returned", "not_returned": "dropout", "refused": "dropout"},
    "returned": {"promised": "promised", "not_returned": "dropout", "refused": "dropout"},  # 反弹
}
STEPS = ("核查", "劝返", "承诺返校", "复学巩固", "销号")
NEXT_ACTS = {
    "suspected": "联系家长或上门，查清没有到校的原因",
    "dropout": "再次上门劝返，记下学生和家长的态度",
    "promised": "确认学生已经按承诺返校",
    "returned": "回访，看学生是否稳定到校",
}
TONES = {"suspected": "warn", "dropout": "bad", "promised": "warn", "returned": "info", "closed": "ok"}


def state_after(state: str, result: str) -> str:
    """The state that a follow-up with this result leads to. Refused once the case is closed."""
    if state not in MOVES:
        raise Refused("这个个案已销号。学生又没有到校时，请先重新开案，再记跟进。")
    return MOVES[state].get(result, state)


def step_of(state: str) -> int:
    """Index into STEPS; past the last one when all is done."""
    return len(STEPS) if state == CLOSED else OPEN.index(state)


def due_after(day: datetime.date, county_id: int) -> datetime.date:
    """The school day by which the next step is due, so many after the day as the county gives."""
    return day_after(day, number_of("next_step_days", county_id, day), county_id)


def day_after(day: datetime.date, days: int, county_id: int) -> datetime.date:
    """So many school days after the day."""
    ahead = school_days(day + datetime.timedelta(days=1), day + LONGEST_BREAK, county_id)
    return ahead[days - 1] if len(ahead) >= days else day + LONGEST_BREAK

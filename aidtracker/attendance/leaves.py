"""The rules of a leave: which sessions it covers, how many school days it has, who approves it by its length."""

import datetime
from typing import NamedTuple

from aidtracker.attendance.sessions import SESSIONS
from aidtracker.errors import Refused
from aidtracker.policies.queries import number_of
from aidtracker.terms.calendar import school_days

ORDER = {code: place for place, code in enumerate(SESSIONS)}
FROM = {"early": "早上起", "afternoon": "下午起", "evening": "晚上起"}
UNTIL = {"night": "全天结束", "morning": "上午结束", "afternoon": "下午结束"}
BACK = {"morning": "上午", "afternoon": "下午", "evening": "晚上"}
JUST_BEFORE = {"afternoon": "morning", "evening": "afternoon"}  # the last session of a leave that ends on the day of return
LONGEST = 200  # days of the calendar; whoever stays away longer is suspended
FURTHEST = 190  # days ahead
LONGEST_REASON = 200  # characters


class Span(NamedTuple):
    """Both ends included."""

    first_on: datetime.date
    first_session: str
    last_on: datetime.date
    last_session: str

    @property
    def begins(self) -> tuple[datetime.date, int]:
        return self.first_on, ORDER[self.first_session]

    @property
    def ends(self) -> tuple[datetime.date, int]:
        return self.last_on, ORDER[self.last_session]

    def covers(self, on: datetime.date, session: str) -> bool:
        return self.begins <= (on, ORDER[session]) <= self.ends

    def meets(self, other: "Span") -> bool:
        return self.begins <= other.ends and other.begins <= self.ends


def span_of(leave) -> Span:
    return Span(leave.first_on, leave.first_session, leave.last_on, leave.last_session)


def refuse_span(span: Span, today: datetime.date) -> None:
    """Backwards, endless, or too far ahead."""
    if span.first_session not in ORDER or span.last_session not in ORDER:
        raise Refused("没有这个场次。")
    if span.ends < span.begins:
        raise Refused("结束的日期早于开始的日期，请核对。")
    if (span.last_on - span.first_on).days > LONGEST:
        raise Refused("请假最长 %(most)s 天。更长的请办理休学。", most=LONGEST)
    if (span.first_on - today).days > FURTHEST:
        raise Refused("开始的日期太远，最多提前 %(most)s 天请假。", most=FURTHEST)


def days_of(span: Span, county_id: int, school_id: int) -> int:
    """School days of the school's own calendar; a day that is begun counts as one."""
    return len(school_days(span.first_on, span.last_on, county_id, school_id))


def level_of(days: int, county_id: int, on: datetime.date) -> str:
    """Who approves a leave of so many school days, as the county has set it."""
    if days <= number_of("leave_class_days", county_id, on):
        return "class"
    return "school" if days <= number_of("leave_school_days", county_id, on) else "principal"


def needs_proof(kind: str, days: int, county_id: int, on: datetime.date) -> bool:
    return kind == "sick_leave" and days > number_of("sick_proof_days", county_id, on)


def shortened(span: Span, back_on: datetime.date, back_session: str) -> Span:
    """Up to the session before the pupil was back, if that is earlier than its end."""
    if (back_on, ORDER[back_session]) > span.ends:
        return span
    before = JUST_BEFORE.get(back_session)
    if before:
        return span._replace(last_on=back_on, last_session=before)
    return span._replace(last_on=back_on - datetime.timedelta(days=1), last_session="night")

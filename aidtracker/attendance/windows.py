"""Until when a roll may be taken and corrected, and by whom: the same on the page, on the phone and in a workbook."""

import datetime

from aidtracker.attendance.settling import is_outranked
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.policies.queries import number_of


def may_take(user, place) -> bool:
    """Some roll of the place, of today or corrected: who may, also sees to its leaves, its 无课 and its 返校核查."""
    return user.may(Permission.ROLL_SUBMIT, place) or user.may(Permission.ROLL_CORRECT, place)


def refuse_outsider(class_org, by) -> None:
    if not may_take(by, class_org):
        raise Forbidden("你没有给这个班点名的权限。")


def refuse_first(class_org, on: datetime.date, base_revision: int, by) -> None:
    if base_revision:
        raise Refused("这次点名已经不在了，请刷新页面后重新提交。")
    late, may_correct = (today_in_china() - on).days, by.may(Permission.ROLL_CORRECT, class_org)
    if not late and not by.may(Permission.ROLL_SUBMIT, class_org):
        raise Forbidden("今天的点名由班主任提交，这里只能更正以前的。")
    if late and not may_correct and late > (days := number_of("roll_late_days", class_org.county_id, today_in_china())):
        raise Forbidden("已超过 %(days)s 天，不能补点名。请联系本校管理员。", days=days)


def refuse_correction(class_org, on: datetime.date, by, reason: str) -> None:
    if on == today_in_china() and by.may(Permission.ROLL_SUBMIT, class_org):
        return
    if not by.may(Permission.ROLL_CORRECT, class_org):
        raise Forbidden("以前的点名要由本校管理员更正。请向校长说明原因，申请更正。")
    if not reason.strip():
        raise Refused("请填写更正原因，例如：家长已补交病假条。")


def refuse_outranked(standing, class_org, by) -> None:
    """Of two lists that differ."""
    if is_outranked(standing, class_org, by):
        raise Forbidden("这次点名学校管理员已经更正过，以更正的为准。如果不对，请告诉学校管理员。")

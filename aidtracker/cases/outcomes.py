"""核查结论: what a case may end with, the evidence that each needs, and how each counts.

`counts` says whether the child counts as a dropout: no, yes, unresolved. `in_denominator`: whether the child stays
among those who ought to be at school when a rate is reckoned.
"""

from typing import NamedTuple

NO, YES, UNRESOLVED = "no", "yes", "unresolved"
COUNTS = {NO: "不算辍学", YES: "算辍学", UNRESOLVED: "未查清"}


class Outcome(NamedTuple):
    label: str
    evidence: str
    counts: str = NO
    in_denominator: bool = True

    @property
    def closes(self) -> bool:
        """A child who still stays away is no case to close."""
        return self.counts != YES


OUTCOMES = {
    "returned": Outcome("已复学，巩固期满", "返校后的考勤记录、回访记录"),
    "data_error": Outcome("姓名或身份证号错误、漏填", "更正后的学籍记录", in_denominator=False),
    "household": Outcome("空挂户、双重户籍、重复注册、查无此人", "派出所或村（社区）证明", in_denominator=False),
    "studying_here": Outcome("已在校就读", "学籍截图"),
    "studying_elsewhere": Outcome("县外就读，学籍未转", "就读证明和就读学校电话，每学期核对一次"),
    "transferred": Outcome("已转学", "学籍接转完成的记录", in_denominator=False),
    "suspended": Outcome("休学", "诊断证明、休学审批、学籍保留记录"),
    "deferred": Outcome("延缓入学", "县或乡镇的批准文件"),
    "special": Outcome("特教学校、随班就读、送教上门、康复机构", "安置决定、个别化教育计划"),
    "custody": Outcome("专门学校、服刑在押", "有关单位的公函"),
    "abroad": Outcome("出国（境）", "村（社区）和家庭的证明", in_denominator=False),
    "died": Outcome("死亡", "死亡或户口注销证明", in_denominator=False),
    "missing": Outcome("失踪失联、长年外出无法联系", "公安机关记录、历次联系的日期", UNRESOLVED),
    "over_age": Outcome("超过义务教育年龄", "出生日期", in_denominator=False),
    "graduated": Outcome("初中毕业", "毕业记录", in_denominator=False),
    "long_leave": Outcome("长期请假、借读", "请假条或借读学校的证明，期满再核查"),
    "not_attending": Outcome("未在校就读（务工、厌学、早婚早孕等）", "家访、劝返记录", YES),
}
AT_SCHOOL_HERE = ("returned", "studying_here")
CLOSING = {code: outcome for code, outcome in OUTCOMES.items() if outcome.closes}

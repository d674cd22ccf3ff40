"""The marks of a roll, and what each counts as. Everybody without a mark was present."""

from typing import NamedTuple

LONGEST_REASON = 200  # characters


class Mark(NamedTuple):
    label: str
    counts_as: str  # the column of RollCall; '' has none
    is_present: bool


MARKS = {
    "sick_leave": Mark("病假", "sick_leave", False),
    "personal_leave": Mark("事假", "personal_leave", False),
    "official": Mark("公假", "official", True),
    "unexcused": Mark("旷课", "unexcused", False),
    "unexplained": Mark("未说明", "unexcused", False),  # until somebody explains it
    "not_returned": Mark("未返校", "unexcused", False),
    "isolated": Mark("隔离", "sick_leave", False),
    "late": Mark("迟到", "late", True),
    "left_early": Mark("早退", "left_early", True),
    "unwell": Mark("身体不适", "", True),  # 晨检: at school, with a symptom
    "back_late": Mark("晚归", "late", True),  # 就寝
}
SYMPTOMS = ("发热", "咳嗽", "呕吐腹泻", "皮疹")  # of 身体不适: kept as its reason, sealed
LESSON = ("sick_leave", "personal_leave", "official", "unexcused", "unexplained", "not_returned", "isolated", "late", "left_early")
AWAY = ("sick_leave", "personal_leave", "official", "unexplained", "not_returned", "isolated")
MARKS_AT = {"early": (*AWAY, "late", "unwell"), "morning": LESSON, "afternoon": LESSON, "evening": LESSON, "night": (*AWAY, "back_late")}
COUNTS = ("sick_leave", "personal_leave", "unexcused", "late", "left_early", "official")
UNCLEAR = "unexplained"  # of a ticked pupil until somebody says why
NOT_BACK = "not_returned"  # of a boarder at the first session after a break
NOT_THERE = tuple(code for code, mark in MARKS.items() if not mark.is_present)
UNEXCUSED = tuple(code for code, mark in MARKS.items() if mark.counts_as == "unexcused")


def counts_of(marks, expected: int) -> dict:
    """Sums of one roll: `marks` are the codes of whoever was marked. Present = expected - those not present."""
    counts = dict.fromkeys(COUNTS, 0)
    away = 0
    for code in marks:
        if MARKS[code].counts_as:
            counts[MARKS[code].counts_as] += 1
        away += not MARKS[code].is_present
    return {"expected": expected, "present": expected - away, **counts}

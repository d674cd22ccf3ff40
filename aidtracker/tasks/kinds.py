"""Kinds of tasks: what is to be done, at which place somebody answers for it, and the rule that asks for it, in words."""

from typing import NamedTuple

LONGEST = 500  # characters of a note on how it went
PLACES = ("class", "school", "township", "county")  # from the nearest up
HOLDERS = {"class": ("teacher",), "school": ("school_admin",), "township": ("township_coordinator",), "county": ("bureau_staff", "bureau_admin")}
UNITS = {"school": "个上课日", "calendar": "天"}
HOW = {"hand": "手工完成", "visit": "已记家访", "follow_up": "已记跟进", "closed": "个案已销号", "roll": "已点名", "decided": "已批准或退回", "asked": "已重新申请", "lesson": "已记送教", "served": "文书已送达", "handled": "已处理"}  # by what it was done
WHY = {"back": "已到校或请假", "corrected": "点名已更正", "left": "学生已离开", "rule": "规定或校历已改", "withdrawn": "申请已撤回"}  # why nobody has to do it any more

CALLED = "记了家访（电话、视频、约谈也算），或在个案里记了打电话、上门，这项待办会自动完成。"
VISITED = "记了入户家访（电话、视频、约谈不算），或在个案里记了上门，这项待办会自动完成。"
MOVED = "个案里记了跟进、状态变了，或者销号，这项待办会自动完成。"
FOUND_OUT = "个案里认定了辍学，或者销号，这项待办会自动完成。"
SERVED = "在文书里记了送达，这项待办会自动完成；没有送到的也要记。"
NOT_BACK = "在个案里记了跟进，或者销号、撤回文书，这项待办会自动完成。"
TAUGHT = "记够本月的送教，这项待办会自动完成。"
TAUGHT_ENOUGH = "记够本学年的送教，这项待办会自动完成。"
ROLLED = "这个班交了点名，这项待办会自动完成。"
FOLLOWED = "在个案里记了跟进，这项待办会自动完成；结果选「未返校」，个案转回劝返。"
ANSWERED = "在个案的移交里接收或不接收，这项待办会自动完成。"
DECIDED = "在个案的销号申请里批准或退回，这项待办会自动完成。"
ASKED_AGAIN = "补充后重新申请销号，这项待办会自动完成。"


class TaskKind(NamedTuple):
    """Asked for by the room that knows the rule (asking.ask_for_task); that room also tells whom a task is about (hooks.what_tasks_are_about)."""

    label: str
    place: str  # of PLACES: where somebody answers for it
    rule: str  # with %(n)s and, where it counts days, %(unit)s
    ends: str = "办好后在下面写明情况，点「完成」。"  # what completes it
    is_by_hand: bool = True  # False: nothing but the act itself completes it
    is_personal: bool = False  # True: nobody but the person of whom it is asked finishes it or hands it on


KINDS = {
    "call": TaskKind("联系家长", "class", "连续旷课满 %(n)s %(unit)s，班主任当天联系家长，问清原因", CALLED),
    "visit": TaskKind("家访", "class", "连续旷课满 %(n)s %(unit)s，班主任当天家访", VISITED),
    "report_school": TaskKind("校领导和村委上门", "school", "连续旷课满 %(n)s %(unit)s，学校领导和村委一起上门"),
    "report_township": TaskKind("报乡镇和教育局", "township", "连续旷课满 %(n)s %(unit)s，学校填《辍学学生情况报告表》，报乡镇和教育局"),
    "suspected": TaskKind("核查疑似辍学", "township", "连续旷课满 %(n)s %(unit)s，列为疑似辍学，由乡镇核查", MOVED),
    "dropout": TaskKind("认定是否辍学", "county", "连续旷课满 %(n)s %(unit)s，反复联系没有返校，由教育局认定", FOUND_OUT),
    "low_rate": TaskKind("了解出勤低的原因", "class", "近 20 个上课日出勤率低于 %(n)s%%，班主任找学生和家长了解原因"),
    "class_silent": TaskKind("催班级点名", "school", "班级连续 %(n)s 个上课日没有点名，由学校查清原因，补交点名", ROLLED),
    "relapse": TaskKind("核实巩固期缺勤", "class", "复学后的巩固期内又旷课，%(n)s %(unit)s内核实原因；没有到校的转回劝返", FOLLOWED),
    "handover": TaskKind("接收移交的个案", "class", "移交后 %(n)s %(unit)s内接收或不接收", ANSWERED, is_by_hand=False),
    "closing": TaskKind("批准销号", "township", "申请销号后 %(n)s %(unit)s内批准或退回", DECIDED, is_by_hand=False),
    "closing_back": TaskKind("补充销号材料", "class", "销号申请被退回，%(n)s %(unit)s内补充后重新申请，或继续劝返", ASKED_AGAIN),
    "serve_notice": TaskKind("送达文书", "class", "发文后 %(n)s %(unit)s内送到监护人手里，记下送达回证", SERVED, is_by_hand=False),
    "notice_late": TaskKind("文书到期没有返校", "township", "文书的返校期限已过，%(n)s %(unit)s内查清，定下一步", NOT_BACK),
    "seal_broken": TaskKind("保密个案被紧急查看", "county", "有人紧急查看了保密个案，%(n)s %(unit)s内核对原因；教育局管理员看审计记录", is_personal=True),
    "tutoring": TaskKind("补上送教", "class", "月底前 %(n)s 个上课日送教还不够次数，由送教教师在本月补上", TAUGHT),
    "tutoring_year": TaskKind("补上学年送教", "class", "学年结束前 %(n)s 个上课日起，按现在的进度到学年结束送教不够的，由送教教师安排补上", TAUGHT_ENOUGH),
}


def above(kind: str) -> tuple[str, ...]:
    """The kinds of places from this one up."""
    return PLACES[PLACES.index(kind) :]

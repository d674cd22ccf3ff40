"""家访记录表 and 送教上门记录表 as pages of labelled boxes: of visits that were recorded, and blank ones to write on."""

from collections.abc import Sequence
from typing import NamedTuple

from aidtracker.excel.boxes import Box, Page
from aidtracker.visits.models import FORMS, NO_PHOTO, PLACES, PURPOSES, TUTORING, UNSIGNED, Visit
from aidtracker.visits.models_papers import PAPER_FORMS
from aidtracker.visits.paper_codes import shown_code
from aidtracker.visits.picks import AGREED, AT_HOME, LEARNED, NEXT, VIEWS

TICKED, OPEN = "☑", "□"
TO_SIGN = 14  # millimetres
VISITED = {code: word for code, word in FORMS.items() if code != TUTORING}


class Whose(NamedTuple):
    """The pupil of a page, as the day of the visit or of the printing has it."""

    name: str
    sex: str
    class_name: str
    school_name: str


class Told(NamedTuple):
    """What stands beside the visit itself."""

    whose: Whose
    others: str = ""  # 与某某同访
    photos: int = 0
    is_signed: bool = False  # on the screen
    recorded_by: str = ""
    checked: str = ""
    code: str = ""


def ticks(words: dict[str, str], chosen: Sequence[str] = ()) -> str:
    return "　".join(f"{TICKED if code in chosen else OPEN}{word}" for code, word in words.items())


def squares(words: Sequence[str]) -> str:
    return "　".join(f"{OPEN}{word}" for word in words) + "\n"


def page_of(visit: Visit, told: Told) -> Page:
    is_lesson = visit.form == TUTORING
    title = PAPER_FORMS["tutoring" if is_lesson else "visit"]
    rows = (*head_of(told.whose), *(lesson_rows(visit) if is_lesson else visit_rows(visit)), *evidence_rows(visit, told))
    about = (f"回执号：{visit.receipt}" if visit.receipt else "", f"记录人：{told.recorded_by}" if told.recorded_by else "", told.checked)
    notes = ("　　".join(filter(None, about)), f"纸质表编号：{shown_code(told.code)}" if told.code else "", told.others)
    return Page(title, f"{visit.on:%m%d} {told.whose.name}", rows, tuple(filter(None, notes)))


def head_of(whose: Whose) -> tuple[tuple[Box, ...], ...]:
    first = (Box("学生姓名", whose.name), Box("性别", whose.sex), Box("班级", whose.class_name))
    return first, (Box("学校", whose.school_name, 3),)


def time_of(visit: Visit) -> str:
    """14:05 至 14:35（30 分钟）, as far as it was written down."""
    if not visit.starts_at:
        return f"{visit.minutes} 分钟" if visit.minutes else ""
    if not visit.minutes:
        return f"{visit.starts_at} 起"
    hour, minute = map(int, visit.starts_at.split(":"))
    end = (hour * 60 + minute + visit.minutes) % (24 * 60)
    return f"{visit.starts_at} 至 {end // 60:02}:{end % 60:02}（{visit.minutes} 分钟）"


def visit_rows(visit: Visit) -> tuple[tuple[Box, ...], ...]:
    follow = visit.follow_up_on.isoformat() if visit.follow_up_on else ""
    return (
        (Box("家访日期", visit.on.isoformat()), Box("起止时间", time_of(visit), 2)),
        (Box("家访教师", visit.teachers, 3),),
        (Box("家访形式", ticks(VISITED, (visit.form,)), 3),),
        (Box("家访目的", ticks(PURPOSES, visit.purposes), 3),),
        (Box("受访人", visit.person_met), Box("与学生关系", visit.relation, 2)),
        (Box("在家表现", visit.at_home or "", 3, 30),),
        (Box("家长意见建议", visit.views or "", 3, 30),),
        (Box("达成措施", visit.agreed or "", 3, 30),),
        (Box("下次跟进日期", follow, 3),),
    )


def lesson_rows(visit: Visit) -> tuple[tuple[Box, ...], ...]:
    place = ticks(PLACES, (visit.place,)) + (f"　{visit.place}" if visit.place not in PLACES else "")
    return (
        (Box("送教日期", visit.on.isoformat()), Box("起止时间", time_of(visit)), Box("课时数", f"{visit.lessons or ''}")),
        (Box("送教地点", place, 3),),
        (Box("送教教师", visit.teachers, 3),),
        (Box("学科和内容", visit.subject, 3, 20),),
        (Box("学生表现与效果", visit.at_home or "", 3, 40),),
        (Box("家长配合与作业", visit.agreed or "", 3, 40),),
    )


def evidence_rows(visit: Visit, told: Told) -> tuple[tuple[Box, ...], ...]:
    """What there is, in words; the boxes to sign stay empty where nobody signed yet."""
    photos = f"{told.photos} 张，存在系统里" if told.photos else NO_PHOTO.get(visit.no_photo, "没有")
    signed = "已在手机上签字，存在系统里" if told.is_signed else visit.signed_by or (f"没有签字：{UNSIGNED[visit.unsigned]}" if visit.unsigned else "")
    return (Box("照片", photos, 3),), (Box("家长签字", signed, 1, TO_SIGN), Box("教师签字", "", 2, TO_SIGN))


def blank_page(form: str, whose: Whose, code: str, address: str) -> Page:
    """To write on with a pen, the code in its corner."""
    rows = (*head_of(whose), *(BLANK_LESSON if form == "tutoring" else BLANK_VISIT))
    notes = ("回来后扫右上角的码，或在「家访 → 纸质表」里输入编号录入。每张只能录入一次。", "不要在表上写身份证号、银行卡号。")
    return Page(PAPER_FORMS[form], f"{whose.name} {shown_code(code)}", rows, notes, shown_code(code), address)


TO_WRITE = "　　年　　月　　日"
FROM_TO = "　　时　　分 至 　　时　　分"
BLANK_VISIT = (
    (Box("家访日期", TO_WRITE, 3),),
    (Box("起止时间", FROM_TO, 3),),
    (Box("家访教师", "", 3),),
    (Box("家访形式", ticks(VISITED), 3),),
    (Box("家访目的", ticks(PURPOSES), 3),),
    (Box("受访人", ""), Box("与学生关系", "", 2)),
    (Box("在家表现", squares(AT_HOME), 3, 34),),
    (Box("家长意见建议", squares(VIEWS), 3, 34),),
    (Box("达成措施", squares(AGREED), 3, 34),),
    (Box("下次跟进日期", TO_WRITE, 3),),
    (Box("家长签字", "", 1, TO_SIGN), Box("教师签字", "", 2, TO_SIGN)),
)
BLANK_LESSON = (
    (Box("送教日期", TO_WRITE, 3),),
    (Box("起止时间", FROM_TO, 3),),
    (Box("课时数", ""), Box("送教地点", ticks(PLACES), 2)),
    (Box("送教教师", "", 3),),
    (Box("学科和内容", "", 3, 26),),
    (Box("学生表现与效果", squares(LEARNED), 3, 44),),
    (Box("家长配合与作业", squares(NEXT), 3, 44),),
    (Box("家长签字", "", 1, TO_SIGN), Box("教师签字", "", 2, TO_SIGN)),
)

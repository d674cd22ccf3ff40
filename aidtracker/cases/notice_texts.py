"""What notices say: the text that is shipped, those of a county, and the blanks that a case fills."""

import re
from typing import NamedTuple

from aidtracker.cases.models import Case
from aidtracker.cases.models_notice import KINDS, SANCTIONS, NoticeText
from aidtracker.db import today_in_china
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.policies.queries import number_of, policy_of

SHIPPED = 0  # the id of the text that every county has
BLANK = re.compile(r"\{([^{}]*)\}")
BLANKS = ("监护人", "学生", "学校", "班级", "缺勤日期", "天数", "期限", "单位")
# 义务教育法第五条、第十一条、第五十八条
SHIPPED_TITLE, SHIPPED_SERIES = "限期返校通知书", "{单位}劝通字"
SHIPPED_BODY = """{监护人}：
经查，你监护的适龄儿童少年{学生}（{学校}{班级}）从{缺勤日期}起没有到校接受义务教育。
《中华人民共和国义务教育法》第五条、第十一条规定，适龄儿童少年的父母或者其他法定监护人应当依法保证其按时入学接受并完成义务教育；第五十八条规定，没有依照规定送适龄儿童少年入学的，由乡镇人民政府或者县级教育行政部门批评教育，责令限期改正。
请你自收到本通知书之日起{天数}日内，最迟在{期限}以前，送{学生}返校就读。家里有实际困难的，请和我单位或者学校联系，我们一起想办法解决。"""


class Text(NamedTuple):
    id: int
    kind: str
    title: str
    series: str
    body: str
    days: int


def shipped(county_id: int) -> Text:
    return Text(SHIPPED, "return", SHIPPED_TITLE, SHIPPED_SERIES, SHIPPED_BODY, number_of("notice_days", county_id, today_in_china()))


def text_of(row: NoticeText) -> Text:
    return Text(row.id, row.kind, row.title, row.series, row.body, row.days)


def standing_texts(county_id: int) -> list[NoticeText]:
    """The county's own, as they stand now."""
    return list(NoticeText.select().where((NoticeText.county == county_id) & NoticeText.withdrawn_at.is_null()).order_by(NoticeText.id))


def texts_to_issue(county_id: int) -> list[Text]:
    """What may be issued today: a text of the county's own with the same title stands in for the shipped one."""
    kinds = kinds_allowed(county_id)
    own = [text_of(row) for row in standing_texts(county_id) if row.kind in kinds]
    return own if any(text.title == SHIPPED_TITLE for text in own) else [shipped(county_id), *own]


def kinds_allowed(county_id: int) -> list[str]:
    """行政处罚 and 司法 only where the county has said so."""
    with_sanctions = policy_of("notice_sanctions", county_id, today_in_china()) == "yes"
    return [kind for kind in KINDS if with_sanctions or kind not in SANCTIONS]


def notice_text(county: Org, text_id: int) -> NoticeText:
    """One of the county's own that stands."""
    found = NoticeText.get_or_none((NoticeText.id == text_id) & (NoticeText.county == county) & NoticeText.withdrawn_at.is_null())
    if found is None:
        raise NotFound
    return found


def unknown_blanks(text: str) -> list[str]:
    return [name for name in BLANK.findall(text) if name not in BLANKS]


def filled(text: str, values: dict[str, str]) -> str:
    return BLANK.sub(lambda found: values.get(found[1], found[0]), text)


def values_for(case: Case, office: Org, addressee: str, days: int, due_on) -> dict[str, str]:
    """What a case says in the blanks; a notice is Chinese whatever the screen speaks."""
    room = case.student.class_org or case.class_org
    since = case.absent_from or case.found_on
    told = {"监护人": addressee, "学生": case.student.name, "单位": office.name, "天数": str(days), "期限": written_day(due_on), "缺勤日期": written_day(since)}
    return told | {"学校": room.parent.name if room else "", "班级": room.name if room else ""}


def written_day(day) -> str:
    return f"{day.year}年{day.month}月{day.day}日"

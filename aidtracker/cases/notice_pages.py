"""文书 on paper, in the words of the county's own forms: what is handed out, its stub (存根), and 送达回证. Chinese whatever the screen speaks."""

from typing import NamedTuple

from aidtracker.cases.models_notice import WAYS, Notice, NoticeService
from aidtracker.cases.notice_texts import written_day
from aidtracker.excel.boxes import THIRDS as WIDE
from aidtracker.excel.boxes import Box

BLANK_TIME = "　　　　年　　月　　日　　时"
LEFT = "left"


class NoticePages(NamedTuple):
    title: str
    number: str
    lines: list[str]
    seal: tuple[str, str]
    stub_title: str
    stub: list[list[Box]]
    cut: str
    service_title: str
    service: list[list[Box]]
    note: str


def pages_of(notice: Notice, served: NoticeService | None, is_practice: bool) -> NoticePages:
    title = f"【练习】{notice.title}" if is_practice else notice.title
    number = notice.reference + ("（已撤回）" if notice.state == "withdrawn" else "")
    seal = (f"{notice.office.name}（盖章）", written_day(notice.issued_on))
    note = f"存根和送达回证由发文单位归入个案 {notice.case.number} 的档案。"
    return NoticePages(title, number, notice.body.split("\n"), seal, f"{title}（存根）", stub_of(notice), "骑　缝　章", "送达回证", service_of(notice, served), note)


def stub_of(notice: Notice) -> list[list[Box]]:
    case = notice.case
    guardian = f"{notice.addressee}（{notice.relation}）" if notice.relation else notice.addressee
    return [
        [Box("被监护人", case.student.name), Box("监护人", guardian)],
        [Box("辍学日期", written_day(case.absent_from or case.found_on)), Box("返校期限", written_day(notice.due_on))],
        [Box("发文日期", written_day(notice.issued_on)), Box("签发人", notice.issued_by.name)],
    ]


def service_of(notice: Notice, served: NoticeService | None) -> list[list[Box]]:
    """Filled as far as the service is recorded, else left to be written by hand."""
    signed = served.receiver if served and served.way != LEFT else ""
    return [
        [Box("送达文书名称及文号", f"{notice.title}　{notice.reference}", WIDE)],
        [Box("受送达人", notice.addressee), Box("送达方式", WAYS[served.way] if served else "")],
        [Box("送达地点", (served.place or "") if served else "", WIDE, 14)],
        [Box("送达时间", written_day(served.on) if served else BLANK_TIME, WIDE, 14)],
        [Box("受送达人签名或盖章", signed, height=20), Box("与学生关系", served.relation if served else notice.relation, height=20)],
        [Box("代收人签名及与受送达人关系", "", WIDE, 14)],
        [Box("送达人签名或盖章", served.servers if served else "", height=20), Box("见证人签名", served.witness if served else "", height=20)],
        [Box("拒收理由和留置经过", (served.words or "") if served and served.way == LEFT else "", WIDE, 20)],
    ]

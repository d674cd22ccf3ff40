"""What happens to a notice: issued under its 文号, served or not, withdrawn with a reason, overdue. None is ever deleted."""

import datetime

from aidtracker.attachments.cleaning import Picture
from aidtracker.attachments.keeping import keep
from aidtracker.attachments.models import PHOTO
from aidtracker.audit.actions import record
from aidtracker.cases import case_tasks
from aidtracker.cases.actions import told
from aidtracker.cases.models import Case
from aidtracker.cases.models_notice import STATES, WAYS, Notice, NoticeService
from aidtracker.cases.notice_texts import filled, values_for
from aidtracker.cases.notices import next_number, offices_for, running_notice, services_of, text_to_issue, to_remind
from aidtracker.cases.refusals import refuse_closed, refuse_outsider, refuse_unnamed
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import number_of
from aidtracker.tasks.asking import fulfil_tasks, withdraw_tasks

P = Permission
SERVED = ("way", "on", "place", "receiver", "relation", "servers", "witness", "words")
LONGEST = datetime.timedelta(days=120)
LEAVES_IT = ("left", "public")  # nobody takes it


def issue_notice(*, case: Case, text_id: int, office_id: int, addressee: str, relation: str, due_on: datetime.date, by) -> Notice:
    """Refused: a closed case, a child who is back, a text that the county does not issue, a day that cannot be, the same one twice at a time."""
    office = office_of(case, office_id, by)
    refuse_state(case)
    text = text_to_issue(case.county_id, text_id)
    if text is None:
        raise Refused("请从名单里选文书。行政处罚和司法文书要教育局先在「政策」里开启。")
    refuse_issue(addressee, due_on)
    today = today_in_china()
    told_in_it = values_for(case, office, addressee.strip(), (due_on - today).days, due_on)
    with transaction():
        lock("case", case.id)
        refuse_state(Case.get_by_id(case.id))
        if running_notice(case, text.title):
            raise Refused("这份文书已经发过，还没有到期。请先送达，或者撤回以后再发。")
        series = filled(text.series, {"单位": office.name})
        plain = {"kind": text.kind, "title": text.title, "series": series, "year": today.year, "number": next_number(office, series, today.year)}
        notice = Notice(case=case, office=office, addressee=addressee.strip(), relation=relation.strip(), issued_on=today, due_on=due_on, issued_by=by, **plain)
        notice.body = filled(text.body, told_in_it)
        notice.serve_task = case_tasks.ask_person(case, "serve_notice", case.owner, number_of("serve_days", case.county_id, today))
        notice.save(force_insert=True)
        told("issue_notice", case, by, ("notice", "addressee", "due_on"))
    return notice


def serve_notice(*, notice: Notice, is_served: bool, values: dict, by, photo: Picture | None = None, receipt: str = "") -> NoticeService:
    """`values` by SERVED: one attempt, that found somebody or did not. Refused: what was served already, left without a witness."""
    refuse_outsider(notice.case.student, by)
    wanted = {name: values.get(name) if name == "on" else (values.get(name) or "").strip() for name in SERVED}
    refuse_service(notice, is_served, wanted, photo)
    with transaction():
        now = locked(notice, ("issued", "not_served"))
        sealed = {name: wanted.pop(name) or None for name in ("place", "words")}
        plain = {"ordinal": len(services_of([now])[now.id]) + 1, "is_served": is_served, "evidence": keep(PHOTO, photo) if photo else None}
        service = NoticeService.create(notice=now, recorded_by=by, receipt=receipt, **plain, **wanted, **sealed)
        now.state = "served" if is_served else "not_served"
        now.save()
        if is_served:
            fulfil_tasks(tasks_of(now, "serve_task"), "served", by)
        told("serve_notice", now.case, by, ("notice", "state", *(["photo"] if photo else [])))
    return service


def withdraw_notice(*, notice: Notice, words: str, by) -> None:
    """It keeps its number, and says why."""
    if not by.may(P.NOTICE_ISSUE, notice.office):
        raise Forbidden("文书由发文单位撤回。")
    refuse_unnamed(notice.case.student, by)
    if not words.strip():
        raise Refused("请写明为什么撤回，例如：监护人姓名写错，另发一份。")
    with transaction():
        now = locked(notice, ("issued", "served", "not_served"))
        now.state, now.words, now.withdrawn_by, now.withdrawn_at = "withdrawn", words.strip(), by, utcnow()
        now.save()
        withdraw_tasks(tasks_of(now, "serve_task", "late_task"), "withdrawn")
        told("withdraw_notice", now.case, by, ("notice", "state", "words"))


def remind_county(*, county_id: int, today: datetime.date, by=None) -> int:
    """What the night does: an overdue notice becomes a task of the office. Returns how many."""
    with transaction():
        lock("notices", county_id)
        found = to_remind(county_id, today)
        for notice in found:
            notice.late_task = case_tasks.ask_place(notice.case, "notice_late", str(notice.office.path), number_of("notice_late_days", county_id, today))
            notice.save()
        if found:
            record(action="cases.remind_notices", by=by, object_kind="org", object_id=str(county_id), count=len(found), county_id=county_id)
    return len(found)


def view_notice_photo(*, service: NoticeService, by) -> None:
    """Before it is sent: each opening is on record."""
    with transaction():
        told("view_notice_photo", service.notice.case, by, ("photo",))


def office_of(case: Case, office_id: int, by) -> Org:
    found = next((office for office in offices_for(by, case) if office.id == office_id), None)
    refuse_unnamed(case.student, by)
    if found is None:
        raise Forbidden("文书由负责这名学生的乡镇或教育局发。")
    return found


def locked(notice: Notice, states) -> Notice:
    lock("case", notice.case_id)
    now = Notice.get_by_id(notice.id)
    if now.state not in states:
        raise Refused("这份文书现在是「%(state)s」，不能再办。", state=Phrase(STATES[now.state]))
    return now


def tasks_of(notice: Notice, *names: str) -> list[int]:
    return [id_ for name in names if (id_ := notice.__data__[name]) is not None]


def refuse_state(case: Case) -> None:
    refuse_closed(case)
    if case.state == "returned":
        raise Refused("学生已经返校，不用发文书。又没有到校时，请先记跟进。")


def refuse_issue(addressee: str, due_on: datetime.date) -> None:
    if not addressee.strip():
        raise Refused("请填写监护人的姓名。")
    today = today_in_china()
    if not today < due_on <= today + LONGEST:
        raise Refused("返校期限要在今天以后、%(day)s 以前。", day=(today + LONGEST).isoformat())


def refuse_service(notice: Notice, is_served: bool, values: dict, photo) -> None:
    if values["way"] not in WAYS:
        raise Refused("请选择送达方式。")
    if values["on"] is None or not notice.issued_on <= values["on"] <= today_in_china():
        raise Refused("送达日期要在发文日期（%(day)s）和今天之间。", day=notice.issued_on.isoformat())
    if not values["servers"]:
        raise Refused("请填写送达人，例如：李干部、王支书。")
    if not is_served:
        if not values["words"]:
            raise Refused("没有送到的，请写明原因，例如：家里没有人，邻居说外出务工。")
        return
    if values["way"] not in LEAVES_IT and not values["receiver"]:
        raise Refused("请填写谁收的，例如：母亲卓玛。拒绝签收的选「留置送达」。")
    if values["way"] == "left" and not values["witness"]:
        raise Refused("留置送达要有见证人，例如：村委会王支书。")
    if values["way"] == "left" and not (values["words"] or photo):
        raise Refused("留置送达要写明经过，或者放一张现场照片。")

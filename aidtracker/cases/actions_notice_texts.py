"""What the bureau does to the texts of notices: a new one, one in place of another, one taken back."""

from aidtracker.audit.actions import record
from aidtracker.cases.models_notice import KINDS, NoticeText
from aidtracker.cases.notice_texts import kinds_allowed, unknown_blanks
from aidtracker.db import lock, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission

FIELDS = ("kind", "title", "series", "body", "days")
MOST_DAYS = 90


def set_notice_text(*, county: Org, values: dict, by) -> NoticeText:
    """`values` by FIELDS."""
    wanted = wanted_of(county, values, by)
    with transaction():
        lock("notice texts", county.id)
        made = create(county, wanted, by)
        told("set_notice_text", made, by, FIELDS)
    return made


def edit_notice_text(*, text: NoticeText, values: dict, by) -> NoticeText:
    """A new one in its place: notices that were issued keep the text that they had."""
    wanted = wanted_of(text.county, values, by)
    with transaction():
        lock("notice texts", text.county_id)
        withdraw(text, by)
        made = create(text.county, wanted, by)
        told("edit_notice_text", made, by, [name for name in FIELDS if getattr(text, name) != wanted[name]])
    return made


def withdraw_notice_text(*, text: NoticeText, by) -> None:
    refuse_outsider(text.county, by)
    with transaction():
        lock("notice texts", text.county_id)
        withdraw(text, by)
        told("withdraw_notice_text", text, by, ("withdrawn_at",))


def wanted_of(county: Org, values: dict, by) -> dict:
    refuse_outsider(county, by)
    wanted = {name: values[name].strip() if isinstance(values[name], str) else values[name] for name in FIELDS}
    refuse_text(county, wanted)
    return wanted


def create(county: Org, wanted: dict, by) -> NoticeText:
    taken = (NoticeText.county == county) & (NoticeText.title == wanted["title"]) & NoticeText.withdrawn_at.is_null()
    if NoticeText.select().where(taken).exists():
        raise Refused("已经有叫「%(title)s」的文书，请改原来的，或换一个名称。", title=wanted["title"])
    return NoticeText.create(county=county, set_by=by, **wanted)


def withdraw(text: NoticeText, by) -> None:
    still = (NoticeText.id == text.id) & NoticeText.withdrawn_at.is_null()
    if not NoticeText.update(withdrawn_by=by, withdrawn_at=utcnow()).where(still).execute():
        raise Refused("这份文书刚被别人改过或停用，请回到名单再看。")


def refuse_outsider(county: Org, by) -> None:
    if not by.may(Permission.POLICY_EDIT, county):
        raise Forbidden("文书的内容由教育局管理员设置。")


def refuse_text(county: Org, wanted: dict) -> None:
    if wanted["kind"] not in KINDS:
        raise Refused("没有这个选项，请重新选择。")
    if wanted["kind"] not in kinds_allowed(county.id):
        raise Refused("本县没有开启行政处罚和司法文书。要用的，请先在「政策」里开启。")
    if not (wanted["title"] and wanted["series"] and wanted["body"]):
        raise Refused("请填写名称、文号的字和正文。")
    if not 1 <= (wanted["days"] or 0) <= MOST_DAYS:
        raise Refused("返校期限要在 1 到 %(n)s 天之间。", n=MOST_DAYS)
    if wrong := unknown_blanks(wanted["body"] + wanted["series"]):
        raise Refused("没有叫「%(name)s」的空，请用下面列出的名称。", name=wrong[0] or "{}")


def told(action: str, text: NoticeText, by, fields) -> None:
    record(action=f"cases.{action}", by=by, object_kind="notice_text", object_id=text.uid, fields=tuple(fields), county_id=text.county_id)

"""Forms of 文书: the list, issuing one, how it was served, and what a county's own say."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField, IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired

from aidtracker.attachments.limits import MOST_BYTES
from aidtracker.cases.models_notice import WAYS
from aidtracker.cases.notices import TABS
from aidtracker.web.fields import CHOOSE, DayField, Required, SegmentedField, TextField, choices, long
from aidtracker.web.forms import Form, ListForm

SERVED = {"served": "送到了", "not_served": "没有送到"}


class NoticeListForm(ListForm):
    tab = SelectField(_l("状态"), choices=choices(TABS), default="serve")


class IssueNoticeForm(Form):
    notice_text = SelectField(_l("文书"), [CHOOSE], coerce=int)
    office = SelectField(_l("发文单位"), [CHOOSE], coerce=int)
    addressee = TextField(_l("监护人（受送达人）"), [Required(_l("请填写监护人的姓名。")), long(100)])
    relation = TextField(_l("与学生关系"), [long(20)])
    due_on = DayField(_l("返校期限"), [Required(_l("请填写返校期限。"))])

    def values(self) -> dict:
        return {"text_id": self.notice_text.data, "office_id": self.office.data, "addressee": self.addressee.data, "relation": self.relation.data, "due_on": self.due_on.data}


class ServeNoticeForm(Form):
    served = SegmentedField(_l("送到了没有"), [InputRequired(_l("请选择送到了没有。"))], choices=choices(SERVED))
    way = SelectField(_l("送达方式"), [CHOOSE], choices=choices(WAYS), default="direct")
    on = DayField(_l("哪天"), [Required(_l("请填写送达日期。"))])
    place = TextField(_l("送达地点"), [long(100)])
    receiver = TextField(_l("谁收的"), [long(100)])
    relation = TextField(_l("与学生关系"), [long(20)])
    servers = TextField(_l("送达人"), [Required(_l("请填写送达人，例如：李干部、王支书。")), long(200)])
    witness = TextField(_l("见证人"), [long(100)])
    words = TextAreaField(_l("经过"), [long(1000)])
    photo = FileField(_l("照片"))

    def values(self) -> dict:
        return {name: self[name].data for name in ("way", "on", "place", "receiver", "relation", "servers", "witness", "words")}

    def picture_sent(self) -> bytes | None:
        sent = self.photo.data
        return sent.read(MOST_BYTES + 1) or None if sent is not None and not isinstance(sent, str) else None


class NoticeTextForm(Form):
    kind = SelectField(_l("类别"), [CHOOSE])
    title = TextField(_l("名称"), [Required(_l("请填写文书的名称，例如：责令送被监护人接受义务教育通知书。")), long(40)])
    series = TextField(_l("文号的字"), [Required(_l("请填写文号的字，例如：劝通字。")), long(20)])
    days = IntegerField(_l("返校期限（天）"), [InputRequired(_l("请填写几天。"))])
    body = TextAreaField(_l("正文"), [Required(_l("请填写正文。")), long(4000)])

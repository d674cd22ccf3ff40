"""Forms of visits: a home visit, a lesson at home, sending back, narrowing the list. Short choices first, words after."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, SearchField, SelectField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from aidtracker.students.people_met import OTHER, code_of, people_to_meet, person_met
from aidtracker.visits.forms_files import FilesForm, WhyNone
from aidtracker.visits.listing import CHOICES_OF_STATE
from aidtracker.visits.models import FORMS, PLACES, PURPOSES, TUTORING
from aidtracker.visits.picks import AGREED, AT_HOME, BETWEEN, LEARNED, NEXT, VIEWS
from aidtracker.visits.records import LONGEST, MOST_LESSONS, MOST_MINUTES
from aidtracker.web.fields import ANY, ChecksField, DayField, Required, SegmentedField, TextField, choices, long
from aidtracker.web.forms import Form, ListForm, RevisionForm
from aidtracker.web.language import said

CLOCK = r"^$|^([01]?[0-9]|2[0-3]):[0-5][0-9]$"


def picks(label: str, words: tuple) -> ChecksField:
    return ChecksField(label, choices=[(word, _l(word)) for word in words])


def together(picked: list[str] | None, words: str | None) -> str:
    """What was ticked, then what was written: 表现良好；作业按时完成；爱帮忙."""
    return BETWEEN.join([*(picked or ()), *([words] if words else ())])


class VisitFields(RevisionForm, FilesForm, WhyNone):
    """What both kinds of visit have; `revision` is of an edit."""

    WORDS: tuple[str, ...] = ()  # fields with choices to tick before the words

    on = DayField(_l("日期"), [Required(_l("请填写日期，例如：2026-11-20。"))])
    starts_at = TextField(_l("几点到的"), [Regexp(CLOCK, message=_l("请填写几点到的，例如：16:30。"))], normal=True)
    minutes = IntegerField(_l("时长（分钟）"), [Optional(), NumberRange(1, MOST_MINUTES, _l("时长是 1 到 600 分钟之间的数。"))])

    paper = HiddenField(default="")  # the code of the sheet that it is typed in from

    def take_words(self) -> None:
        """A text that stands: what is among the choices is ticked, the rest stays words."""
        for name in self.WORDS:
            parts = (self[name].data or "").split(BETWEEN)
            offered = [word for word, *_label in self[f"{name}_picks"].choices]
            self[f"{name}_picks"].data = [part for part in parts if part in offered]
            self[name].data = BETWEEN.join(part for part in parts if part not in offered)

    def arrival(self) -> str:
        """09:05, also where 9:05 was typed."""
        return (self.starts_at.data or "").zfill(5) if self.starts_at.data else ""

    def words(self) -> dict[str, str]:
        return {name: together(self[f"{name}_picks"].data, self[name].data) for name in self.WORDS}


class VisitForm(VisitFields):
    WORDS = ("at_home", "views", "agreed")

    form = SegmentedField(
        _l("方式"), [InputRequired(_l("请选择家访方式。"))], choices=choices({c: w for c, w in FORMS.items() if c != TUTORING})
    )
    purposes = ChecksField(_l("目的"), [InputRequired(_l("请至少选一个家访目的。"))], choices=choices(PURPOSES))
    also = ChecksField(_l("同住的学生，一起记"), choices=[])
    met = RadioField(_l("见到了谁"), [InputRequired(_l("请选择见到了谁，例如：母亲。"))])
    person_met = TextField(_l("受访人姓名"), [long(LONGEST["person_met"])])
    relation = TextField(_l("与学生关系"), [long(LONGEST["relation"])])
    at_home_picks = picks(_l("在家表现"), AT_HOME)
    at_home = TextAreaField(_l("在家表现，补充说明"), [long(LONGEST["at_home"])])
    views_picks = picks(_l("家长意见建议"), VIEWS)
    views = TextAreaField(_l("家长意见建议，补充说明"), [long(LONGEST["views"])])
    agreed_picks = picks(_l("达成措施"), AGREED)
    agreed = TextAreaField(_l("达成措施，补充说明"), [long(LONGEST["agreed"])])
    follow_up_on = DayField(_l("下次跟进日期"), [Optional()])
    teachers = TextField(_l("去的人"), [Required(_l("请填写去的人，例如：张老师、李老师。")), long(LONGEST["teachers"])])

    def offer_people(self, guardians) -> None:
        """One tap each."""
        self.guardians = guardians
        self.met.choices = [(code, said(words)) for code, words in people_to_meet(guardians)]

    def take_person(self, name: str, relation: str) -> None:
        """Which of the choices a visit that stands has."""
        self.met.data = code_of(name, relation, self.guardians)
        self.person_met.data, self.relation.data = (name, relation) if self.met.data == OTHER else ("", "")

    def values(self) -> dict:
        """By records.VISIT."""
        plain = {name: self[name].data for name in ("form", "on", "minutes", "purposes", "teachers", "follow_up_on")} | {"starts_at": self.arrival()}
        name, relation = person_met(self.met.data or "", self.guardians, (self.person_met.data or "", self.relation.data or ""))
        return plain | {"person_met": name, "relation": relation} | self.words() | self.why_none()


class TutoringForm(VisitFields):
    WORDS = ("at_home", "agreed")

    makes_up_on = DayField(_l("补哪一天的送教"), [Optional()])
    lessons = IntegerField(
        _l("课时数"), [InputRequired(_l("请填写课时数。")), NumberRange(1, MOST_LESSONS, _l("课时是 1 到 12 之间的数。"))], default=2
    )
    place = SegmentedField(_l("送教地点"), [InputRequired(_l("请选择送教地点。"))], choices=choices(PLACES), default="home")
    subject = TextField(_l("学科和内容"), [Required(_l("请填写学科和内容，例如：语文，认读生字。")), long(LONGEST["subject"])])
    teacher = TextField(_l("送教教师"), [Required(_l("请填写送教教师。")), long(90)])
    second_teacher = TextField(_l("同行教师"), [long(90)])
    at_home_picks = picks(_l("学生表现与效果"), LEARNED)
    at_home = TextAreaField(_l("学生表现与效果，补充说明"), [long(LONGEST["at_home"])])
    agreed_picks = picks(_l("家长配合与作业"), NEXT)
    agreed = TextAreaField(_l("家长配合与作业，补充说明"), [long(LONGEST["agreed"])])
    signed_by = TextField(_l("家长签字"), [long(LONGEST["signed_by"])])

    def take_teachers(self, teachers: str) -> None:
        first, _between, second = teachers.partition("、")
        self.teacher.data, self.second_teacher.data = first, second

    def values(self) -> dict:
        """By records.LESSON."""
        plain = {name: self[name].data for name in ("on", "makes_up_on", "minutes", "lessons", "place", "subject", "signed_by")} | {"starts_at": self.arrival()}
        teachers = "、".join(name for name in (self.teacher.data, self.second_teacher.data) if name)
        return plain | {"form": TUTORING, "teachers": teachers} | self.words() | self.why_none()


class AddFilesForm(RevisionForm, FilesForm):
    """To a visit that stands."""


class SendBackForm(RevisionForm):
    reason = TextAreaField(_l("要补充什么"), [Required(_l("请写明要补充什么，例如：没有写家长的意见。")), long(500)])


class FilterForm(ListForm):
    q = SearchField(_l("姓名、拼音、回执号"))
    township = SelectField(_l("乡镇"), default="")
    school = SelectField(_l("学校"), default="")
    room = SelectField(_l("班级"), default="")
    form = SelectField(_l("方式"), choices=[ANY, *choices(FORMS)], default="")
    purpose = SelectField(_l("目的"), choices=[ANY, *choices(PURPOSES)], default="")
    state = SelectField(_l("状态"), choices=[ANY, *choices(CHOICES_OF_STATE)], default="")
    first = DayField(_l("从"), [Optional()], name="from")
    last = DayField(_l("到"), [Optional()], name="to")
    only = HiddenField(default="")


class SearchForm(Form):
    """Whom a visit is to be recorded of."""

    q = SearchField(_l("姓名、拼音"))
    kind = HiddenField(default="")

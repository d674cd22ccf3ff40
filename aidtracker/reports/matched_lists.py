"""The lists of children of the report 名单比对, IDs masked: for the page their beginning, for the workbook whole."""

import datetime

import peewee

from aidtracker.census import matching
from aidtracker.census.models import ListedChild
from aidtracker.census.queries import listed_within
from aidtracker.crypto.field import unsealed_column
from aidtracker.crypto.masking import mask_id
from aidtracker.db import chunks_of
from aidtracker.excel.tables import Heading, Table
from aidtracker.orgs.models import Org
from aidtracker.orgs.scopes import Scope
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.reports.matched_places import OUTSIDE
from aidtracker.reports.notes import as_of_note
from aidtracker.reports.report import NameList, long_day
from aidtracker.reports.unaided import without_aid
from aidtracker.students.models import SEXES, Student
from aidtracker.students.queries import in_scope, visible_students

HomeOrg, AboveOrg, ClassOrg, SchoolOrg, Pupil = Org.alias(), Org.alias(), Org.alias(), Org.alias(), Student.alias()
ABOVE = (AboveOrg.id == HomeOrg.parent) & (HomeOrg.kind == "village")
HOME = (HomeOrg.name.alias("home_name"), AboveOrg.name.alias("home_above"))
WHO = (Heading("序号"), Heading("姓名"), Heading("性别"), Heading("出生日期", kind="day"), Heading("身份证件号", kind="long_number"), Heading("户籍地"))
REGISTERED = (*WHO, Heading("户主姓名"), Heading("与户主关系"), Heading("监测对象"), Heading("学籍记录"))
ENROLLED = (*WHO, Heading("学校"), Heading("班级"))
MONITORED = (*WHO, Heading("户主姓名"), Heading("监测对象类型"), Heading("纳入日期", kind="day"), Heading("在读"))
DISABLED = (*WHO, Heading("残疾类别"), Heading("残疾等级"), Heading("学籍记录"))
TITLES = {
    "registered_not_enrolled": "户籍在册未就读儿童少年",
    "enrolled_not_registered": "在读不在户籍名单学生",
    "monitored_without_aid": "监测对象未受助儿童少年",
    "disabled_not_enrolled": "残疾儿童少年未就读",
}
WORKBENCH = {
    "registered_not_enrolled": {"kind": "household_registry", "list": "not_enrolled"},
    "enrolled_not_registered": {"kind": "household_registry", "list": "not_listed"},
    "disabled_not_enrolled": {"kind": "disabled_children", "list": "not_enrolled"},
}
YES, NO = "是", "否"
RECORD, NO_RECORD = "有，不在班", "没有"


def lists_of(user, scope: Scope, figures: dict, most: int | None) -> list[NameList]:
    """For whoever may see pupils of the whole scope; each list cut to `most` rows, whole when it is None."""
    if not scope.is_covered_by(user.scopes(Permission.STUDENT_VIEW)):
        return []
    lists, total = figures["_lists"], figures["total"]
    away, monitored = matching.registered_not_enrolled(lists), matching.also_monitored(lists)
    enrolled = matching.enrolled(lists)
    out = total["disabled_listed"] - total["disabled_enrolled"]
    child, rows = ListedChild, Children(user, scope, most)
    found = (
        ("registered_not_enrolled", REGISTERED, total["registered_not_enrolled"],
         rows.listed(away, lambda c: (c.head_name, c.relation, YES if c.flag else "", RECORD if c.student else NO_RECORD), monitored)),
        ("enrolled_not_registered", ENROLLED, total["enrolled_not_registered"],
         rows.sitting(matching.enrolled_not_registered(lists))),
        ("monitored_without_aid", MONITORED, total["monitored_without_aid"],
         rows.listed(without_aid(lists), lambda c: (c.head_name, c.category, c.listed_on, YES if c.flag else NO), enrolled)),
        ("disabled_not_enrolled", DISABLED, out,
         rows.listed(matching.disabled_not_enrolled(lists), lambda c: (c.category, c.level, RECORD if c.student else NO_RECORD), child.id.is_null())),
    )  # fmt: skip
    return [
        NameList(name, table_of(scope, figures, TITLES[name], headings, lines), count, links, workbench=WORKBENCH.get(name))
        for name, headings, count, (lines, links) in found
    ]


def table_of(scope: Scope, figures: dict, title: str, headings, rows: list[list]) -> Table:
    return Table(
        title=Phrase("%(place)s%(title)s名单", place=scope.place.name, title=Phrase(title)),
        sheet_name=title.removesuffix("名单").replace("儿童少年", "").replace("学生", ""),
        headings=headings,
        rows=rows,
        organization=scope.place.name,
        period=Phrase("截至%(day)s", day=long_day(datetime.date.fromisoformat(figures["as_of"]))),
        unit=Phrase("人"),
        notes=[as_of_note(figures["made_at"])],
    )


class Children:
    """Reads the rows of the lists within one scope, and which pupils the reader may open."""

    def __init__(self, user, scope: Scope, most: int | None):
        self.user, self.scope, self.most = user, scope, most
        self.whole_child, self.whole_pupil = unsealed_column(ListedChild.id_number), unsealed_column(Student.id_number)

    def listed(self, condition, more, flag) -> tuple[list[list], list[int | None]]:
        """(rows, links) of listed children; `more(child)` gives the cells behind WHO, `flag` is a condition that it may ask."""
        child = ListedChild
        columns = (child.uid, child.name, child.sex, child.born_on, child.id_number, child.head_name, child.relation, child.category)
        flagged = peewee.Case(None, ((flag, 1),), 0)
        known = (Pupil.county == self.scope.county) & (Pupil.id_index == child.id_index)
        found = (
            child.select(*columns, child.level, child.listed_on, *HOME, Pupil.id.alias("student"), flagged.alias("flag"))
            .join(HomeOrg, peewee.JOIN.LEFT_OUTER, on=(HomeOrg.id == child.home))
            .join(AboveOrg, peewee.JOIN.LEFT_OUTER, on=ABOVE)
            .join(Pupil, peewee.JOIN.LEFT_OUTER, on=known)
            .where(condition & listed_within(self.scope.paths))
            .order_by(child.home_code, child.name, child.id)
        )
        children = list(found.limit(self.most).objects())
        rows = [[n, *who(c, self.whole_child), *more(c)] for n, c in enumerate(children, 1)]
        return rows, self.openable([c.student for c in children])

    def sitting(self, condition) -> tuple[list[list], list[int | None]]:
        """(rows, links) of pupils."""
        columns = (Student.id, Student.uid, Student.name, Student.sex, Student.born_on, Student.id_number)
        found = (
            Student.select(*columns, *HOME, ClassOrg.name.alias("class_name"), SchoolOrg.name.alias("school_name"))
            .join(HomeOrg, peewee.JOIN.LEFT_OUTER, on=(HomeOrg.id == Student.home))
            .join(AboveOrg, peewee.JOIN.LEFT_OUTER, on=ABOVE)
            .join(ClassOrg, peewee.JOIN.LEFT_OUTER, on=(ClassOrg.id == Student.class_org))
            .join(SchoolOrg, peewee.JOIN.LEFT_OUTER, on=(SchoolOrg.id == ClassOrg.parent))
            .where(condition & in_scope(self.scope.paths))
            .order_by(Student.home_code, Student.pinyin, Student.id)
        )
        pupils = list(found.limit(self.most).objects())
        rows = [[n, *who(p, self.whole_pupil), p.school_name or "", p.class_name or ""] for n, p in enumerate(pupils, 1)]
        return rows, self.openable([p.id for p in pupils])

    def openable(self, ids: list[int | None]) -> list[int | None]:
        """Those whose page the reader may open; None in the place of the others."""
        seen: set[int] = set()
        for some in chunks_of([id_ for id_ in ids if id_]):
            seen.update(id_ for (id_,) in visible_students(self.user).select(Student.id).where(Student.id.in_(some)).tuples())
        return [id_ if id_ in seen else None for id_ in ids]


def who(child, whole) -> tuple:
    number = mask_id(whole(child.uid, child.__data__["id_number"]))
    home = " ".join(name for name in (child.home_above, child.home_name) if name)
    return (child.name, SEXES.get(child.sex, ""), child.born_on, number, home or OUTSIDE)

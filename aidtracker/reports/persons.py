"""The list of pupils who stay away: whole IDs for the command line, masked ones for whoever may see pupils."""

import datetime

from aidtracker.crypto.field import unsealed_column
from aidtracker.crypto.masking import mask_id
from aidtracker.db import chunks_of
from aidtracker.excel.tables import Heading, Table
from aidtracker.orgs.grades import class_label, school_year_of
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.orgs.scopes import Scope
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.reports.notes import as_of_note
from aidtracker.reports.report import NameList, long_day
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.queries import on_the

LISTED = 3  # days, of the list that the command prints: outside it is known by this name


def reveal(figures: dict, may_see_whole: bool) -> int:
    """Adds streak_3_or_more, [ID, days] by ID: for the command line, which logs that it was told. Returns how many."""
    days = {truant.student_id: truant.days for truant in figures["_truants"] if truant.days >= LISTED}
    whole, listed = unsealed_column(Student.id_number), []
    for some in chunks_of(list(days)):
        for student_id, uid, sealed in Student.select(Student.id, Student.uid, Student.id_number).where(Student.id.in_(some)).tuples():
            listed.append((whole(uid, sealed) or "", days[student_id]))
    figures["streak_3_or_more"] = [[number if may_see_whole else mask_id(number), count] for number, count in sorted(listed)]
    return len(listed)


def lists_of(user, scope: Scope, figures: dict, most: int | None) -> list[NameList]:
    """Who stays away so long that it weighs, with masked IDs, to readers who may see these pupils; none to others."""
    seen = scope.narrowed(user.scopes(Permission.STUDENT_VIEW)).paths
    if not seen:
        return []
    as_of = datetime.date.fromisoformat(figures["as_of"])
    truants = [t for t in figures["_truants"] if t.days >= figures["limits"]["serious"] and any(t.path.startswith(path) for path in seen)]
    shown = truants[:most]
    details = details_of([truant.student_id for truant in shown], as_of)
    rows = [[number, *details[truant.student_id], truant.days] for number, truant in enumerate(shown, 1)]
    table = listing(scope, figures, rows, len(truants), as_of)
    about = {"opens": "attendance.show_student", "head": 3, "nothing": Phrase("没有连续旷课 %(n)s 天以上的学生。", n=figures["limits"]["serious"])}
    return [NameList("persons", table, len(truants), [truant.student_id for truant in shown], **about)]


def listing(scope: Scope, figures: dict, rows: list[list], count: int, as_of: datetime.date) -> Table:
    serious = figures["limits"]["serious"]
    return Table(
        title=Phrase("%(place)s连续旷课 %(n)s 天及以上学生名单", place=scope.place.name, n=serious),
        sheet_name=f"连续旷课{serious}天以上",
        headings=HEADINGS,
        rows=rows,
        organization=scope.place.name,
        period=Phrase("截至%(day)s", day=long_day(as_of)),
        unit=Phrase("天"),
        notes=[
            Phrase("%(as_of)s共 %(n)s 人。", as_of=as_of_note(figures["made_at"]), n=count),
            Phrase("口径：从截止日往前数，已报的场次全是旷课的上课日连续有几天；班级没有报送的日子跳过不数，可以早于统计期。"),
        ],
    )


HEADINGS = (
    Heading("序号"),
    Heading("学校"),
    Heading("班级"),
    Heading("姓名"),
    Heading("身份证件号", kind="long_number"),
    Heading("连续旷课天数"),
)


def details_of(student_ids: list[int], as_of: datetime.date) -> dict[int, tuple]:
    """{student: (school, class, name, masked ID)} of the spell that covers the day."""
    found, whole = {}, unsealed_column(Student.id_number)
    columns = (Student.id, Student.uid, Student.name, Student.id_number, Org.name)
    columns += (SchoolClass.stage, SchoolClass.entry_year, SchoolClass.number)
    for some in chunks_of(student_ids):
        asked = Student.select(*columns).join(Enrollment, on=(Enrollment.student == Student.id))
        asked = asked.join(SchoolClass, on=(SchoolClass.org == Enrollment.class_org)).join(Org, on=(Org.id == SchoolClass.school))
        for student_id, uid, name, sealed, school, stage, entered, number in asked.where(Student.id.in_(some) & on_the(as_of)).tuples():
            label = class_label(stage, entered, number, school_year_of(as_of))
            found[student_id] = (school, label, name, mask_id(whole(uid, sealed)))
    return found

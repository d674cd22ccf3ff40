"""One result of a comparison as a workbook: each child with the reason and the next step, numbers masked."""

from collections.abc import Iterator

from aidtracker.cases.models import STATES as CASE_STATES
from aidtracker.cases.outcomes import OUTCOMES
from aidtracker.census import listing
from aidtracker.census.comparing import COMPARISONS, Comparison
from aidtracker.census.differences import FIELDS, mend_of
from aidtracker.census.list_kinds import label_of
from aidtracker.census.listing import Filters, Row
from aidtracker.census.standing import REASONS, STEPS, UNLISTED
from aidtracker.excel.tables import Heading, Table
from aidtracker.phrases import Phrase
from aidtracker.students.models import SEXES
from aidtracker.students.moves import KINDS

AT_ONCE = 500
WHO = (
    *(Heading("序号", kind="integer"), Heading("姓名"), Heading("性别"), Heading("出生日期", kind="day")),
    *(Heading("身份证件号", kind="long_number"), Heading("户籍地"), Heading("户主姓名"), Heading("学校"), Heading("班级")),
)
MORE = {
    "not_enrolled": (Heading("监测对象"), Heading("原因"), Heading("说明"), Heading("建议")),
    "not_listed": (Heading("原因"), Heading("建议")),
    "differing": (Heading("不一致"), Heading("建议")),
}


def result_table(user, comparison: Comparison, name: str, filters: Filters, place: str) -> Table:
    snapshot = comparison.snapshot
    day = snapshot.dated.isoformat() if snapshot else ""
    title = Phrase("%(place)s%(list)s比对：%(result)s", place=place, list=Phrase(label_of(comparison.kind)), result=Phrase(COMPARISONS[name]))
    return Table(
        title=title,
        sheet_name=COMPARISONS[name],
        headings=(*WHO, *MORE[name]),
        rows=lines(user, comparison, name, filters),
        organization=place,
        period=Phrase("名单日期 %(day)s，截至 %(on)s", day=day, on=comparison.lists.on.isoformat()),
        unit=Phrase("人"),
    )


def lines(user, comparison: Comparison, name: str, filters: Filters) -> Iterator[list]:
    found, number = listing.compared(user, comparison, name, filters), 0
    page = 1
    while items := list(found.paginate(page, AT_ONCE)):
        for row in listing.rows_of(user, comparison, name, items):
            number += 1
            yield [number, *who(row), *more(name, row)]
        page += 1


def who(row: Row) -> tuple:
    one, place = row.who, row.known if row.known and row.known.is_visible else None
    home = " ".join(word for word in (one.home_above, one.home_name) if word) or Phrase("外县")
    sex = Phrase(SEXES[one.sex]) if one.sex else ""
    return (one.name, sex, one.born_on, row.number, home, getattr(one, "head_name", ""), place.school_name if place else "", place.class_name if place else "")


def more(name: str, row: Row) -> tuple:
    if name == "not_listed":
        return tuple(Phrase(words) for words in UNLISTED[row.standing])
    if name == "differing":
        return "；".join(f"{Phrase(FIELDS[one.field])}：{one.listed} / {one.recorded or '—'}" for one in row.differences), Phrase(mend_of(row.differences))
    if not row.standing:
        return Phrase("是") if row.is_monitored else "", *resolved(row)
    return Phrase("是") if row.is_monitored else "", Phrase(REASONS[row.standing]), explained(row), Phrase(STEPS[row.standing])


def resolved(row: Row) -> tuple:
    """Why the child is no more in this result, what our records say of it, what is to be done."""
    place = row.known if row.known and row.known.school_name and not row.known.left_on else None
    is_open = row.case is not None and row.case.state != "closed"
    why = Phrase("已在%(school)s %(room)s就读", school=place.school_name, room=place.class_name) if place else Phrase("最新的名单里没有")
    return why, row.case.number if row.case else "", Phrase("在个案里核实后销号") if is_open else Phrase("不用处理")


def explained(row: Row) -> str:
    """The case and how it stands or ended, else the move with its paper; not that a child is in custody."""
    if not row.tells_why:
        return ""
    if row.case is not None and row.standing in ("case", "closed", "lapsed"):
        ended = OUTCOMES[row.case.outcome].label if row.case.outcome else CASE_STATES[row.case.state]
        return f"{row.case.number} {Phrase(ended)}"
    if row.move is None:
        return ""
    return " ".join(word for word in (Phrase(KINDS[row.move.kind].label), row.move.place, row.move.document) if word)

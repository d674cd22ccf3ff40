"""The report 名单比对: other departments' lists against the pupils and their aid, by township of the registered home."""

import datetime

from aidtracker import charts
from aidtracker.attendance.pictures import Chart
from aidtracker.census import matching
from aidtracker.census.models import LISTS, ListedChild
from aidtracker.census.queries import listed_within
from aidtracker.crypto.field import unsealed_column
from aidtracker.crypto.masking import mask_id
from aidtracker.excel.tables import Heading, Table
from aidtracker.orgs.scopes import Scope
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.reports.matched_lists import lists_of
from aidtracker.reports.matched_places import rows_by_home
from aidtracker.reports.notes import as_of_note
from aidtracker.reports.options import AS_OF
from aidtracker.reports.report import Card, Report, head_of, long_day, ratio, width_for
from aidtracker.reports.unaided import monitored_on, without_aid
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope
from aidtracker.terms.calendar import term_of

REGISTRY, MONITORED, DISABLED = LISTS  # kinds of lists
NUMBERS = (
    *("registered", "registered_not_enrolled", "registered_not_enrolled_and_monitored"),
    *("enrolled", "enrolled_not_registered", "monitored", "monitored_without_aid", "disabled_listed", "disabled_enrolled"),
)
TOLD = ("enrolled_not_registered", "monitored_without_aid", "disabled_listed", "disabled_enrolled")


def sums(scope: Scope, *, as_of: datetime.date) -> dict:
    """Children by list and comparison, on the day, by the newest lists dated on or before it."""
    lists = matching.lists_on(scope.county.id, as_of)
    counted = counted_by_home(scope, lists)
    total = {name: sum(counted[name].values()) for name in NUMBERS}
    return {
        **head_of(scope),
        "as_of": as_of.isoformat(),
        "term": term_of(as_of).code,
        "lists": {kind: getattr(lists, kind).dated.isoformat() if getattr(lists, kind) else None for kind in LISTS},
        **{name: total[name] for name in TOLD},
        "total": total,
        "rows": rows_by_home(scope, counted),
        "_lists": lists,
        "_paths": scope.paths,
    }


def counted_by_home(scope: Scope, lists: matching.Lists) -> dict[str, dict[int | None, int]]:
    """{number: {home or None: children}}"""
    mine, pupils = listed_within(scope.paths), in_scope(scope.paths)

    def listed(condition):
        return matching.by_home(ListedChild.select().where(condition & mine))

    def sitting(condition):
        return matching.by_home(Student.select().where(condition & pupils))

    away = matching.registered_not_enrolled(lists)
    disabled = listed(matching.on_list(lists.disabled_children))
    not_in_school = listed(matching.disabled_not_enrolled(lists))
    return {
        "registered": listed(matching.on_list(lists.household_registry)),
        "registered_not_enrolled": listed(away),
        "registered_not_enrolled_and_monitored": listed(away & matching.also_monitored(lists)),
        "enrolled": sitting(matching.enrolled_at_compulsory_age(lists)),
        "enrolled_not_registered": sitting(matching.enrolled_not_registered(lists)),
        "monitored": listed(monitored_on(lists)),
        "monitored_without_aid": listed(without_aid(lists)),
        "disabled_listed": disabled,
        "disabled_enrolled": {home: number - not_in_school.get(home, 0) for home, number in disabled.items()},
    }


def reveal(figures: dict, may_see_whole: bool) -> int:
    """Adds the IDs of those who are registered and not enrolled, by ID, and of those among them who are monitored."""
    lists, mine = figures["_lists"], listed_within(figures["_paths"])
    away = matching.registered_not_enrolled(lists) & mine
    names = {"registered_not_enrolled": away, "registered_not_enrolled_and_monitored": away & matching.also_monitored(lists)}
    whole = unsealed_column(ListedChild.id_number)
    for name, condition in names.items():
        rows = ListedChild.select(ListedChild.uid, ListedChild.id_number).where(condition).tuples()
        numbers = sorted(whole(uid, sealed) or "" for uid, sealed in rows)
        figures[name] = numbers if may_see_whole else [mask_id(number) for number in numbers]
    return len(figures["registered_not_enrolled"])


WHAT = {"county": "户籍乡镇", "township": "户籍村", "school": "户籍乡镇"}
CELLS = ("registered", "registered_not_enrolled", "registered_not_enrolled_and_monitored", "enrolled", "enrolled_not_registered")
AID_CELLS, DISABLED_CELLS = ("monitored", "monitored_without_aid"), ("disabled_listed", "disabled_enrolled")


def tables(figures: dict) -> list[Table]:
    on, place = datetime.date.fromisoformat(figures["as_of"]), figures["place"]
    return [
        Table(
            title=Phrase("%(place)s适龄儿童少年名单比对情况统计表", place=place["name"]),
            sheet_name="名单比对",
            headings=headings(place["kind"], figures["total"]),
            rows=[[row["name"], *cells(row)] for row in figures["rows"]],
            totals=[Phrase("合计"), *cells(figures["total"])],
            organization=place["name"],
            period=Phrase("截至%(day)s", day=long_day(on)),
            unit=Phrase("人"),
            notes=notes(figures, on),
        )
    ]


def cells(numbers: dict) -> list:
    return [*(numbers[name] for name in (*CELLS, *AID_CELLS, *DISABLED_CELLS)), ratio(numbers["disabled_enrolled"], numbers["disabled_listed"])]


def headings(kind: str, total: dict) -> list[Heading]:
    def number(label, name):
        return Heading(label, kind="integer", width=width_for(total[name]))

    registry = (number("名单人数", CELLS[0]), number("未就读", CELLS[1]), number("其中监测对象", CELLS[2]))
    pupils = (number("适龄在读", CELLS[3]), number("不在户籍名单", CELLS[4]))
    aid = (number("监测人数", AID_CELLS[0]), number("未受助", AID_CELLS[1]))
    disabled = (number("名单人数", DISABLED_CELLS[0]), number("已就读", DISABLED_CELLS[1]), Heading("入学率", kind="percent", width=9))
    return [
        Heading(WHAT[kind], width=14),
        Heading("户籍名单", registry),
        Heading("在读学生", pupils),
        Heading("监测对象", aid),
        Heading("残疾儿童少年", disabled),
    ]


def notes(figures: dict, on: datetime.date) -> list[str]:
    used = [list_used(kind, figures["lists"][kind]) for kind in LISTS]
    pupils = Phrase("在读：这一天在本县班级有就读记录的学生，按身份证号比对，经人核对是同一人的也算，没有证件号的学生算不在名单；适龄按户籍名单自己的最早和最晚出生日期。")
    aid = Phrase("未受助：这一天仍在监测、%(term)s没有一笔资助发放成功的孩子，不论哪天发放；纳入日期当天起算，风险消除日期当天不再算。", term=term_of(on).label)
    return [
        Phrase("%(as_of)s所用名单：%(one)s，%(two)s，%(three)s。", as_of=as_of_note(figures["made_at"]), one=used[0], two=used[1], three=used[2]),
        Phrase("口径：用截至日当天或以前最新的名单。按孩子的户籍地归类，户籍不在本县的列在外县。"),
        pupils,
        aid,
    ]


def list_used(kind: str, dated: str | None) -> Phrase:
    if dated is None:
        return Phrase("%(list)s还没有，先按 0 计", list=Phrase(LISTS[kind]))
    return Phrase("%(list)s %(day)s", list=Phrase(LISTS[kind]), day=dated)


def cards(figures: dict) -> list[Card]:
    total, lists = figures["total"], figures["lists"]
    share = ratio(total["disabled_enrolled"], total["disabled_listed"])
    away, poor, out = (total[name] for name in NUMBERS[1:3] + ("monitored_without_aid",))
    of_registry = Phrase("÷ 户籍名单 %(n)s 人；其中监测对象 %(poor)s 人", n=f"{total['registered']:,}", poor=f"{poor:,}")
    of_pupils = Phrase("÷ 适龄在读 %(n)s 人", n=f"{total['enrolled']:,}")
    of_monitored = Phrase("÷ 监测对象 %(n)s 人；%(term)s", n=f"{total['monitored']:,}", term=term_of(datetime.date.fromisoformat(figures["as_of"])).label)
    of_disabled = Phrase("已就读 %(part)s ÷ 名单 %(whole)s 人", part=f"{total['disabled_enrolled']:,}", whole=f"{total['disabled_listed']:,}")
    return [
        card("户籍在册未就读", away, of_registry, lists[REGISTRY], "registered_not_enrolled", ("bad", Phrase("需逐人核查"))),
        card("在读不在户籍名单", total["enrolled_not_registered"], of_pupils, lists[REGISTRY], "enrolled_not_registered", ("warn", Phrase("核对证件号和户籍"))),
        card("监测对象未受助", out, of_monitored, lists[MONITORED], "monitored_without_aid", ("bad", Phrase("需逐人核查"))),
        Card("残疾儿童入学率", "—" if share is None else f"{share:.2%}", of_disabled, None if lists[DISABLED] else ABSENT, "#disabled_not_enrolled"),
    ]


ABSENT = ("warn", Phrase("还没有这份名单"))


def card(label: str, number: int, note: str, dated: str | None, anchor: str, alarm: tuple) -> Card:
    state = ABSENT if dated is None else alarm if number else None
    return Card(label, "—" if dated is None else f"{number:,}", note, state, f"#{anchor}")


def pictures(figures: dict, href, said=str) -> list[Chart]:
    """Who is missing from school, by home; the most first."""
    rows = sorted((row for row in figures["rows"] if row["registered_not_enrolled"]), key=lambda row: -row["registered_not_enrolled"])
    if not rows:
        return []
    title = said(Phrase("户籍在册未就读人数"))
    most, number = said(rows[0]["name"]), f"{rows[0]['registered_not_enrolled']:,}"
    caption = said(Phrase("%(place)s最多，%(n)s 人。", place=most, n=number))
    bars = [charts.Bar(said(row["name"]), row["registered_not_enrolled"], href(row)) for row in rows[: charts.MOST_BARS]]
    return [Chart(title, charts.bars(bars, title=title, desc=caption, unit=said(Phrase(" 人"))), caption)]


REPORT = Report(
    name="matching",
    title="名单比对情况",
    word="名单比对",
    summary="户籍、监测对象、残疾儿童名单和在读学生、资助发放逐人比对：谁没有就读，谁不在名单，谁没有受助。",
    permission=Permission.CENSUS_VIEW,
    options=(AS_OF,),
    sums=sums,
    tables=tables,
    cards=cards,
    charts=pictures,
    reveal=reveal,
    lists=lists_of,
)

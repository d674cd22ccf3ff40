"""The report 学生资助: who was paid what in a term, by township, stage and boarding, as the county publishes it."""

from aidtracker import charts
from aidtracker.aid.paid_sums import NOTHING, Sums, summed
from aidtracker.aid.wan import plain_wan, wan_of, wan_text, yuan_of
from aidtracker.attendance.pictures import Chart
from aidtracker.excel.tables import Heading, Table
from aidtracker.orgs.grades import STAGE_LABELS
from aidtracker.orgs.scopes import Scope, townships_of
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.reports.notes import as_of_note
from aidtracker.reports.options import GROUP, TERM
from aidtracker.reports.paid_rows import FAR, homes_without, rows_of
from aidtracker.reports.report import Card, Report, head_of, width_for
from aidtracker.terms.calendar import term as term_named

COMPULSORY = ("primary", "junior")  # always shown, first; other stages when there are such lines
MODES = ((False, "走读"), (True, "寄宿"))


def sums(scope: Scope, *, term: str, group: str) -> dict:
    """Only lines that reached the account (成功), by 应发金额; stage and boarding are those of the line, counts distinct persons."""
    found = summed(scope, term, group)
    stages = [*COMPULSORY, *(code for code in STAGE_LABELS if code in found.stages and code not in COMPULSORY)]
    cells = [(stage, is_boarding) for stage in stages for is_boarding, _ in MODES]
    return {
        **head_of(scope),
        "term": term,
        "group": group,
        "columns": [f"{STAGE_LABELS[stage]}{dict(MODES)[is_boarding]}" for stage, is_boarding in cells],
        "stages": stages,
        "persons": found.total.persons,
        "person_times": found.total.times,
        "amount_fen": found.total.fen,
        "amount_wan": plain_wan(found.total.fen),
        "by_home_township": by_home(found, cells),
        "amount_fen_by_school_township": {code: found.fen_by_school_township.get(id_, 0) for id_, code, _ in townships_of(scope)},
        "programs": [program._asdict() | {"kind": "program", "term": term} for program in found.programs],
        "returned": found.returned._asdict(),
        "total": line_of(found, "total", cells, stages),
        "rows": [about | line_of(found, key, cells, stages) for about, key in rows_of(scope, found, group)] if found.total.times else [],
        "homes_without": homes_without(scope, found, group),
    }


def by_home(found: Sums, cells) -> dict[str, dict]:
    """Of every township of the county that the reader sees whole; of fewer, where the lines of these schools are at home."""
    told = {}
    for home_id, code in found.homes.items():
        key = ("home", home_id)
        if key in found.lines or home_id in found.shown_homes:
            line = found.lines.get(key, NOTHING)
            counts = [found.lines.get((*key, *cell), NOTHING).persons for cell in cells]
            told[code or FAR] = {"amount_fen": line.fen, "counts": counts, "persons": line.persons}
    return told


def line_of(found: Sums, key, cells, stages) -> dict:
    start = (key,) if isinstance(key, str) else key
    line = found.lines.get(start, NOTHING)
    return {
        "counts": [found.lines.get((*start, *cell), NOTHING).persons for cell in cells],
        "by_stage": [found.lines.get((*start, stage), NOTHING).persons for stage in stages],
        "persons": line.persons,
        "person_times": line.times,
        "amount_fen": line.fen,
    }


def tables(figures: dict) -> list[Table]:
    place = figures["place"]
    shared = {"organization": place["name"], "period": term_named(figures["term"]).label}
    return [
        Table(
            title=title_of(figures),
            sheet_name="发放情况",
            headings=headings(figures),
            rows=[[row["name"], *cells_of(row)] for row in figures["rows"]],
            totals=[Phrase("合计"), *cells_of(figures["total"])],
            unit=Phrase("人、元、万元"),
            notes=notes(figures),
            **shared,
        ),
        Table(
            title=Phrase("%(place)s%(term)s学生资助项目执行情况表", place=place["name"], term=shared["period"]),
            sheet_name="按项目",
            headings=[Heading("资助项目"), *sums_headings(figures)],
            rows=[[each["name"], each["persons"], each["times"], yuan_of(each["fen"]), wan_of(each["fen"])] for each in figures["programs"]],
            totals=[Phrase("合计"), figures["persons"], figures["person_times"], yuan_of(figures["amount_fen"]), wan_of(figures["amount_fen"])],
            unit=Phrase("人、人次、元、万元"),
            notes=[as_of_note(figures["made_at"]), Phrase("人数一人只计一次，合计可能小于各项目之和；同一学生每个项目、每个批次计一人次。")],
            **shared,
        ),
    ]


def title_of(figures: dict) -> Phrase:
    """Names the program when the term has one alone."""
    programs = figures["programs"]
    place, term = figures["place"]["name"], term_named(figures["term"]).label
    name = programs[0]["name"] if len(programs) == 1 else Phrase("学生资助")
    return Phrase("%(place)s%(term)s%(program)s发放情况统计表", place=place, term=term, program=name)


def cells_of(line: dict) -> list:
    counted = []
    for number, whole in enumerate(line["by_stage"]):
        counted += [*line["counts"][2 * number : 2 * number + 2], whole]
    return [*counted, line["persons"], yuan_of(line["amount_fen"]), wan_of(line["amount_fen"])]


WHAT = {"county": "乡镇", "township": "学校", "school": "年级"}


def headings(figures: dict) -> list[Heading]:
    def number(label):
        return Heading(label, kind="integer", width=width_for(figures["persons"]))

    by_stage = [
        Heading(STAGE_LABELS[stage], (number("走读"), number("寄宿"), number("小计"))) for stage in figures["stages"]
    ]
    first = Heading(WHAT[figures["place"]["kind"]], width=None if figures["place"]["kind"] == "township" else 14)
    return [first, *by_stage, number("合计人数"), *money_headings(figures)]


def sums_headings(figures: dict) -> list[Heading]:
    width = width_for(figures["person_times"], 8)
    return [Heading("人数", kind="integer", width=width), Heading("受助人次", kind="integer", width=width), *money_headings(figures)]


def money_headings(figures: dict) -> list[Heading]:
    width = len(f"{yuan_of(figures['amount_fen']):,}") + 2
    return [Heading("金额（元）", kind="decimal", width=max(12, width)), Heading("金额（万元）", kind="wan", width=max(12, width))]


def notes(figures: dict) -> list[str]:
    by_home = Phrase("按学生户籍所在乡镇归类，户籍不在本县的列入「外县」。")
    by_school = Phrase("按发放时就读的学校归类；一名学生在两处受助的，合计只计一次。")
    is_home = figures["place"]["kind"] == "county" and figures["group"] == "home"
    return [
        as_of_note(figures["made_at"]),
        Phrase("口径：只计发放状态为「成功」的，金额为应发金额；学段和是否寄宿按发放时登记，人数一人只计一次。"),
        by_home if is_home else by_school,
        *([Phrase("没有学生受助的乡镇：%(names)s。", names="、".join(figures["homes_without"]))] if figures["homes_without"] else []),
    ]


def cards(figures: dict) -> list[Card]:
    returned = figures["returned"]
    waiting = ("bad", Phrase("退回金额 %(n)s 元", n=f"{yuan_of(returned['fen']):,}")) if returned["times"] else None
    return [
        Card("受助学生", f"{figures['persons']:,}", Phrase("人，一人只计一次")),
        Card("受助人次", f"{figures['person_times']:,}", Phrase("%(n)s 个项目", n=len(figures["programs"]))),
        Card("资助金额（元）", f"{yuan_of(figures['amount_fen']):,}", Phrase("%(n)s 万元", n=wan_text(figures["amount_fen"]))),
        Card("退回未补发", f"{returned['times']:,}", Phrase("笔"), waiting),
    ]


def pictures(figures: dict, href, said=str) -> list[Chart]:
    rows = sorted((row for row in figures["rows"] if row["persons"]), key=lambda row: -row["persons"])
    if not rows:
        return []
    title = said(Phrase("受助人数最多的%(what)s", what=Phrase(WHAT[figures["place"]["kind"]])))
    most = {"n": f"{rows[0]['persons']:,}", "share": f"{rows[0]['persons'] / figures['persons']:.0%}"}
    told = said(Phrase("%(place)s最多，%(n)s 人，占 %(share)s。", place=said(rows[0]["name"]), **most))
    bars = [charts.Bar(said(row["name"]), row["persons"], href(row)) for row in rows[: charts.MOST_BARS]]
    return [Chart(title, charts.bars(bars, title=title, desc=told, unit=said(Phrase(" 人"))), told)]


REPORT = Report(
    name="aid",
    title="学生资助",
    word="资助",
    summary="一个学期发到账上的补助：各乡镇各学段走读、寄宿的人数和金额，各项目的人次和金额，退回未补发的。",
    permission=Permission.REPORT_VIEW,
    options=(TERM, GROUP),
    sums=sums,
    tables=tables,
    cards=cards,
    charts=pictures,
    lines=("rows", "programs"),
    nothing="这个学期还没有到账的资助。请换一个学期，或先导入发放表。",
)

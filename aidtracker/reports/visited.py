"""The report 家访和送教: visits from a day to a day, whom they reached of how many, tutoring months due and met."""

import datetime

from aidtracker.attendance.pictures import WHAT
from aidtracker.excel.tables import Heading, Table
from aidtracker.orgs.scopes import Scope, townships_of
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.reports.notes import as_of_note
from aidtracker.reports.options import FIRST, LAST
from aidtracker.reports.report import Card, Report, head_of, period_of, ratio, width_for
from aidtracker.visits.figures import coverage, rows_of
from aidtracker.visits.quotas import months_of, quota_of
from aidtracker.visits.sums import NOTHING, Sums
from aidtracker.visits.tutoring import tutoring_months


def sums(scope: Scope, *, first: datetime.date, last: datetime.date) -> dict:
    """Visits and pupils from first to last, both included; distinct pupils at every level."""
    found = Sums(scope, first, last, tutoring_months(scope.county.id, first, last))
    return {
        **head_of(scope),
        "from": first.isoformat(),
        "to": last.isoformat(),
        "months": months_of(first, last),
        "quota": quota_of(scope.county.id, last)._asdict(),
        **found.total,
        "total": found.total,
        "by_school_township": {code: found.of["township"].get(id_, NOTHING) for id_, code, _ in townships_of(scope)},
        "rows": rows_of(scope, found, first, last),
    }


def covered(sums: dict) -> float | None:
    return ratio(min(sums["students_visited"], sums["enrolled"]), sums["enrolled"])


def covered_on_site(sums: dict) -> float | None:
    return ratio(min(sums["students_on_site"], sums["enrolled"]), sums["enrolled"])


def met(sums: dict) -> float | None:
    return ratio(sums["tutoring_months_met"], sums["tutoring_months_due"])


def tables(figures: dict) -> list[Table]:
    first, last = (datetime.date.fromisoformat(figures[name]) for name in ("from", "to"))
    place = figures["place"]
    return [
        Table(
            title=Phrase("%(place)s%(period)s家访和送教上门情况统计表", place=place["name"], period=period_of(first, last)),
            sheet_name="家访和送教",
            headings=headings(place["kind"], figures["total"]),
            rows=[[row["name"], *cells(row)] for row in figures["rows"]],
            totals=[Phrase("合计"), *cells(figures["total"])],
            organization=place["name"],
            period=period_of(first, last),
            unit=Phrase("次、人；送教为学生月"),
            notes=notes(figures),
        )
    ]


def cells(sums: dict) -> list:
    visited = [sums["visits"], sums["on_site"], sums["enrolled"], sums["students_visited"], covered(sums)]
    on_site = [sums["students_on_site"], covered_on_site(sums)]
    return [*visited, *on_site, sums["tutored_students"], sums["tutoring_months_due"], sums["tutoring_months_met"], met(sums)]


def headings(kind: str, total: dict) -> list[Heading]:
    def number(label, column):
        return Heading(label, kind="integer", width=width_for(total[column]))

    visited = number("被访学生", "students_visited"), Heading("覆盖率", kind="percent", width=8)
    on_site = number("入户学生", "students_on_site"), Heading("入户覆盖率", kind="percent", width=8)
    months = number("应达标学生月", "tutoring_months_due"), number("达标学生月", "tutoring_months_met")
    tutoring = number("送教学生", "tutored_students"), *months, Heading("达标率", kind="percent", width=8)
    return [
        Heading(WHAT[kind], width=9 if kind == "county" else None),
        Heading("家访次数", (number("全部", "visits"), number("其中入户", "on_site"))),
        number("在籍学生", "enrolled"),
        Heading("覆盖", (*visited, *on_site)),
        Heading("送教上门", tutoring),
    ]


def notes(figures: dict) -> list[str]:
    total = figures["total"]
    whole = {"enrolled": f"{total['enrolled']:,}", "all": f"{total['students_visited']:,}", "site": f"{total['students_on_site']:,}"}
    enough = figures["quota"]
    return [
        as_of_note(figures["made_at"]),
        Phrase("覆盖率＝被访学生（去重）÷在籍学生：全部 %(all)s÷%(enrolled)s，入户 %(site)s÷%(enrolled)s。", **whole),
        Phrase(
            "口径：在籍学生是统计期内任一天在籍的学生；家访按当天所在的学校统计，一次家访多名学生算一次；送教上门不计入家访次数和被访学生。"
        ),
        Phrase(
            "送教学生月＝送教上门学生×统计期涉及的每个自然月；一个自然月内有 %(visits)s 次以上、每次 %(lessons)s 课时以上为达标。", **enough
        ),
        Phrase("一名学生先后在几所学校被访，各单位都计，合计只计一人，所以合计可能小于各行之和。"),
    ]


def cards(figures: dict) -> list[Card]:
    total = figures["total"]
    missed = total["tutoring_months_due"] - total["tutoring_months_met"]
    of = {"part": f"{total['students_visited']:,}", "whole": f"{total['enrolled']:,}"}
    site = {"part": f"{total['students_on_site']:,}", "whole": f"{total['enrolled']:,}"}
    months = {"part": f"{total['tutoring_months_met']:,}", "whole": f"{total['tutoring_months_due']:,}"}
    return [
        Card("家访次数", f"{total['visits']:,}", Phrase("次；其中入户 %(n)s 次", n=f"{total['on_site']:,}")),
        Card("家访覆盖率", shown(covered(total)), Phrase("被访 %(part)s ÷ 在籍 %(whole)s 人", **of)),
        Card("入户覆盖率", shown(covered_on_site(total)), Phrase("入户 %(part)s ÷ 在籍 %(whole)s 人", **site)),
        Card(
            "送教达标率",
            shown(met(total)),
            Phrase("达标 %(part)s ÷ 应达标 %(whole)s 学生月", **months),
            ("warn", Phrase("还差 %(n)s 学生月", n=f"{missed:,}")) if missed else None,
        ),
    ]


def shown(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.2%}"


def pictures(figures: dict, href, said=str) -> list:
    return [chart for chart in (coverage(figures, href, said),) if chart]


REPORT = Report(
    name="visits",
    title="家访和送教上门情况",
    word="家访",
    summary="家访次数、被访学生和覆盖率（全部、入户），送教上门的学生和达标的学生月。",
    permission=Permission.REPORT_VIEW,
    options=(FIRST, LAST),
    sums=sums,
    tables=tables,
    cards=cards,
    charts=pictures,
)

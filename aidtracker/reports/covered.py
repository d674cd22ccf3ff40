"""The report 家访覆盖: how far each township, school and class keeps the county's rules of home visits, as of a day."""

import datetime

from aidtracker import charts
from aidtracker.attendance.pictures import WHAT, Chart
from aidtracker.excel.tables import Heading, Table
from aidtracker.orgs.scopes import Scope
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.reports.notes import as_of_note
from aidtracker.reports.options import AS_OF
from aidtracker.reports.report import Card, Report, head_of, long_day, ratio, width_for
from aidtracker.visits.covered_rows import covered
from aidtracker.visits.rules import ENTRY, KEY, TERM, YEAR, Rules, rules_of, words_of


def sums(scope: Scope, *, as_of: datetime.date) -> dict:
    rules = rules_of(scope.county.id, as_of)
    total, rows = covered(scope, rules)
    return {**head_of(scope), "as_of": as_of.isoformat(), "rules": rules.needs, **total, "total": total, "rows": rows, "_rules": rules}


def share(sums: dict, part: str, whole: str) -> float | None:
    return ratio(sums[part], sums[whole])


def parts_of(rules: Rules, total: dict) -> list[tuple[Heading, list]]:
    """Heading and [how a line gives its cells] of each rule that the county has: due, met, the share."""

    def three(label, due, met):
        numbers = (Heading("应访", kind="integer", width=width_for(total[due])), Heading("已访", kind="integer", width=width_for(total[met])))
        return Heading(label, (*numbers, Heading("比例", kind="percent", width=8))), [due, met, (met, due)]

    found = [three("学年达标", "pupils", "year_met")] if YEAR in rules.needs else []
    found += [three("学期达标", "term_due", "term_met")] if TERM in rules.needs else []
    found += [three("起始年级", "entry_due", "entry_met")] if ENTRY in rules.needs else []
    found += [three("重点学生本学期", "key_due", "key_met")] if KEY in rules.needs else []
    classes = (Heading("班级", kind="integer", width=width_for(total["classes"])), Heading("达标", kind="integer", width=width_for(total["door_met"])))
    found.append((Heading("班级入户", classes), ["classes", "door_met"]))
    if rules.values["term_share"]:
        found.append((Heading("学期访到比例达标的班", kind="integer", width=8), ["share_met"]))
    return found


def tables(figures: dict) -> list[Table]:
    place, total, rules = figures["place"], figures["total"], figures["_rules"]
    parts, on = parts_of(rules, total), datetime.date.fromisoformat(figures["as_of"])
    whole = (Heading("被访", kind="integer", width=width_for(total["visited"])), Heading("比例", kind="percent", width=8))
    site = (Heading("入户", kind="integer", width=width_for(total["on_site"])), Heading("比例", kind="percent", width=8))
    left = (Heading("还没访", kind="integer", width=width_for(total["lacking"])), Heading("已过期", kind="integer", width=7), Heading("已定日期", kind="integer", width=8))
    headings = [Heading(WHAT[place["kind"]], width=9 if place["kind"] == "county" else None), Heading("在籍学生", kind="integer", width=width_for(total["pupils"]))]
    headings += [Heading("本学年访到", (*whole, *site)), *(heading for heading, _cells in parts), Heading("应访学生", left)]
    return [
        Table(
            title=Phrase("%(place)s家访覆盖情况表（截至%(day)s）", place=place["name"], day=long_day(on)),
            sheet_name="家访覆盖",
            headings=headings,
            rows=[[row["name"], *cells(row, parts)] for row in figures["rows"]],
            totals=[Phrase("合计"), *cells(total, parts)],
            organization=place["name"],
            period=long_day(on),
            unit=Phrase("人；班级入户为班"),
            notes=notes(figures),
        )
    ]


def cells(sums: dict, parts: list) -> list:
    found = [sums["pupils"], sums["visited"], share(sums, "visited", "pupils"), sums["on_site"], share(sums, "on_site", "pupils")]
    for _heading, names in parts:
        found += [share(sums, *name) if isinstance(name, tuple) else sums[name] for name in names]
    return [*found, sums["lacking"], sums["late"], sums["planned"]]


def notes(figures: dict) -> list:
    total = figures["total"]
    whole = {"pupils": f"{total['pupils']:,}", "all": f"{total['visited']:,}", "site": f"{total['on_site']:,}"}
    return [
        as_of_note(figures["made_at"]),
        Phrase("覆盖率＝本学年被访学生（去重）÷当天在籍学生：全部 %(all)s÷%(pupils)s，入户 %(site)s÷%(pupils)s。", **whole),
        Phrase("口径：在籍学生是当天在班的学生；学生在哪里被访都算，按当天所在的班级统计；各项比例的分母是「应访」一栏。"),
        *words_of(figures["_rules"]),
        Phrase("「还没访」是任一项规定没有达到的学生；「已过期」是过了规定日期或定好的日期还没访的学生。"),
    ]


def cards(figures: dict) -> list[Card]:
    total, rules = figures["total"], figures["_rules"]
    of = {"part": f"{total['visited']:,}", "whole": f"{total['pupils']:,}"}
    site = {"part": f"{total['on_site']:,}", "whole": f"{total['pupils']:,}"}
    late = ("warn", Phrase("其中已过期 %(n)s 人", n=f"{total['late']:,}")) if total["late"] else None
    found = [
        Card("家访覆盖率", shown(share(total, "visited", "pupils")), Phrase("被访 %(part)s ÷ 在籍 %(whole)s 人", **of)),
        Card("入户覆盖率", shown(share(total, "on_site", "pupils")), Phrase("入户 %(part)s ÷ 在籍 %(whole)s 人", **site)),
    ]
    if KEY in rules.needs:
        key = {"part": f"{total['key_met']:,}", "whole": f"{total['key_due']:,}"}
        found.append(Card("重点学生达标率", shown(share(total, "key_met", "key_due")), Phrase("达标 %(part)s ÷ 应访 %(whole)s 人", **key)))
    return [*found, Card("还没访", f"{total['lacking']:,}", Phrase("人；已定日期 %(n)s 人", n=f"{total['planned']:,}"), late)]


def shown(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.2%}"


def pictures(figures: dict, href, said=str) -> list[Chart]:
    """Where the fewest pupils were visited."""
    rows = sorted((row for row in figures["rows"] if row["pupils"]), key=lambda row: row["visited"] / row["pupils"])[: charts.MOST_BARS]
    if not rows or not figures["total"]["visited"]:
        return []
    title = said(Phrase("家访覆盖率最低的%(what)s", what=Phrase(WHAT[figures["place"]["kind"]])))
    shares = [round(row["visited"] * 100 / row["pupils"], 1) for row in rows]
    told = said(Phrase("%(place)s最低，%(share)s%%。", place=said(rows[0]["name"]), share=f"{shares[0]:g}"))
    bars = [charts.Bar(said(row["name"]), value, href(row), "pri") for row, value in zip(rows, shares, strict=True)]
    return [Chart(title, charts.bars(bars, title=title, desc=told, unit="%"), told)]


REPORT = Report(
    name="coverage",
    title="家访覆盖情况",
    word="家访覆盖",
    summary="应访的学生访到多少、还差谁：每学年、起始年级、重点学生、班级入户，按县里的规定，各项注明分母。",
    permission=Permission.REPORT_VIEW,
    options=(AS_OF,),
    sums=sums,
    tables=tables,
    cards=cards,
    charts=pictures,
    class_page="visits.list_due",
)

"""The report 学生出勤: the sums of the rolls from a day to a day, what was not reported, and who is absent day after day."""

import datetime

from aidtracker.attendance.beside import Beside, beside_of
from aidtracker.attendance.figures import COLUMNS, NOTHING, TREND_DAYS, day_trend, rows_of, sessions_late, sums_of_schools
from aidtracker.attendance.limits import limits_of
from aidtracker.attendance.pictures import WHAT, pictures
from aidtracker.attendance.truants import at_limits, streak_counts, truants_of
from aidtracker.excel.tables import Heading, Table
from aidtracker.orgs.scopes import Scope, schools_of, sum_up, townships_of
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.reports.notes import as_of_note
from aidtracker.reports.options import FIRST, LAST
from aidtracker.reports.persons import lists_of, reveal
from aidtracker.reports.report import Card, Report, and_others, head_of, period_of, ratio, width_for
from aidtracker.terms.calendar import school_days


def sums(scope: Scope, *, first: datetime.date, last: datetime.date) -> dict:
    """Person-sessions from first to last, both included; streaks as of the last day."""
    schools = schools_of(scope)
    by_school = sums_of_schools(scope, schools, first, last)
    schools = [school for school in schools if school.is_open(first) or school.id in by_school]
    days = school_days(first, last, scope.county.id)
    truants, limits = truants_of(scope, last), limits_of(scope.county.id, last)
    return {
        **head_of(scope),
        "from": first.isoformat(),
        "to": last.isoformat(),
        "as_of": last.isoformat(),
        "days": [day.isoformat() for day in days],
        "total": sum_up(by_school.values(), NOTHING),
        "sessions_late": sessions_late(scope, first, last),
        "by_school_township": by_township(scope, schools, by_school),
        "students_with_streak": streak_counts(truants),
        "limits": limits._asdict(),
        "at_limits": at_limits(truants, limits),
        "rows": rows_of(scope, schools, by_school, truants, limits, first, last),
        "trend": day_trend(scope, days[-TREND_DAYS:]),
        "beside": [one._asdict() for one in beside_of(scope, schools, first, last)],
        "_truants": truants,
    }


def by_township(scope: Scope, schools, by_school: dict) -> dict[str, dict]:
    sums_of = {id_: [by_school[s.id] for s in schools if s.township_id == id_ and s.id in by_school] for id_, *_ in townships_of(scope)}
    return {code: sum_up(sums_of[id_], NOTHING) for id_, code, _ in townships_of(scope)}


def rate_of(sums: dict) -> float | None:
    return ratio(sums["present"], sums["expected"])


def reported(sums: dict) -> float | None:
    return ratio(min(sums["sessions_submitted"], sums["sessions_due"]), sums["sessions_due"])


def tables(figures: dict) -> list[Table]:
    first, last = (datetime.date.fromisoformat(figures[name]) for name in ("from", "to"))
    place = figures["place"]
    return [
        Table(
            title=Phrase("%(place)s%(period)s学生出勤情况统计表", place=place["name"], period=period_of(first, last)),
            sheet_name="出勤情况",
            headings=headings(place["kind"], figures["total"], figures["limits"]["serious"]),
            rows=[[row["name"], *cells(row), row["serious"]] for row in figures["rows"]],
            totals=[Phrase("合计"), *cells(figures["total"]), figures["at_limits"]["serious"]],
            organization=place["name"],
            period=period_of(first, last),
            unit=Phrase("人次；点名报送为场次"),
            notes=notes(figures),
        )
    ]


def cells(sums: dict) -> list:
    counts = [sums[column] if sums["sessions_submitted"] else None for column in COLUMNS]  # nobody reported: no zero
    return [*counts, rate_of(sums), sums["sessions_due"], sums["sessions_submitted"], reported(sums)]


def headings(kind: str, total: dict, serious: int) -> list[Heading]:
    def number(label, column):
        return Heading(label, kind="integer", width=width_for(total[column]))

    away = number("病假", "sick_leave"), number("事假", "personal_leave"), number("旷课", "unexcused")
    here = number("迟到", "late"), number("早退", "left_early"), number("公假", "official")
    rolls = number("应报", "sessions_due"), number("已报", "sessions_submitted"), Heading("报送率", kind="percent", width=7)
    return [
        Heading(WHAT[kind], width=9 if kind == "county" else None),
        number("应到", "expected"),
        number("实到", "present"),
        Heading("缺勤", away),
        Heading("其他", here),
        Heading("出勤率", kind="percent", width=7),
        Heading("点名报送", rolls),
        Heading(Phrase("连旷 %(n)s 天以上人数", n=serious), kind="integer", width=5),
    ]


def notes(figures: dict) -> list[str]:
    total = figures["total"]
    done = {"due": f"{total['sessions_due']:,}", "done": f"{total['sessions_submitted']:,}", "rate": shown(reported(total)), "late": f"{figures['sessions_late']:,}"}
    return [
        Phrase("%(as_of)s统计期内上课 %(n)s 天。", as_of=as_of_note(figures["made_at"]), n=len(figures["days"])),
        Phrase("报送情况：应报 %(due)s 场次，已报 %(done)s 场次（%(rate)s），其中迟报 %(late)s 场次。%(missing)s", **done, missing=missing_words(figures)),
        Phrase("口径：出勤率＝实到人次÷应到人次；病假、事假、旷课不算到校，迟到、早退、公假算到校；未说明、未返校按旷课计，隔离按病假计。"),
        Phrase("应报场次＝有学生到校上课的班级×上课日×上午、下午；没有报送的场次不作零计，登记为无课的不计应报。送教上门学生不计应到。"),
        *(Beside(**one).words for one in figures["beside"]),
    ]


def missing_words(figures: dict) -> str:
    """Who has not reported everything, the most first."""
    missing = sorted(((row["sessions_due"] - row["sessions_submitted"], row["name"]) for row in figures["rows"]), key=lambda pair: -pair[0])
    named = [f"{name} {count:,}" for count, name in missing if count > 0]
    return Phrase("未报齐（场次）：%(places)s。", places=and_others(named)) if named else ""


def cards(figures: dict) -> list[Card]:
    total, streaks = figures["total"], figures["students_with_streak"]
    rate, done = rate_of(total), reported(total)
    missing = max(0, total["sessions_due"] - total["sessions_submitted"])
    present = {"part": f"{total['present']:,}", "whole": f"{total['expected']:,}"}
    rolls = {"done": f"{total['sessions_submitted']:,}", "due": f"{total['sessions_due']:,}"}
    leave = Phrase("人次；病假 %(sick)s，事假 %(personal)s", sick=f"{total['sick_leave']:,}", personal=f"{total['personal_leave']:,}")
    limits, reached = figures["limits"], figures["at_limits"]
    severe = ("bad", Phrase("%(days)s 天以上 %(n)s 人", days=limits["severe"], n=f"{reached['severe']:,}")) if reached["severe"] else None
    return [
        Card("出勤率", shown(rate), Phrase("实到 %(part)s ÷ 应到 %(whole)s 人次", **present), against_target(rate, limits["target"])),
        Card("旷课", f"{total['unexcused']:,}", leave),
        Card(Phrase("连续旷课 %(n)s 天以上", n=limits["serious"]), f"{reached['serious']:,}", Phrase("人；1 天以上 %(n)s 人", n=f"{streaks['1']:,}"), severe, "#persons"),
        Card(
            "点名报送率",
            shown(done),
            Phrase("已报 %(done)s ÷ 应报 %(due)s 场次", **rolls),
            ("warn", Phrase("还差 %(n)s 场次", n=f"{missing:,}")) if missing else None,
        ),
    ]


def shown(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.2%}"


def against_target(rate: float | None, target: int) -> tuple[str, str] | None:
    if rate is None:
        return None
    reached, short = Phrase("达到目标 %(n)s%%", n=target), Phrase("低于目标 %(n)s%%", n=target)
    return ("ok", reached) if rate * 100 >= target else ("warn", short)


REPORT = Report(
    name="attendance",
    title="学生出勤情况",
    word="出勤",
    summary="应到、实到、病假、事假、旷课和迟到早退的人次，出勤率，点名报送情况，连续旷课的学生。",
    permission=Permission.REPORT_VIEW,
    options=(FIRST, LAST),
    sums=sums,
    tables=tables,
    cards=cards,
    charts=pictures,
    reveal=reveal,
    lists=lists_of,
)

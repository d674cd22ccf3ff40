"""Attendance drawn: the trend of the days, where most stay away, who has not reported."""

from typing import NamedTuple

from markupsafe import Markup

from aidtracker import charts
from aidtracker.phrases import Phrase

WHAT = {"county": "乡镇", "township": "学校", "school": "班级"}


class Chart(NamedTuple):
    title: str
    picture: Markup
    caption: str  # the one fact to notice


def pictures(figures: dict, href, said=str) -> list[Chart]:
    """Of the figures {place: {kind}, total, rows, trend, limits}; `href(row)` is where the bar of a place leads.

    `said` puts words into the page's language.
    """
    return [chart for chart in (trend(figures, said), unexcused(figures, href, said), reporting(figures, href, said)) if chart]


def trend(figures: dict, said=str) -> Chart | None:
    points = [
        (day["on"][5:], None if not day["expected"] else round(day["present"] * 100 / day["expected"], 2)) for day in figures["trend"]
    ]
    known = [(rate, label) for label, rate in points if rate is not None]
    if not known:
        return None
    low, when = min(known)
    title = said(Phrase("近 %(n)s 个上课日出勤率", n=len(points)))
    target = figures["limits"]["target"]
    told = said(Phrase("最低 %(low)s%%（%(day)s），虚线为目标 %(target)s%%。", low=f"{low:g}", day=when, target=target))
    return Chart(title, charts.line(points, title=title, desc=told, target=target, target_word=said(Phrase("目标"))), told)


def unexcused(figures: dict, href, said=str) -> Chart | None:
    rows = sorted((row for row in figures["rows"] if row["unexcused"]), key=lambda row: -row["unexcused"])
    if not rows:
        return None
    title = said(Phrase("旷课人次最多的%(what)s", what=Phrase(WHAT[figures["place"]["kind"]])))
    shown = rows[: charts.MOST_BARS]
    most = {"n": f"{rows[0]['unexcused']:,}", "share": f"{rows[0]['unexcused'] / figures['total']['unexcused']:.0%}"}
    told = said(Phrase("%(place)s最多，%(n)s 人次，占 %(share)s。", place=said(rows[0]["name"]), **most))
    bars = [charts.Bar(said(row["name"]), row["unexcused"], href(row), "bad" if place < 3 else "pri") for place, row in enumerate(shown)]
    return Chart(title, charts.bars(bars, title=title, desc=told, unit=said(Phrase(" 人次"))), told)


def reporting(figures: dict, href, said=str) -> Chart | None:
    """The places that miss the most sessions; what is missing is hatched."""
    rows = sorted(figures["rows"], key=lambda row: row["sessions_submitted"] - row["sessions_due"])
    rows = [row for row in rows if row["sessions_due"]][: charts.MOST_BARS]
    if not rows:
        return None
    what, missing = Phrase(WHAT[figures["place"]["kind"]]), rows[0]["sessions_due"] - rows[0]["sessions_submitted"]
    title = said(Phrase("点名报送（按%(what)s）", what=what))
    at_most = Phrase("%(place)s缺报最多，%(n)s 场次。", place=said(rows[0]["name"]), n=f"{missing:,}")
    told = said(at_most if missing > 0 else Phrase("应报的场次都已报送。"))
    series = [(said(Phrase("已报")), "pri"), (said(Phrase("未报")), "bad")]
    stacks = [
        charts.Stack(said(row["name"]), [row["sessions_submitted"], max(0, row["sessions_due"] - row["sessions_submitted"])], href(row))
        for row in rows
    ]
    return Chart(title, charts.stacked(stacks, series=series, title=title, desc=told), told)

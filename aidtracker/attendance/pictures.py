"""Attendance drawn: the trend of the days, where most stay away, who has not reported."""

from typing import NamedTuple

from markupsafe import Markup

from aidtracker import charts
from aidtracker.attendance.figures import TARGET

WHAT = {"county": "乡镇", "township": "学校", "school": "班级"}


class Chart(NamedTuple):
    title: str
    picture: Markup
    caption: str  # the one fact to notice


def pictures(figures: dict, href) -> list[Chart]:
    """Of the figures {place: {kind}, total, rows, trend}; `href(row)` is where the bar of a place leads."""
    return [chart for chart in (trend(figures), unexcused(figures, href), reporting(figures, href)) if chart]


def trend(figures: dict) -> Chart | None:
    points = [
        (day["on"][5:], None if not day["expected"] else round(day["present"] * 100 / day["expected"], 2)) for day in figures["trend"]
    ]
    known = [(rate, label) for label, rate in points if rate is not None]
    if not known:
        return None
    low, when = min(known)
    title = f"近 {len(points)} 个上课日出勤率"
    told = f"最低 {low:g}%（{when}），虚线为目标 {TARGET}%。"
    return Chart(title, charts.line(points, title=title, desc=told, target=TARGET), told)


def unexcused(figures: dict, href) -> Chart | None:
    rows = sorted((row for row in figures["rows"] if row["unexcused"]), key=lambda row: -row["unexcused"])
    if not rows:
        return None
    what = WHAT[figures["place"]["kind"]]
    title = f"旷课人次最多的{what}"
    shown = rows[: charts.MOST_BARS]
    told = f"{rows[0]['name']}最多，{rows[0]['unexcused']:,} 人次，占 {rows[0]['unexcused'] / figures['total']['unexcused']:.0%}。"
    bars = [charts.Bar(row["name"], row["unexcused"], href(row), "bad" if place < 3 else "pri") for place, row in enumerate(shown)]
    return Chart(title, charts.bars(bars, title=title, desc=told, unit="人次"), told)


def reporting(figures: dict, href) -> Chart | None:
    """The places that miss the most sessions; what is missing is hatched."""
    rows = sorted(figures["rows"], key=lambda row: row["sessions_submitted"] - row["sessions_due"])
    rows = [row for row in rows if row["sessions_due"]][: charts.MOST_BARS]
    if not rows:
        return None
    what, missing = WHAT[figures["place"]["kind"]], rows[0]["sessions_due"] - rows[0]["sessions_submitted"]
    title = f"点名报送（按{what}）"
    told = f"{rows[0]['name']}缺报最多，{missing:,} 场次。" if missing > 0 else "应报的场次都已报送。"
    stacks = [
        charts.Stack(row["name"], [row["sessions_submitted"], max(0, row["sessions_due"] - row["sessions_submitted"])], href(row))
        for row in rows
    ]
    return Chart(title, charts.stacked(stacks, series=[("已报", "pri"), ("未报", "bad")], title=title, desc=told), told)

"""The lines of the report of visits: townships, schools or classes, and the picture of their coverage."""

import datetime

from aidtracker import charts
from aidtracker.attendance.pictures import WHAT, Chart
from aidtracker.orgs.grades import STAGES, class_label, school_year_of
from aidtracker.orgs.models import SchoolClass
from aidtracker.orgs.scopes import DIRECT, Scope, line, schools_of, townships_of
from aidtracker.phrases import Phrase
from aidtracker.visits.sums import NOTHING, Sums

ORDER = {stage.code: place for place, stage in enumerate(STAGES)}


def rows_of(scope: Scope, sums: Sums, first: datetime.date, last: datetime.date) -> list[dict]:
    """Townships of a county, schools of a township, classes of a school: id, code, name, kind, schools and the sums."""
    if scope.place.kind == "school":
        return class_rows(scope, sums.of["class"], last)
    schools = [school for school in schools_of(scope) if school.is_open(first) or school.id in sums.of.get("school", {})]
    if scope.place.kind == "township":
        return [line(s.id, s.code, s.name, "school", 1, sums.of["school"].get(s.id, NOTHING)) for s in schools]
    found = sums.of["township"]
    counts = {id_: sum(school.township_id == id_ for school in schools) for id_ in (None, *(t.id for t in townships_of(scope)))}
    rows = [line(t.id, t.code, t.name, "township", counts[t.id], found.get(t.id, NOTHING)) for t in townships_of(scope)]
    if counts[None]:
        rows.append(line(None, "", DIRECT, "county", counts[None], found.get(scope.county.id, NOTHING)))
    return rows


def class_rows(scope: Scope, found: dict, last: datetime.date) -> list[dict]:
    """Classes with pupils or visits in the range, by stage, grade and number."""
    columns = (SchoolClass.org, SchoolClass.stage, SchoolClass.entry_year, SchoolClass.number)
    rooms = list(SchoolClass.select(*columns).where(SchoolClass.school == scope.place).tuples())
    rooms.sort(key=lambda room: (ORDER[room[1]], -room[2], len(room[3]), room[3]))
    year = school_year_of(last)
    found_rooms = [room for room in rooms if room[0] in found]
    return [line(id_, "", class_label(stage, entered, number, year), "class", 0, found[id_]) for id_, stage, entered, number in found_rooms]


def coverage(figures: dict, href, said=str) -> Chart | None:
    """Where the fewest pupils were visited."""
    rows = [row for row in figures["rows"] if row["enrolled"]]
    rows = sorted(rows, key=lambda row: row["students_visited"] / row["enrolled"])[: charts.MOST_BARS]
    if not rows or not figures["total"]["visits"]:
        return None
    title = said(Phrase("家访覆盖率最低的%(what)s", what=Phrase(WHAT[figures["place"]["kind"]])))
    shares = [round(row["students_visited"] * 100 / row["enrolled"], 1) for row in rows]
    told = said(Phrase("%(place)s最低，%(share)s%%。", place=said(rows[0]["name"]), share=f"{shares[0]:g}"))
    bars = [charts.Bar(said(row["name"]), share, href(row), "pri") for row, share in zip(rows, shares, strict=True)]
    return Chart(title, charts.bars(bars, title=title, desc=told, unit="%"), told)

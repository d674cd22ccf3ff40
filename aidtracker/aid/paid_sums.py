"""Sums of what reached the accounts in one term: a few GROUP BYs, whatever the number of lines.

A pupil has one registered home, so persons counted by home add up; they do not by school or program,
where one pupil may stand twice. Hence persons are counted anew at each level that is shown.
"""

from typing import NamedTuple

from aidtracker.db import run_sql
from aidtracker.orgs.scopes import Scope, schools_of

FAR_HOME, ELSEWHERE = 0, -1  # registered outside the county; in it, in no township that is known
OF_TERM = "p.batch_id IN (SELECT id FROM batch WHERE county_id = ? AND term = ?)"
COUNTED = "COUNT(DISTINCT p.student_id), COUNT(*), COALESCE(SUM(p.amount_fen), 0)"
HOMES = "SELECT id, code, path, kind FROM org WHERE county_id = ? AND kind IN ('county', 'township', 'village')"
UNPAID = """NOT EXISTS (SELECT 1 FROM payment o WHERE o.student_id = p.student_id AND o.term = p.term
AND o.program_id = p.program_id AND o.status = 'paid')"""


class Line(NamedTuple):
    persons: int
    times: int  # 人次: one per program, term and batch
    fen: int


class ProgramLine(NamedTuple):
    id: int
    name: str
    persons: int
    times: int
    fen: int


class Sums(NamedTuple):
    """`lines`: (what, which), (what, which, stage) and (what, which, stage, is boarding) -> Line; what is home, township,
    school or grade; `("total",)` and the like for the whole. `homes`: {township id: code}, FAR_HOME and ELSEWHERE among them.
    """

    lines: dict[tuple, Line]
    homes: dict[int, str]
    shown_homes: set[int]
    stages: set[str]
    programs: list[ProgramLine]
    fen_by_school_township: dict[int, int]
    returned: Line

    @property
    def total(self) -> Line:
        return self.lines[("total",)]


NOTHING = Line(0, 0, 0)


def summed(scope: Scope, term: str, group: str) -> Sums:
    """Of a county by home, with `group` school by the school's township as well."""
    asker = Asker(scope, term)
    township_of, codes = homes_of(scope)
    lines = by_home(asker, township_of)
    if scope.place.kind == "school":
        lines |= asker.levels("grade", "p.grade")
    elif scope.place.kind == "township":
        lines |= asker.levels("school", "p.school_id")
    elif group == "school" and asker.places:
        lines |= asker.levels("township", "place.township_id", "JOIN place ON place.school_id = p.school_id")
    whole = scope.is_whole and scope.place.kind == "county"
    return Sums(
        lines=lines,
        homes=codes,
        shown_homes=set(codes) - {ELSEWHERE} if whole else set(),
        stages={key[1] for key in lines if key[0] == "total" and len(key) == 2},
        programs=asker.programs(),
        fen_by_school_township=asker.fen_by_township(),
        returned=asker.returned(),
    )


def by_home(asker: "Asker", township_of: dict[int, int]) -> dict[tuple, Line]:
    """By township of the registered home, and for the whole."""
    found: dict[tuple, Line] = {("total",): NOTHING}
    for (_, home, *rest), line in asker.levels("home", "s.home_id", "JOIN student s ON s.id = p.student_id").items():
        for key in (("home", township_of.get(home, FAR_HOME), *rest), ("total", *rest)):
            found[key] = added(found.get(key, NOTHING), line)
    return found


def added(one: Line, other: Line) -> Line:
    return Line(*(a + b for a, b in zip(one, other, strict=True)))


def homes_of(scope: Scope) -> tuple[dict[int, int], dict[int, str]]:
    """({place: its township}, {township: code}) of the whole county."""
    rows = run_sql(HOMES, (scope.county.id,)).fetchall()
    codes = {id_: code for id_, code, _path, kind in rows if kind == "township"}
    township_of = {}
    for id_, _code, path, _kind in rows:
        above = [int(part) for part in path.strip("/").split("/")]
        township_of[id_] = next((each for each in above if each in codes), ELSEWHERE)
    return township_of, codes | {ELSEWHERE: scope.county.code, FAR_HOME: ""}


class Asker:
    """The statements of one scope and term; ids stand in them as numbers of our own."""

    def __init__(self, scope: Scope, term: str):
        schools = schools_of(scope)
        self.values = (scope.county.id, term)
        whole = scope.is_whole and scope.place.kind == "county"
        mine = ", ".join(str(school.id) for school in schools) or "NULL"
        self.where = OF_TERM if whole else f"{OF_TERM} AND p.school_id IN ({mine})"
        self.places = ", ".join(f"({school.id}, {school.township_id or 0})" for school in schools)
        self.townships = {school.id: school.township_id or 0 for school in schools}

    def levels(self, what: str, column: str, join: str = "") -> dict[tuple, Line]:
        """By `column`, by it and stage, and by it, stage and boarding; the lines are looked up once for all three."""
        places = f"place (school_id, township_id) AS (VALUES {self.places}), " if "place" in join else ""
        text = f"""WITH {places}line AS MATERIALIZED (
            SELECT {column} AS which, p.stage, p.is_boarding, p.student_id, p.amount_fen FROM payment p {join}
            WHERE {self.where} AND p.status = 'paid')
        SELECT which, stage, is_boarding, {COUNTED} FROM line p GROUP BY which, stage, is_boarding
        UNION ALL SELECT which, stage, NULL, {COUNTED} FROM line p GROUP BY which, stage
        UNION ALL SELECT which, NULL, NULL, {COUNTED} FROM line p GROUP BY which"""  # noqa: S608 our own names and numbers
        found = {}
        for which, stage, is_boarding, *counted in run_sql(text, self.values):
            cell = () if stage is None else (stage,) if is_boarding is None else (stage, bool(is_boarding))
            found[(what, which, *cell)] = Line(*map(int, counted))
        return found

    def programs(self) -> list[ProgramLine]:
        """The largest first."""
        text = f"""SELECT g.id, g.name, {COUNTED} FROM payment p JOIN program g ON g.id = p.program_id
        WHERE {self.where} AND p.status = 'paid' GROUP BY g.id, g.name"""  # noqa: S608
        found = [ProgramLine(id_, name, *map(int, counted)) for id_, name, *counted in run_sql(text, self.values)]
        return sorted(found, key=lambda one: -one.fen)

    def fen_by_township(self) -> dict[int, int]:
        found: dict[int, int] = {}
        text = f"SELECT p.school_id, SUM(p.amount_fen) FROM payment p WHERE {self.where} AND p.status = 'paid' GROUP BY p.school_id"  # noqa: S608
        for school, fen in run_sql(text, self.values):
            township = self.townships.get(school, 0)
            found[township] = found.get(township, 0) + int(fen)
        return found

    def returned(self) -> Line:
        """Lines that came back and were not paid since."""
        text = f"SELECT {COUNTED} FROM payment p WHERE {self.where} AND p.status = 'returned' AND {UNPAID}"  # noqa: S608
        return Line(*map(int, run_sql(text, self.values).fetchone()))

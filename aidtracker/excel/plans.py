"""Plan: what an import would do, found without writing; the room's own save function then does it."""

from dataclasses import dataclass, field
from typing import Any

from aidtracker.phrases import Phrase


@dataclass
class Plan:
    """rows = created + updated + unchanged + refused; a warned row is saved and counted among them."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    conflicts: list[dict] = field(default_factory=list)  # where somebody else wrote meanwhile, with both versions: see actions_choosing
    payload: Any = None  # what the room's save function needs
    uid: str = ""  # of the import: what is written keeps it, so that the whole of it can be undone; '' when nobody asks for that

    @property
    def refused(self) -> int:
        return len(self.rows_with("refused"))

    @property
    def warned(self) -> int:
        """Rows that were saved all the same; a refused row's warnings are told but not counted."""
        return len(self.rows_with("warned") - self.rows_with("refused"))

    def rows_with(self, level: str) -> set:
        return {(p.sheet, p.row) for p in self.problems if p.level == level}

    def outcome(self, kind: str) -> dict:
        """As the command line and the review page say it."""
        counts = {name: getattr(self, name) for name in "rows created updated unchanged refused warned".split()}
        sheets = list(dict.fromkeys(problem.sheet for problem in self.problems))
        ordered = sorted(self.problems, key=lambda problem: (sheets.index(problem.sheet), problem.row))
        problems = [problem.as_dict() for problem in ordered]
        return {"kind": kind, **counts, "problems": problems, "notices": self.notices}


class Check:
    """The rows of one table on their way into a plan: which are refused, and every problem with its place."""

    def __init__(self, table, plan: Plan):
        self.table, self.plan, self.refused_rows = table, plan, set()
        self.size = len(table)
        plan.rows += self.size
        plan.notices += table.notices
        for key, bad_cells in table.bad.items():
            for i, bad in bad_cells.items():
                self.refuse(i, key, bad.code, bad.text, **bad.params)

    def column(self, key: str, default=None) -> list:
        """Clean values of a column; the default in every row when the sheet has no such column."""
        return self.table.column(key, default)

    def has(self, key: str) -> bool:
        return key in self.table.columns

    def refuse(self, i: int, key: str, code: str, text: str, /, **params) -> None:
        self.refused_rows.add(i)
        self.add(i, key, "refused", code, text, params)

    def warn(self, i: int, key: str, code: str, text: str, /, **params) -> None:
        self.add(i, key, "warned", code, text, params)

    def add(self, i, key, level, code, text, params) -> None:
        self.plan.problems.append(self.table.problem(i, key, code, Phrase(text, **params), level))

    def good_rows(self) -> list[int]:
        return [i for i in range(self.size) if i not in self.refused_rows]

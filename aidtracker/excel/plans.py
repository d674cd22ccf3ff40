"""Plan: what an import would do, found without writing; the room's own save function then does it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Plan:
    """rows = created + updated + unchanged + refused; a warned row is saved and counted among them."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    payload: Any = None  # what the room's save function needs

    @property
    def refused(self) -> int:
        return self.rows_with("refused")

    @property
    def warned(self) -> int:
        return self.rows_with("warned")

    def rows_with(self, level: str) -> int:
        return len({(p.sheet, p.row) for p in self.problems if p.level == level})

    def outcome(self, kind: str) -> dict:
        """As the command line and the review page say it."""
        counts = {name: getattr(self, name) for name in "rows created updated unchanged refused warned".split()}
        problems = [problem.as_dict() for problem in self.problems]
        return {"kind": kind, **counts, "problems": problems, "notices": self.notices}

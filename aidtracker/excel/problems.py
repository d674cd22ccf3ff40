"""What is wrong with one cell or row of a workbook, said so that a person finds the place."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["refused", "warned"]


@dataclass(frozen=True, slots=True)
class Problem:
    """`row` is the number a person sees in the spreadsheet; `column` the heading without ★ and spaces."""

    sheet: str
    row: int
    column: str
    level: Level
    code: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

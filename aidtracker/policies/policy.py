"""Policy: one thing that counties do differently. Its value is a whole number (of days, fen, percent ...) or one of a few words."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from aidtracker.errors import Refused

MONEY = "元"
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,4})?")  # no 1e999999, which would take a minute to write out


@dataclass(frozen=True)
class Policy:
    key: str
    group: str
    label: str
    default: int | str
    unit: str = ""  # of a number; 元: kept in fen
    least: int = 0
    most: int = 0
    choices: dict = field(default_factory=dict)  # {value: words}; empty: a number
    source: str = "惯例"  # 文号, where there is one
    about: str = ""  # what it changes
    is_used: bool = True  # False: kept until the page that goes by it is there

    @property
    def is_money(self) -> bool:
        return self.unit == MONEY

    def read(self, kept: str) -> int | str:
        """A kept value; the default where a later version knows the word no more."""
        if self.choices:
            return kept if kept in self.choices else self.default
        return int(kept)

    def refuse_value(self, value: int | str) -> None:
        """No such choice, or outside the bounds."""
        if self.choices:
            if value not in self.choices:
                raise Refused("请选择其中一项。")
        elif not isinstance(value, int) or not self.least <= value <= self.most:
            raise Refused("请填写 %(least)s 到 %(most)s 之间的数。", least=self.shown(self.least), most=self.shown(self.most))

    def typed(self, text: str) -> int | str:
        """What a person wrote. Refused: no such choice, no number, outside the bounds."""
        value = text if self.choices else self.number(text)
        self.refuse_value(value)
        return value

    def number(self, text: str) -> int:
        if not NUMBER.fullmatch(text.strip()):
            raise Refused("请填写数字，例如：%(example)s。", example=self.shown(self.default))
        number = Decimal(text.strip()) * (100 if self.is_money else 1)
        if number != number.to_integral_value():
            raise Refused("请填写整数（金额到分），例如：%(example)s。", example=self.shown(self.default))
        return int(number)

    def shown(self, value: int | str) -> str:
        """Without its unit: 312.5 of 31250 fen, the words of a choice."""
        if self.choices:
            return self.choices[value]
        if not self.is_money:
            return str(value)
        yuan, fen = divmod(int(value), 100)
        return f"{yuan}.{fen:02}".rstrip("0").rstrip(".")

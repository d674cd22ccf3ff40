"""Fen in yuan and in 万元, with nothing lost on the way and no float."""

from decimal import Decimal

from aidtracker.excel.tables import shown


def yuan_of(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def wan_of(fen: int) -> Decimal:
    """万元: up to six decimals, as many as the cents need."""
    return Decimal(fen).scaleb(-6)


def wan_text(fen: int) -> str:
    """79497875000 -> 79,497.875 as tables print it: at least two decimals."""
    return shown(wan_of(fen), "wan")


def plain_wan(fen: int) -> str:
    """443187500 -> 443.1875: no separators, no zeros that say nothing."""
    whole, _, decimals = f"{wan_of(fen):f}".partition(".")
    return f"{whole}.{decimals.rstrip('0')}".rstrip(".")

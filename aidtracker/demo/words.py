"""What `demo` and `practice` print: the address, and an account of every role, in Chinese and English."""

import unicodedata

from aidtracker.demo.staff import PASSWORD, Account
from aidtracker.permissions import ROLES

HEADINGS = ("角色 Role", "用户名 User name", "密码 Password", "在哪里 Where")


def account_rows(accounts: list[Account]) -> list[tuple[str, ...]]:
    return [(f"{ROLES[a.role].label} {ROLES[a.role].english}", a.username, PASSWORD, a.place) for a in accounts]


def words_of(accounts: list[Account], address: str, was_built: bool) -> str:
    return words_under("演示县已建好 The demo county is built" if was_built else "演示县 The demo county", accounts, address)


def words_of_practice(accounts: list[Account], address: str) -> str:
    return words_under("练习站，每天凌晨 3 点清空 The practice site, which begins anew at three every night", accounts, address)


def words_under(title: str, accounts: list[Account], address: str) -> str:
    lines = [
        f"{title}：人名、证件号都是编造的 everybody in it is invented",
        "",
        *table_lines([HEADINGS, *account_rows(accounts)]),
        "",
        "其他校长 other principals p01 p02 …；其他教师 other teachers t01.11 t01.21 …（学校.年级班 school.grade and class），密码相同 same password",
        "",
        f"网址 Address  {address}",
    ]
    return "\n".join(lines)


def table_lines(rows: list[tuple[str, ...]]) -> list[str]:
    """Columns of equal width on a terminal, where a Chinese character is two wide; a line under the headings."""
    widths = [max(width(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = ["  ".join(cell + " " * (w - width(cell)) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [lines[0], "  ".join("-" * w for w in widths), *lines[1:]]


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)

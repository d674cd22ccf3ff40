"""The staff list and the list of unused accounts as workbooks, on record."""

import io

from aidtracker.accounts.actions import told_many
from aidtracker.accounts.models import User
from aidtracker.accounts.queries import last_seen_of_many, roles_of_many
from aidtracker.accounts.sheets import HEADINGS
from aidtracker.accounts.staff import staff_rows
from aidtracker.db import china_time, transaction
from aidtracker.errors import Forbidden
from aidtracker.excel.writer import write_plain
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission

UNUSED = ("姓名", "用户名", "角色和单位", "最近使用", "新建时间")


def export_staff(*, place: Org | None, by: User) -> io.BytesIO:
    """Under the headings of the import, phones masked: the same file brought in again changes nothing."""
    refuse_others(by)
    rows = staff_rows(by, place)
    with transaction():
        told_many("export_staff", by, ("name", "phone", "role", "org"), len(rows))
    return workbook("人员名册", HEADINGS, rows)


def export_unused(*, users: list[User], by: User) -> io.BytesIO:
    refuse_others(by)
    roles, seen = roles_of_many(users), last_seen_of_many(users)
    rows = [
        (user.name, user.username, "、".join(f"{role}（{place}）" for role, place in roles.get(user.id, [])), shown(seen.get(user.id)), shown(user.created_at))
        for user in users
    ]
    with transaction():
        told_many("export_unused", by, ("name", "role"), len(rows))
    return workbook("闲置账号", UNUSED, rows)


def refuse_others(by: User) -> None:
    if not by.may(Permission.ACCOUNT_MANAGE):
        raise Forbidden("你没有管理账号的权限。")


def shown(moment) -> str:
    return china_time(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def workbook(title: str, headings, rows) -> io.BytesIO:
    book = io.BytesIO()
    write_plain(headings, rows, book, count=len(rows), sheet_name=title)
    book.seek(0)
    return book

"""The menu as data: who sees what. An item shows when its page exists and the person holds its permission."""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from aidtracker.permissions import Permission


@dataclass(frozen=True)
class Item:
    label: str
    endpoint: str
    permission: Permission | None = None  # None: every signed-in person
    icon: str = ""  # items with an icon may stand in the phone's tab bar


MENU = (
    Item(_l("首页"), "home.show_home", None, "home"),
    Item(_l("待办"), "tasks.list_tasks", Permission.CASE_WORK),
    Item(_l("点名"), "attendance.show_board", Permission.ROLL_VIEW, "roll"),
    Item(_l("家访"), "visits.list_visits", Permission.VISIT_VIEW, "visit"),
    Item(_l("个案"), "cases.list_cases", Permission.CASE_VIEW, "case"),
    Item(_l("学生"), "students.list_students", Permission.STUDENT_VIEW, "people"),
    Item(_l("资助"), "aid.list_batches", Permission.AID_VIEW),
    Item(_l("名单比对"), "census.show_matching", Permission.CENSUS_VIEW),
    Item(_l("报表"), "reports.list_reports", Permission.REPORT_VIEW, "chart"),
    Item(_l("台账"), "ledgers.list_ledgers", Permission.LEDGER_EXPORT),
    Item(_l("导入"), "imports.list_imports", Permission.IMPORT_SEND),
    Item(_l("导出与任务"), "jobs.list_jobs", Permission.REPORT_EXPORT),
    Item(_l("学校与班级"), "orgs.show_org", Permission.ORG_VIEW),
    Item(_l("校历"), "terms.show_calendar", Permission.ORG_VIEW),
    Item(_l("规则设置"), "policies.list_policies", Permission.ORG_VIEW),
    Item(_l("账号"), "accounts.list_users", Permission.ACCOUNT_MANAGE),
    Item(_l("开通进度"), "setup.show_setup", Permission.SETUP_VIEW),
    Item(_l("运行状态"), "operation.show_status", Permission.OPERATION_VIEW),
    Item(_l("审计记录"), "audit.list_entries", Permission.AUDIT_VIEW),
)
ME = Item(_l("我的"), "web.show_me", None, "me")
ENDPOINTS = [item.endpoint for item in (*MENU, ME)]
TABS = 4  # and 我的, which holds the rest


@dataclass(frozen=True)
class Entry:
    """An item as the page shows it."""

    label: str
    url: str
    icon: str
    current: bool


def register_menu(app: Flask) -> None:
    """Functions, not values: a page without a menu never asks who is there."""
    app.jinja_env.globals.update(menu_entries=menu_for, side_entries=side_for, tab_entries=tabs_for)


def menu_for(user=None) -> list[Entry]:
    """Every item that the person (default: who is signed in) may open, in order."""
    return entries(items_for(user))


def side_for(user=None) -> list[Entry]:
    """The menu of a desk: all of them, and 我的."""
    items = items_for(user)
    return entries([*items, ME]) if items else []


def tabs_for(user=None) -> list[Entry]:
    """The first few with an icon, then 我的."""
    items = [item for item in items_for(user) if item.icon][:TABS]
    return entries([*items, ME]) if items else []


def items_for(user) -> list[Item]:
    user = current_user._get_current_object() if user is None else user
    if not user.is_authenticated:
        return []
    views = current_app.view_functions
    return [item for item in MENU if item.endpoint in views and (item.permission is None or user.may(item.permission))]


def entries(items: list[Item]) -> list[Entry]:
    here = endpoint_of_this_page()
    return [Entry(str(item.label), url_for(item.endpoint), item.icon, item.endpoint == here) for item in items]


def endpoint_of_this_page() -> str:
    """Which item is the present one: the page's own, else whose address it stands below, else the first of its room."""
    if request.endpoint in ENDPOINTS:
        return request.endpoint
    views, here = current_app.view_functions, request.script_root + request.path
    for endpoint in ENDPOINTS[1:]:  # everything stands below the first page
        if endpoint in views and here.startswith(url_for(endpoint).rstrip("/") + "/"):
            return endpoint
    return next((endpoint for endpoint in ENDPOINTS if endpoint.partition(".")[0] == request.blueprint), "")

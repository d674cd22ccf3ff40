"""Files that people take away: what a workbook is called among types, and the browser that saves none."""

from flask import Flask, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def register_downloads(app: Flask) -> None:
    app.jinja_env.globals["is_wechat"] = is_wechat


def is_wechat() -> bool:
    """WeChat's browser saves no files."""
    return "MicroMessenger" in request.user_agent.string

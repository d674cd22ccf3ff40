"""Files that people take away: what a workbook is called among types, a picture as it is sent, and the browser that saves none."""

from flask import Flask, make_response, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

PICTURE = {  # it is a picture and nothing else, whatever a browser takes it for
    "Content-Type": "image/jpeg",
    "Content-Security-Policy": "default-src 'none'; sandbox; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def picture(content: bytes, name: str):
    response = make_response(content)
    response.headers.update(PICTURE)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def register_downloads(app: Flask) -> None:
    app.jinja_env.globals["is_wechat"] = is_wechat


def is_wechat() -> bool:
    """WeChat's browser saves no files."""
    return "MicroMessenger" in request.user_agent.string

"""What a practice installation shows on every page and in every file's name, and the real site's way to it."""

from urllib.parse import quote

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _l
from werkzeug.http import parse_options_header

from aidtracker.practice import is_practice, marked_name

BANNER = _l("练习站：数据都是编造的，每天凌晨 3 点清空重来。不要录入真实学生信息。")


def register_practice(app: Flask) -> None:
    app.jinja_env.globals.update(is_practice=is_practice, practice_address=practice_address, PRACTICE_BANNER=BANNER)
    app.after_request(mark_file)


def practice_address() -> str:
    """The sign-in page of the practice site; '' where there is none, in practice itself, and where the setting names this very site."""
    settings = current_app.config.get("SETTINGS")
    if settings is None or not settings.practice_url or is_practice() or settings.practice_url == request.host_url.rstrip("/"):
        return ""
    return f"{settings.practice_url}/sign-in"


def mark_file(response):
    """Whatever is saved says in its name where it comes from."""
    kind, options = parse_options_header(response.headers.get("Content-Disposition"))
    name = options.get("filename", "")
    if kind and name and is_practice():
        named = marked_name(name)
        response.headers["Content-Disposition"] = f"{kind}; filename=\"practice{suffix_of(name)}\"; filename*=UTF-8''{quote(named, safe='')}"
    return response


def suffix_of(name: str) -> str:
    """.xlsx; '' where the name has none that any system would take."""
    _, dot, suffix = name.rpartition(".")
    return f".{suffix}" if dot and suffix.isascii() and suffix.isalnum() else ""

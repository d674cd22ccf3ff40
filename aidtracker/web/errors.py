"""One handler for everything that goes wrong: plain words, what to do next, and a number to quote.

Error pages need neither the database nor a user: they are drawn without the context processors.
"""

import errno
import logging
import secrets
import sqlite3
import traceback

import peewee
from flask import Flask, current_app, flash, g, jsonify, make_response, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from aidtracker.errors import Conflict, Refused
from aidtracker.web.forms import translated
from aidtracker.web.redirects import safe_next

log = logging.getLogger(__name__)

STALE = _l("页面停留太久，刚才的内容没有保存。请返回上一页，刷新后重新填写并提交。")
WORDS = {
    400: _l("提交的内容不完整，没有保存。请返回上一页，核对后再试。"),
    401: _l("登录已过期。请重新登录后再试。"),
    403: _l("你没有查看这个页面的权限。如需要，请联系本单位管理员开通。"),
    404: _l("没有找到这条记录，可能已被合并或地址不对。"),
    405: _l("这个地址不能这样打开。请从首页进入要用的功能。"),
    409: _l("这条记录刚刚被别人改过，你的修改没有保存。请刷新页面，核对后再试。"),
    413: _l("文件太大，没有上传。请缩小或分成几份后再试。"),
    415: _l("系统认不出这种内容，没有保存。请换一种格式后再试。"),
    422: _l("这次提交的编号已经用过，内容却不一样。请刷新页面，核对后重新提交。"),
    429: _l("操作太频繁，请稍等一会儿再试。"),
    500: _l("系统出了点问题，我们已记录。请过几分钟再试；已提交的点名和家访不会丢。"),
    503: _l("系统正忙，刚才的内容没有保存。请稍等几秒再试。"),
    507: _l("服务器磁盘已满，刚才的内容没有保存。请联系系统管理员清理后再试。"),
}
RETRY_AFTER = {503: "5", 507: "300"}  # seconds
KEPT_HEADERS = ("Allow", "Retry-After")
DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
POSTGRES_DISK_FULL = "53100"


def register_errors(app: Flask) -> None:
    app.before_request(number_the_request)
    app.register_error_handler(Refused, show_refused)
    app.register_error_handler(CSRFError, show_stale)
    app.register_error_handler(HTTPException, show_http)
    app.register_error_handler(peewee.OperationalError, show_database_trouble)
    app.register_error_handler(peewee.InterfaceError, show_database_trouble)
    app.register_error_handler(OSError, show_disk_trouble)
    app.register_error_handler(Exception, show_unexpected)


def number_the_request() -> None:
    """A short id that a person can read out on the telephone; it stands in the log and the trail too."""
    g.request_id = secrets.token_hex(3).upper()


def request_id() -> str:
    if "request_id" not in g:
        number_the_request()
    return g.request_id


def show_refused(refused: Refused):
    theirs = refused.theirs if isinstance(refused, Conflict) else None
    return answer(refused.status, translated(refused), theirs=theirs)


def show_stale(error: CSRFError):
    return answer(400, str(STALE), stale=True)


def show_http(error: HTTPException):
    status = error.code or 500
    if status == 401 and not wants_json():
        return to_sign_in()
    headers = {name: value for name, value in error.get_headers() if name in KEPT_HEADERS}  # not its HTML
    response = answer(status, str(WORDS.get(status, WORDS[400 if status < 500 else 500])))
    response.headers.update(headers)
    return response


def show_database_trouble(error: Exception):
    status = 507 if is_disk_full(error) else 503
    log_without_persons(error, status)
    return answer(status, str(WORDS[status]))


def show_disk_trouble(error: OSError):
    if is_disk_full(error):
        return show_database_trouble(error)
    return show_unexpected(error)


def show_unexpected(error: Exception):
    if is_disk_full(error):
        return show_database_trouble(error)
    if current_app.debug or current_app.testing:
        raise error
    log_without_persons(error, 500)
    return answer(500, str(WORDS[500]))


def may_return() -> bool:
    """Whether the address can be opened again after signing in; what was ticked in a roll still waits there."""
    return request.url_rule is not None and "GET" in request.url_rule.methods


def to_sign_in():
    """A page asked for without signing in: sign in first, then go on to it."""
    endpoint = current_app.login_manager.login_view or "accounts.sign_in"
    if endpoint not in current_app.view_functions:
        return answer(401, str(WORDS[401]))
    wanted = request.full_path.rstrip("?") if may_return() else None
    only_looked = request.method in ("GET", "HEAD")
    if not only_looked:
        flash(str(WORDS[401]), "warn")
    return redirect(url_for(endpoint, next=safe_next(wanted, "") or None), 302 if only_looked else 303)


def answer(status: int, message: str, theirs=None, stale: bool = False):
    """The JSON or the page of an error, with its status and Retry-After."""
    body = {"message": message, "request_id": request_id()}
    if stale and wants_json():
        body["stale"] = True
    if theirs is not None and wants_json():
        body["theirs"] = theirs
    response = jsonify(body) if wants_json() else make_response(page(status, stale=stale, **body))
    response.status_code = status
    if status in RETRY_AFTER:
        response.headers["Retry-After"] = RETRY_AFTER[status]
    return response


def page(status: int, **values) -> str:
    """templates/errors/404.html, or the nearest one for a status that has none."""
    names = [f"errors/{status}.html", "errors/400.html" if status < 500 else "errors/500.html"]
    return current_app.jinja_env.select_template(names).render(status=status, **values)


def wants_json() -> bool:
    accepts = request.accept_mimetypes
    return request.is_json or accepts["application/json"] > accepts["text/html"]


def is_disk_full(error: BaseException) -> bool:
    """Looks behind the error too: peewee's failed rollback hides the full disk that caused it."""
    return any(_says_full(link) for link in chain_of(error))


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in DISK_IS_FULL:
        return True
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return True
    if getattr(error, "sqlstate", None) == POSTGRES_DISK_FULL:
        return True
    return isinstance(error, peewee.DatabaseError | sqlite3.Error) and "disk is full" in str(error)


def chain_of(error: BaseException | None) -> list[BaseException]:
    """The error, what it was raised from and what was being handled, each once."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        link = waiting.pop()
        if link is not None and link not in found:
            found.append(link)
            waiting += [link.__cause__, link.__context__]
    return found


def log_without_persons(error: Exception, status: int) -> None:
    """Where it broke and what kind of error, never its message or the address: both may hold names."""
    kinds = " < ".join(type(link).__name__ for link in chain_of(error))
    frames = traceback.extract_tb(error.__traceback__)
    where = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:])
    log.error("request %s: %s %s -> %s: %s at %s", request_id(), request.method, request.endpoint, status, kinds, where)

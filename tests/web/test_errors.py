"""Whatever goes wrong is said in plain Chinese, with the right status, and without the database."""

import errno
import logging
import re

import peewee
import pytest
from flask import abort
from werkzeug.exceptions import MethodNotAllowed, TooManyRequests

from aidtracker.errors import Conflict, Forbidden, KeyReused, NotFound, Refused
from aidtracker.web.errors import WORDS

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def ask(site, visitor):
    """ask(error) -> the answer of a page that raises it."""
    waiting = []
    site.add_url_rule("/trouble", "trouble", lambda: (_ for _ in ()).throw(waiting.pop()))

    def asked(error, **headers):
        waiting[:] = [error]
        return visitor.get("/trouble", headers=headers)

    return asked


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503])
def test_every_status_has_its_page_in_chinese_with_a_number_and_the_way_home(site, visitor, status):
    site.add_url_rule("/stop", "stop", lambda: abort(status) if status != 405 else (_ for _ in ()).throw(MethodNotAllowed()))
    answer = visitor.get("/stop")
    assert answer.status_code == status
    assert str(WORDS[status]) in answer.text
    assert re.search(r"编号 [0-9A-F]{6}", answer.text)
    assert 'href="/">返回首页' in answer.text
    assert len(re.findall(r"<h1>", answer.text)) == 1
    assert "非法" not in answer.text


def test_whoever_asks_for_json_gets_json(visitor):
    answer = visitor.get("/nowhere", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert set(answer.json) == {"message", "request_id"}
    assert HAN.search(answer.json["message"])


def test_a_browser_that_takes_anything_gets_a_page(visitor):
    assert "<h1>" in visitor.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"}).text
    assert "<h1>" in visitor.get("/nowhere", headers={"Accept": "*/*"}).text


@pytest.mark.parametrize(
    "refused", [Refused("今天是休息日，不用点名。"), Forbidden("没有权限。"), NotFound(), Conflict("别人改过。"), KeyReused()]
)
def test_a_refusal_that_no_view_caught_is_shown_in_its_own_words(ask, refused):
    answer = ask(refused)
    assert answer.status_code == refused.status
    assert refused.message in answer.text


def test_a_conflict_hands_over_what_stands_now_to_a_phone(ask):
    answer = ask(Conflict("%(who)s已点过名。", theirs={"absent": [3]}, who="校长"), Accept="application/json")
    assert answer.status_code == 409
    assert answer.json["theirs"] == {"absent": [3]}
    assert answer.json["message"] == "校长已点过名。"


def test_a_lost_database_is_503_and_says_when_to_try_again(ask, site):
    site.people.now = None
    answer = ask(peewee.OperationalError("connection to server at 10.0.0.1 failed"))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "10.0.0.1" not in answer.text


def test_an_error_page_never_asks_who_is_there(ask, site):
    def broken(_request):
        raise peewee.OperationalError("gone")

    site.login_manager.request_loader(broken)
    assert ask(peewee.OperationalError("gone")).status_code == 503
    assert ask(KeyError("x")).status_code == 500


def test_a_really_full_database_is_507_though_the_rollback_failed_too(site, visitor, tmp_path):
    database = peewee.SqliteDatabase(tmp_path / "small.db", pragmas={"max_page_count": 3})
    database.execute_sql("create table note (words text)")

    def fill():
        try:
            with database.atomic():
                database.execute_sql("insert into note values (?)", ("字" * 50_000,))
        except peewee.OperationalError:
            raise peewee.OperationalError("cannot rollback - no transaction is active")  # noqa: B904 as peewee does it
        return "saved"

    site.add_url_rule("/fill", "fill", fill)
    answer = visitor.get("/fill")
    database.close()
    assert answer.status_code == 507
    assert answer.headers["Retry-After"] == "300"
    assert "磁盘已满" in answer.text


def test_a_full_disk_under_a_file_is_507_and_any_other_trouble_with_files_is_500(ask):
    assert ask(OSError(errno.ENOSPC, "No space left on device")).status_code == 507
    assert ask(FileNotFoundError("x")).status_code == 500


def test_what_nobody_expected_is_500_and_the_log_names_no_person(ask, caplog):
    with caplog.at_level(logging.ERROR):
        answer = ask(ValueError("次仁卓玛 992212201203051234"))
    number = re.search(r"编号 ([0-9A-F]{6})", answer.text)[1]
    assert answer.status_code == 500
    assert number in caplog.text
    assert "ValueError" in caplog.text
    assert "次仁卓玛" not in answer.text + caplog.text
    assert "9922122" not in answer.text + caplog.text


def test_headers_that_say_what_to_do_are_kept(ask):
    assert ask(TooManyRequests(retry_after=30)).headers["Retry-After"] == "30"
    assert "GET" in ask(MethodNotAllowed(["GET"])).headers["Allow"]


def test_a_stranger_is_sent_to_sign_in_and_comes_back(site, visitor):
    site.people.now = None
    site.add_url_rule("/sign-in", "accounts.sign_in", lambda: "x")
    assert visitor.get("/me").location == "/sign-in?next=/me"
    assert visitor.get("/me", headers={"Accept": "application/json"}).status_code == 401


def test_where_there_is_no_sign_in_page_a_stranger_is_told(site, visitor):
    site.people.now = None
    answer = visitor.get("/me")
    assert answer.status_code == 401
    assert "登录已过期" in answer.text


def test_while_developing_an_error_is_not_hidden(ask, site):
    site.config["PROPAGATE_EXCEPTIONS"] = None
    site.testing = True
    with pytest.raises(ValueError, match="x"):
        ask(ValueError("x"))

"""What goes wrong in the field, against the whole site: Chinese words, the right status, nothing half saved."""

import datetime
import errno
import io
import re
import threading

import peewee
import pytest

from aidtracker import db
from aidtracker.accounts.models import SignInAttempt, User, UserSession
from aidtracker.attendance import actions as attendance
from aidtracker.attendance.models import Absence, DaySum, RollCall
from aidtracker.audit import actions as audit
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.imports.models import ImportFile
from aidtracker.receipts import actions as receipts
from aidtracker.receipts.models import Receipt
from aidtracker.terms.calendar import school_days
from tests import factories
from tests.cast import Client, police
from tests.conftest import ON_POSTGRESQL

HAN = re.compile(r"[\u4e00-\u9fff]")
JSON = {"Accept": "application/json"}


def said(answer, status, *words):
    """The status, a whole page in Chinese with a number to read out on the telephone, nothing of the machine."""
    assert answer.status_code == status, answer.text[:400]
    assert not re.search(r"Traceback|peewee|sqlite|psycopg|werkzeug|OperationalError|File \"", answer.text)
    if answer.is_json:
        assert set(answer.json) >= {"message", "request_id"}
        assert HAN.search(answer.json["message"])
    else:
        police(answer.text)
        assert re.search(r"编号 [0-9A-F]{6}", answer.text)
        assert "返回首页" in answer.text
    for each in words:
        assert each in (answer.json["message"] if answer.is_json else answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.fixture
def room(county):
    """The class of the cast with three pupils."""
    county.pupils = [factories.make_student(county.room, name, home=county.village) for name in ("次仁", "卓玛", "扎西")]
    return county.room


@pytest.fixture
def today(app):
    """The latest school day."""
    now = db.today_in_china()
    return school_days(now - datetime.timedelta(days=20), now)[-1]


def roll(room, today, **more):
    return {"class_id": room.id, "on": today.isoformat(), "session": "morning", **more}


# Addresses


@pytest.mark.parametrize("address", ["/no/such/page", "/students/abc", "/students/-1", "/students/1.5", "/%00", "/..%2f..%2fetc%2fpasswd", "/学生"])
def test_an_unknown_address_is_404(client, sign_in, teacher, address):
    said(client.http.get(address), 404, "没有找到")
    said(sign_in(teacher).http.get(address), 404, "没有找到")
    said(client.http.get(address, headers=JSON), 404, "没有找到")


def test_an_unknown_address_asks_nobody_to_sign_in(client):
    assert client.http.post("/no/such/page").status_code == 404


@pytest.mark.parametrize(("address", "method"), [("/sign-in", "PUT"), ("/sign-in", "DELETE"), ("/me", "POST"), ("/healthz", "POST"), ("/sign-out", "GET")])
def test_a_wrong_method_is_405_and_says_which_there_are(client, address, method):
    for headers in ({}, JSON):
        answer = client.http.open(address, method=method, headers=headers)
        said(answer, 405, "不能这样打开")
        assert answer.headers["Allow"]


# Forms


def test_a_form_of_an_old_session_is_400_and_says_what_to_do(sign_in, teacher, room, today):
    old, new = sign_in(teacher), sign_in(teacher)
    stale = {"csrf_token": old.token(), "key": "00000000-0000-4000-8000-000000000000"}
    for headers in ({}, JSON):
        answer = new.http.post(new.url("attendance.take_roll", **roll(room, today)), data=stale, headers=headers)
        said(answer, 400, "刷新后重新填写")
    assert RollCall.select().count() == 0 == Receipt.select().count()


@pytest.mark.parametrize("token", [None, "", "x", "x" * 5000, "IjEi.aSQ1.zzzz"])
def test_a_form_without_a_right_token_is_400(client, token):
    data = {"username": "teacher", "password": factories.PASSWORD} | ({} if token is None else {"csrf_token": token})
    said(client.http.post("/sign-in", data=data), 400)
    assert UserSession.select().count() == 0


def test_a_form_sent_by_another_site_is_400_even_with_a_token(sign_in, teacher):
    mine = sign_in(teacher)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        said(mine.http.post("/sign-out", data={"csrf_token": mine.token()}, headers=headers), 400)
    assert mine.http.get("/me").status_code == 200


def test_a_key_that_is_used_for_another_thing_is_422(sign_in, teacher, room, today, county):
    mine = sign_in(teacher)
    url, key = mine.url("attendance.take_roll", **roll(room, today)), "11111111-1111-4111-8111-111111111111"
    data = {"csrf_token": mine.token(), "key": key, "base_revision": "0"}
    assert mine.http.post(url, data=data).status_code == 303
    again = mine.http.post(url, data=data)
    assert again.status_code == 303
    other = mine.http.post(url, data=data | {"absent": county.pupils[0].id})
    assert other.status_code == 422
    assert HAN.search(other.text)
    assert RollCall.get().revision == 1
    assert Absence.select().count() == 0


@pytest.mark.parametrize(
    "data",
    [
        {"absent": "x"}, {"absent": "0"}, {"absent": "99999999"}, {"absent": "9" * 40}, {"absent": "-1"}, {"absent": "1; DROP TABLE"},
        {"absent": "\x00"}, {"base_revision": "9" * 40}, {"base_revision": "-1"}, {"key": "x"}, {"key": ""}, {"key": "\x00" * 36},
        {"reason": "字" * 100_000}, {"choice": "nothing"}, {"absent": ["1"] * 3000},
    ],
)  # fmt: skip
def test_nonsense_in_a_roll_is_refused_in_words_and_writes_nothing(sign_in, teacher, room, today, data):
    mine = sign_in(teacher)
    url = mine.url("attendance.take_roll", **roll(room, today))
    sent = {"csrf_token": mine.token(), "key": "22222222-2222-4222-8222-222222222222", "base_revision": "0", **data}
    answer = mine.http.post(url, data=sent)
    assert answer.status_code < 500
    assert RollCall.select().count() == Receipt.select().count()
    if answer.status_code != 303:
        assert HAN.search(answer.text)
        assert RollCall.select().count() == 0


def test_a_body_in_a_strange_shape_is_never_500(sign_in, teacher, room, today):
    mine = sign_in(teacher)
    url, token = mine.url("attendance.take_roll", **roll(room, today)), mine.token()
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "application/x-www-form-urlencoded; charset=utf-16"):
        for body in (b"", b"\xff\xfe\x00", b"{", b"--x\r\n", b"a=%ff%fe", b"a=" * 2000):
            answer = mine.http.post(url, data=body, content_type=kind, headers={"X-CSRFToken": token})
            assert answer.status_code < 500, (kind, body[:20], answer.status_code)
    assert RollCall.select().count() == 0


# Signing in


def test_a_wrong_password_says_so_and_after_five_it_is_429(client, teacher):
    for _ in range(5):
        answer = client.post("accounts.sign_in", {"username": "teacher", "password": "Wrong-hills-2026"}, status=None or (400 if _ < 4 else 429))
        assert "不对" in answer.text or "太多" in answer.text
    answer = client.post("accounts.sign_in", {"username": "teacher", "password": factories.PASSWORD}, status=429)
    assert "15 分钟" in answer.text
    police(answer.text)
    assert UserSession.select().count() == 0
    assert SignInAttempt.select().count() == 5
    assert AuditEntry.select().where(AuditEntry.action == "accounts.refuse_sign_in").count() == 5


def test_an_unknown_name_a_wrong_password_and_a_disabled_account_sound_alike(client, teacher, stranger):
    User.update(disabled_at=db.utcnow()).where(User.id == stranger.id).execute()
    words = []
    for username, password in (("nobody", "Wrong-hills-2026"), ("teacher", "Wrong-hills-2026"), ("stranger", factories.PASSWORD)):
        answer = client.post("accounts.sign_in", {"username": username, "password": password}, status=400)
        words.append(re.sub(r'value="[^"]*"|[0-9A-F]{6}', "", answer.text))
    assert words[0] == words[1] == words[2]


@pytest.mark.parametrize("username", ["", " ", "\x00", "a" * 10_000, "张老师", "' OR 1=1 --", "teacher\r\nX: y"])
def test_a_strange_user_name_is_refused_and_not_500(client, teacher, username):
    page = client.http.get("/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', page.text)[1]
    key = re.search(r'name="key"[^>]*value="([^"]*)"', page.text)[1]
    answer = client.http.post("/sign-in", data={"csrf_token": token, "key": key, "username": username, "password": "Wrong-hills-2026"})
    assert answer.status_code in (200, 400)
    assert HAN.search(answer.text)


def test_the_door_leads_nowhere_else(sign_in, client, teacher):
    for target in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aX:y", "///evil.example"):
        mine = Client(client.app)
        page = mine.http.get("/sign-in", query_string={"next": target})
        hidden = dict(re.findall(r'name="(csrf_token|key)"[^>]*value="([^"]*)"', page.text))
        data = {"username": "teacher", "password": factories.PASSWORD, **hidden}
        answer = mine.http.post("/sign-in", data=data, query_string={"next": target})
        assert answer.status_code == 303
        assert re.fullmatch(r"/(?![/\\])[^\r\n]*", answer.headers["Location"]), answer.headers["Location"]


# Sizes


def test_a_file_that_is_too_large_is_413_and_nothing_of_it_stays(sign_in, school_admin, app):
    mine = sign_in(school_admin)
    data = {"csrf_token": mine.token(), "file": (io.BytesIO(b"x" * 200_000), "roster.xlsx")}
    before, app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_CONTENT_LENGTH"], 100_000
    try:
        answer = mine.http.post("/imports/students/upload", data=data)
        said(answer, 413, "文件太大")
        data = {"csrf_token": mine.token(), "file": (io.BytesIO(b"x" * 200_000), "roster.xlsx")}
        said(mine.http.post("/imports/students/upload", data=data, headers=JSON), 413, "文件太大")
    finally:
        app.config["MAX_CONTENT_LENGTH"] = before
    assert ImportFile.select().count() == 0


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", "text/plain", ""])
def test_a_form_that_is_too_large_is_413_before_it_is_read(client, kind):
    """Also from a stranger: each pair of an urlencoded body costs fifty times its bytes."""
    said(client.http.post("/sign-in", data=b"a&" * 1_000_000, content_type=kind), 413)


def test_a_field_of_an_upload_that_is_too_large_is_413(sign_in, school_admin):
    mine = sign_in(school_admin)
    data = {"csrf_token": mine.token(), "file": (io.BytesIO(b"x"), "roster.xlsx"), "school_year": "2" * 2_000_000}
    said(mine.http.post("/imports/students/upload", data=data), 413)


# The machine


@pytest.fixture
def break_down(monkeypatch):
    """break_down(error): from now on the writing of the trail raises it, inside the transaction of the action."""

    def arranged(error):
        def broken(*args, **kwargs):
            raise error

        monkeypatch.setattr(attendance, "record", broken)
        monkeypatch.setattr(audit, "record", broken)

    return arranged


TROUBLES = [
    (peewee.OperationalError("database is locked"), 503, "稍等", "5"),
    (peewee.OperationalError("server closed the connection unexpectedly"), 503, "稍等", "5"),
    (peewee.InterfaceError("connection already closed"), 503, "稍等", "5"),
    (peewee.OperationalError("database or disk is full"), 507, "磁盘已满", "300"),
    (OSError(errno.ENOSPC, "No space left on device"), 507, "磁盘已满", "300"),
    (RuntimeError("次仁 990121201203051234"), 500, "我们已记录", None),
]


@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "json"])
@pytest.mark.parametrize(("error", "status", "words", "retry"), TROUBLES, ids=lambda value: str(value)[:24])
def test_what_breaks_in_the_middle_of_a_write_is_said_and_leaves_nothing(
    sign_in, teacher, room, today, break_down, county, error, status, words, retry, headers
):
    mine = sign_in(teacher)
    url = mine.url("attendance.take_roll", **roll(room, today))
    data = {"csrf_token": mine.token(), "key": "33333333-3333-4333-8333-333333333333", "base_revision": "0", "absent": county.pupils[0].id}
    before = AuditEntry.select().count()
    break_down(error)
    answer = mine.http.post(url, data=data, headers=headers)
    said(answer, status, words)
    assert answer.headers.get("Retry-After") == retry
    assert "990121" not in answer.text
    counts = [model.select().count() for model in (RollCall, Absence, DaySum, Receipt)]
    assert counts == [0, 0, 0, 0]
    assert AuditEntry.select().count() == before


def test_a_roll_without_its_receipt_is_no_roll(sign_in, teacher, room, today, monkeypatch):
    """Both or neither: a phone that asks again must not be told that it was something else."""
    mine = sign_in(teacher)
    url = mine.url("attendance.take_roll", **roll(room, today))
    data = {"csrf_token": mine.token(), "key": "88888888-8888-4888-8888-888888888888", "base_revision": "0"}
    before = AuditEntry.select().count()
    with monkeypatch.context() as broken:
        broken.setattr(receipts, "first_time", lost_after(receipts.first_time))
        said(mine.http.post(url, data=data), 503)
    assert [model.select().count() for model in (RollCall, Receipt)] == [0, 0]
    assert AuditEntry.select().count() == before
    assert mine.http.post(url, data=data).status_code == 303


def lost_after(function):
    """The connection goes when all is written and nothing committed."""

    def called(*args, **kwargs):
        function(*args, **kwargs)
        raise peewee.OperationalError("server closed the connection unexpectedly")

    return called


def test_after_the_trouble_the_same_form_is_simply_sent_again(sign_in, teacher, room, today, county, monkeypatch):
    mine = sign_in(teacher)
    url = mine.url("attendance.take_roll", **roll(room, today))
    data = {"csrf_token": mine.token(), "key": "44444444-4444-4444-8444-444444444444", "base_revision": "0", "absent": county.pupils[0].id}
    with monkeypatch.context() as broken:
        broken.setattr(attendance, "record", lambda **_: (_ for _ in ()).throw(peewee.OperationalError("gone")))
        assert mine.http.post(url, data=data).status_code == 503
    assert mine.http.post(url, data=data).status_code == 303
    assert RollCall.get().expected - RollCall.get().present == 1
    assert first_broken_entry() is None


def test_a_lost_database_is_503_on_every_page(sign_in, teacher, room, monkeypatch):
    """The very first question, who is there, finds no database; the page that says so needs none."""
    mine = sign_in(teacher)

    def lost(*args, **kwargs):
        raise peewee.OperationalError("could not connect to server")

    monkeypatch.setattr(type(db.database.obj), "execute_sql", lost)
    monkeypatch.setattr(type(db.database.obj), "connect", lost)
    for address in ("/", "/me", f"/students/{room.id}", "/roll"):
        answer = mine.http.get(address)
        said(answer, 503)
        assert answer.headers["Retry-After"]
        said(mine.http.get(address, headers=JSON), 503)
    assert mine.http.get("/healthz").status_code == 503


@pytest.mark.skipif(ON_POSTGRESQL, reason="a page limit is SQLite's way of filling a disk")
def test_a_database_that_is_really_full_is_507_and_reading_goes_on(sign_in, teacher, room, today, county):
    mine, pupils = sign_in(teacher), [factories.make_student(room, f"次仁{number}", home=county.village) for number in range(12)]
    url = mine.url("attendance.take_roll", **roll(room, today))
    data = {"csrf_token": mine.token(), "key": "55555555-5555-4555-8555-555555555555", "base_revision": "0"}
    data |= {"absent": [pupil.id for pupil in pupils]} | {f"reason-{pupil.id}": "字" * 190 for pupil in pupils}  # more than a page
    pages = db.database.execute_sql("PRAGMA page_count").fetchone()[0]
    db.database.execute_sql(f"PRAGMA max_page_count = {pages}")
    full = filled_up()
    answer = mine.http.post(url, data=data)
    assert full and answer.status_code == 507, answer.status_code
    said(answer, 507, "磁盘已满")
    assert mine.http.get(url).status_code == 200
    db.database.execute_sql(f"PRAGMA max_page_count = {pages * 10}")
    assert RollCall.select().count() == 0 == Receipt.select().count()
    assert mine.http.post(url, data=data).status_code == 303


def filled_up() -> bool:
    """Uses up the free pages that are left, as rows that nobody misses."""
    try:
        for number in range(10_000):
            db.database.execute_sql("INSERT INTO sign_in_attempt (account, network, at, succeeded) VALUES (?, '', '2026-01-01', 0)", ("x" * 3000 + str(number),))
    except peewee.OperationalError as error:
        return "full" in str(error)
    return False


# Two at once


def test_two_people_who_submit_one_roll_at_once_leave_one_and_a_conflict(app, sign_in, teacher, school_admin, room, today, county):
    """Both had seen the empty roll; whoever comes second sees both versions, and nothing of the first is lost."""
    people = [sign_in(teacher), sign_in(school_admin)]
    url = people[0].url("attendance.take_roll", **roll(room, today))
    sent = []
    for number, person in enumerate(people):
        key = f"66666666-6666-4666-8666-66666666666{number}"
        sent.append({"csrf_token": person.token(), "key": key, "base_revision": "0", "absent": county.pupils[number].id})
    answers, gate = [None, None], threading.Barrier(2)

    def submit(number):
        gate.wait()
        answers[number] = people[number].http.post(url, data=sent[number])
        db.database.close()

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert "没有丢" in loser.text
    police(loser.text)
    won = RollCall.get()
    assert won.revision == 1
    [kept] = Absence.select()
    first = next(number for number, answer in enumerate(answers) if answer.status_code == 303)
    assert kept.student_id == county.pupils[first].id
    assert Receipt.select().count() == 1
    [day] = DaySum.select()
    assert (day.rolls, day.expected, day.present) == (1, 3, 2)
    assert AuditEntry.select().where(AuditEntry.action == "attendance.submit_roll_call").count() == 1
    assert first_broken_entry() is None


def test_one_form_sent_eight_times_at_once_is_one_roll(app, sign_in, teacher, room, today):
    mine = sign_in(teacher)
    url = mine.url("attendance.take_roll", **roll(room, today))
    data = {"csrf_token": mine.token(), "key": "77777777-7777-4777-8777-777777777777", "base_revision": "0"}
    jar, gate, answers = dict(mine.http._cookies), threading.Barrier(8), []

    def submit():
        phone = Client(app)
        phone.http._cookies.update(jar)
        gate.wait()
        answers.append(phone.http.post(url, data=data).status_code)
        db.database.close()

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [303] * 8
    assert (RollCall.select().count(), Receipt.select().count(), DaySum.get().rolls) == (1, 1, 1)
    assert first_broken_entry() is None

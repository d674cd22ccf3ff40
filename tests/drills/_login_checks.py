"""What one browser at a time can find out about sessions, redirects and first passwords, with a clock that can be set."""

import contextlib
import datetime
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from aidtracker.accounts import actions, sessions
from aidtracker.accounts.models import Membership, User, UserSession
from aidtracker.accounts.passwords import check_password, new_password
from aidtracker.errors import Refused
from tests import factories
from tests.cast import Client
from tests.drills.drill import swapped

# Where a browser would leave the site, or where somebody might think so.
TARGETS = (
    "//evil.cn", "///evil.cn", "////evil.cn", "/\\evil.cn", "\\\\evil.cn", "/\\/evil.cn", "https:evil.cn", "https:/evil.cn", "https://evil.cn",
    "http:evil.cn", "javascript:alert(1)", "data:text/html,x", "/\t/evil.cn", "/\n/evil.cn", "/\r\nLocation: //evil.cn", "/%0d%0aLocation:%20//evil.cn",
    " //evil.cn", "\t//evil.cn", "／／evil.cn", "/／evil.cn", "//user@evil.cn", "user@evil.cn", "//localhost@evil.cn", "//localhost.evil.cn",
    "//evil.cn\\@localhost", "/.//evil.cn", "/..//evil.cn", "//[::1]evil.cn", "?next=//evil.cn", "evil.cn", "",
)  # fmt: skip
COMMON = ("Admin@123456", "P@ssw0rd2026", "Woaini1314!", "1qaz@WSX3edc", "Abc123456!", "Aa123456789", "Zhang19900101", "Jiaoyuju2026!", "Laoshi_001_002")
MINUTE, HOUR, DAY = (datetime.timedelta(**{unit: 1}) for unit in ("minutes", "hours", "days"))


class House:
    """The site in this process; `made(role)` is somebody new."""

    def __init__(self, app, places, make_user: Callable):
        self.app, self.places, self.made = app, places, make_user

    def sign_in(self, user: User, password: str = factories.PASSWORD, client: Client | None = None) -> Client:
        client = client or Client(self.app)
        client.post("accounts.sign_in", {"username": user.username, "password": password})
        return client

    def with_cookie(self, cookie: str) -> Client:
        client = Client(self.app)
        client.http.set_cookie("aidtracker", cookie)
        return client


def cookie_of(client: Client) -> str:
    return client.http.get_cookie("aidtracker").value


def is_in(client: Client) -> bool:
    return client.http.get("/me").status_code == 200


@contextlib.contextmanager
def later(by: datetime.timedelta):
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + by):
        yield


def a_session_is_new(house: House) -> None:
    """Whatever lay in the browser before, its own or somebody else's session, is no way in afterwards."""
    first, second = house.made("teacher"), house.made("teacher")
    browser = Client(house.app)
    browser.get("accounts.sign_in")
    before = cookie_of(browser)
    house.sign_in(first, client=browser)
    assert is_in(browser) and not is_in(house.with_cookie(before)), "the cookie from before signing in opens the site"
    of_first = cookie_of(browser)
    house.sign_in(second, client=browser)
    assert cookie_of(browser) != of_first, "whoever signs in over a session goes on with its token"
    assert second.name in browser.get("web.show_me").text, "somebody else is in"
    hashes = [bytes(one.token_hash) for one in UserSession.select().where(UserSession.user.in_([first, second]))]
    assert len(set(hashes)) == 2 and all(len(one) == 32 for one in hashes), "one token for two"


def a_session_that_was_left_is_over(house: House) -> None:
    browser = house.sign_in(house.made("teacher"))
    cookie = cookie_of(browser)
    browser.post("accounts.sign_out", page="/me")
    assert not is_in(browser) and not is_in(house.with_cookie(cookie)), "the cookie opens the site after signing out"


def a_change_is_felt_at_once(house: House) -> None:
    """Password, role, state: the next request of every device is refused."""
    admin, new = house.made("bureau_admin"), new_password()
    changes = {
        "the password was changed": lambda user: actions.change_password(user=user, old=factories.PASSWORD, new=new, by=user),
        "the password was reset": lambda user: actions.reset_password(user=user, password=new, by=admin),
        "a role was given": lambda user: actions.give_role(
            user=user, role="teacher", org=house.places.sibling_room, starts_on=datetime.date(2026, 1, 1), by=admin
        ),
        "a role was ended": lambda user: actions.end_role(membership=Membership.get(Membership.user == user), by=admin),
        "the account was disabled": lambda user: actions.disable_user(user=user, reason="已调离", by=admin),
    }
    for what, change in changes.items():
        user = house.made("teacher")
        devices = [house.sign_in(user), house.sign_in(user)]
        assert all(map(is_in, devices))
        change(User.get_by_id(user.id))
        assert not any(map(is_in, devices)), f"{what}, and a device is still in"


def a_session_ends_by_itself(house: House) -> None:
    """Idle and in all: a teacher's after three days and fourteen, an office's after half an hour and twelve."""
    for role, idle, pace, absolute in (("teacher", 3 * DAY, 2 * DAY, 14 * DAY), ("bureau_staff", 30 * MINUTE, 25 * MINUTE, 12 * HOUR)):
        left, used = house.sign_in(house.made(role)), house.sign_in(house.made(role))
        with later(idle - MINUTE):
            assert is_in(left), f"a {role} is out before {idle}"
        with later(2 * idle + MINUTE):
            assert not is_in(left), f"a {role} who did nothing for {idle} is still in"
        steps = int(absolute / pace)
        for step in range(1, steps + 1):
            with later(min(step * pace, absolute - MINUTE)):
                assert is_in(used), f"a {role} who went on working is out after {step * pace}"
        with later(absolute + MINUTE):
            assert not is_in(used), f"a {role} is in for ever"


def a_first_password_is_changed(house: House) -> None:
    admin, password = house.made("bureau_admin"), new_password()
    user = house.made("teacher")
    actions.reset_password(user=user, password=password, by=admin)
    browser = house.sign_in(user, password)
    for address in ("/", "/me", "/students", "/roll"):
        assert browser.http.get(address).location == browser.url("accounts.change_password"), f"{address} opens with the administrator's password"


def nobody_is_sent_away(house: House) -> None:
    user, browser = house.made("teacher"), Client(house.app)
    answers = [browser.http.post("/language", data={"csrf_token": browser.token(), "language": "zh", "next": target}) for target in TARGETS]
    page = browser.http.get("/sign-in", query_string={"next": TARGETS[0]})
    entering = {"csrf_token": browser.token(), "username": user.username, "password": factories.PASSWORD}
    assert page.status_code == 200
    answers.append(browser.http.post("/sign-in", query_string={"next": TARGETS[0]}, data=entering))
    for target, answer in zip((*TARGETS, TARGETS[0]), answers, strict=True):
        assert answer.status_code == 303, f"next={target!r} is answered {answer.status_code}"
        assert stays(answer.headers["Location"]) and len(answer.headers.getlist("Location")) == 1, f"next={target!r} leads to {answer.location}"


def stays(location: str) -> bool:
    """As a browser reads it: without what cannot be seen, \\ as /, and the wide slash as itself."""
    seen = "".join(letter for letter in location.replace("\\", "/") if ord(letter) > 32)
    return urlsplit(urljoin("http://localhost/sign-in", seen)).netloc == "localhost"


def a_common_password_is_refused(house: House) -> None:
    for password in COMMON:
        with contextlib.suppress(Refused):
            check_password(password, "someone", ("dengbao",))
            raise AssertionError(f"{password} is taken")


def a_header_is_not_believed(house: House) -> None:
    """Without a proxy in front anybody may write anything into X-Forwarded-For."""
    user, browser = house.made("teacher"), Client(house.app)
    token = browser.token()
    for number in range(sessions.GUESSES + 3):
        forged = {"X-Forwarded-For": f"10.{number}.0.1", "X-Real-IP": f"10.{number}.0.1", "Forwarded": f"for=10.{number}.0.1"}
        data = {"csrf_token": token, "username": user.username, "password": "Wrong-password-7"}
        answer = browser.http.post("/sign-in", data=data, headers=forged)
    assert answer.status_code == 429, "a forged X-Forwarded-For gives new guesses"


def an_open_phone_is_no_way_in(house: House) -> None:
    """Whoever holds somebody's phone and guesses at the old password, to keep the account."""
    browser, new = house.sign_in(house.made("teacher")), new_password()
    wrong = {"csrf_token": browser.token(), "old": "Wrong-password-7", "new": new, "again": new}
    answers = [browser.http.post("/me/password", data=wrong).status_code for _ in range(sessions.GUESSES + 1)]
    assert answers[-1] == 429, f"guesses at the old password are answered {answers}"


CHECKS = {
    "through": (
        a_session_is_new, a_session_that_was_left_is_over, a_change_is_felt_at_once, a_session_ends_by_itself, a_header_is_not_believed,
        an_open_phone_is_no_way_in,
    ),
    "wrong": (a_first_password_is_changed, nobody_is_sent_away, a_common_password_is_refused),
}  # fmt: skip

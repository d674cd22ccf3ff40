"""The second factor: setting it up, the code at the door, recovery codes, a lost phone."""

import contextlib
import datetime
import re

import pytest

from aidtracker.accounts import actions_inviting, sessions, totp
from aidtracker.accounts.actions import change_password
from aidtracker.accounts.actions_second import create_second_factor, reset_second_factor
from aidtracker.accounts.models import SignInAttempt, User, UserSession
from aidtracker.accounts.models_second import HalfSignIn, RecoveryCode, SecondFactor
from aidtracker.accounts.second_factor import SLOW, WrongCode, take_code
from aidtracker.audit.models import AuditEntry
from aidtracker.crypto.keyring import key
from aidtracker.db import database, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import COUNTY_ROLES, ROLES
from tests import factories
from tests.drills.drill import swapped

STEP = datetime.timedelta(seconds=30)


@pytest.fixture
def clerk(county):
    """As a real installation makes one: nothing is set up."""
    return factories.make_user("bureau_staff", county.county, "周干事", "clerk", is_exempt=False)


@pytest.fixture
def phone(clerk):
    """The clerk's second factor: the secret that the phone shares."""
    return factories.give_second_factor(clerk)


def later(by):
    return swapped("aidtracker.db.utcnow", lambda real: lambda: real() + by)


def half(user, network="192.0.2.7"):
    with pytest.raises(sessions.CodeNeeded) as needed:
        sessions.sign_in(username=user.username, password=factories.PASSWORD, network=network, agent="")
    return needed.value.token


def whole(token, code, network="192.0.2.7"):
    return sessions.sign_in_with_code(token=token, code=code, network=network, agent="")[0]


def told(action):
    return AuditEntry.select().where(AuditEntry.action == f"accounts.{action}").count()


# The codes themselves.


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")])
def test_codes_are_those_of_the_standard(seconds, code):
    """RFC 6238, appendix B, the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp.code_at(secret, totp.step_of(totp.EPOCH + datetime.timedelta(seconds=seconds))) == code


def test_an_app_reads_the_address():
    secret = totp.new_secret()
    assert re.fullmatch(r"[A-Z2-7]{32}", secret)
    assert totp.address_of(secret, "li.ganshi") == f"otpauth://totp/aidtracker:li.ganshi?secret={secret}&issuer=aidtracker"


# Setting it up.


def test_whose_roles_ask_for_it():
    assert COUNTY_ROLES == {"bureau_staff", "bureau_admin", "finance", "system_admin", "auditor", "city_viewer"}


@pytest.mark.parametrize("role", sorted(COUNTY_ROLES))
def test_a_new_account_of_the_county_sets_it_up_before_anything_else(county, sign_in, role):
    place = county.city if "city" in ROLES[role].held_at else county.county
    client = sign_in(factories.make_user(role, place, is_exempt=False))
    for address in ("/", "/me", "/me/sessions", "/orgs", "/policies"):
        assert client.http.get(address).location == "/me/second-factor", address
    assert client.http.post("/me/recovery-codes", data={"csrf_token": client.token()}).location == "/me/second-factor"
    assert "开始设置" in client.get("accounts.show_second_factor").text


def test_nobody_else_is_asked(county, sign_in):
    for role, place in (("teacher", county.room), ("school_admin", county.school), ("township_coordinator", county.township)):
        sign_in(factories.make_user(role, place, is_exempt=False)).get("web.show_me")


def test_the_password_comes_first(clerk, sign_in):
    User.update(must_change_password=True).where(User.id == clerk.id).execute()
    client = sign_in(clerk)
    assert client.http.get("/").location == "/me/password"
    assert client.http.get("/me/second-factor").location == "/me/password"


def begun(client, user):
    client.post("accounts.create_second_factor", page=client.url("accounts.show_second_factor"))
    return SecondFactor.get(SecondFactor.user == user).new_secret


def codes_in(page):
    return re.findall(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", page.text)


def confirm(client, code, status=200):
    return client.post("accounts.set_second_factor", {"code": code}, status, page=client.url("accounts.show_second_factor"))


def test_setting_it_up(clerk, sign_in):
    client, other = sign_in(clerk), sign_in(clerk)
    secret = begun(client, clerk)
    page = client.get("accounts.show_second_factor").text
    assert totp.in_groups(secret) in page and "<svg" in page
    codes = codes_in(confirm(client, factories.code_of(secret)))
    assert len(set(codes)) == 10
    client.get("web.show_me")  # this device goes on
    assert other.http.get("/me").status_code == 302  # every other one is out
    assert secret.encode() not in bytes(database.execute_sql("SELECT secret FROM second_factor").fetchone()[0])
    kept = [bytes(row.code_hash) for row in RecoveryCode.select()]
    assert len(kept) == 10 and not any(code.encode() in each for code in codes for each in kept)
    assert SecondFactor.get().new_secret is None
    assert codes_in(client.get("accounts.show_second_factor")) == []
    assert (told("create_second_factor"), told("set_second_factor")) == (1, 1)


def test_a_wrong_first_code_sets_nothing(clerk, sign_in):
    client = sign_in(clerk)
    secret = begun(client, clerk)
    page = confirm(client, factories.code_of(totp.new_secret()), 400)
    assert "验证码不对" in page.text and totp.in_groups(secret) in page.text
    assert client.http.get("/me").location == "/me/second-factor"


@pytest.mark.parametrize("typed", ["验证码是多少", "12", "x" * 20])
def test_what_is_no_code_sets_nothing(clerk, sign_in, typed):
    client = sign_in(clerk)
    begun(client, clerk)
    assert "验证码不对" in confirm(client, typed, 400).text


@pytest.mark.parametrize(("steps", "words"), [(-20, "慢了 10 分钟"), (20, "快了 10 分钟"), (-2, "慢了 1 分钟")])
def test_setting_it_up_names_the_clock_of_the_phone(clerk, sign_in, steps, words):
    client = sign_in(clerk)
    secret = begun(client, clerk)
    text = confirm(client, factories.code_of(secret, steps), 400).text
    assert words.replace(" ", "") in text.replace("大约", "").replace(" ", "")


def test_the_first_code_opens_no_door_again(clerk, sign_in):
    client = sign_in(clerk)
    secret = begun(client, clerk)
    code = factories.code_of(secret)
    confirm(client, code)
    with pytest.raises(WrongCode, match="已经用过"):
        take_code(clerk, code)


def test_a_new_phone_replaces_the_old_one_only_when_it_is_confirmed(clerk, phone, sign_in):
    client = sign_in(clerk)
    code_page(client, phone)
    secret = begun(client, clerk)
    take_code(clerk, factories.code_of(phone, 1))  # the old one still holds
    with later(4 * STEP):
        confirm(client, factories.code_of(secret))
        with pytest.raises(WrongCode):
            take_code(clerk, factories.code_of(phone, 1))


def test_new_recovery_codes_end_the_old_ones(clerk, phone, sign_in):
    client = sign_in(clerk)
    code_page(client, phone)
    address = client.url("accounts.show_second_factor")
    first = codes_in(client.post("accounts.create_recovery_codes", status=200, page=address))
    second = codes_in(client.post("accounts.create_recovery_codes", status=200, page=address))
    assert len(first) == len(second) == 10 and not set(first) & set(second)
    with pytest.raises(WrongCode):
        take_code(clerk, first[0])
    assert take_code(clerk, second[0])


def test_accounts_of_the_demo_set_none_up(officer):
    with pytest.raises(Refused, match="演示账号"):
        create_second_factor(user=officer, by=officer)


# The door.


def code_page(client, secret, status=303):
    return client.post("accounts.sign_in_with_code", {"code": factories.code_of(secret)}, status)


def test_the_password_alone_opens_nothing(clerk, phone, sign_in):
    client = sign_in(clerk)
    assert client.http.get("/me").status_code == 302
    assert UserSession.select().count() == 0 and told("sign_in") == 0
    code_page(client, phone)
    client.get("web.show_me")
    assert HalfSignIn.select().count() == 0 and told("sign_in") == 1


def test_a_code_leads_to_the_page_that_was_wanted(clerk, phone, client):
    data = {"username": "clerk", "password": factories.PASSWORD}
    answer = client.post("accounts.sign_in", data, next="/students")
    assert answer.location == "/sign-in/code?next=/students"
    assert client.post("accounts.sign_in_with_code", {"code": factories.code_of(phone)}, next="/students").location == "/students"


def test_a_code_is_good_for_a_step_before_and_after_and_once(clerk, phone):
    with later(4 * STEP):
        for steps in (-1, 0, 1):
            whole(half(clerk), factories.code_of(phone, steps))
        for steps in (-1, 0, 1):
            with pytest.raises(WrongCode, match="已经用过"):
                whole(half(clerk), factories.code_of(phone, steps))
        with pytest.raises(WrongCode):
            whole(half(clerk), factories.code_of(phone, 2))


def test_a_step_is_not_taken_after_a_later_one(clerk, phone):
    with later(4 * STEP):
        whole(half(clerk), factories.code_of(phone, 1))
        with pytest.raises(WrongCode, match="已经用过"):
            whole(half(clerk), factories.code_of(phone, 0))


def test_a_late_phone_is_named_and_one_that_is_ahead_gives_nothing_away(clerk, phone):
    with pytest.raises(WrongCode, match="慢了 5 分钟".replace(" ", ".*")):
        take_code(clerk, factories.code_of(phone, -10))
    with pytest.raises(WrongCode) as ahead:
        take_code(clerk, factories.code_of(phone, 10))
    with pytest.raises(WrongCode) as wrong:
        take_code(clerk, factories.code_of(phone, -(max(SLOW) + 500)))
    assert ahead.value.message == wrong.value.message and "手机时间" in wrong.value.message


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "x" * 40])
def test_what_is_no_code_is_a_wrong_one(clerk, phone, typed):
    with pytest.raises(WrongCode):
        take_code(clerk, typed)


def test_a_code_may_be_typed_as_the_phone_shows_it(clerk, phone):
    code = factories.code_of(phone)
    take_code(clerk, f" {code[:3]} {code[3:]} ".translate({ord("0") + n: "０１２３４５６７８９"[n] for n in range(10)}))


def test_guesses_at_the_code_are_those_at_the_password(clerk, phone, client):
    client.post("accounts.sign_in", {"username": "clerk", "password": "wrong"}, status=400)
    for _ in range(4):
        client.post("accounts.sign_in", {"username": "clerk", "password": factories.PASSWORD})
        status = client.post("accounts.sign_in_with_code", {"code": "000000"}, (400, 429)[_ == 3]).status_code
    assert status == 429
    client.post("accounts.sign_in", {"username": "clerk", "password": factories.PASSWORD}, status=429)
    assert told("refuse_code") == 4
    assert SignInAttempt.select().count() == 5


def test_a_right_password_does_not_make_wrong_codes_forgotten(clerk, phone):
    with contextlib.suppress(Refused):
        for _ in range(20):
            with contextlib.suppress(WrongCode):
                whole(half_or_refused(clerk), "000000")
    assert told("refuse_code") == 5


def half_or_refused(user):
    try:
        sessions.sign_in(username=user.username, password=factories.PASSWORD, network="192.0.2.7", agent="")
    except sessions.CodeNeeded as needed:
        return needed.token


def test_a_right_code_makes_the_guesses_before_it_forgotten(clerk, phone):
    for n in range(3):
        with later(n * 3 * STEP):
            for _ in range(4):
                with pytest.raises(WrongCode):
                    whole(half(clerk), "000000")
            whole(half(clerk), factories.code_of(phone))


def test_half_a_sign_in_ends_by_time_by_use_and_by_any_change(clerk, phone):
    token = half(clerk)
    with later(datetime.timedelta(minutes=11)), pytest.raises(Refused, match="停留太久"):
        whole(token, factories.code_of(phone))
    whole(token, factories.code_of(phone))
    with later(2 * STEP), pytest.raises(Refused, match="停留太久"):
        whole(token, factories.code_of(phone))
    token = half(clerk)
    change_password(user=User.get_by_id(clerk.id), old=factories.PASSWORD, new="Green-river-2026", by=clerk)
    with later(4 * STEP), pytest.raises(Refused, match="停留太久"):
        whole(token, factories.code_of(phone))


def test_without_the_password_there_is_no_code_page(client):
    assert "请先输入用户名和密码" in client.get("accounts.sign_in_with_code").text
    client.post("accounts.sign_in_with_code", {"code": "123456"}, 400, page=client.url("accounts.sign_in"))


def test_a_recovery_code_is_good_once(clerk, phone, sign_in):
    client = sign_in(clerk)
    code_page(client, phone)
    codes = codes_in(client.post("accounts.create_recovery_codes", status=200, page=client.url("accounts.show_second_factor")))
    again = sign_in(clerk)
    again.post("accounts.sign_in_with_code", {"recovery": codes[3].lower().replace("-", " ")})
    assert "还剩 9 个" in again.get("web.show_me").text
    assert told("use_recovery_code") == 1
    other = sign_in(clerk)
    assert "已经用过" in other.post("accounts.sign_in_with_code", {"recovery": codes[3]}, 400).text


def test_somebody_elses_recovery_code_opens_nothing(clerk, phone, county):
    other = factories.make_user("bureau_staff", county.county, is_exempt=False)
    factories.give_second_factor(other)
    from_other = "ABCD-EFGH-JKMN-PQRS"
    RecoveryCode.create(user=other, code_hash=b"x" * 32)
    with pytest.raises(WrongCode):
        take_code(clerk, from_other)


def test_an_invitation_is_no_way_around_the_code(clerk, phone, administrator, client):
    slip = actions_inviting.invite_user(user=clerk, by=administrator)
    new = {"token": slip.token, "new": "Green-river-2026", "again": "Green-river-2026"}
    client.post("accounts.accept_invitation", {"token": slip.token}, status=200)
    answer = client.post("accounts.accept_invitation", new, status=303)
    assert answer.location == "/sign-in/code"
    assert client.http.get("/me").status_code == 302
    code_page(client, phone)
    client.get("web.show_me")


def test_the_secret_is_sealed_by_a_key_of_its_own():
    assert {SecondFactor.secret.purpose, SecondFactor.new_secret.purpose} == {"totp"}


def test_that_key_is_there(clerk, phone):
    assert len(key("totp")[1]) == 32


# A lost phone.


def test_an_administrator_resets_a_lost_phone(clerk, phone, administrator, sign_in):
    mine = sign_in(clerk)
    code_page(mine, phone)
    client = sign_in(administrator)
    assert "重置两步验证" in client.get("accounts.show_user", user_id=clerk.id).text
    client.post("accounts.reset_second_factor", {"reason": "手机丢失，已核对本人"}, user_id=clerk.id)
    assert mine.http.get("/me").status_code == 302
    again = sign_in(clerk)
    assert again.http.get("/me").location == "/me/second-factor"
    entry = AuditEntry.get(AuditEntry.action == "accounts.reset_second_factor")
    assert (entry.actor_id, entry.object_id, entry.reason) == (administrator.id, clerk.uid, "手机丢失，已核对本人")


def test_nobody_resets_their_own_nor_that_of_someone_above(clerk, phone, administrator, school_admin):
    factories.give_second_factor(administrator)
    with pytest.raises(Refused, match="不能自己重置"):
        reset_second_factor(user=administrator, reason="x", by=administrator)
    with pytest.raises(Forbidden):
        reset_second_factor(user=clerk, reason="x", by=school_admin)
    assert SecondFactor.select().count() == 2


def test_there_must_be_one_to_reset(clerk, administrator):
    epoch = User.get_by_id(clerk.id).epoch
    with pytest.raises(Refused, match="没有设置"):
        reset_second_factor(user=clerk, reason="x", by=administrator)
    assert User.get_by_id(clerk.id).epoch == epoch


def test_who_becomes_of_the_county_is_asked_at_once(county, sign_in):
    user = factories.make_user("school_admin", county.school, is_exempt=False)
    client = sign_in(user)
    client.get("web.show_me")
    from_today = {"user": user, "role": "bureau_staff", "org": county.county, "starts_on": utcnow().date() - datetime.timedelta(days=1)}
    sessions.Membership.create(**from_today)
    assert client.http.get("/me").location == "/me/second-factor"

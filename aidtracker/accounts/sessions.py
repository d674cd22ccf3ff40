"""Signing in and out: guesses counted by account and network, sessions as revocable rows."""

import base64
import datetime
import hashlib
import ipaddress
import secrets
from typing import NamedTuple

import peewee

from aidtracker.accounts.models import Membership, SignInAttempt, User, UserSession
from aidtracker.accounts.models_second import HalfSignIn
from aidtracker.accounts.passwords import fits, hash_password, is_weaker
from aidtracker.accounts.queries import county_of
from aidtracker.accounts.rules import strictest
from aidtracker.accounts.second_factor import WrongCode, factor_of, take_code
from aidtracker.audit.actions import record
from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import as_day, as_time, loaded, lock, run_sql, today_in_china, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import ROLES
from aidtracker.phrases import Phrase

WINDOW = datetime.timedelta(minutes=15)
SLIP = "slip "  # before the network of a guess at the code of an invitation
GUESSES = 5  # failures of one account from one network within the window
GUESSES_A_DAY = 100  # of one account, from everywhere but the networks that it is known at
KNOWN = datetime.timedelta(days=90)  # since it last signed in there
USER = (
    "id", "uid", "username", "name", "password_hash", "must_change_password", "language", "epoch", "disabled_at", "created_at",
    "password_set_at", "is_exempt",
)  # fmt: skip
PLACE = ("id", "kind", "code", "name", "parent", "county", "path")
# Written out, the roles with it: every request asks it, and composing it would cost more than a whole page.
LOOKUP = f"""SELECT s.epoch, s.ended_at, s.expires_at, s.seen_at, s.idle_seconds, s.is_teachers, s.proved_at, f.id, {", ".join(f"u.{name}" for name in USER)},
m.id, m.role, m.starts_on, m.ends_on, m.duty, o.id, o.kind, o.code, o.name, o.parent_id, o.county_id, o.path
FROM user_session s JOIN user_account u ON u.id = s.user_id
LEFT JOIN second_factor f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL
LEFT JOIN membership m ON m.user_id = u.id AND m.starts_on <= ? AND (m.ends_on IS NULL OR m.ends_on >= ?)
LEFT JOIN org o ON o.id = m.org_id WHERE s.token_hash = ? ORDER BY m.id"""  # noqa: S608 our own names
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))
PROGRAMS = (("MicroMessenger", "微信"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
HEAD = 8  # columns of the session itself
ONE_DAY = datetime.timedelta(days=1)
SEEN_EVERY = datetime.timedelta(minutes=5)  # a look must not cost a write


CHANGED = "这个账号刚有变动，请再登录一次。"


class Limits(NamedTuple):
    idle: datetime.timedelta  # unused for longer a session ends
    absolute: datetime.timedelta


HALF = datetime.timedelta(minutes=10)  # from the password to the code
SHARED = Limits(datetime.timedelta(minutes=15), datetime.timedelta(hours=2))  # of a telephone that several people use


class TooManyGuesses(Refused):
    status = 429


class CodeNeeded(Exception):
    """The password was right; `token` names the half that is done."""

    def __init__(self, token: str):
        self.token = token
        super().__init__()


def sign_in(*, username: str, password: str, network: str, agent: str, is_shared: bool = False) -> str:
    """Returns the new session's token. Refused with the same words for a wrong name and a wrong password. CodeNeeded: half is done."""
    typed, place = username.strip().lower()[:60], network_of(network)
    user = User.get_or_none(User.username == typed)
    account = user.username if user else unknown_account(typed)
    guess = count_guess(account, place)
    right = fits(password, user.password_hash if user else None)
    if right and user.is_active:
        strengthen(user, password)
        return let_in(user, guess, place, agent, is_shared)
    with transaction():
        uid, county_id = (user.uid, county_of(user)) if user else ("", None)
        record(action="accounts.refuse_sign_in", by=user, object_kind="user", object_id=uid, county_id=county_id)
    refuse_guessing(account, place)
    raise Refused("用户名或密码不对。忘记密码请联系本校或本局管理员。")


def let_in(user: User, guess: int, place: str, agent: str, is_shared: bool) -> str:
    """Whoever has a second factor is asked for it first. Until then the password was no wrong guess, and no right one either: that
    would make the guesses at the code forgotten."""
    if factor_of(user) is None:
        return open_session(user, guess, place, agent, is_shared)
    token, now = secrets.token_urlsafe(32), utcnow()
    with transaction():
        HalfSignIn.delete().where((HalfSignIn.user == user) & (HalfSignIn.expires_at < now)).execute()
        SignInAttempt.delete().where(SignInAttempt.id == guess).execute()
        half = {"user": user, "epoch": user.epoch, "is_shared": is_shared, "expires_at": now + HALF}
        HalfSignIn.create(token_hash=token_hash(token), **half, force_insert=True)
    raise CodeNeeded(token)


def half_sign_in(token: str) -> HalfSignIn | None:
    """The right password of a few minutes ago, of an account that nobody has changed since."""
    found = HalfSignIn.select(HalfSignIn, User).join(User).where(HalfSignIn.token_hash == token_hash(token)).first()
    if found is None or found.expires_at < utcnow() or found.epoch != found.user.epoch or not found.user.is_active:
        return None
    return found


def sign_in_with_code(*, token: str, code: str, network: str, agent: str) -> tuple[str, bool]:
    """The other half, by a code of the phone or a recovery code: the new session's token, and whether it was the latter."""
    half, place = half_sign_in(token), network_of(network)
    if half is None:
        raise Refused("输入密码后停留太久，或账号刚有变动。请回到登录页，从用户名和密码重新开始。")
    user = half.user
    guess = count_guess(user.username, place)
    try:
        is_recovery = take_code(user, code)
    except WrongCode:
        refuse_code(user)
        refuse_guessing(user.username, place)
        raise
    with transaction():
        if not HalfSignIn.delete().where(HalfSignIn.token_hash == token_hash(token)).execute():
            raise Refused(CHANGED)
        opened = open_session(user, guess, place, agent, half.is_shared)
        if is_recovery:
            record(action="accounts.use_recovery_code", by=user, object_kind="user", object_id=user.uid, county_id=user.county_id)
    return opened, is_recovery


def refuse_code(user: User) -> None:
    with transaction():
        record(action="accounts.refuse_code", by=user, object_kind="user", object_id=user.uid, county_id=user.county_id)


def prove(*, user: User, typed: str, by: User) -> None:
    """Once more who it is, on this device: by a code where there is a second factor, else by the password. A device left open
    gives no more guesses than the door does."""
    guess = count_guess(user.username, "prove")
    try:
        if user.has_second_factor:
            take_code(user, typed)
        elif not fits(typed, user.password_hash):
            raise WrongCode("密码不对。")
    except WrongCode:
        refuse_code(user)
        refuse_guessing(user.username, "prove")
        raise
    was_right(guess)
    user.proved_at = utcnow()
    with transaction():
        UserSession.update(proved_at=user.proved_at).where(UserSession.token_hash == token_hash(user.session_token)).execute()
        record(action="accounts.prove", by=by, object_kind="user", object_id=user.uid, county_id=user.county_id)


def strengthen(user: User, password: str) -> None:
    """A hash made at a lower cost is made anew while the password is at hand."""
    if is_weaker(user.password_hash):
        stronger = hash_password(password)
        with transaction():
            unchanged = (User.id == user.id) & (User.password_hash == user.password_hash)
            User.update(password_hash=stronger).where(unchanged).execute()


def unknown_account(typed: str) -> str:
    """What guesses at a name that nobody has are counted by: it may be a password or an ID, typed into the wrong field."""
    return "?" + keyed("index_account", typed).hex()


def count_guess(account: str, place: str) -> int:
    """Every guess is a wrong one until it was looked at: of a hundred at once no more are looked at than one after the other."""
    refuse_guessing(account, place)  # a flood of them costs no write
    with transaction():
        lock("sign-in", account)
        refuse_guessing(account, place)
        return SignInAttempt.create(account=account, network=place, succeeded=False).id


def was_right(guess: int) -> None:
    with transaction():
        SignInAttempt.update(succeeded=True).where(SignInAttempt.id == guess).execute()


def refuse_guessing(account: str, place: str) -> None:
    """Who guesses from everywhere closes the account for a day, but not to the places where its holder signs in; and guesses at the
    code of an invitation close the invitation, not the door."""
    now, entered_at = utcnow(), last_success(account, place)
    failed = (SignInAttempt.account == account) & ~SignInAttempt.succeeded
    here = failed & (SignInAttempt.network == place)
    if SignInAttempt.select().where(here & (SignInAttempt.at > max(now - WINDOW, entered_at))).count() >= GUESSES:
        raise TooManyGuesses("输错次数太多。请 15 分钟后再试，或联系管理员。")
    at_slip = SignInAttempt.network.startswith(SLIP)
    everywhere = failed & (at_slip if place.startswith(SLIP) else ~at_slip)
    today = (here if entered_at > now - KNOWN else everywhere) & (SignInAttempt.at > now - ONE_DAY)
    if SignInAttempt.select().where(today).count() >= GUESSES_A_DAY:
        raise TooManyGuesses("今天输错次数太多，这个账号暂停登录。请联系管理员。")


def last_success(account: str, place: str) -> datetime.datetime:
    mine = (SignInAttempt.account == account) & (SignInAttempt.network == place) & SignInAttempt.succeeded
    return SignInAttempt.select(peewee.fn.MAX(SignInAttempt.at)).where(mine).scalar() or datetime.datetime.min


def open_session(user: User, guess: int, place: str, agent: str, is_shared: bool = False) -> str:
    token, now = secrets.token_urlsafe(32), utcnow()
    limits, is_old = limits_of(user, is_shared), has_old_password(user)
    with transaction():
        lock("user", user.id)
        if not User.select().where((User.id == user.id) & (User.epoch == user.epoch)).exists():
            raise Refused(CHANGED)
        was_right(guess)
        UserSession.create(
            token_hash=token_hash(token),
            user=user,
            epoch=user.epoch,
            created_at=now,
            seen_at=now,
            expires_at=now + limits.absolute,
            idle_seconds=int(limits.idle.total_seconds()),
            is_teachers=is_only_teacher(user),
            proved_at=now,
            network=place,
            agent=agent[:200],
            is_shared=is_shared,
            force_insert=True,
        )
        if is_old:
            User.update(must_change_password=True).where(User.id == user.id).execute()
        record(action="accounts.sign_in", by=user, object_kind="user", object_id=user.uid, county_id=user.county_id)
    return token


def limits_of(user: User, is_shared: bool) -> Limits:
    """As the county has set them; who works in several keeps to the shortest."""
    counties = user.county_ids
    if is_only_teacher(user):
        own = Limits(*(strictest(key, counties) * ONE_DAY for key in ("teacher_idle_days", "teacher_session_days")))
    else:
        idle, absolute = strictest("office_idle_minutes", counties), strictest("office_session_hours", counties)
        own = Limits(datetime.timedelta(minutes=idle), datetime.timedelta(hours=absolute))
    return Limits(*map(min, own, SHARED)) if is_shared else own


def has_old_password(user: User) -> bool:
    """Of the county's and the city's people: older than the county lets one grow."""
    if user.is_exempt or not user.holds_county_role:
        return False
    return utcnow() - (user.password_set_at or user.created_at) > strictest("password_days", user.county_ids) * ONE_DAY


def enter_invited(*, user: User, network: str, agent: str, is_shared: bool = False) -> str:
    """The first session of whoever has just chosen a password; returns its token. CodeNeeded as at the door."""
    place = network_of(network)
    with transaction():
        guess = SignInAttempt.create(account=user.username, network=place, succeeded=False).id
    return let_in(user, guess, place, agent, is_shared)


def entered(token: str) -> User:
    """Whoever has just signed in. Refused: the account was closed or changed in the same moment."""
    user = session_user(token)
    if user is None:
        raise Refused(CHANGED)
    return user


def session_user(token: str) -> User | None:
    """The user of a living session: not ended, not expired, not idle, of the user's present epoch."""
    today, hashed = today_in_china(), token_hash(token)
    rows = run_sql(LOOKUP, (today, today, hashed)).fetchall()
    if not rows:
        return None
    epoch, ended_at, expires_at, seen_at, idle_seconds, is_teachers, proved_at, factor = rows[0][:HEAD]
    user, now = user_of(rows), utcnow()
    if ended_at or not user.is_active or epoch != user.epoch or (is_teachers and holds_office(user)):
        return None
    idle = now - as_time(seen_at)
    if now > as_time(expires_at) or abs(idle) > datetime.timedelta(seconds=idle_seconds):  # not of a clock that was far ahead either
        return None
    if idle > SEEN_EVERY:
        with transaction():
            UserSession.update(seen_at=now).where(UserSession.token_hash == hashed).execute()
    user.session_token, user.proved_at, user.has_second_factor = token, as_time(proved_at), factor is not None
    return user


def user_of(rows) -> User:
    """The user with the roles held today, of the rows of LOOKUP."""
    values = dict(zip(USER, rows[0][HEAD : HEAD + len(USER)], strict=True))
    values["must_change_password"] = bool(values["must_change_password"])
    values["is_exempt"] = bool(values["is_exempt"])
    values |= {name: as_time(values[name]) for name in ("disabled_at", "created_at", "password_set_at")}
    user, user_held = loaded(User, values), []
    for row in rows:
        id_, role, starts_on, ends_on, duty, *place = row[HEAD + len(USER) :]
        if role in ROLES:
            held = {"id": id_, "user": user.id, "role": role, "org": place[0], "starts_on": as_day(starts_on)}
            user_held.append(loaded(Membership, held | {"ends_on": as_day(ends_on), "duty": duty}))
            user_held[-1].__rel__["org"] = loaded(Org, dict(zip(PLACE, place, strict=True)))
    user.memberships = user_held
    return user


def sign_out(*, token: str, by: User) -> None:
    with transaction():
        UserSession.update(ended_at=utcnow()).where(UserSession.token_hash == token_hash(token)).execute()
        record(action="accounts.sign_out", by=by, object_kind="user", object_id=by.uid, county_id=by.county_id)


def is_only_teacher(user: User) -> bool:
    """Teachers stay signed in on their phones; whoever holds an office role does not."""
    return bool(user.memberships) and all(m.role == "teacher" for m in user.memberships)


def holds_office(user: User) -> bool:
    return any(m.role != "teacher" for m in user.memberships)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def network_of(address: str) -> str:
    """The /24 or /64 that an address belongs to: guesses are counted by neighbourhood."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    ip = getattr(ip, "ipv4_mapped", None) or ip  # ::ffff:192.0.2.7 is how a socket of both kinds says 192.0.2.7
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 64}", strict=False).network_address)


def sessions_of(user: User) -> list[UserSession]:
    living = (UserSession.user == user) & UserSession.ended_at.is_null() & (UserSession.expires_at > utcnow())
    return list(UserSession.select().where(living & (UserSession.epoch == user.epoch)).order_by(UserSession.seen_at))


def end_session(*, session: UserSession, by: User) -> None:
    """One's own other device, say a lost phone."""
    with transaction():
        UserSession.update(ended_at=utcnow()).where(UserSession.token_hash == session.token_hash).execute()
        record(action="accounts.end_session", by=by, object_kind="user", object_id=by.uid, fields=("session",), county_id=by.county_id)


def session_of(user: User, code: str) -> UserSession | None:
    """By the code that the page names it by."""
    return next((one for one in sessions_of(user) if code_of(one) == code), None)


def code_of(session: UserSession) -> str:
    """The first 80 bits of its hash, in letters: digits alone would look like a pupil's number."""
    return base64.b32encode(bytes(session.token_hash)[:10]).decode().lower()


def device_of(agent: str) -> str:
    """What a person recognises the device by: 微信（Android）, Chrome（Windows）."""
    system = next((word for mark, word in SYSTEMS if mark in agent), "其他系统")
    program = next((word for mark, word in PROGRAMS if mark in agent), "浏览器")
    return Phrase("%(program)s（%(system)s）", program=Phrase(program), system=Phrase(system))

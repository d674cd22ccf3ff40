"""Signing in and out: guesses counted by account and network, sessions as revocable rows."""

import datetime
import hashlib
import ipaddress
import secrets

import peewee

from aidtracker.accounts.models import Membership, SignInAttempt, User, UserSession
from aidtracker.accounts.passwords import fits
from aidtracker.audit.actions import record
from aidtracker.db import as_day, as_time, loaded, run_sql, today_in_china, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import ROLES
from aidtracker.phrases import Phrase

WINDOW = datetime.timedelta(minutes=15)
GUESSES = 5  # failures of one account from one network within the window
GUESSES_A_DAY = 100  # of one account, from everywhere
ABSOLUTE = {True: datetime.timedelta(days=14), False: datetime.timedelta(hours=12)}  # only a teacher: yes, no
IDLE = {True: datetime.timedelta(days=3), False: datetime.timedelta(minutes=30)}
USER = ("id", "uid", "username", "name", "password_hash", "must_change_password", "language", "epoch", "disabled_at", "created_at")
PLACE = ("id", "kind", "code", "name", "parent", "county", "path")
# Written out, the roles with it: every request asks it, and composing it would cost more than a whole page.
LOOKUP = f"""SELECT s.epoch, s.ended_at, s.expires_at, s.seen_at, {", ".join(f"u.{name}" for name in USER)},
m.id, m.role, m.starts_on, m.ends_on, o.id, o.kind, o.code, o.name, o.parent_id, o.county_id, o.path
FROM user_session s JOIN user_account u ON u.id = s.user_id
LEFT JOIN membership m ON m.user_id = u.id AND m.starts_on <= ? AND (m.ends_on IS NULL OR m.ends_on >= ?)
LEFT JOIN org o ON o.id = m.org_id WHERE s.token_hash = ? ORDER BY m.id"""  # noqa: S608 our own names
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))
PROGRAMS = (("MicroMessenger", "微信"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SEEN_EVERY = datetime.timedelta(minutes=5)  # a look must not cost a write


class TooManyGuesses(Refused):
    status = 429


def sign_in(*, username: str, password: str, network: str, agent: str) -> str:
    """Returns the new session's token. Refused with the same words for a wrong name and a wrong password."""
    account, place = username.strip().lower()[:60], network_of(network)
    refuse_guessing(account, place)
    user = User.get_or_none(User.username == account)
    right = fits(password, user.password_hash if user else None)
    if right and user.is_active:
        return open_session(user, place, agent)
    with transaction():
        SignInAttempt.create(account=account, network=place, succeeded=False)
        uid, county_id = (user.uid, user.county_id) if user else ("", None)
        record(action="accounts.refuse_sign_in", by=user, object_kind="user", object_id=uid, county_id=county_id)
    refuse_guessing(account, place)
    raise Refused("用户名或密码不对。忘记密码请联系本校或本局管理员。")


def refuse_guessing(account: str, place: str) -> None:
    now = utcnow()
    failed = (SignInAttempt.account == account) & ~SignInAttempt.succeeded
    since_success = last_success(account, place)
    recent = failed & (SignInAttempt.network == place) & (SignInAttempt.at > max(now - WINDOW, since_success))
    if SignInAttempt.select().where(recent).count() >= GUESSES:
        raise TooManyGuesses("输错次数太多。请 15 分钟后再试，或联系管理员。")
    today = failed & (SignInAttempt.at > now - datetime.timedelta(days=1))
    if SignInAttempt.select().where(today).count() >= GUESSES_A_DAY:
        raise TooManyGuesses("今天输错次数太多，这个账号暂停登录。请联系管理员。")


def last_success(account: str, place: str) -> datetime.datetime:
    mine = (SignInAttempt.account == account) & (SignInAttempt.network == place) & SignInAttempt.succeeded
    return SignInAttempt.select(peewee.fn.MAX(SignInAttempt.at)).where(mine).scalar() or datetime.datetime.min


def open_session(user: User, place: str, agent: str) -> str:
    token, now = secrets.token_urlsafe(32), utcnow()
    with transaction():
        refuse_guessing(user.username, place)  # again: others may have guessed wrong while this password was looked at
        SignInAttempt.create(account=user.username, network=place, succeeded=True)
        UserSession.create(
            token_hash=token_hash(token),
            user=user,
            epoch=user.epoch,
            expires_at=now + ABSOLUTE[is_only_teacher(user)],
            network=place,
            agent=agent[:200],
            force_insert=True,
        )
        record(action="accounts.sign_in", by=user, object_kind="user", object_id=user.uid, county_id=user.county_id)
    return token


def session_user(token: str) -> User | None:
    """The user of a living session: not ended, not expired, not idle, of the user's present epoch."""
    today, hashed = today_in_china(), token_hash(token)
    rows = run_sql(LOOKUP, (today, today, hashed)).fetchall()
    if not rows:
        return None
    epoch, ended_at, expires_at, seen_at = rows[0][:4]
    user, now = user_of(rows), utcnow()
    if ended_at or not user.is_active or epoch != user.epoch:
        return None
    idle = now - as_time(seen_at)
    if now > as_time(expires_at) or idle > IDLE[is_only_teacher(user)]:
        return None
    if idle > SEEN_EVERY:
        with transaction():
            UserSession.update(seen_at=now).where(UserSession.token_hash == hashed).execute()
    user.session_token = token
    return user


def user_of(rows) -> User:
    """The user with the roles held today, of the rows of LOOKUP."""
    values = dict(zip(USER, rows[0][4 : 4 + len(USER)], strict=True))
    values["must_change_password"] = bool(values["must_change_password"])
    values["disabled_at"], values["created_at"] = as_time(values["disabled_at"]), as_time(values["created_at"])
    user, user_held = loaded(User, values), []
    for row in rows:
        id_, role, starts_on, ends_on, *place = row[4 + len(USER) :]
        if role in ROLES:
            held = {"id": id_, "user": user.id, "role": role, "org": place[0], "starts_on": as_day(starts_on), "ends_on": as_day(ends_on)}
            user_held.append(loaded(Membership, held))
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


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def network_of(address: str) -> str:
    """The /24 or /64 that an address belongs to: guesses are counted by neighbourhood."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
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
    """By the first letters of its hash, as the page names it."""
    return next((one for one in sessions_of(user) if code_of(one) == code), None)


def code_of(session: UserSession) -> str:
    return bytes(session.token_hash).hex()[:16]


def device_of(agent: str) -> str:
    """What a person recognises the device by: 微信（Android）, Chrome（Windows）."""
    system = next((word for mark, word in SYSTEMS if mark in agent), "其他系统")
    program = next((word for mark, word in PROGRAMS if mark in agent), "浏览器")
    return Phrase("%(program)s（%(system)s）", program=Phrase(program), system=Phrase(system))

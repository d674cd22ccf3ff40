"""Signing in and out: guesses counted by account and network, sessions as revocable rows."""

import datetime
import hashlib
import ipaddress
import secrets

import peewee

from aidtracker.accounts.models import SignInAttempt, User, UserSession
from aidtracker.accounts.passwords import fits
from aidtracker.audit.actions import record
from aidtracker.db import transaction, utcnow
from aidtracker.errors import Refused

WINDOW = datetime.timedelta(minutes=15)
GUESSES = 5  # failures of one account from one network within the window
GUESSES_A_DAY = 100  # of one account, from everywhere
ABSOLUTE = {True: datetime.timedelta(days=14), False: datetime.timedelta(hours=12)}  # only a teacher: yes, no
IDLE = {True: datetime.timedelta(days=3), False: datetime.timedelta(minutes=30)}
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
        record(action="accounts.refuse_sign_in", by=user, object_kind="user", object_id=user.uid if user else "")
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
        record(action="accounts.sign_in", by=user, object_kind="user", object_id=user.uid)
    return token


def session_user(token: str) -> User | None:
    """The user of a living session: not ended, not expired, not idle, of the user's present epoch."""
    found = UserSession.select(UserSession, User).join(User).where(UserSession.token_hash == token_hash(token)).first()
    if found is None or found.ended_at or not found.user.is_active or found.epoch != found.user.epoch:
        return None
    now, user = utcnow(), found.user
    if now > found.expires_at or now - found.seen_at > IDLE[is_only_teacher(user)]:
        return None
    if now - found.seen_at > SEEN_EVERY:
        with transaction():
            UserSession.update(seen_at=now).where(UserSession.token_hash == found.token_hash).execute()
    user.session_token = token
    return user


def sign_out(*, token: str, by: User) -> None:
    with transaction():
        UserSession.update(ended_at=utcnow()).where(UserSession.token_hash == token_hash(token)).execute()
        record(action="accounts.sign_out", by=by, object_kind="user", object_id=by.uid)


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


"""One-time invitations: made for one or many, accepted with a password of one's own.

Neither token nor code is kept: whoever needs the slip again gets a new invitation, which ends the one before.
"""

import datetime
import secrets
from typing import NamedTuple

from aidtracker.accounts.actions import end_sessions, lasting_places, manages, refuse_stand_in, told, told_many
from aidtracker.accounts.invitations import NO_PASSWORD, hash_of_code, void
from aidtracker.accounts.models import SignInAttempt, User
from aidtracker.accounts.models_staff import Invitation
from aidtracker.accounts.passwords import check_password, hash_password
from aidtracker.accounts.rules import password_rules, strictest
from aidtracker.accounts.sessions import token_hash
from aidtracker.db import new_uid, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.receipts.actions import new_number

MOST = 240  # slips of one sheet: thirty pages


class Slip(NamedTuple):
    """What is printed, and known to nobody afterwards."""

    user: User
    token: str
    code: str
    expires_at: datetime.datetime


def invite_user(*, user: User, by: User) -> Slip:
    """A first password, or another one for a forgotten one: the old one holds no longer, sessions end, guesses are forgotten."""
    refuse_uninvitable(user, by)
    slip = new_slip(user)
    with transaction():
        keep(slip, by)
        told("invite_user", user, by, ("invitation", "password"), None)
    return slip


def invite_users(*, users: list[User], by: User) -> list[Slip]:
    """The same for many at once, of a school or of all who never came."""
    if not users:
        raise Refused("没有需要邀请的人：都已经登录过，或手里有还没过期的邀请单。")
    if len(users) > MOST:
        raise Refused("一次最多发 %(most)s 张邀请单。", most=MOST)
    for user in users:
        refuse_uninvitable(user, by)
    slips = [new_slip(user) for user in sorted(users, key=lambda user: user.id)]
    with transaction():
        for slip in slips:
            keep(slip, by)
        told_many("invite_users", by, ("invitation", "password"), len(slips))
    order = {user.id: n for n, user in enumerate(users)}
    return sorted(slips, key=lambda slip: order[slip.user.id])


def refuse_uninvitable(user: User, by: User) -> None:
    if user == by:
        raise Refused("自己的密码请在「修改密码」里改，要填原密码。")
    manages(user, by)
    refuse_stand_in(by, *lasting_places(user))
    if not user.is_active:
        raise Refused("%(name)s的账号已经停用，请先重新启用。", name=user.name)


def new_slip(user: User) -> Slip:
    return Slip(user, secrets.token_urlsafe(32), new_number(), utcnow() + datetime.timedelta(days=valid_days(user)))


def valid_days(user: User) -> int:
    return strictest("invitation_days", user.county_ids)


def keep(slip: Slip, by: User) -> None:
    """Inside the transaction: the account as it becomes, and the invitation for it."""
    user, uid = slip.user, new_uid()
    end_sessions(user)
    User.update(password_hash=NO_PASSWORD, must_change_password=False).where(User.id == user.id).execute()
    forget_guesses(user)
    Invitation.update(ended_at=utcnow()).where((Invitation.user == user) & Invitation.ended_at.is_null()).execute()
    epoch = User.select(User.epoch).where(User.id == user.id).scalar()
    made = {"code_hash": hash_of_code(uid, slip.code), "token_hash": token_hash(slip.token), "expires_at": slip.expires_at}
    Invitation.create(uid=uid, user=user, epoch=epoch, created_by=by, **made)


def unlock_user(*, user: User, by: User) -> None:
    """Whoever guessed too often may try again at once."""
    manages(user, by)
    with transaction():
        if forget_guesses(user):
            told("unlock_user", user, by, ("guesses",), None)


def forget_guesses(user: User) -> int:
    return SignInAttempt.delete().where((SignInAttempt.account == user.username) & ~SignInAttempt.succeeded).execute()


def accept_invitation(*, invitation: Invitation, password: str, by: User) -> User:
    """The password that one chose; the invitation is used up, whoever else held it too."""
    user = invitation.user
    check_password(password, user.username, password_rules(user.county_ids))
    hashed = hash_password(password)
    with transaction():
        end_sessions(user)
        mine = (Invitation.id == invitation.id) & Invitation.ended_at.is_null() & (Invitation.epoch == user.epoch)
        is_same = User.select().where((User.id == user.id) & (User.epoch == user.epoch + 1) & User.disabled_at.is_null()).exists()
        if not is_same or not Invitation.update(ended_at=utcnow(), used_at=utcnow()).where(mine).execute():
            raise void()
        User.update(password_hash=hashed, must_change_password=False, password_set_at=utcnow()).where(User.id == user.id).execute()
        told("accept_invitation", user, by, ("password",), None)
    return User.get_by_id(user.id)

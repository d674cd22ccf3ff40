"""Setting a second factor up, renewing its recovery codes, and taking a lost one away."""

from aidtracker.accounts.actions import end_sessions, lasting_places, manages, refuse_stand_in, told
from aidtracker.accounts.models import User, UserSession
from aidtracker.accounts.models_second import HalfSignIn, RecoveryCode, SecondFactor
from aidtracker.accounts.second_factor import first_step, hash_of, new_codes, waiting_secret_of
from aidtracker.accounts.sessions import token_hash
from aidtracker.accounts.totp import new_secret
from aidtracker.db import transaction, utcnow
from aidtracker.errors import Refused


def create_second_factor(*, user: User, by: User) -> None:
    """A secret for the page to show. What the person has had holds until a code has confirmed the new one."""
    if user.is_exempt:
        raise Refused("演示账号不设两步验证。")
    with transaction():
        factor = SecondFactor.get_or_none(SecondFactor.user == user) or SecondFactor.create(user=user)
        factor.new_secret = new_secret()
        factor.save()
        told("create_second_factor", user, by, ("second_factor",), None)


def set_second_factor(*, user: User, code: str, by: User) -> list[str]:
    """Confirmed by a first code; gives the recovery codes, which nobody sees again. Every other device is signed out."""
    secret = waiting_secret_of(user)
    if secret is None:
        raise Refused("请先点「开始设置」，用手机扫码。")
    step, codes = first_step(secret, code), new_codes()
    with transaction():
        end_other_sessions(user, by.session_token)
        factor = SecondFactor.get(SecondFactor.user == user)
        if factor.new_secret != secret:
            raise Refused("二维码已经换过，请用新的二维码再设置一次。")
        factor.secret, factor.new_secret, factor.last_step, factor.confirmed_at = secret, None, step, utcnow()
        factor.save()
        keep_codes(user, codes)
        told("set_second_factor", user, by, ("second_factor",), None)
    return codes


def create_recovery_codes(*, user: User, by: User) -> list[str]:
    """Ten new ones; those before are void."""
    codes = new_codes()
    with transaction():
        if not SecondFactor.select().where((SecondFactor.user == user) & SecondFactor.confirmed_at.is_null(False)).exists():
            raise Refused("还没有设置两步验证。")
        keep_codes(user, codes)
        told("create_recovery_codes", user, by, ("recovery_codes",), None)
    return codes


def reset_second_factor(*, user: User, reason: str, by: User) -> None:
    """The phone is lost: the person signs in with the password alone, and sets another one up before anything else."""
    if user == by:
        raise Refused("自己的两步验证不能自己重置。请用恢复码登录后换手机，或请另一位管理员办理。")
    manages(user, by)
    refuse_stand_in(by, *lasting_places(user))
    with transaction():
        end_sessions(user)
        if not SecondFactor.delete().where(SecondFactor.user == user).execute():
            raise Refused("%(name)s没有设置两步验证。", name=user.name)
        RecoveryCode.delete().where(RecoveryCode.user == user).execute()
        HalfSignIn.delete().where(HalfSignIn.user == user).execute()
        told("reset_second_factor", user, by, ("second_factor", "recovery_codes"), None, reason.strip())


def keep_codes(user: User, codes: list[str]) -> None:
    RecoveryCode.delete().where(RecoveryCode.user == user).execute()
    RecoveryCode.insert_many([{"user": user.id, "code_hash": hash_of(user, code)} for code in codes]).execute()


def end_other_sessions(user: User, token: str) -> None:
    """All but the one that this is done from."""
    end_sessions(user)
    epoch = User.select(User.epoch).where(User.id == user.id).scalar()
    mine = (UserSession.token_hash == token_hash(token)) & (UserSession.user == user) & (UserSession.epoch == epoch - 1)
    UserSession.update(epoch=epoch).where(mine).execute()

"""Mistakes at the door that nobody meets who only signs in."""

import contextlib
import datetime
import functools
import threading
import time
from dataclasses import replace

from flask import redirect
from flask_login import current_user

from aidtracker.accounts.models import SignInAttempt, User
from aidtracker.accounts.models_second import RecoveryCode, SecondFactor
from aidtracker.accounts.second_factor import WrongCode, hash_of
from aidtracker.accounts.sessions import refuse_guessing, was_right
from aidtracker.accounts.totp import WINDOW, step_of, steps_with
from aidtracker.db import transaction, utcnow
from aidtracker.errors import Refused
from tests.drills.drill import Bug, swapped

SESSIONS = "aidtracker.accounts.sessions"
SECOND = "aidtracker.accounts.second_factor"
PASSWORDS = "aidtracker.accounts.passwords"


def counted_late(_real):
    def count(account, place):
        refuse_guessing(account, place)
        if threading.current_thread() is not threading.main_thread():  # where there are others
            time.sleep(0.25)
        with transaction():
            return SignInAttempt.create(account=account, network=place, succeeded=False).id

    return count


def no_hash_for_nobody(real):
    return lambda password, hashed: hashed is not None and real(password, hashed)


def says_who_is_there(real):
    def sign_in(*, username, **more):
        if not User.select().where(User.username == username).exists():
            with contextlib.suppress(Refused):
                real(username=username, **more)
            raise Refused("没有找到这条记录，可能已被合并或地址不对。")
        return real(username=username, **more)

    return sign_in


def keeps_the_session(real):
    return lambda *given: redirect("/", 303) if current_user.is_authenticated else real(*given)


def believes_every_header(real):
    return lambda app, settings: real(app, replace(settings, trusted_proxies=settings.trusted_proxies or 1))


def any_path(_real):
    return lambda target, default="/": target if target and target.startswith("/") else default


def told_but_not_ended(real):
    """accounts.sessions.sign_out: the cookie is deleted, the session lives."""
    return lambda *, token, by: real(token="", by=by)  # noqa: S106 no secret, nobody's


def not_counted(real):
    def change_password(*, user, **more):
        before = {id_ for (id_,) in SignInAttempt.select(SignInAttempt.id).tuples()}
        try:
            real(user=user, **more)
        finally:
            SignInAttempt.delete().where(SignInAttempt.id.not_in(before)).execute()

    return change_password


def never_idle(real):
    return lambda *given: real(*given)._replace(idle=datetime.timedelta(days=999))


def any_time(_real):
    """second_factor.take_step: a code is looked at, and not used up."""

    def take_step(factor, code):
        now = step_of(utcnow())
        if not steps_with(factor.secret, code, [now + each for each in WINDOW]):
            raise WrongCode("验证码不对。")

    return take_step


def looked_up_first(_real):
    """second_factor.take_step: is it used? then it is now; of two at once both find that it is not."""

    def take_step(factor, code):
        now = step_of(utcnow())
        steps = [step for step in steps_with(factor.secret, code, [now + each for each in WINDOW]) if step > factor.last_step]
        if not steps:
            raise WrongCode("验证码不对。")
        time.sleep(0.25)
        with transaction():
            SecondFactor.update(last_step=steps[0]).where(SecondFactor.id == factor.id).execute()

    return take_step


def kept_recovery(real):
    """second_factor.take_code: recovery codes are good for ever."""

    def take_code(user, typed):
        known = RecoveryCode.select().where((RecoveryCode.user == user) & (RecoveryCode.code_hash == hash_of(user, typed))).exists()
        return True if known else real(user, typed)

    return take_code


def codes_uncounted(real):
    """sessions.sign_in_with_code: a wrong code is no wrong guess."""

    def sign_in_with_code(**given):
        before = {id_ for (id_,) in SignInAttempt.select(SignInAttempt.id).tuples()}
        try:
            return real(**given)
        finally:
            SignInAttempt.delete().where(SignInAttempt.id.not_in(before) & ~SignInAttempt.succeeded).execute()

    return sign_in_with_code


def forgiven(real):
    """sessions.let_in: the right password is a right guess already."""

    def let_in(user, guess, *more):
        was_right(guess)
        SignInAttempt.create(account=user.username, network=more[0], succeeded=True)
        return real(user, guess, *more)

    return let_in


def nothing(_real):
    return lambda *_given: None


def constant(value):
    return lambda _real: value


def bug(name: str, what: str, place: str, other) -> Bug:
    return Bug("login", name, what, lambda: swapped(place, other))


BUGS = (
    bug("counted-late", "a guess is counted after a look at the count", f"{SESSIONS}.count_guess", counted_late),
    bug("locked-by-account", "guesses are counted by account alone: a prankster locks out the teacher", f"{SESSIONS}.network_of", lambda _real: lambda _: ""),
    bug("day-unlimited", "nobody counts the guesses of a day", f"{SESSIONS}.GUESSES_A_DAY", constant(10**6)),
    bug("home-unknown", "guesses from everywhere close the teacher's own school too", f"{SESSIONS}.KNOWN", constant(datetime.timedelta(0))),
    bug("nobody-is-quick", "an unknown name costs no hash", f"{PASSWORDS}.fits", no_hash_for_nobody),
    bug("says-who", "an unknown name is told so", f"{SESSIONS}.sign_in", says_who_is_there),
    bug("hashes-unlimited", "as many hashes at once as there are threads", f"{PASSWORDS}._busy", constant(contextlib.nullcontext())),
    bug("step-reused", "a code of the phone is good as long as it is shown", f"{SECOND}.take_step", any_time),
    bug("step-looked-up", "whether a code was used is looked up before it is used up", f"{SECOND}.take_step", looked_up_first),
    bug("recovery-kept", "a recovery code is good for ever", f"{SECOND}.take_code", kept_recovery),
    bug("codes-free", "guesses at the code are not counted", f"{SESSIONS}.sign_in_with_code", codes_uncounted),
    bug("password-forgives", "a right password makes wrong codes forgotten", f"{SESSIONS}.let_in", forgiven),
    bug("code-skipped", "whoever has a second factor is not asked", f"{SECOND}.factor_of", lambda _real: lambda _user: None),
    bug("old-free", "guesses at the old password are not counted", "aidtracker.accounts.actions.change_password", not_counted),
    bug("session-kept", "whoever signs in over a session keeps it", "aidtracker.accounts.views.enter", keeps_the_session),
    bug("rights-cached", "who is there is remembered from request to request", f"{SESSIONS}.session_user", functools.lru_cache),
    bug("epoch-forgotten", "a change of role, state or password ends no session", "aidtracker.accounts.actions.end_sessions", nothing),
    bug("cookie-only", "signing out deletes the cookie and nothing else", f"{SESSIONS}.sign_out", told_but_not_ended),
    bug("never-idle", "a session that is left alone lives on", f"{SESSIONS}.limits_of", never_idle),
    bug("header-believed", "X-Forwarded-For is believed without a proxy", "aidtracker.configure", believes_every_header),
    bug("sent-away", "next= leads to another site", "aidtracker.web.redirects.safe_next", any_path),
    bug("first-password-kept", "the administrator's password is kept for good", "aidtracker.accounts.views.first_sign_in_page", nothing),
    bug("common-taken", "Admin@123456 is taken", f"{PASSWORDS}.is_common", lambda _real: lambda _plain: False),
)

"""Opening an invitation by the token of its QR code, or by user name and short code.

The short code is kept under the key index_account; when that is changed, slips go on by their QR code alone.
"""

import hmac

from aidtracker.accounts.models import User
from aidtracker.accounts.models_staff import Invitation
from aidtracker.accounts.queries_inviting import living_invitation
from aidtracker.accounts.sessions import SLIP, count_guess, network_of, refuse_guessing, token_hash, unknown_account, was_right
from aidtracker.audit.actions import record
from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import new_uid, transaction
from aidtracker.errors import Refused

NO_PASSWORD = ""  # fits nothing that anybody types


def open_invitation(*, token: str, username: str, code: str, network: str) -> Invitation:
    """Whose it is. By the token of the QR code, else by user name and short code, whose guesses are counted like those at the door."""
    if token:
        found = living_invitation(Invitation.token_hash == token_hash(token))
        if found is None:
            raise void()
        return found
    typed, place = username.strip().lower()[:60], SLIP + network_of(network)
    user = User.get_or_none(User.username == typed)
    account = user.username if user else unknown_account(typed)
    guess = count_guess(account, place)
    found = living_invitation(Invitation.user == user) if user else None
    uid, kept = (found.uid, bytes(found.code_hash)) if found else (new_uid(), b"")
    if hmac.compare_digest(hash_of_code(uid, code), kept) and found is not None:
        was_right(guess)
        return found
    with transaction():
        uid, county_id = (user.uid, user.county_id) if user else ("", None)
        record(action="accounts.refuse_invitation", by=user, object_kind="user", object_id=uid, county_id=county_id)
    refuse_guessing(account, place)
    raise void()


def hash_of_code(uid: str, code: str) -> bytes:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return keyed("index_account", f"invitation|{uid}|{plain}")


def void() -> Refused:
    """The same words for whatever is wrong with it."""
    return Refused("邀请单无效、已用过或已过期。请向本校或本局管理员要一张新的。")

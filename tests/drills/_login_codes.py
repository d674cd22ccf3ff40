"""Guesses at the second factor: a crowd of them, a step that is used by many, a recovery code that is used by many."""

from aidtracker.accounts.models import SignInAttempt, User, UserSession
from aidtracker.accounts.models_second import RecoveryCode
from aidtracker.accounts.second_factor import hash_of, new_codes
from aidtracker.audit.models import AuditEntry
from tests import factories
from tests.volley import Answer, Person, Shot, doorsteps, looked_at, token_of, volley

CROWD = 64
DEVICES = 12  # that hold the right password, each at a place of its own
LOOKED_AT = 5  # wrong codes from one place, as we promise


def halves(door, user: User, networks: list[str]) -> list[Person]:
    """The right password from each of these places, all at once."""
    [stranger] = doorsteps(door.base_url, 1)
    fields = {"username": user.username, "password": factories.PASSWORD}
    answers = volley(door.base_url, [Shot(door.via(stranger, f"{network}.1"), "/sign-in", fields) for network in networks])
    pages = looked_at(door.base_url, "/sign-in/code", [answer.cookie for answer in answers])
    people = [Person(user, page.cookie or answer.cookie, token_of(page)) for answer, page in zip(answers, pages, strict=True)]
    door.outcome.facts["guesses"] += len(answers)
    if any(answer.location != "/sign-in/code" for answer in answers):
        door.found("through", f"the password alone is answered {sorted({(answer.status, answer.location) for answer in answers})}")
    return [door.via(person, f"{network}.1") for person, network in zip(people, networks, strict=True)]


def send(door, people: list[Person], **typed) -> list[Answer]:
    answers = volley(door.base_url, [Shot(person, "/sign-in/code", typed) for person in people])
    door.outcome.facts["guesses"] += len(answers)
    for answer in answers:
        if answer.status not in (303, 400, 429):
            door.found("wrong", f"a code is answered {answer.status} {answer.text[:100]}")
    return answers


def refused_codes(user: User) -> int:
    return AuditEntry.select().where((AuditEntry.action == "accounts.refuse_code") & (AuditEntry.object_id == user.uid)).count()


def got_in(door, user: User, answers: list[Answer], what: str) -> None:
    """One of many, and one session."""
    entered, opened = sum(answer.status == 303 for answer in answers), UserSession.select().where(UserSession.user == user).count()
    if (entered, opened) != (1, 1):
        door.found("through" if max(entered, opened) > 1 else "locked out", f"{what} lets {entered} of {len(answers)} in, and opens {opened} sessions")


def a_crowd_of_codes(door) -> None:
    """Somebody knows the password: no more codes are looked at than passwords would be, and a new right password makes none forgotten."""
    user, here = door.made("bureau_staff"), door.network()
    secret = factories.give_second_factor(user)
    [half] = halves(door, user, [here])
    answers = send(door, [half] * CROWD, code="000000" if factories.code_of(secret) != "000000" else "111111")
    counted = SignInAttempt.select().where((SignInAttempt.account == user.username) & ~SignInAttempt.succeeded).count()
    for word, number in (("looked at", refused_codes(user)), ("counted", counted)):
        if number != LOOKED_AT:
            door.found("through" if number > LOOKED_AT else "wrong", f"{number} of {CROWD} codes are {word}, not {LOOKED_AT}")
    if any(answer.status == 303 for answer in answers + send(door, [half], code=factories.code_of(secret))):
        door.found("through", "a code is taken where 64 guesses came from")


def a_password_forgives_nothing(door) -> None:
    user, here = door.made("bureau_staff"), door.network()
    secret = factories.give_second_factor(user)
    for _ in range(LOOKED_AT):
        [half] = halves(door, user, [here])
        send(door, [half], code="000000" if factories.code_of(secret) != "000000" else "111111")
    [stranger] = doorsteps(door.base_url, 1)
    fields = {"username": user.username, "password": factories.PASSWORD}
    [answer] = volley(door.base_url, [Shot(door.via(stranger, f"{here}.1"), "/sign-in", fields)])
    door.expect(answer.status, 429, "through", "the right password makes wrong codes forgotten")


def one_step_of_many(door) -> None:
    """A code that was looked over the shoulder is sent from many devices at once, and once more."""
    user = door.made("bureau_staff")
    secret, people = factories.give_second_factor(user), halves(door, user, [door.network() for _ in range(DEVICES)])
    code = factories.code_of(secret)
    got_in(door, user, [*send(door, people[1:], code=code), *send(door, people[:1], code=code)], "one code of the phone")


def one_recovery_code_of_many(door) -> None:
    user, codes = door.made("bureau_staff"), new_codes()
    factories.give_second_factor(user)
    RecoveryCode.insert_many([{"user": user.id, "code_hash": hash_of(user, code)} for code in codes]).execute()
    people = halves(door, user, [door.network() for _ in range(DEVICES)])
    got_in(door, user, [*send(door, people[1:], recovery=codes[0]), *send(door, people[:1], recovery=codes[0])], "one recovery code")


CODES = (a_crowd_of_codes, a_password_forgives_nothing, one_step_of_many, one_recovery_code_of_many)

"""Walking the matrix: the cases of an address, asking as somebody, and what an answer gave away."""

import contextlib
import io
import itertools
import os
import re
import zipfile
import zlib

from flask import url_for
from werkzeug.routing import BuildError

from aidtracker import db
from aidtracker.permissions import Permission
from tests import matrix
from tests.matrix_fields import SAMPLES

SAFE = ("GET", "HEAD", "OPTIONS")
FEW = 3
ALL = os.environ.get("TURNS") == "all"
# A phone, or a number of an ID, a register or a card, unmasked, whoever's it is; what the tests type themselves comes back.
WHOLE = re.compile(rf"(?<![0-9a-zA-Z.%-])(?!{SAMPLES['phone']})(?:1[3-9]\d{{9}}|G?\d{{15,22}}(?:X\d{{0,2}})?)(?![0-9a-zA-Z-])")


def todays(rules, label):
    """Of all routes a third, another for each person and each day; so every route is asked every day by every third person.
    With TURNS=all, as in bin/drill authorization, everybody asks every one."""
    day = db.today_in_china().toordinal()
    return [rule for rule in rules if ALL or (zlib.crc32(f"{label} {rule.endpoint}".encode()) + day) % 3 == 0]


def guard_of(app, rule):
    return getattr(app.view_functions[rule.endpoint], "guard", None)


def expected(world, person, rule, method, case) -> set[str]:
    needed = world.rights.get((method, rule.endpoint), ())
    return matrix.expected(person, rule.endpoint, guard_of(world.app, rule), list(case.values()), needed)


def ask(world, person, method, address, data=None, **options):
    with asked(world, person, method, address, data, **options) as answer:
        return answer


@contextlib.contextmanager
def asked(world, person, method, address, data=None, **options):
    """The answer, while what it wrote stands; afterwards that is rolled back, and the cookie is as it was."""
    jar = dict(person.http._cookies)
    if address.startswith("//"):  # no host of another name, but two slashes
        options["environ_overrides"], address = {"PATH_INFO": address}, "/"
    with db.database.atomic() as case:
        answer = person.http.open(address, method=method, data=data, **options)
        answer.get_data()
        yield answer
        case.rollback()
    person.http._cookies.clear()
    person.http._cookies.update(jar)


def signed(person, **data):
    return {"csrf_token": person.token, "key": matrix.new_key(), **data}


def text_of(answer) -> str:
    """Headers and body; a workbook unpacked."""
    return "\n".join(str(value) for value in answer.headers.values()) + unpacked(answer.get_data()).decode(errors="replace")


def unpacked(body: bytes) -> bytes:
    if body[:2] != b"PK":
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def leaked(person, answer) -> str:
    """What of an answer this person must not read: somebody else's canary, or any number in full."""
    text = text_of(answer)
    found = person.forbidden.search(text) or WHOLE.search(text)
    return found[0] if found else ""


def address_of(world, rule, case, person):
    """The URL, or None where the address itself takes no such value."""
    query = matrix.QUERIES.get(rule.endpoint, lambda _: {})(person)
    with world.app.test_request_context():
        try:
            return url_for(rule.endpoint, **{name: thing.value for name, thing in case.items()}, **query)
        except (BuildError, ValueError):
            return None


def cases_for(world, rule, person):
    """Whoever is turned away at the door is tried with one thing that exists and one that does not. Of what is alike, which is
    other people's own and the numbers that can be nobody's, everybody is tried with some, each with others."""
    cases, guard = cases_of(world, rule), guard_of(world.app, rule)
    sent_away = person.is_stranger or person.state or (isinstance(guard, Permission) and not person.scopes(guard))
    if guard != "public" and sent_away and len(cases) > 2:
        return [cases[0], next(case for case in cases if not all(thing.exists for thing in case.values()))]
    turn = sum(map(ord, person.label + rule.endpoint))
    theirs = [case for case in cases if any(thing.owner not in (None, person.user) for thing in case.values())]
    nobodys = [case for case in cases if any(thing.label in matrix.IMPOSSIBLE for thing in case.values())]
    left_out = [case for n, case in enumerate(theirs) if (n - turn) % len(theirs) >= FEW]
    left_out += [case for n, case in enumerate(nobodys) if (n - turn) % len(matrix.IMPOSSIBLE)]
    cases = [case for case in cases if not any(case is other for other in left_out)]
    return some_of(world, rule, person, cases)


def some_of(world, rule, person, cases):
    """Of the things that must get the same answer one, another for each person and each day. With TURNS=all, as in
    bin/drill authorization: all that are out of reach, and of those within a few."""
    alike: dict = {}
    for case in cases:
        wanted = tuple(frozenset(expected(world, person, rule, method, case)) for method in sorted(rule.methods))
        is_there = all(thing.exists for thing in case.values())  # somebody else's own is missing as well, but might be found
        alike.setdefault((wanted, is_there), []).append(case)
    turn, found = db.today_in_china().toordinal() + sum(map(ord, person.label)), []
    for (wanted, _is_there), many in alike.items():
        most = 1 if not ALL else FEW if set(wanted) == {frozenset({"in"})} else len(many)
        found += [many[(turn + n) % len(many)] for n in range(min(most, len(many)))]
    return found


def cases_of(world, rule):
    """[{part: thing}]: each part in turn takes everything that it may name, the others something good."""
    blueprint = rule.endpoint.partition(".")[0]
    try:
        parts = {name: world.things(blueprint, name) for name in sorted(rule.arguments, key=rule.rule.index)}
    except KeyError:  # said by test_every_part_of_an_address_can_be_filled
        return []
    found = [dict(zip(parts, things, strict=True)) for things in itertools.product(*parts.values())] if len(parts) < 2 else one_by_one(parts)
    return [{name: thing.of(case) if thing.of else thing for name, thing in case.items()} for case in found]


def one_by_one(parts):
    good = {name: things[0] for name, things in parts.items()}
    found = []
    for name, things in parts.items():
        found += [good | {name: thing} for thing in things if thing is not good[name] or name == next(iter(parts))]
    return found


def described(rule, method, person, case):
    things = ", ".join(f"{name}={thing.label}" for name, thing in case.items())
    return f"{method} {rule.endpoint}({things}) as {person.label}"


def without_number(answer) -> str:
    return re.sub(r"\b[0-9A-F]{6}\b", "", answer.text)

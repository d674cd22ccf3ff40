"""Which columns of a pupil who reads, whole or masked: on the pages that show a number once, and in every file that is made.

What stands on all the other pages is looked at by the matrix itself: matrix_walk.leaked() knows every canary and every number.
"""

import re

import pytest

from aidtracker.attachments.models import Attachment
from aidtracker.crypto.field import EncryptedField
from aidtracker.jobs.files import opened
from aidtracker.jobs.models import Job
from aidtracker.jobs.running import run_job
from aidtracker.permissions import Permission
from aidtracker.schema import MODELS
from tests import matrix
from tests.matrix_fields import SAMPLES
from tests.matrix_walk import WHOLE, address_of, ask, asked, cases_of, expected, signed, text_of, unpacked

pytestmark = pytest.mark.once

KEYS = {(Attachment, "sealing")}  # nobody reads them: they open a file
REVEAL = Permission.STUDENT_REVEAL
READERS = [
    "teacher at class", "school_admin at school", "village_officer at village", "township_coordinator at township", "bureau_staff at county",
    "bureau_admin at county", "finance at county", "city_viewer at city", "auditor at county", "system_admin at county", "two hats", "far officer",
]  # fmt: skip


def test_every_sealed_column_holds_something_that_must_not_leak(world):
    """A new one needs a canary in matrix_world.py and, in matrix.CANARIES, the permission that opens it."""
    sealed = {(model, field.name) for model in MODELS for field in model._meta.sorted_fields if isinstance(field, EncryptedField)} - KEYS
    held = {(model, name) for model, name in sealed for row in model.select() if is_watched(getattr(row, name) or "")}
    assert sealed - held == set()


def is_watched(text: str) -> bool:
    return "雀" in text or bool(WHOLE.search(text))


def test_every_canary_is_on_some_page(world, rules):
    """Otherwise nobody could tell that it is kept from the others."""
    person, read = world.people["bureau_admin at county"], ""
    for rule in rules:
        good = [case for case in cases_of(world, rule) if "GET" in rule.methods and expected(world, person, rule, "GET", case) == {"in"}]
        pupils = ("student_id", "visit_id", "case_id", "class_id", "transfer_id", "leave_id", "alert_id", "task_id", "second_look_id")
        for case in good[: None if rule.arguments & set(pupils) else 1]:
            read += text_of(ask(world, person, "GET", address_of(world, rule, case, person)))
    known = {canary for canaries in matrix.CANARIES.values() for canary in canaries} | {"雀亲", "雀残", "雀因"}
    assert {canary for canary in known if canary not in read} - {"雀前", "雀初"} == set()  # what was replaced is kept, and shown to nobody
    for masked in (r"990\*{11}\d{3}[0-9X]", r"G990\*{11}\d{3}[0-9X]", r"139\*{4}0099", r"138\*{4}0088", r"\*{12}0099"):
        assert re.search(masked, read), f"no number is masked as {masked}"


@pytest.mark.parametrize("label", READERS)
def test_a_whole_number_is_shown_to_those_who_may_and_give_a_reason(world, label):
    person, holes = world.people[label], []
    for name, pupil in world.pupils.items():
        may = person.reaches(REVEAL, world.places_of(pupil))
        numbers = {"id_number": pupil.id_number, "student_number": pupil.student_number, "phone": "13900990099", "guardian-1": "13800990088"}
        for field, number in numbers.items():
            address = f"/students/{pupil.id}/reveal?field={field}"
            given, silent = (ask(world, person, "POST", address, signed(person, field=field, reason=why)) for why in ("verify", ""))
            if set(WHOLE.findall(text_of(given))) != ({number} if may else set()) or WHOLE.search(text_of(silent)):
                holes.append(f"{field} of {name}: {WHOLE.findall(text_of(given))}, without a reason {WHOLE.findall(text_of(silent))}")
    assert not holes, "\n".join(holes)


@pytest.fixture(scope="module")
def makers(world, rules):
    """[(rule, case)]: what asks for a file, whoever asks."""
    person, found = world.people["bureau_admin at county"], []
    for rule in rules:
        for case in cases_of(world, rule) if "POST" in rule.methods else ():
            if expected(world, person, rule, "POST", case) == {"in"}:
                made = asked_file(world, person, address_of(world, rule, case, person), {})
                if made[0] is None and rule.arguments - {"name"}:
                    break
                found += [(rule, case)] if made[0] else []
    return found


def asked_file(world, person, address, data) -> tuple:
    """(the name of the file that a job made of what was sent, or None; what stands in it). Nothing of it remains."""
    filled = {name: value for name, value in SAMPLES.items() if value and name not in ("reason", "csrf_token", "key")}
    with asked(world, person, "POST", address, filled | signed(person) | data) as answer:
        job = Job.select().where(Job.state == "queued").order_by(Job.id.desc()).first()
        if job is None:
            return None, text_of(answer)
        run_job(job.uid)
        job = Job.get_by_id(job.id)
        body = unpacked(b"".join(opened(job))) if job.result_file else job.message.encode()
    return job.download_name or "", body.decode(errors="replace")


def test_every_ledger_and_report_is_a_file(makers):
    assert {rule.endpoint for rule, _ in makers} == {"ledgers.export_ledger", "reports.export_report"}


@pytest.mark.parametrize("label", READERS)
def test_a_file_holds_what_its_reader_may_read(world, makers, label):
    """Numbers masked; or whole, to whoever may see them and said why."""
    person, holes, whole = world.people[label], [], 0
    foreign = world.forbidden_words(person, whole=True)
    for rule, case in makers:
        address = address_of(world, rule, case, person)
        name, body = asked_file(world, person, address, {"format": "csv"})
        found = person.forbidden.search(body) or WHOLE.search(body)
        if found or (name is None) != (expected(world, person, rule, "POST", case) != {"in"}):
            holes.append(f"{address} as {label}: {name} {found and found[0]}")
        name, body = asked_file(world, person, address, {"format": "xlsx", "is_whole": "y", "reason": "核对学籍"})
        found = foreign.search(body) if person.scopes(REVEAL) else person.forbidden.search(body) or WHOLE.search(body)
        whole += bool(WHOLE.search(body))
        if found:
            holes.append(f"{address}, whole, as {label}: {name} {found[0]}")
    assert not holes, "\n".join(holes)
    assert bool(whole) == (label in WHOLE_LEDGERS)


WHOLE_LEDGERS = ("school_admin at school", "township_coordinator at township", "bureau_staff at county", "bureau_admin at county", "far officer")

"""What a hostile phone, or a reader who writes nothing, cannot do through the phone's door."""
# ruff: noqa: F811

import base64
import datetime
import hmac
import uuid

import pytest

from aidtracker.accounts.models import Membership
from aidtracker.attendance.models import Absence, RollCall
from aidtracker.mobile.handing import secret_of
from aidtracker.receipts.actions import forget_old_keys
from aidtracker.receipts.models import Receipt
from aidtracker.visits.models import Visit
from tests import factories
from tests.mobile.test_intake import handed, item, send, visit_of  # noqa: F401


@pytest.mark.parametrize("role", ["auditor", "city_viewer"])
def test_who_only_looks_hands_nothing_in(sign_in, teacher, county, item, role):
    user = factories.make_user(role, county.county if role == "auditor" else county.city)
    client = sign_in(user)
    answer = client.http.post("/outbox/hand-in", data={"csrf_token": client.token(), "key": str(uuid.uuid4()), "text": handed(teacher, item())})
    assert answer.status_code == 403
    assert RollCall.select().count() == 0


def test_json_that_is_nested_without_end_is_refused_in_words(sign_in, teacher):
    client = sign_in(teacher).http
    said = client.get("/outbox/session", headers={"Accept": "application/json"}).json
    body = '{"id": "x", "kind": "roll", "fields": ' + "[" * 90_000 + "]" * 90_000 + "}"
    answer = client.post("/outbox/send", data=body, headers={"Accept": "application/json", "Content-Type": "application/json", "X-CSRFToken": said["csrf"]})
    assert answer.status_code == 400


def test_a_handed_text_that_is_nested_without_end_is_refused(sign_in, teacher, coordinator):
    content = base64.urlsafe_b64encode(b"[" * 20_000 + b"]" * 20_000).decode().rstrip("=")
    text = f"AT1.{teacher.uid}.{content}"
    seal = base64.urlsafe_b64encode(hmac.digest(secret_of(teacher), text.encode(), "sha256")).decode().rstrip("=")
    sign_in(coordinator).post("mobile.hand_in", {"text": f"{text}.{seal}"}, status=400)


@pytest.mark.parametrize("where", ["reason of a mark", "reason of the roll", "class", "clock", "visit"])
def test_half_a_letter_is_refused_in_words(send, teacher, pupils, item, today, where):
    bad = "\ud800"
    what = item({pupils.first: "sick_leave"})
    if where == "reason of a mark":
        what["fields"].append([f"reason-{pupils.first.id}", bad])
    elif where == "reason of the roll":
        what["fields"].append(["reason", bad])
    elif where == "class":
        what["fields"].insert(0, ["class_id", bad])
    elif where == "clock":
        what["at"] = bad
    else:
        what = visit_of(pupils.first, today, person_met=bad, at_home=bad)
    answer = send(teacher, what)
    assert answer.status_code == 400 and "没有保存" in answer.json["message"]


@pytest.mark.parametrize("where", ["visit", "words"])
def test_a_zero_byte_is_no_breakdown(send, teacher, pupils, item, today, where):
    what = visit_of(pupils.first, today, at_home="a\x00b") if where == "visit" else item({pupils.first: "sick_leave"}, reason="a\x00b")
    if where == "words":
        what["fields"].append([f"reason-{pupils.first.id}", "x\x00y"])
    assert send(teacher, what).status_code in (200, 400)


def test_no_field_of_an_item_is_dropped_without_a_word(send, teacher, pupils, item):
    what = item()
    what["fields"] += [["other", "1"]] * 400 + [["absent", str(pupils.first.id)], [f"mark-{pupils.first.id}", "unexcused"]]
    answer = send(teacher, what)
    assert answer.status_code == 400 or Absence.select().count() == 1


def test_a_text_whose_writer_has_left_is_worth_nothing(sign_in, teacher, coordinator, item, today):
    Membership.update(ends_on=today - datetime.timedelta(days=1)).where(Membership.user == teacher).execute()
    client = sign_in(coordinator)
    client.post("mobile.hand_in", {"text": handed(teacher, item())}, status=400)
    assert RollCall.select().count() == 0


def test_a_visit_handed_in_again_after_its_key_is_forgotten_is_not_recorded_twice(sign_in, teacher, coordinator, pupils, today):
    text = handed(teacher, visit_of(pupils.first, today))
    sign_in(coordinator).post("mobile.hand_in", {"text": text}, status=200)
    for row in Receipt.select():
        Receipt.update(created_at=row.created_at - datetime.timedelta(days=95)).where(Receipt.id == row.id).execute()
    forget_old_keys()
    client = sign_in(coordinator)
    client.http.post("/outbox/hand-in", data={"csrf_token": client.token(), "key": str(uuid.uuid4()), "text": text})
    assert Visit.select().count() == 1

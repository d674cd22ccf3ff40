"""What a phone sends arrives once, under the rules of the page."""

import base64
import datetime
import hmac
import json
import uuid

import pytest

from aidtracker.attendance.models import Absence, RollCall
from aidtracker.audit.models import AuditEntry
from aidtracker.db import utcnow
from aidtracker.mobile.handing import secret_of
from aidtracker.receipts.models import Receipt
from aidtracker.visits.models import Visit


@pytest.fixture
def item(county, today, pupils):
    """item({pupil: mark}) -> what the outbox sends of this morning's roll."""

    def of(marks=None, *, base=0, id_=None, **more):
        place = {"class_id": county.room.id, "on": today.isoformat(), "session": "morning", "base_revision": base, **more}
        fields = [[name, str(value)] for name, value in place.items()]
        for pupil, mark in (marks or {}).items():
            fields += [["absent", str(pupil.id)], [f"mark-{pupil.id}", mark]]
        return {"id": id_ or str(uuid.uuid4()), "kind": "roll", "at": "2026-11-27T00:01:02.345Z", "fields": fields}

    return of


@pytest.fixture
def send(sign_in):
    """send(user, item) -> the answer to the phone."""

    def sent(user, what, token=True):
        client = sign_in(user).http
        said = client.get("/outbox/session", headers={"Accept": "application/json"}).json
        headers = {"Accept": "application/json", **({"X-CSRFToken": said["csrf"]} if token else {})}
        return client.post("/outbox/send", json=what, headers=headers)

    return sent


def test_a_roll_from_the_outbox_is_the_roll_of_the_page(send, teacher, pupils, item):
    answer = send(teacher, item({pupils.first: "sick_leave:发热"}))
    assert answer.status_code == 200 and answer.json["generation"] == 1 and not answer.json["is_repeated"]
    roll = RollCall.get()
    assert (roll.receipt, roll.submitted_by_id, roll.revision) == (answer.json["number"], teacher.id, 1)
    assert [(a.student_id, a.mark, a.reason) for a in Absence.select()] == [(pupils.first.id, "sick_leave", "发热")]
    assert Receipt.get().phone_at.isoformat() == "2026-11-27T00:01:02.345000"


def test_the_same_item_again_gets_the_same_receipt(send, teacher, pupils, item):
    what = item({pupils.first: "late"})
    first, again = send(teacher, what), send(teacher, what)
    assert again.json["number"] == first.json["number"] and again.json["is_repeated"]
    assert (RollCall.select().count(), RollCall.get().revision) == (1, 1)


def test_the_same_number_with_another_content_is_refused(send, teacher, pupils, item):
    what = item({pupils.first: "late"})
    send(teacher, what)
    answer = send(teacher, item({pupils.second: "late"}, id_=what["id"]))
    assert answer.status_code == 422 and "编号已经用过" in answer.json["message"]
    assert [a.student_id for a in Absence.select()] == [pupils.first.id]


def test_another_list_of_the_same_roll_is_a_conflict_that_says_what_stands(send, teacher, school_admin, pupils, item):
    send(school_admin, item({pupils.first: "late"}))
    answer = send(teacher, item({pupils.second: "late"}))
    assert answer.status_code == 409 and answer.json["theirs"]["marks"] == {str(pupils.first.id): "late"}
    assert "王校长" in answer.json["message"]
    assert RollCall.get().revision == 1


def test_the_lines_that_were_chosen_after_a_conflict_are_taken_and_a_repetition_is_none(send, teacher, school_admin, pupils, item):
    send(school_admin, item({pupils.first: "late"}))
    what = item({pupils.second: "late"}, base=1, choice="lines", **{f"pick-{pupils.second.id}": "mine", f"pick-{pupils.first.id}": "theirs"})
    first, again = send(teacher, what), send(teacher, what)
    assert (first.status_code, again.json["is_repeated"]) == (200, True)
    assert {a.student_id for a in Absence.select()} == {pupils.first.id, pupils.second.id}


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("bureau_viewer", 403)])
def test_nobody_sends_for_a_class_that_is_not_theirs(request, send, item, who, status, county):
    if who == "bureau_viewer":
        from tests import factories

        user = factories.make_user("auditor", county.county, "审计", "auditor")
    else:
        user = request.getfixturevalue("stranger")
    assert send(user, item()).status_code == status
    assert RollCall.select().count() == 0


def test_nothing_is_taken_without_the_sessions_token_or_without_a_session(send, client, teacher, item):
    assert send(teacher, item(), token=False).status_code == 400
    client.http.post("/sign-out")
    assert client.http.post("/outbox/send", json=item(), headers={"Accept": "application/json"}).status_code in (400, 401)
    assert RollCall.select().count() == 0


@pytest.mark.parametrize("spoilt", [{}, {"id": "x"}, [], {"id": "1", "kind": "roll", "fields": []}, {"kind": "sql", "id": str(uuid.uuid4()), "fields": []}, {"id": str(uuid.uuid4()), "kind": "roll", "fields": [["a"]]}, {"id": str(uuid.uuid4()), "kind": "roll", "fields": [["absent", "1"]] * 500}])
def test_what_is_no_item_is_refused_in_words(send, teacher, spoilt, pupils):
    answer = send(teacher, spoilt)
    assert 400 <= answer.status_code < 500 and answer.json["message"]


def test_a_clock_that_is_wrong_or_nonsense_is_no_reason_to_refuse(send, teacher, item):
    for at in ("1970-01-01T00:00:00Z", "yesterday", "", "9999-99-99"):
        assert send(teacher, {**item(), "at": at, "id": str(uuid.uuid4())}).status_code == 200


def visit_of(pupil, today, **more):
    fields = {"student_id": pupil.id, "form": "on_site", "on": today.isoformat(), "minutes": "30", "purposes": "routine", "met": "other"}
    fields |= {"person_met": "卓玛妈", "relation": "母亲", "teachers": "张老师", "agreed_picks": "继续关注", **more}
    return {"id": str(uuid.uuid4()), "kind": "visit", "at": "", "fields": [[name, str(value)] for name, value in fields.items()]}


def test_a_visit_from_the_outbox_is_recorded_once(send, teacher, pupils, today):
    what = visit_of(pupils.first, today)
    first, again = send(teacher, what), send(teacher, what)
    assert (first.status_code, again.json["number"]) == (200, first.json["number"])
    visit = Visit.get()
    assert (visit.person_met, visit.relation, visit.agreed, visit.receipt) == ("卓玛妈", "母亲", "继续关注", first.json["number"])


def test_a_visit_that_is_not_complete_says_what_is_missing(send, teacher, pupils, today):
    answer = send(teacher, visit_of(pupils.first, today, form=""))
    assert answer.status_code == 400 and "请选择家访方式。" in answer.json["message"]


def test_a_visit_of_nobody_is_refused_in_words(send, teacher, pupils, today):
    answer = send(teacher, visit_of(pupils.first, today, student_id=""))
    assert answer.status_code == 400 and "请选择学生。" in answer.json["message"]


def test_a_visit_to_somebody_elses_pupil_is_not_found(send, teacher, pupils, today):
    assert send(teacher, visit_of(pupils.elsewhere, today)).status_code == 404


# Handing over


def handed(user, what):
    content = base64.urlsafe_b64encode(json.dumps(what).encode()).decode().rstrip("=")
    text = f"AT1.{user.uid}.{content}"
    seal = hmac.digest(secret_of(user), text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(seal).decode().rstrip('=')}"


def test_what_was_handed_over_is_the_teachers_own_and_arrives_once(sign_in, send, teacher, coordinator, pupils, item):
    what = item({pupils.first: "late"})
    text = handed(teacher, what)
    page = sign_in(coordinator).post("mobile.hand_in", {"text": text[:50] + "\n " + text[50:]}, status=200).text
    roll = RollCall.get()
    assert roll.submitted_by_id == teacher.id and roll.receipt in page
    assert Receipt.get().brought_by == coordinator.id
    assert [(e.action, e.actor_id) for e in AuditEntry.select().where(AuditEntry.action.contains("hand_in") | AuditEntry.action.contains("submit_roll"))] == [
        ("attendance.submit_roll_call", teacher.id), ("mobile.hand_in", coordinator.id)
    ]  # fmt: skip
    assert "没有重复记" in sign_in(coordinator).post("mobile.hand_in", {"text": text}, status=200).text
    assert send(teacher, what).json == {**send(teacher, what).json, "number": roll.receipt, "is_repeated": True}
    assert RollCall.get().revision == 1


@pytest.mark.parametrize("spoil", [lambda t: t[:-3], lambda t: t.replace("AT1", "AT2"), lambda t: t + ".x", lambda t: "", lambda t: t[:60] + ("A" if t[60] != "A" else "B") + t[61:], lambda t: "你好"])
def test_a_text_that_was_changed_is_not_taken(sign_in, teacher, coordinator, item, spoil):
    page = sign_in(coordinator).post("mobile.hand_in", {"text": spoil(handed(teacher, item()))}, status=400)
    assert RollCall.select().count() == 0 and "error" in page.text


def test_nobody_hands_in_for_a_class_out_of_sight(sign_in, teacher, item, stranger, pupils):
    sign_in(stranger).post("mobile.hand_in", {"text": handed(teacher, item())}, status=400)
    assert RollCall.select().count() == 0


def test_a_new_password_makes_old_texts_worthless(sign_in, teacher, coordinator, item):
    text = handed(teacher, item())
    teacher.epoch += 1
    teacher.save()
    assert "核对不上" in sign_in(coordinator).post("mobile.hand_in", {"text": text}, status=400).text


# Receipts


def test_a_receipt_says_what_was_saved_to_whoever_may_see_it(sign_in, send, teacher, coordinator, stranger, pupils, item):
    number = send(teacher, item({pupils.first: "late"})).json["number"]
    for user in (teacher, coordinator):
        page = sign_in(user).get("mobile.show_receipt", number=number.lower().replace("-", " ")).text
        assert "上午点名" in page and "张老师" in page and "手机上写下的时间" in page
    assert "没有查到" in sign_in(stranger).get("mobile.show_receipt", number=number).text
    assert "10 个字母和数字" in sign_in(teacher).get("mobile.show_receipt", number="12345").text


def test_a_receipt_of_a_visit_leads_to_the_visit(sign_in, send, teacher, stranger, pupils, today):
    number = send(teacher, visit_of(pupils.first, today)).json["number"]
    assert f"/visits/{Visit.get().id}" in sign_in(teacher).get("mobile.show_receipt", number=number).text
    assert "没有查到" in sign_in(stranger).get("mobile.show_receipt", number=number).text


# What a phone may keep


def test_only_todays_roll_of_the_own_class_and_pages_without_pupils_are_kept(sign_in, teacher, school_admin, pupils, here, today, take):
    kept = sign_in(teacher).get("attendance.take_roll", **here)
    assert kept.headers["X-Offline"] == "43200" and kept.headers["X-Offline-User"] == teacher.uid and kept.headers["Cache-Control"] == "no-store"
    assert "X-Offline" not in sign_in(school_admin).get("attendance.take_roll", **here).headers
    take({})
    assert "X-Offline" not in sign_in(teacher).get("attendance.take_roll", **here).headers
    assert "X-Offline" not in sign_in(teacher).get("home.show_home").headers
    assert "X-Offline" in sign_in(teacher).get("mobile.show_outbox").headers


def test_what_is_kept_names_nobody_beside_the_list(sign_in, teacher, pupils, here, today, take):
    take({pupils.first: "sick_leave"}, on=today - datetime.timedelta(days=1))
    client = sign_in(teacher)
    assert "上次点名没到：次仁卓玛" in client.get("attendance.take_roll", **here).text
    kept = client.http.get(client.url("attendance.take_roll", **here), headers={"X-Keep": "1"})
    assert "上次点名没到" not in kept.text and kept.headers["X-Offline"]


def test_the_page_for_a_visit_without_signal_holds_seat_and_name_and_no_more(sign_in, teacher, pupils):
    page = sign_in(teacher).get("mobile.record_visit").text
    assert '<option value="">请选择</option>' in page  # nobody is taken for chosen
    assert "1 次仁卓玛" in page and "央金拉姆" not in page and "单雄信" not in page


def test_the_worker_is_made_of_the_files_that_there_are(client, session_app):
    answer = client.http.get("/sw.js")
    assert answer.mimetype == "text/javascript" and answer.headers["Cache-Control"] == "no-store"
    assert "/static/js/roll.js?v=" in answer.text and "unregister" not in answer.text


def test_the_worker_takes_itself_away_where_offline_pages_are_switched_off(client, session_app, monkeypatch):
    from dataclasses import replace

    monkeypatch.setitem(session_app.config, "SETTINGS", replace(session_app.config["SETTINGS"], offline_pages=False))
    assert "unregister" in client.http.get("/sw.js").text


def test_the_moment_of_the_server_is_the_servers(send, teacher, item):
    send(teacher, item())
    assert abs((utcnow() - RollCall.get().submitted_at).total_seconds()) < 60


def test_of_two_classes_in_a_text_the_one_that_is_taken_is_looked_at(sign_in, teacher, county, item, stranger, pupils):
    what = item()
    what["fields"].append(["class_id", str(county.other_room.id)])
    sign_in(stranger).post("mobile.hand_in", {"text": handed(teacher, what)}, status=400)
    assert RollCall.select().count() == 0

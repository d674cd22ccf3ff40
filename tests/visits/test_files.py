"""Photos and the signature of a visit: kept sealed, shown by scope, put on record, destroyed for good."""

import base64
import datetime
import io
import json
import uuid
from types import SimpleNamespace

import pytest
from PIL import Image

from aidtracker.attachments.models import Attachment, AttachmentContent
from aidtracker.audit.models import AuditEntry
from aidtracker.crypto.own_keys import unseal_with
from aidtracker.db import database, today_in_china, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.policies.models import PolicyValue
from aidtracker.visits import actions_files
from aidtracker.visits.actions import send_back_visit, verify_visit
from aidtracker.visits.evidence import Evidence, digest_of, made_ready
from aidtracker.visits.models import AwaitedFile, Visit, VisitFile
from aidtracker.visits.queries import may_verify
from aidtracker.visits.queries_files import files_of, twins_of
from tests.attachments.pictures import HTML, LATITUDE, file_of, scene, with_exif
from tests.visits.test_views import LESSON, RECORD

PICTURE = RECORD | {"is_agreed": "y"}


def photo(seed=1):
    return file_of(scene(seed=seed))


def drawn() -> str:
    """As photos.js writes a signature down."""
    return "data:image/png;base64," + base64.b64encode(file_of(scene((640, 240), seed=9), "PNG")).decode()


def uploads(*contents):
    """As a page's form with several fields of one name sends them."""
    return [(io.BytesIO(content), f"{n}.jpg", "image/jpeg") for n, content in enumerate(contents)]


@pytest.fixture
def send(sign_in, teacher, pupils):
    """send(photos..., **fields) -> the visit that was recorded through the page."""

    def sent(*photos, status=303, by=teacher, **fields):
        client = sign_in(by)
        answer = client.post("visits.record_visit", PICTURE | fields, status=status, files={"photo": uploads(*photos)}, student_id=pupils.first.id)
        return SimpleNamespace(client=client, answer=answer, visit=Visit.select().order_by(Visit.id.desc()).first())

    return sent


def file_page(client, visit, file, small=False):
    return client.http.get(f"/visits/{visit.id}/files/{file.id}" + ("/small" if small else ""))


def test_photos_and_a_signature_come_with_the_visit_and_stand_on_its_page(send):
    sent = send(photo(1), with_exif(), signature=drawn())
    files = files_of(sent.visit)
    assert [file.kind for file in files] == ["photo", "photo", "signature"]
    entry = AuditEntry.select().where(AuditEntry.action == "visits.record_visit").get()
    assert entry.fields.endswith("photo,signature")
    page = sent.client.get("visits.show_visit", visit_id=sent.visit.id).text
    assert page.count("/small\"") == 3 and "监护人签字" in page
    answer = file_page(sent.client, sent.visit, files[1])
    assert Image.open(io.BytesIO(answer.data), formats=["JPEG"]).size == (640, 480)
    assert LATITUDE not in answer.data and b"Exif" not in answer.data


def test_a_photo_is_sent_as_a_picture_and_nothing_else(send):
    sent = send(file_of(scene()) + HTML)
    [file] = files_of(sent.visit)
    for small in (False, True):
        answer = file_page(sent.client, sent.visit, file, small)
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "image/jpeg" and answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"] and answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"].startswith("inline; filename=") and HTML not in answer.data


def test_out_of_scope_it_does_not_exist(send, sign_in, stranger, visit, pupils):
    sent, other = send(photo()), visit()
    [file] = files_of(sent.visit)
    assert file_page(sign_in(stranger), sent.visit, file).status_code == 404
    assert file_page(sent.client, other, file).status_code == 404  # of another visit
    assert file_page(sent.client, sent.visit, SimpleNamespace(id=0)).status_code == 404


def test_each_opening_is_on_record(send, teacher):
    sent = send(photo())
    [file] = files_of(sent.visit)
    for _ in range(2):
        file_page(sent.client, sent.visit, file)
    seen = AuditEntry.select().where(AuditEntry.action == "visits.view_file")
    assert [(entry.actor_id, entry.object_id, entry.fields) for entry in seen] == [(teacher.id, sent.visit.uid, "photo")] * 2


def test_at_rest_it_is_sealed_by_a_key_of_its_own(send):
    send(photo(1), photo(2))
    rows = list(AttachmentContent.select())
    for row in rows:
        assert b"JFIF" not in bytes(row.whole) + bytes(row.small)
    first, second = Attachment.select().order_by(Attachment.id)
    assert first.sealing != second.sealing
    assert unseal_with(first.sealing, f"attachment|{first.uid}|whole", bytes(rows[0].whole)).startswith(b"\xff\xd8")
    [(stored,), _] = database.execute_sql("SELECT sealing FROM attachment ORDER BY id").fetchall()
    assert first.sealing.encode() not in bytes(stored)


def test_a_removed_photo_is_gone_for_good(send, pupils):
    sent = send(photo(1), photo(2))
    first, second = files_of(sent.visit)
    sent.client.post("visits.remove_file", visit_id=sent.visit.id, file_id=first.id)
    assert file_page(sent.client, sent.visit, first).status_code == 404 and files_of(sent.visit) == [second]
    gone = Attachment.get_by_id(first.id)
    assert gone.sealing is None and gone.look == gone.look_1 == "" and gone.removed_at and AttachmentContent.select().count() == 1
    assert Visit.get_by_id(sent.visit.id).revision == 2  # whoever verifies has to look again


def test_after_verification_only_those_who_verify_remove(send, coordinator, teacher):
    sent = send(photo())
    [file] = files_of(sent.visit)
    verify_visit(visit=sent.visit, revision=1, by=coordinator)
    visit = Visit.get_by_id(sent.visit.id)
    with pytest.raises(Forbidden):
        actions_files.remove_file(visit=visit, file=file, by=teacher)
    actions_files.remove_file(visit=visit, file=file, by=coordinator)
    assert files_of(visit) == [] and Visit.get_by_id(visit.id).state == "verified"


@pytest.mark.parametrize(
    ("photos", "fields", "words"),
    [
        ((b"<svg xmlns='http://www.w3.org/2000/svg'/>",), {}, "第 1 张照片：这不是照片"),
        ((photo(1), photo(2)[:3000]), {}, "第 2 张照片：这张照片打不开"),
        ((photo(1),), {"is_agreed": ""}, "放照片前要监护人同意"),
        (tuple(photo(n) for n in range(4)), {}, "最多放 3 张照片"),
        ((), {"signature": "data:image/png;base64,AAAA"}, "签字没有写好"),
        ((), {"signature": "javascript:alert(1)"}, "签字没有写好"),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_kept(send, photos, fields, words):
    sent = send(*photos, status=400, **fields)
    assert words in sent.answer.text and Visit.select().count() == Attachment.select().count() == 0


def test_a_county_may_want_no_photos_and_a_small_one(send, county, sign_in, teacher, pupils, officer):
    for key, value in (("photos_of_visit", "0"), ("photo_size", "80")):
        PolicyValue.create(county=county.county, key=key, value=value, holds_from=today_in_china(), reason="县里规定", set_by=officer)
    assert 'type="file"' not in sign_in(teacher).get("visits.record_visit", student_id=pupils.first.id).text
    PolicyValue.update(withdrawn_at=utcnow(), withdrawn_by=officer).where(PolicyValue.key == "photos_of_visit").execute()
    sent = send(photo())
    assert files_of(sent.visit)[0].size <= 80 * 1024


def test_a_lesson_at_home_has_photos_too(sign_in, teacher, pupils):
    client = sign_in(teacher)
    client.post("visits.record_tutoring", LESSON | {"is_agreed": "y", "unsigned": "unable"}, files={"photo": uploads(photo())}, student_id=pupils.at_home.id)
    made = Visit.get()
    assert made.unsigned == "unable" and len(files_of(made)) == 1
    assert "不会写字" in client.get("visits.show_visit", visit_id=made.id).text


def test_what_was_sent_back_for_a_photo_gets_one_and_waits_again(send, coordinator, teacher, school_admin):
    sent = send()
    send_back_visit(visit=sent.visit, revision=1, reason="没有照片", by=coordinator)
    sent.client.post("visits.add_files", {"is_agreed": "y", "signature": drawn(), "revision": "1"}, files={"photo": uploads(photo())}, visit_id=sent.visit.id)
    visit = Visit.get_by_id(sent.visit.id)
    assert (visit.state, visit.revision) == ("recorded", 2) and [file.kind for file in files_of(visit)] == ["photo", "signature"]
    again = made_ready(Evidence((photo(2), photo(3), photo(4)), None, True), visit.county_id)
    with pytest.raises(Refused, match="最多放 3 张"):
        actions_files.add_files(visit=visit, revision=2, files=again, by=teacher)
    with pytest.raises(Refused, match="已经在这条家访里"):
        actions_files.add_files(visit=Visit.get_by_id(visit.id), revision=2, files=made_ready(Evidence((photo(),), None, True), visit.county_id), by=teacher)
    assert Visit.get_by_id(visit.id).revision == 2
    assert may_verify(coordinator, visit)


def test_a_photo_of_another_visit_is_told_to_whoever_verifies_and_to_nobody_else(send, sign_in, coordinator):
    first = send(file_of(scene((1200, 900), seed=5)))
    second = send(file_of(scene((1200, 900), seed=5).resize((700, 525)), quality=50), teachers="李老师")
    send(photo(6))
    [twin] = twins_of(second.visit, files_of(second.visit))
    assert twin.visit_id == first.visit.id
    assert "看起来和" in sign_in(coordinator).get("visits.show_visit", visit_id=second.visit.id).text
    assert "看起来和" not in second.client.get("visits.show_visit", visit_id=second.visit.id).text


def test_a_white_wall_looks_like_no_other(send):
    for _ in range(2):
        sent = send(file_of(Image.new("RGB", (400, 300), "white")), teachers=str(uuid.uuid4())[:8])
    assert twins_of(sent.visit, files_of(sent.visit)) == []


def test_after_their_years_photos_are_destroyed(send, county):
    sent = send(photo(1), photo(2))
    old, young = files_of(sent.visit)
    Attachment.update(added_at=utcnow() - datetime.timedelta(days=366 * 3 + 1)).where(Attachment.id == old.id).execute()
    actions_files.forget_old_files()
    assert files_of(sent.visit) == [young]
    entry = AuditEntry.select().where(AuditEntry.action == "visits.forget_files").get()
    assert (entry.count, entry.county_id) == (1, county.county.id)


@pytest.fixture
def item(pupils):
    """What an outbox sends of a visit with photos."""

    def of(*photos, **more):
        fields = [*(RECORD | {"student_id": pupils.first.id, "is_agreed": "y"} | more).items()]
        flat = [[name, str(one)] for name, value in fields for one in (value if isinstance(value, list) else [value])]
        flat += [["photo", "data:image/jpeg;base64," + base64.b64encode(each).decode()] for each in photos]
        return {"id": str(uuid.uuid4()), "kind": "visit", "at": "2026-11-27T00:01:02.345Z", "fields": flat}

    return of


@pytest.fixture
def outbox(sign_in, teacher):
    def sent(what):
        http = sign_in(teacher).http
        said = http.get("/outbox/session", headers={"Accept": "application/json"}).json
        return http.post("/outbox/send", data=json.dumps(what), content_type="application/json", headers={"Accept": "application/json", "X-CSRFToken": said["csrf"]})

    return sent


def test_an_outbox_brings_photos_once_however_often_it_sends(outbox, item):
    what = item(photo(1), photo(2), photo(3), signature=drawn())
    first, again = outbox(what), outbox(what)
    assert first.status_code == 200 and again.json["is_repeated"] and again.json["number"] == first.json["number"]
    assert Visit.select().count() == 1 and [file.kind for file in files_of(Visit.get())] == ["photo"] * 3 + ["signature"]


def test_three_photos_of_the_largest_size_fit_into_one_item(outbox, item):
    """As text they are a third larger; a megabyte is what any other page may send."""
    answer = outbox(item(*[photo(n) + b"\x00" * (300 * 1024) for n in range(3)]))
    assert answer.status_code == 200 and len(files_of(Visit.get())) == 3
    assert outbox(item(photo() + b"\x00" * 3_000_000)).status_code == 413


def test_other_photos_under_the_same_number_are_refused(outbox, item):
    what = item(photo(1))
    outbox(what)
    other = {**item(photo(2)), "id": what["id"]}
    assert outbox(other).status_code == 422 and len(files_of(Visit.get())) == 1


def test_a_record_handed_over_as_text_gets_its_photos_when_the_phone_has_signal(outbox, item):
    """The text names them by what they hold."""
    whole = item(photo(1), photo(2))
    named = [["file_digest", digest] for digest in digests(whole)]
    text = {**whole, "fields": [pair for pair in whole["fields"] if pair[0] != "photo"] + named}
    assert outbox(text).status_code == 200 and files_of(Visit.get()) == []
    answer = outbox(whole)
    assert answer.status_code == 200 and answer.json["is_repeated"] and len(files_of(Visit.get())) == 2
    removed = files_of(Visit.get())[0]
    actions_files.remove_file(visit=Visit.get(), file=removed, by=Visit.get().recorded_by)
    outbox(whole)  # and what was removed meanwhile is not brought back
    assert len(files_of(Visit.get())) == 1 and VisitFile.select().count() == 2


def test_the_page_of_a_visit_says_how_many_photos_are_still_on_the_phone(outbox, item, sign_in, coordinator):
    whole = item(photo(1), photo(2))
    named = [["file_digest", digest] for digest in digests(whole)]
    outbox({**whole, "fields": [pair for pair in whole["fields"] if pair[0] != "photo"] + named})
    page = sign_in(coordinator).get("visits.show_visit", visit_id=Visit.get().id).text
    assert "到了 0/2" in page and "还有 2 个" in page
    outbox(whole)
    assert "记录人的手机上" not in sign_in(coordinator).get("visits.show_visit", visit_id=Visit.get().id).text
    assert not AwaitedFile.select().exists()


def digests(whole):
    return [digest_of(base64.b64decode(value.split(",")[1])) for name, value in whole["fields"] if name == "photo"]


def test_coordinators_see_photos_of_their_township(send, sign_in, coordinator):
    sent = send(photo())
    assert file_page(sign_in(coordinator), sent.visit, files_of(sent.visit)[0]).status_code == 200

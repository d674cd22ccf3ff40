"""Hostile photos: whatever is sent as a photo of a visit is written anew from its pixels or refused in words, and nothing is sent to anybody as it came.

Each goes through the page and every third through the door of the phones as well, under a name and a type that say the opposite of
what it is. A round is one file: first those that hurt, then honest ones with some bytes changed.
"""

import base64
import hashlib
import io
import json
import resource
import uuid
from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image

from aidtracker import create_app
from aidtracker.attachments.jpeg import is_plain
from aidtracker.attachments.limits import LONGEST_SIDE, SMALL_BYTES, TARGET_BYTES, WORDS
from aidtracker.attachments.models import Attachment, AttachmentContent
from aidtracker.audit.models import AuditEntry
from aidtracker.db import database, today_in_china
from aidtracker.visits.models import Visit
from aidtracker.visits.queries_files import files_of
from tests import cast, factories
from tests.attachments.pictures import HONEST, HOSTILE, MARKS, with_exif
from tests.drills._photo_bugs import BUGS
from tests.drills.drill import Drill, Given, Outcome

MOST_MEMORY = 400  # MB, of a process that decodes
EVERY = 3  # goes through the door of the phones as well
PIECE = 40  # bytes that are looked for on the disk
HEADERS = {"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class File(NamedTuple):
    label: str
    data: bytes
    reason: str  # why it is refused, as limits.WORDS has it; '' of an honest one, '?' of one that may be either


def run(given: Given) -> Outcome:
    facts = {"files": 0, "kept": 0, "refused": 0, "fetched": 0, "MB at most": 0}
    zeros = dict.fromkeys(("broken", "as it came", "marked", "in the clear", "wordless", "wrong", "seen", "unrecorded", "fat", "left"), 0)
    outcome = Outcome(given.rounds, facts, zeros)
    with given.opened() as settings:
        places = cast.make_county()
        app = create_app(settings)
        database.connect(reuse_if_open=True)
        look = Look(app, places, outcome, given)
        for number, file in zip(range(given.rounds), files(given), strict=False):
            look.at(file, number)
            if given.bug and outcome.is_red:
                break
        look.at_the_end()
        database.close()
    return outcome


def files(given: Given) -> Iterator[File]:
    known = [File(label, make(), "") for label, make in HONEST.items()] + [File(label, make(), reason) for label, (reason, make) in HOSTILE.items()]
    known += [File("on its side", with_exif(6), "")]
    given.random.shuffle(known)
    yield from known
    honest = [file for file in known if not file.reason and len(file.data) < 300_000]
    while True:
        file = given.random.choice(honest)
        spoilt = bytearray(file.data)
        for _ in range(given.random.choice((1, 3, 30))):
            spoilt[given.random.randrange(len(spoilt))] = given.random.randrange(256)
        yield File(f"{file.label}, spoilt", bytes(spoilt), "?")


class Look:
    """A teacher at the house of one pupil, a stranger from the next school, and what stands on the disk."""

    def __init__(self, app, places, outcome: Outcome, given: Given):
        self.outcome, self.given = outcome, given
        self.pupil = factories.make_student(places.room, "次仁卓玛")
        people = {"teacher": places.room, "stranger": places.other_room}
        self.clients = {}
        for name, room in people.items():
            user = factories.make_user("teacher", room, name, name)
            self.clients[name] = cast.Client(app)
            self.clients[name].post("accounts.sign_in", {"username": user.username, "password": factories.PASSWORD})
        self.anybody, self.elsewhere = cast.Client(app), self.visit_without()

    def visit_without(self) -> int:
        self.sent_by_page("nobody", None)
        return Visit.select(Visit.id).order_by(Visit.id.desc()).scalar()

    def at(self, file: File, number: int) -> None:
        self.outcome.facts["files"] += 1
        doors = [self.sent_by_page, *([self.sent_by_phone] if number % EVERY == 0 and len(file.data) < 1_500_000 else [])]
        for door in doors:
            before = Attachment.select().count()
            status, words = door(file.label, file.data, is_lying=not file.reason)
            came = Attachment.select().count() - before
            if status >= 500:
                self.found("broken", file, f"is answered with {status}")
            elif came:
                self.kept(file)
            else:
                self.refused(file, status, words)
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        self.outcome.facts["MB at most"] = most
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024  # a process begins with the peak of the one that started it on its account
        if most > max(MOST_MEMORY, own):
            self.found("fat", file, f"takes {most} MB")

    def sent_by_page(self, label: str, data: bytes | None, is_lying: bool = False):
        """An honest photo comes as a program, what is none as a photo."""
        name, kind = ("x.php", "text/html") if is_lying else ("IMG_1.jpg", "image/jpeg")
        files = {"photo": (io.BytesIO(data), name, kind)} if data is not None else {}
        client = self.clients["teacher"]
        address = client.url("visits.record_visit", student_id=self.pupil.id)
        answer = client.http.post(address, data=self.fields(label) | {"csrf_token": client.token(), "key": str(uuid.uuid4())} | files, content_type="multipart/form-data")
        return answer.status_code, answer.text

    def sent_by_phone(self, label: str, data: bytes, is_lying: bool = False):
        http, kind = self.clients["teacher"].http, "png" if is_lying else "jpeg"
        fields = [[name, value] for name, value in (self.fields(f"{label} again") | {"student_id": str(self.pupil.id)}).items()]
        fields.append(["photo", f"data:image/{kind};base64,{base64.b64encode(data).decode()}"])
        item = {"id": str(uuid.uuid4()), "kind": "visit", "at": "", "fields": fields}
        headers = {"Accept": "application/json", "X-CSRFToken": http.get("/outbox/session").json["csrf"]}
        answer = http.post("/outbox/send", data=json.dumps(item), content_type="application/json", headers=headers)
        return answer.status_code, answer.text if answer.status_code == 200 else json.loads(answer.text).get("message", "")

    def fields(self, label: str) -> dict:
        on = today_in_china().isoformat()
        return {"form": "on_site", "purposes": "routine", "met": "nobody", "teachers": label, "on": on, "is_agreed": "y"}

    def refused(self, file: File, status: int, words: str) -> None:
        self.outcome.facts["refused"] += 1
        if not file.reason:
            self.found("wrong", file, f"is refused: {status}")
        elif file.reason == "?" and not any(each in words for each in WORDS.values()):
            self.found("wordless", file, f"is refused without words: {status}")
        elif file.reason not in ("?", "empty") and WORDS[file.reason] not in words:
            self.found("wordless", file, f"is refused in other words, not as {file.reason}: {status}")

    def kept(self, file: File) -> None:
        self.outcome.facts["kept"] += 1
        if file.reason not in ("", "?"):
            self.found("wrong", file, "is kept")
        visit = Visit.select().order_by(Visit.id.desc()).first()
        [kept] = files_of(visit)
        for small in ("", "/small"):
            self.fetched(file, f"/visits/{visit.id}/files/{kept.id}{small}", TARGET_BYTES if not small else SMALL_BYTES)
        for who, client in {"a stranger": self.clients["stranger"], "anybody": self.anybody}.items():
            if client.http.get(f"/visits/{visit.id}/files/{kept.id}").status_code == 200:
                self.found("seen", file, f"is shown to {who}")
        if self.clients["teacher"].http.get(f"/visits/{self.elsewhere}/files/{kept.id}").status_code == 200:
            self.found("seen", file, "is shown as a photo of another visit")
        if file.label == "on its side" and not kept.height > kept.width:
            self.found("wrong", file, "does not stand as the camera was held")

    def fetched(self, file: File, address: str, most: int) -> None:
        before = AuditEntry.select().where(AuditEntry.action == "visits.view_file").count()
        answer = self.clients["teacher"].http.get(address)
        content = answer.data
        self.outcome.facts["fetched"] += 1
        if any(answer.headers.get(name) != value for name, value in HEADERS.items()) or "sandbox" not in answer.headers.get("Content-Security-Policy", ""):
            self.found("as it came", file, f"is sent as something else than a picture: {answer.headers.get('Content-Type')}")
        if content == file.data or not is_jpeg(content, most):
            self.found("as it came", file, f"is sent as it came, or as no small JPEG ({len(content)} bytes)")
        if not is_plain(content) or any(mark in content for mark in MARKS):
            self.found("marked", file, "carries more than pixels")
        if not address.endswith("small") and AuditEntry.select().where(AuditEntry.action == "visits.view_file").count() != before + 1:
            self.found("unrecorded", file, "is opened and nobody knows")
        if self.is_on_the_disk(content):
            self.found("in the clear", file, "stands in the clear on the disk")

    def is_on_the_disk(self, content: bytes) -> bool:
        """A piece of what was sent to us, in the rows themselves."""
        piece = content[len(content) // 2 :][:PIECE]
        return any(piece in bytes(row.whole) or piece in bytes(row.small) for row in AttachmentContent.select().order_by(AttachmentContent.attachment.desc()).limit(2))

    def at_the_end(self) -> None:
        """One is removed: neither key nor content of it is left."""
        last = Attachment.select().where(Attachment.removed_at.is_null()).order_by(Attachment.id.desc()).first()
        if last is None:
            return
        visit = Visit.select().order_by(Visit.id.desc()).where(Visit.id != self.elsewhere)
        mine = next(each for each in visit if last.id in [file.id for file in files_of(each)])
        self.clients["teacher"].post("visits.remove_file", visit_id=mine.id, file_id=last.id)
        gone = Attachment.get_by_id(last.id)
        if gone.sealing or gone.look or AttachmentContent.get_or_none(AttachmentContent.attachment == last.id):
            self.found("left", File("a removed photo", b"", ""), "can still be opened")

    def found(self, word: str, file: File, line: str) -> None:
        self.outcome.found(word, f"{file.label} ({hashlib.sha256(file.data).hexdigest()[:8]}) {line}")


def is_jpeg(content: bytes, most: int) -> bool:
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as picture:
            picture.load()
            return max(picture.size) <= LONGEST_SIDE and len(content) <= most and not picture.getexif()
    except Exception:
        return False


DRILL = Drill("photos", "files that would hurt whoever opens them, sent as photos of a visit", run, rounds=300, short=14, bugs=BUGS, on_postgresql=False)

"""Keys are changed under way: nothing is lost, whoever is killed goes on, and the old key goes last."""

import contextlib
import json
import os
import threading

import peewee
import pytest

from aidtracker import db
from aidtracker.attachments.cleaning import Picture
from aidtracker.attachments.keeping import keep, opened
from aidtracker.attachments.models import Attachment, AttachmentContent
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.crypto import envelope, keyring
from aidtracker.crypto.field import EncryptedField, sealed_column
from aidtracker.crypto.files import kid_of_file, unseal_file
from aidtracker.crypto.keyed_index import KeyedIndexField, keyed
from aidtracker.crypto.keyring import PURPOSES, kek_path, key, key_by_kid, load_keyring, new_kek_path, unit
from aidtracker.crypto.models import KeyringKey
from aidtracker.errors import CannotStart, Refused
from aidtracker.imports import actions as imports_actions
from aidtracker.imports.models import ImportFile
from aidtracker.operation import actions_rotation as rotation
from aidtracker.operation.actions_rotation import INDEXES, SEALED, change_key_file, columns_of, rotate_key
from aidtracker.schema import MODELS
from aidtracker.students.models import Guardian, Student
from aidtracker.students.search import search
from tests import factories
from tests.killed import killed_at

HERE, KEYS, RING = "aidtracker.operation.actions_rotation", "aidtracker.crypto.rotation", "aidtracker.crypto.keyring"


@pytest.fixture(autouse=True)
def few_rows(own_instance, monkeypatch):
    monkeypatch.setattr(rotation, "ROWS", 2)
    monkeypatch.setattr(rotation, "INDEX_ROWS", 2)


def kids(column):
    return {envelope.kid_of(bytes(blob)) for (blob,) in column.model.select(column).where(column.is_null(False)).tuples()}


def sealed_id(student):
    return bytes(Student.get_by_id(student.id).__data__["id_number"])


def keys_of(purpose):
    return [(row.kid, row.state) for row in KeyringKey.select().where(KeyringKey.purpose == purpose).order_by(KeyringKey.kid)]


def rotate(purpose, instance):
    return rotate_key(purpose=purpose, models=MODELS, instance=instance)


# Which columns


def test_every_purpose_is_rotated_or_said_not_to_be():
    assert {*SEALED, *INDEXES, *rotation.FOR_EVER} == set(PURPOSES)


def test_every_sealed_and_every_indexed_column_is_found_by_itself():
    for kind, purposes in ((EncryptedField, SEALED), (KeyedIndexField, INDEXES)):
        there = {column for model in MODELS for column in model._meta.sorted_fields if isinstance(column, kind)}
        assert there == {column for purpose in purposes for column in columns_of(purpose, MODELS, kind)}
        assert all(isinstance(column.model._meta.primary_key, peewee.AutoField) for column in there)  # walked by id


def test_every_index_belongs_to_a_sealed_column_beside_it():
    for model in MODELS:
        for column in model._meta.sorted_fields:
            assert not column.name.endswith("_index") or isinstance(column, KeyedIndexField), f"{model.__name__}.{column.name}"
            if isinstance(column, KeyedIndexField):
                assert isinstance(getattr(model, column.of), EncryptedField)


# Sealed columns


def test_everything_is_sealed_anew_and_the_old_key_is_gone(own_instance, pupils):
    before = {student.id: (student.phone, student.id_number) for student in Student.select()}
    guardians, old, other = [guardian.phone for guardian in Guardian.select()], key("phone"), sealed_id(pupils.mine)
    done = rotate("phone", own_instance)
    assert (done.kid, done.rows, done.files, done.left) == (2, 2, 0, [])
    assert kids(Student.phone) == kids(Guardian.phone) == {2}
    assert keys_of("phone") == [(2, "active")]
    assert key("phone")[1] != old[1] and key_by_kid("phone", 1) is None
    assert {student.id: (student.phone, student.id_number) for student in Student.select()} == before
    assert [guardian.phone for guardian in Guardian.select()] == guardians
    assert sealed_id(pupils.mine) == other
    rotate("phone", own_instance)
    assert keys_of("phone") == [(3, "active")]


def test_a_photo_stays_as_it_is_and_only_its_key_is_sealed_anew(own_instance, pupils):
    kept = keep("photo", Picture(b"whole", b"small", 4, 3, "0123456789abcdef"))
    stored = bytes(AttachmentContent.get().whole)
    assert rotate("photo", own_instance).rows == 1
    assert bytes(AttachmentContent.get().whole) == stored and kids(Attachment.sealing) == {2}
    assert opened(Attachment.get_by_id(kept.id), "whole") == b"whole"


def test_the_trail_tells_of_both_ends(own_instance, pupils):
    rotate("id", own_instance)
    told = AuditEntry.select(AuditEntry.action, AuditEntry.object_id).where(AuditEntry.object_kind == "key").order_by(AuditEntry.id).tuples()
    assert list(told) == [("operation.rotate_key", "id-2"), ("operation.destroy_key", "id-2")]
    assert first_broken_entry() is None


@pytest.mark.parametrize("purpose", SEALED)
def test_every_purpose_can_be_rotated(own_instance, pupils, purpose):
    assert rotate(purpose, own_instance).left == []
    assert keys_of(purpose) == [(2, "active")]


def test_what_somebody_changes_meanwhile_stays_as_they_wrote_it(own_instance, pupils, monkeypatch):
    real = rotation.resealed

    def edited_meanwhile(column, rows, done):
        changes = real(column, rows, done)
        student = Student.get_by_id(pupils.mine.id)
        student.phone = "13911112222"
        student.save(only=[Student.phone])
        return changes

    monkeypatch.setattr(rotation, "resealed", edited_meanwhile)
    assert rotate("phone", own_instance).left == []
    assert Student.get_by_id(pupils.mine.id).phone == "13911112222"


def test_whoever_began_before_seals_with_the_old_key_to_the_end_and_is_waited_for(own_instance, pupils):
    """An import: sealer made, then the rotation begins, then the rows are written."""
    sealed, went_in, may_write = [], threading.Event(), threading.Event()

    def import_rows():
        with db.database.connection_context(), unit():
            seal = sealed_column(Student.phone)
            went_in.set()
            may_write.wait(10)
            with db.transaction():
                sealed.append(seal(pupils.sibling.uid, "13733334444"))
                Student.update(phone=sealed[0]).where(Student.id == pupils.sibling.id).execute()

    thread = threading.Thread(target=import_rows)
    thread.start()
    assert went_in.wait(10)
    waited = []

    def progress(done, total):
        waited.append(done)
        may_write.set()

    done = rotate_key(purpose="phone", models=MODELS, instance=own_instance, progress=progress)
    thread.join()
    assert envelope.kid_of(sealed[0]) == 1 and waited
    assert done.left == [] and kids(Student.phone) == {2}
    assert Student.get_by_id(pupils.sibling.id).phone == "13733334444"


def test_other_processes_seal_with_the_new_key_from_their_next_request_on(own_instance, pupils):
    old = keyring._ring, keyring._door
    rotate("phone", own_instance)
    keyring._ring, keyring._door = old  # another process, that has sealed only so far
    with unit():
        assert key("phone")[0] == 2


def test_a_value_that_does_not_open_keeps_its_key_and_is_named(own_instance, pupils):
    blob = bytes(Student.select(Student.phone).where(Student.id == pupils.mine.id).tuples().get()[0])
    Student.update(phone=blob[:-1] + bytes([blob[-1] ^ 1])).where(Student.id == pupils.mine.id).execute()
    done = rotate("phone", own_instance)
    assert done.left == [f"student {pupils.mine.id} phone"]
    assert keys_of("phone") == [(1, "retired"), (2, "active")]
    Student.update(phone=blob).where(Student.id == pupils.mine.id).execute()
    assert rotate("phone", own_instance).left == []
    assert keys_of("phone") == [(2, "active")]
    assert Student.get_by_id(pupils.mine.id).phone == "13900005678"


def test_one_rotation_at_a_time(own_instance):
    with rotation.the_only_rotation(own_instance), pytest.raises(Refused, match="正在运行"):
        rotate("phone", own_instance)


# Files


@pytest.fixture
def upload(own_instance, school_admin):
    with (own_instance / "plain.csv").open("wb+") as stream:
        stream.write("姓名,身份证件号\n张小明,990101201605010013\n".encode() * 60_000)  # more than one piece
        stream.seek(0)
        kept = imports_actions.keep_upload(stream, "roster.csv")
    (own_instance / "plain.csv").unlink()
    return ImportFile.create(kind="students", by=school_admin, **kept._asdict())


def read(file):
    with imports_actions.opened(file) as path:
        return path.read_bytes()


def test_kept_files_are_sealed_anew_whether_or_not_a_row_names_them(own_instance, upload):
    content, path = read(upload), imports_actions.folder() / upload.uid
    done = rotate("file", own_instance)
    assert (done.files, done.left) == (1, [])
    assert kid_of_file(path) == 2 and path.stat().st_mode & 0o777 == 0o600
    assert read(upload) == content
    ImportFile.delete().execute()
    assert rotate("file", own_instance).files == 1
    assert keys_of("file") == [(3, "active")]


def test_a_file_that_was_thrown_away_meanwhile_does_not_come_back(own_instance, upload, school_admin, monkeypatch):
    real = rotation.reseal_file

    def discarded_meanwhile(place, path):
        imports_actions.discard_import(file=upload, by=school_admin)
        path.write_bytes(b"put back by the rotation")
        with contextlib.suppress(rotation.Unreadable):
            real(place, path)

    monkeypatch.setattr(rotation, "reseal_file", discarded_meanwhile)
    rotate("file", own_instance)
    assert list(imports_actions.folder().iterdir()) == []


def test_a_download_that_began_before_ends_with_the_old_key(own_instance, upload):
    content = read(upload)
    with (imports_actions.folder() / upload.uid).open("rb") as sealed:
        pieces = unseal_file(f"import|{upload.uid}", sealed)
        first = next(pieces)
        rotate("file", own_instance)
        assert first + b"".join(pieces) == content


def test_a_file_of_an_old_key_keeps_it(own_instance, upload, monkeypatch):
    monkeypatch.setattr(rotation, "reseal_files", lambda done: None)
    assert rotate("file", own_instance).left
    assert keys_of("file") == [(1, "retired"), (2, "active")]


# Keyed indexes


def test_indexes_are_written_anew_and_search_finds_the_same(own_instance, pupils, school_admin):
    number, old = pupils.mine.id_number, key("index_id")[1]
    before = search(school_admin, number).ids
    for purpose in INDEXES:
        assert keys_of(purpose) == [(1, "active")]
        rotate(purpose, own_instance)
        assert keys_of(purpose) == [(2, "active")]
    assert key("index_id")[1] != old
    assert search(school_admin, number).ids == search(school_admin, number[-6:]).ids == search(school_admin, f"G{number}").ids == before
    assert bytes(Student.get_by_id(pupils.mine.id).id_index) == keyed("index_id", number)
    with pytest.raises(peewee.IntegrityError), db.transaction():
        factories.make_student(pupils.mine.class_org, id_number=number)


def test_an_index_waits_for_those_inside_and_gives_up(own_instance, pupils, monkeypatch):
    monkeypatch.setattr(rotation, "WAIT_SECONDS", 0)
    with unit(), pytest.raises(Refused, match="没有更换"):
        rotate("index_id", own_instance)
    assert keys_of("index_id") == [(1, "active")]
    rotate("index_id", own_instance)
    assert keys_of("index_id") == [(2, "active")]


def test_whoever_comes_meanwhile_waits_and_finds_the_new_index(own_instance, pupils, monkeypatch):
    """Another process: its ring is the old one, and it looks a pupil up while the index is written anew."""
    number, found, threads = pupils.mine.id_number, [], []
    stale, real = (keyring._ring, keyring._door), rotation.write_index_anew

    def look_up():
        with db.database.connection_context(), unit():
            found.append(Student.select(Student.id).where(Student.id_index == keyed("index_id", number)).scalar())

    def meanwhile(*arguments):
        if not threads:
            threads.append(threading.Thread(target=look_up))
            threads[0].start()
            threads[0].join(0.2)
            assert not found
        real(*arguments)

    monkeypatch.setattr(rotation, "write_index_anew", meanwhile)
    rotate("index_id", own_instance)
    keyring._ring, keyring._door = stale
    threads[0].join()
    assert found == [pupils.mine.id]


def test_an_index_that_does_not_fit_its_value_changes_nothing(own_instance, pupils):
    Student.update(id_index=b"x" * 16).where(Student.id == pupils.far.id).execute()
    before = list(Student.select(Student.id, Student.id_index).order_by(Student.id).tuples())
    with pytest.raises(Refused, match=f"第 {pupils.far.id} 行"):
        rotate("index_id", own_instance)
    keyring.read_again()
    assert keys_of("index_id") == [(1, "active")]
    assert list(Student.select(Student.id, Student.id_index).order_by(Student.id).tuples()) == before


# Killed


@pytest.mark.parametrize("name", ["new_door", "run_many", "_end_rotation", "destroy_retired"])
def test_a_rotation_that_was_killed_goes_on_where_it_stopped(app, own_instance, pupils, name):
    before = {student.id: student.phone for student in Student.select()}
    for index, student in enumerate(Student.select()):
        student.phone = before[student.id] = f"1380000{index:04}"
        student.save(only=[Student.phone])
    killed_at(HERE, name, lambda: rotate("phone", own_instance), app.config["SETTINGS"], nth=2 if name == "run_many" else 1)
    keyring.read_again()
    assert keys_of("phone") == [(1, "retired"), (2, "active")]
    assert {student.id: student.phone for student in Student.select()} == before
    rotate("phone", own_instance)
    assert keys_of("phone") == [(2, "active")]
    assert {student.id: student.phone for student in Student.select()} == before
    assert first_broken_entry() is None


@pytest.mark.parametrize(("name", "kid"), [("run_many", 1), ("keyring.read_again", 2)])
def test_an_index_that_was_killed_stands_as_before_or_as_after(app, own_instance, pupils, school_admin, name, kid):
    number = pupils.mine.id_number
    killed_at(HERE, name, lambda: rotate("index_id", own_instance), app.config["SETTINGS"], nth=2)
    keyring.read_again()
    assert keys_of("index_id") == [(kid, "active")]
    with unit():  # nobody holds the door
        assert search(school_admin, number).ids == [pupils.mine.id]
    rotate("index_id", own_instance)
    assert search(school_admin, number).ids == [pupils.mine.id]


# The key file


def test_a_new_key_file_opens_the_same_keys_and_the_old_one_is_kept(own_instance, pupils):
    old, keys = kek_path(own_instance).read_bytes(), dict(keyring._ring.keys)
    assert change_key_file(instance=own_instance) == len(PURPOSES)
    assert kek_path(own_instance).read_bytes() != old and not new_kek_path(own_instance).exists()
    (kept,) = own_instance.glob("kek.until-*")
    assert kept.read_bytes() == old and kept.stat().st_mode & 0o777 == 0o600
    keyring.read_again()
    assert keyring._ring.keys == keys
    assert Student.get_by_id(pupils.mine.id).phone == "13900005678"
    kek_path(own_instance).write_bytes(old)
    with pytest.raises(CannotStart, match="does not fit"):
        keyring.read_again()


STEPS = [
    (KEYS, "make_kek", 1), (KEYS, "read_kek", 1), (HERE, "wrap_all", 1), (HERE, "record", 1),
    (KEYS, "put_in_place", 1), (RING, "os.replace", 1), (RING, "sync_folder", 1),
]  # fmt: skip


@pytest.mark.parametrize(("module", "name", "nth"), STEPS)
def test_a_change_of_the_key_file_that_was_killed_leaves_a_pair_that_opens(app, own_instance, pupils, module, name, nth):
    old, keys = kek_path(own_instance).read_bytes(), dict(keyring._ring.keys)
    killed_at(module, name, lambda: change_key_file(instance=own_instance), app.config["SETTINGS"], nth)
    load_keyring(app.config["SETTINGS"])
    assert keyring._ring.keys == keys
    assert old in {path.read_bytes() for path in own_instance.glob("kek*")}
    assert change_key_file(instance=own_instance) == len(PURPOSES)
    assert not new_kek_path(own_instance).exists()
    load_keyring(app.config["SETTINGS"])
    assert keyring._ring.keys == keys
    assert first_broken_entry() is None


def test_a_stray_new_key_file_does_not_help_a_wrong_one(app, own_instance):
    wrong, stray = os.urandom(32), os.urandom(32)
    for path, content in ((kek_path(own_instance), wrong), (new_kek_path(own_instance), stray)):
        path.write_bytes(content)
        path.chmod(0o600)
    with pytest.raises(CannotStart, match="does not fit"):
        load_keyring(app.config["SETTINGS"])
    assert (kek_path(own_instance).read_bytes(), new_kek_path(own_instance).read_bytes()) == (wrong, stray)


# The command


@pytest.fixture
def command(app, own_instance):
    def ran(*arguments):
        with app.app_context():  # as the flask command does
            done = app.test_cli_runner().invoke(args=["rotate-keys", *arguments])
        db.database.connect(reuse_if_open=True)
        return done

    return ran


def test_the_command_says_what_became_of_each_purpose(command, pupils):
    done = command("phone", "index_id", "--json")
    assert done.exit_code == 0, done.output
    rotated = json.loads(done.stdout)["rotated"]
    assert [(each["purpose"], each["kid"], each["left"]) for each in rotated] == [("phone", 2, []), ("index_id", 2, [])]
    everything = command()
    assert everything.exit_code == 0 and everything.stdout.count("旧密钥已销毁") == len(SEALED)
    assert keys_of("index_id") == [(2, "active")] and keys_of("phone") == [(3, "active")]


def test_the_command_changes_the_key_file(command, own_instance):
    old = kek_path(own_instance).read_bytes()
    assert command("--kek").exit_code == 0
    assert kek_path(own_instance).read_bytes() != old
    both = command("--kek", "id")
    assert both.exit_code == 2 and "--kek" in both.stderr


def test_the_command_refuses_what_is_never_rotated(command):
    for purpose in ("audit", "index_receipt", "nonsense"):
        refused = command(purpose)
        assert refused.exit_code == 2 and len(refused.stderr.strip().splitlines()) == 1
    assert "trail is verified" in " ".join(command("--help").stdout.split())


def test_the_command_ends_with_1_when_something_does_not_open(command, pupils):
    Student.update(phone=b"\x01\x01\x00\x01" + bytes(40)).where(Student.id == pupils.mine.id).execute()
    done = command("phone")
    assert done.exit_code == 1 and f"student {pupils.mine.id} phone" in done.stdout

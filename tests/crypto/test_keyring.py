import multiprocessing
import os
import stat

import pytest

from aidtracker import db
from aidtracker.crypto import keyring
from aidtracker.crypto.keyring import PURPOSES, ensure_keys, forget_keys, kek_path, key, key_by_kid, load_keyring
from aidtracker.crypto.models import KeyringKey
from aidtracker.errors import CannotStart


def test_first_run_makes_the_key_file_for_its_owner_only_and_one_key_per_purpose(own_settings):
    ensure_keys(own_settings)
    kek = kek_path(own_settings.instance)
    assert stat.S_IMODE(kek.stat().st_mode) == 0o600
    assert len(kek.read_bytes()) == 32
    assert sorted(row.purpose for row in KeyringKey.select()) == sorted(PURPOSES)
    assert len({key(purpose)[1] for purpose in PURPOSES}) == len(PURPOSES)
    assert [path.name for path in own_settings.instance.glob(".kek*")] == []


def test_ensure_keys_twice_changes_nothing(keys):
    before = kek_path(keys.instance).read_bytes(), key("id")
    ensure_keys(keys)
    assert (kek_path(keys.instance).read_bytes(), key("id")) == before


def test_a_purpose_of_a_later_version_gets_its_key(keys):
    KeyringKey.delete().where(KeyringKey.purpose == "totp").execute()
    ensure_keys(keys)
    assert key("totp")[0] == 1


def test_no_key_lies_in_the_database_in_the_clear(keys):
    stored = b"".join(bytes(row.wrapped) for row in KeyringKey.select())
    assert all(key(purpose)[1] not in stored for purpose in PURPOSES)


def test_a_missing_key_file_is_refused_and_none_is_made(keys):
    kek_path(keys.instance).unlink()
    rows = list(KeyringKey.select().tuples())
    for start in (load_keyring, ensure_keys):
        with pytest.raises(CannotStart, match="missing"):
            start(keys)
    assert not kek_path(keys.instance).exists()
    assert list(KeyringKey.select().tuples()) == rows


def test_a_wrong_key_file_is_refused_and_nothing_is_touched(keys):
    kek_path(keys.instance).write_bytes(os.urandom(32))
    file, rows = kek_path(keys.instance).read_bytes(), list(KeyringKey.select().tuples())
    for start in (load_keyring, ensure_keys):
        with pytest.raises(CannotStart, match="does not fit"):
            start(keys)
    assert kek_path(keys.instance).read_bytes() == file
    assert list(KeyringKey.select().tuples()) == rows
    with pytest.raises(CannotStart):
        key("id")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_key_file_that_others_can_read_is_refused(keys, mode):
    kek_path(keys.instance).chmod(mode)
    with pytest.raises(CannotStart, match="chmod 600"):
        load_keyring(keys)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_damaged_key_file_is_refused(keys, size):
    kek_path(keys.instance).write_bytes(b"x" * size)
    with pytest.raises(CannotStart, match="damaged"):
        load_keyring(keys)


def test_a_key_moved_to_another_purpose_is_refused(keys):
    other = KeyringKey.get(KeyringKey.purpose == "phone").wrapped
    KeyringKey.update(wrapped=other).where(KeyringKey.purpose == "id").execute()
    with pytest.raises(CannotStart, match="does not fit"):
        load_keyring(keys)


def test_a_database_before_its_first_migration_opens_without_keys(own_settings):
    KeyringKey.drop_table()
    load_keyring(own_settings)
    with pytest.raises(Exception, match="keyring_key"):
        key("id")
    KeyringKey.create_table()
    load_keyring(own_settings)
    with pytest.raises(CannotStart, match="migrations"):
        key("id")


def test_keys_open_only_after_load_keyring(keys):
    forget_keys()
    with pytest.raises(CannotStart, match="load_keyring"):
        key("id")


def test_a_key_made_by_another_process_is_found(keys):
    kek = kek_path(keys.instance).read_bytes()
    KeyringKey.update(state="retired").where(KeyringKey.purpose == "id").execute()
    KeyringKey.create(purpose="id", kid=2, wrapped=keyring.wrap(kek, "id", 2, b"k" * 32))
    assert key_by_kid("id", 2) == b"k" * 32
    assert key("id") == (2, b"k" * 32)
    assert key_by_kid("id", 1) is not None
    assert key_by_kid("id", 9) is None


def _start_one(settings, gate, results):
    db.init_database(settings)
    gate.wait()
    ensure_keys(settings)
    results.put(key("id"))


def test_processes_that_start_together_agree_on_one_key(own_settings):
    if not db.is_sqlite():
        pytest.skip("the schema of this test belongs to one connection")
    db.database.close()
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(3), context.Queue()
    processes = [context.Process(target=_start_one, args=(own_settings, gate, results)) for _ in range(3)]
    for process in processes:
        process.start()
    found = {results.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    assert len(found) == 1
    assert KeyringKey.select().where(KeyringKey.purpose == "id").count() == 1

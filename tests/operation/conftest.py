"""An installation with keys of its own: a rotation must not touch those that all tests share."""

import dataclasses
import shutil

import pytest

from aidtracker.crypto import keyring
from aidtracker.crypto.keyring import kek_path, load_keyring
from aidtracker.imports import actions as imports_actions
from aidtracker.jobs import queue


@pytest.fixture
def own_instance(app, tmp_path):
    shared, instance = app.config["SETTINGS"], tmp_path / "own"
    before = keyring._ring, keyring._door, keyring._instance
    instance.mkdir(mode=0o700)
    shutil.copy2(kek_path(shared.instance), kek_path(instance))
    use(app, dataclasses.replace(shared, instance=instance))
    load_keyring(app.config["SETTINGS"])
    yield instance
    use(app, shared)
    keyring._ring, keyring._door, keyring._instance = before


def use(app, settings):
    app.config["SETTINGS"] = settings
    queue.configure(settings)
    imports_actions.configure(settings.instance)

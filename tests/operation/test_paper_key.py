"""Printing the key, showing that it can be read, and writing it anew where it was lost."""

import pytest

from aidtracker import db
from aidtracker.audit.models import AuditEntry
from aidtracker.crypto import keyring
from aidtracker.crypto.shares import split
from aidtracker.errors import Refused
from aidtracker.operation.actions_paper import confirm_paper_key, print_paper_key, restore_key
from aidtracker.operation.models import Installation
from aidtracker.operation.status import key_line
from tests import factories
from tests.operation.test_backup import place  # noqa: F401  an installation of its own


@pytest.fixture
def settings(app):
    return app.config["SETTINGS"]


def test_it_is_printed_at_the_server_and_shown_to_be_readable_on_the_page(app, settings, county, sign_in):
    keeper = factories.make_user("system_admin", county.county, "系统管理员", "keeper")
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["print-key", "2"])
    db.database.connect(reuse_if_open=True)
    texts = [share.text for share in print_paper_key(settings=settings, by=None)]
    assert texts[1] in result.output and texts[0] not in result.output
    client = sign_in(keeper)
    assert texts[0] not in client.get("operation.confirm_paper_key").text
    wrong = client.post("operation.confirm_paper_key", {"one": texts[0], "other": texts[0]}, 400)
    assert "不是同一把" in wrong.text and not Installation.get().paper_key
    assert key_line(settings).state == "warn"
    client.post("operation.confirm_paper_key", {"one": texts[2].lower(), "other": texts[0]})
    assert key_line(settings).state == "ok"
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).get().action == "operation.confirm_paper_key"


def test_sheets_of_another_key_prove_nothing(settings, administrator):
    texts = [share.text for share in split(b"another key of 32 bytes, no more")]
    with pytest.raises(Refused, match="另一把"):
        confirm_paper_key(typed=texts[:2], settings=settings, by=administrator)


def test_nobody_else_has_that_page(teacher, officer, administrator, sign_in):
    for who in (teacher, officer, administrator):
        sign_in(who).get("operation.confirm_paper_key", status=403)


def test_a_lost_key_is_written_anew(place):  # noqa: F811
    path, texts = place.instance / "kek", [share.text for share in print_paper_key(settings=place, by=None)]
    with pytest.raises(Refused, match="已经存在"):
        restore_key(typed=texts[1:], settings=place)
    key = path.read_bytes()
    path.unlink()
    with pytest.raises(Refused, match="打不开"):
        restore_key(typed=[share.text for share in split(b"another key of 32 bytes, no more")][:2], settings=place)
    assert not path.exists()
    restore_key(typed=texts[1:], settings=place)
    assert path.read_bytes() == key and path.stat().st_mode & 0o077 == 0
    keyring.load_keyring(place)

"""Mistakes that somebody might make and the canary drill must find."""

import logging
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from tests.drills.drill import Bug, swapped


def helpful_column(real):
    def prepared(values, county_id):
        fields = real(values, county_id)
        return fields | {"pinyin": values["address"]} if values.get("address") else fields

    return prepared


def plain_tail(real):
    def prepared(values, county_id):
        fields = real(values, county_id)
        return fields | {"last_six_index": values["phone"][-6:].encode()} if values.get("phone") else fields

    return prepared


def chatty(real):
    def create_student(**options):
        logging.getLogger("aidtracker.students").warning("new pupil: %s", options["values"])
        return real(**options)

    return create_student


def log_of_everything(_real):
    return lambda error, status: logging.getLogger("aidtracker.web").error("%s: %s", status, error)


def kept_draft(real):
    @contextmanager
    def plain_draft(folder, suffix=""):
        with real(folder, suffix) as draft:
            yield draft
            shutil.copy(draft, folder / f"last{suffix}")

    return plain_draft


def kept_upload(real):
    def unlink(path, missing_ok=False):
        if path.parent.name != "uploads" or path.name.startswith("draft-"):
            real(path, missing_ok)

    return unlink


def unsealed_result(real):
    def seal_file(place, plain, sealed, purpose="file"):
        if not place.startswith("job|"):
            return real(place, plain, sealed, purpose)
        sealed.write(plain.read())

    return seal_file


def copied_aside(real):
    def keep_upload(stream, file_name):
        with tempfile.NamedTemporaryFile(delete=False) as copy:
            copy.write(stream.read())
        stream.seek(0)
        return real(stream, file_name)

    return keep_upload


@contextmanager
def deleted_stays():
    """SQLite: the bytes stay in the file. PostgreSQL, whose files are not looked at: the row itself stays."""
    if os.environ.get("DATABASE_URL", "").startswith("sqlite"):
        with swapped("aidtracker.db.PRAGMAS", lambda real: real | {"secure_delete": 0}):
            yield
    else:
        with swapped("aidtracker.students.actions.remove_guardian", lambda real: lambda **options: None):
            yield


def one_row_less(real):
    return lambda column, rows, done: real(column, rows, done)[:-1]


def blind(real):
    """The rotation does not see the first row, neither at the beginning nor at the end."""
    return lambda column, kid: real(column, kid).where(column.model.id > 1)


def bug(name: str, what: str, place: str, other) -> Bug:
    return Bug("canary", name, what, lambda: swapped(f"aidtracker.{place}", other))


BUGS = (
    bug("plain_column", "a column beside the sealed one holds the address", "students.actions.prepared", helpful_column),
    bug("plain_tail", "a search index is the plain end of the phone", "students.actions.prepared", plain_tail),
    bug("chatty_log", "a log line tells what was typed", "students.actions.create_student", chatty),
    bug("error_text", "the text of an error is logged", "web.errors.log_without_persons", log_of_everything),
    bug("kept_draft", "a workbook in the clear is kept", "crypto.drafts.plain_draft", kept_draft),
    Bug("canary", "kept_upload", "an upload is kept when its import is over", lambda: mock.patch.object(Path, "unlink", kept_upload(Path.unlink))),
    bug("unsealed_result", "the file of an export is kept unsealed", "crypto.files.seal_file", unsealed_result),
    bug("copied_aside", "an upload is copied to the temporary folder", "imports.actions.keep_upload", copied_aside),
    Bug("canary", "deleted_stays", "what was deleted stays (secure_delete off; on PostgreSQL the row itself)", deleted_stays),
    bug("one_row_less", "a rotation forgets the last row of each step", "operation.actions_rotation.resealed", one_row_less),
    bug("blind_rotation", "a rotation overlooks a row and destroys its key", "operation.actions_rotation.with_old_keys", blind),
    bug("typed_name", "what was typed as a user name is kept as typed", "accounts.sessions.unknown_account", lambda real: str),
    bug("plain_code", "the code of an invitation is kept as it is printed", "accounts.invitations.hash_of_code", lambda real: lambda uid, code: code.encode()),
    bug("core_dump", "a crash leaves a core dump", "config.forbid_core_dumps", lambda real: lambda: None),
)

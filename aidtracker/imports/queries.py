"""The imports that a person may look at: their own."""

from aidtracker.accounts.models import User
from aidtracker.errors import NotFound
from aidtracker.imports.kinds import KINDS
from aidtracker.imports.models import ImportFile
from aidtracker.phrases import unpacked


def visible_imports(user: User):
    return ImportFile.select().where(ImportFile.by == user).order_by(ImportFile.id.desc())


def visible_import(user: User, uid: str) -> ImportFile:
    found = visible_imports(user).where(ImportFile.uid == uid).first()
    if found is None:
        raise NotFound
    return found


def kinds_of(user: User) -> list:
    """The kinds that this person may bring in, in the order in which a new county needs them."""
    return [kind for kind in KINDS.values() if user.may(kind.permission)]


def message_of(file: ImportFile) -> str:
    """Why the workbook could not be read, in words for `said`; '' when it could."""
    outcome = file.outcome or {}
    return unpacked(outcome["said"]) if "said" in outcome else outcome.get("message", "")

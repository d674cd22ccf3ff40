"""The imports that a person may look at, their own; what was brought in below them; what a sender's headings mean."""

from aidtracker.accounts.models import Membership, User
from aidtracker.errors import NotFound
from aidtracker.imports.kinds import KINDS
from aidtracker.imports.models import ImportFile, ImportHeading
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.permissions import Permission
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


def batch_of(user: User, file: ImportFile) -> list[ImportFile]:
    """The files that were sent together with this one, in the order in which they were chosen."""
    if not file.batch_uid:
        return [file]
    return list(ImportFile.select().where((ImportFile.by == user) & (ImportFile.batch_uid == file.batch_uid)).order_by(ImportFile.id))


def imports_below(user: User):
    """What people brought in who hold roles within the reader's places and nowhere else; and the reader's own."""
    places = Org.select(Org.id).where(within(user.scopes(Permission.IMPORT_RUN)))
    inside = Membership.select(Membership.user).where(Membership.org.in_(places))
    outside = Membership.select(Membership.user).where(Membership.org.not_in(places))
    theirs = ImportFile.by.in_(inside) & ImportFile.by.not_in(outside)
    return ImportFile.select(ImportFile, User).join(User, on=ImportFile.by).where(theirs | (ImportFile.by == user)).order_by(ImportFile.id.desc())


def sent_before(file: ImportFile) -> ImportFile | None:
    """The same bytes, imported before by the same person."""
    same = (ImportFile.by == file.by_id) & (ImportFile.sha256 == file.sha256) & (ImportFile.kind == file.kind)
    return ImportFile.select().where(same & (ImportFile.id < file.id) & (ImportFile.state == "committed")).order_by(ImportFile.id.desc()).first()


def meant_by(user: User, kind: str) -> dict[str, str]:
    """{heading: key of the column} as this sender said before."""
    rows = ImportHeading.select(ImportHeading.heading, ImportHeading.column_key).where((ImportHeading.user == user) & (ImportHeading.kind == kind))
    return {heading: key for heading, key in rows.tuples() if key}

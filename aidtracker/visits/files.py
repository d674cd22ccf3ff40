"""The files of a visit, put to it; within the caller's transaction and trail."""

from collections.abc import Collection, Sequence

from aidtracker.attachments.keeping import keep
from aidtracker.attachments.models import Attachment
from aidtracker.visits.evidence import Ready
from aidtracker.visits.models import AwaitedFile, Visit, VisitFile
from aidtracker.visits.queries_files import digests_of


def attach(visit: Visit, files: Sequence[Ready]) -> list[str]:
    """Each once, whatever came before; returns the kinds of what is new."""
    known, kinds = digests_of(visit), []
    for file in files:
        if file.sent not in known:
            VisitFile.create(attachment=keep(file.kind, file.picture), visit=visit, sent=file.sent, force_insert=True)
            kinds.append(file.kind)
    AwaitedFile.delete().where((AwaitedFile.visit == visit) & AwaitedFile.sent.in_([file.sent for file in files])).execute()
    return kinds


def await_files(visit: Visit, named: Collection[str]) -> None:
    """What the record names and did not bring."""
    for sent in sorted(set(named) - digests_of(visit)):
        AwaitedFile.create(visit=visit, sent=sent, force_insert=True)


def take_back_removed(visit: Visit, files: Sequence[Ready]) -> None:
    """What somebody puts there again by hand may come again."""
    gone = Attachment.select(Attachment.id).where(Attachment.removed_at.is_null(False))
    mine = (VisitFile.visit == visit) & VisitFile.sent.in_([file.sent for file in files]) & VisitFile.attachment.in_(gone)
    VisitFile.delete().where(mine).execute()

"""Keeping a picture sealed by a key of its own, opening it, and forgetting the key. All within the caller's transaction and trail."""

from aidtracker.attachments.alike import parts_of, told_apart
from aidtracker.attachments.cleaning import Picture
from aidtracker.attachments.models import PHOTO, Attachment, AttachmentContent
from aidtracker.crypto.own_keys import new_key, seal_with, unseal_with
from aidtracker.db import utcnow
from aidtracker.errors import NotFound

WHOLE, SMALL = "whole", "small"


def keep(kind: str, picture: Picture) -> Attachment:
    key, look = new_key(), told_apart(picture.look) if kind == PHOTO else ""
    shape = {"width": picture.width, "height": picture.height, "size": len(picture.content)}
    kept = Attachment.create(kind=kind, sealing=key, look=look, **parts_of(look), **shape)
    sealed = {name: seal_with(key, place_of(kept, name), data) for name, data in ((WHOLE, picture.content), (SMALL, picture.small))}
    AttachmentContent.create(attachment=kept, force_insert=True, **sealed)
    return kept


def place_of(attachment: Attachment, name: str) -> str:
    return f"attachment|{attachment.uid}|{name}"


def opened(attachment: Attachment, name: str) -> bytes:
    """The JPEG; NotFound when it was removed."""
    content = AttachmentContent.get_or_none(AttachmentContent.attachment == attachment.id)
    if attachment.sealing is None or content is None:
        raise NotFound
    return unseal_with(attachment.sealing, place_of(attachment, name), bytes(getattr(content, name)))


def forget(ids: list[int]) -> None:
    """Key and content; that there was one stays."""
    AttachmentContent.delete().where(AttachmentContent.attachment.in_(ids)).execute()
    gone = {"sealing": None, "removed_at": utcnow(), "look": "", **parts_of("")}
    Attachment.update(gone).where(Attachment.id.in_(ids) & Attachment.removed_at.is_null()).execute()

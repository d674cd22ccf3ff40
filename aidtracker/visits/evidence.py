"""What shows that a visit took place: photos and the guardian's signature, as a door brings them, and made ready to be kept.

They are made ready before the write: decoding takes a moment, and nobody waits for it behind a lock.
"""

import hashlib
from typing import NamedTuple

from aidtracker.attachments.cleaning import Picture, clean
from aidtracker.attachments.limits import BadPicture
from aidtracker.attachments.models import PHOTO, SIGNATURE
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import number_of

KILOBYTE = 1024
UNNAMED = "照片和记录对不上，没有保存。请打开最新的页面重新填写。"


class Evidence(NamedTuple):
    """`named`: digests of what comes later or came before; empty: what is here is all."""

    photos: tuple[bytes, ...] = ()
    signature: bytes | None = None
    is_agreed: bool = False  # the guardian agreed to photos
    named: tuple[str, ...] = ()

    @property
    def digests(self) -> list[str]:
        """What the record says it has, whether it is here or not."""
        return sorted(set(self.named or map(digest_of, self.all_of_it)))

    @property
    def all_of_it(self) -> list[bytes]:
        return [*self.photos, *([self.signature] if self.signature else [])]


class Ready(NamedTuple):
    kind: str
    sent: str  # digest of what came
    picture: Picture


NOTHING = Evidence()


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def most_photos(county_id: int) -> int:
    return number_of("photos_of_visit", county_id, today_in_china())


def made_ready(evidence: Evidence, county_id: int) -> list[Ready]:
    """Refused: more photos than the county keeps, photos to which nobody agreed, and what is no picture."""
    if len(evidence.photos) > most_photos(county_id):
        raise Refused("一次家访最多放 %(most)s 张照片。请去掉几张再保存。", most=most_photos(county_id))
    if evidence.photos and not evidence.is_agreed:
        raise Refused("放照片前要监护人同意。请勾选「监护人知道并同意拍照」，或者去掉照片。")
    if not {digest_of(data) for data in evidence.all_of_it} <= set(evidence.digests):
        raise Refused(UNNAMED)
    most = number_of("photo_size", county_id, today_in_china()) * KILOBYTE
    found = {digest_of(data): Ready(PHOTO, digest_of(data), cleaned(n, data, most)) for n, data in enumerate(evidence.photos, 1)}
    if evidence.signature:
        found[digest_of(evidence.signature)] = Ready(SIGNATURE, digest_of(evidence.signature), signature_of(evidence.signature, most))
    return list(found.values())


def cleaned(number: int, data: bytes, most: int) -> Picture:
    try:
        return clean(data, most)
    except BadPicture as refused:
        raise Refused("第 %(n)s 张照片：%(words)s", n=number, words=Phrase(refused.text)) from None


def signature_of(data: bytes, most: int) -> Picture:
    try:
        return clean(data, most)
    except BadPicture:
        raise Refused("签字没有写好。请点「重写」再签一次，或选一个没有签字的原因。") from None

"""Which photos look alike: few of the 64 bits of their looks differ.

A look is kept in four parts as well. Of two that differ in up to three bits one part is the same, so that an index finds them.
"""

from aidtracker.attachments.models import Attachment

PARTS, LENGTH = 4, 4  # hexadecimal digits
ALIKE = 4  # bits
PLAIN = 6  # a picture of a wall or of the dark has nearly no bits, or nearly all
MOST = 500


def parts_of(look: str) -> dict[str, str]:
    return {f"look_{n + 1}": look[n * LENGTH : (n + 1) * LENGTH] for n in range(PARTS)}


def told_apart(look: str) -> str:
    """The look, or '' where it says nothing."""
    bits = int(look, 16).bit_count()
    return look if PLAIN < bits < 64 - PLAIN else ""


def alike(look: str) -> list[int]:
    """Ids of the attachments that look like this, the newest first."""
    if not look:
        return []
    one, *others = (getattr(Attachment, name) == part for name, part in parts_of(look).items())
    for other in others:
        one |= other
    rows = Attachment.select(Attachment.id, Attachment.look).where((Attachment.look != "") & one).order_by(Attachment.id.desc()).limit(MOST)
    return [id_ for id_, theirs in rows.tuples() if (int(theirs, 16) ^ int(look, 16)).bit_count() <= ALIKE]

"""Is this a JPEG of pixels and nothing else? Asked of what a decoder gives, who might have been talked into saying something else."""

PLAIN = {0xC0, 0xC2, 0xC4, 0xDB, 0xDD, 0xE0}  # frame, tables, restart interval, JFIF; no EXIF, XMP, profile or comment
START, END, SCAN, JFIF = 0xD8, 0xD9, 0xDA, 0xE0
JFIF_LENGTH = 16  # without a thumbnail


def is_plain(content: bytes) -> bool:
    if content[:2] != bytes((0xFF, START)):
        return False
    at = 2
    while at + 4 <= len(content):
        mark, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if content[at] != 0xFF or length < 2:
            return False
        if mark == SCAN:
            return ends_with_scans(content, at + 2 + length)
        if mark not in PLAIN or (mark == JFIF and length != JFIF_LENGTH):
            return False
        at += 2 + length
    return False


def ends_with_scans(content: bytes, at: int) -> bool:
    """Behind the first scan's head: pixels until the end, or tables and the head of a further scan."""
    while (at := content.find(0xFF, at)) >= 0 and at + 1 < len(content):
        mark = content[at + 1]
        if mark == 0 or 0xD0 <= mark <= 0xD7:  # a stuffed byte, a restart
            at += 2
        elif mark == END:
            return at + 2 == len(content)
        elif mark in (0xC4, SCAN):
            at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        else:
            return False
    return False

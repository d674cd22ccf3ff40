"""The process that decodes one photo: bound first, then it looks. Started by cleaning.py as main(), with the photo as standard input.

What it gives is a new picture made of the old one's pixels alone: nothing that was written beside them comes along.
"""

import io
import json
import os
import sys
from collections.abc import Iterator

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401  the three that may be opened

from aidtracker.attachments.limits import LEAST_SIDE, LONGEST_SIDE, MOST_BYTES, MOST_PIXELS, SMALL_BYTES, SMALL_SIDE, BadPicture
from aidtracker.bound import bind

MAGIC = ((b"\xff\xd8\xff", 0, "JPEG"), (b"\x89PNG\r\n\x1a\n", 0, "PNG"), (b"WEBP", 8, "WEBP"))
ORIENTATION = 0x0112
TURNS = {  # as the camera was held
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
BAND = 256  # rows that are opened up to full colour at a time
QUALITIES = (82, 74, 66, 58, 50)
SMALLER = 0.8


def main() -> None:
    target, (memory, seconds, parent) = int(os.environ["TARGET_BYTES"]), map(int, sys.argv[2:])
    bind(memory, seconds, parent)
    try:
        content, small, size, look = cleaned(sys.stdin.buffer.read(MOST_BYTES + 1), target)
        head = {"width": size[0], "height": size[1], "look": look, "size": len(content), "small": len(small)}
    except BadPicture as refused:
        head, content, small = {"refused": refused.reason}, b"", b""
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + content + small)


def cleaned(data: bytes, target: int) -> tuple[bytes, bytes, tuple[int, int], str]:
    """(JPEG, the same small, (width, height), how it looks)."""
    kind = kind_of(data)
    try:
        picture = Image.open(io.BytesIO(data), formats=[kind])
        refuse_size(*picture.size, kind)
        turn = turn_of(picture)
        picture.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))  # a large JPEG is decoded at half or a quarter of its size
        plain = of_pixels(picture)
    except (BadPicture, MemoryError):
        raise
    except Image.DecompressionBombError as error:  # Pillow's own bound, when the file is opened
        raise BadPicture("pixels") from error
    except Exception as error:  # whatever a decoder stumbles over
        raise BadPicture("damaged") from error
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if isinstance(turn, int) and turn in TURNS:
        plain = plain.transpose(TURNS[turn])
    content, plain = written(plain, target)
    small = plain.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return content, written(small, SMALL_BYTES)[0], plain.size, look_of(plain)


def kind_of(data: bytes) -> str:
    """By its content; what it is called was never asked."""
    if not data:
        raise BadPicture("empty")
    if len(data) > MOST_BYTES:
        raise BadPicture("large")
    for magic, at, kind in MAGIC:
        if data[at : at + len(magic)] == magic:
            return kind
    raise BadPicture("kind")


def refuse_size(width: int, height: int, kind: str) -> None:
    """Before a pixel of it is decoded."""
    if width * height > MOST_PIXELS[kind]:
        raise BadPicture("pixels")
    if min(width, height) < LEAST_SIDE:
        raise BadPicture("small")


def turn_of(picture: Image.Image) -> object:
    """How the camera was held; what it wrote there may be broken while the photo is whole."""
    try:
        return picture.getexif().get(ORIENTATION)
    except Exception:  # whatever is wrong with it, the pixels are looked at for themselves
        return None


def of_pixels(picture: Image.Image) -> Image.Image:
    """A new RGB picture of what is seen on white, shrunk by a whole number on the way, so that a large one takes little memory."""
    factor = max(1, max(picture.size) // LONGEST_SIDE)
    width, height = (-(-side // factor) for side in picture.size)
    plain, step = Image.new("RGB", (width, height), "white"), BAND * factor
    for top in range(0, picture.height, step):
        band = on_white(picture.crop((0, top, picture.width, min(picture.height, top + step))))
        plain.paste(band.reduce(factor) if factor > 1 else band, (0, top // factor))
    return plain


def on_white(band: Image.Image) -> Image.Image:
    if band.mode.startswith("I") or band.mode == "F":  # sixteen bits of grey
        return band.point(lambda value: value / 256).convert("L").convert("RGB")
    if not band.has_transparency_data:
        return band.convert("RGB")
    seen = band.convert("RGBA")
    ground = Image.new("RGB", seen.size, "white")
    ground.paste(seen, mask=seen.getchannel("A"))
    return ground


def written(plain: Image.Image, target: int) -> tuple[bytes, Image.Image]:
    """The first that is small enough; a picture of pure noise is shrunk until one is."""
    while True:
        for content in tries(plain):
            if len(content) <= target:
                return content, plain
        plain = plain.resize(tuple(max(1, round(side * SMALLER)) for side in plain.size), Image.Resampling.LANCZOS)


def tries(plain: Image.Image) -> Iterator[bytes]:
    for quality in QUALITIES:
        stream = io.BytesIO()
        plain.save(stream, "JPEG", quality=quality, optimize=True)
        yield stream.getvalue()


def look_of(plain: Image.Image) -> str:
    """64 bits as sixteen hexadecimal digits: whether each of 8 x 8 fields is brighter than its neighbour. Photos that look alike differ in few."""
    grey = plain.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = "".join(str(int(grey[row * 9 + column] > grey[row * 9 + column + 1])) for row in range(8) for column in range(8))
    return f"{int(bits, 2):016x}"

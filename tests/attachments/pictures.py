"""Photos as phones take them, and files that only say that they are photos; all of them made here."""

import gzip
import io
import random
import struct
import zlib
from collections.abc import Callable

from PIL import Image

LATITUDE = b"GPS-NORTH-SECRET"
HTML = b"<script>alert(document.cookie)</script>"
MARKS = (HTML, LATITUDE, b"PK\x03\x04", b"<?php", b"Exif", b"ICC_PROFILE", b"http://ns.adobe.com", b"a-comment")


def scene(size: tuple[int, int] = (640, 480), seed: int = 1, mode: str = "RGB") -> Image.Image:
    """Eight by six fields of colour, blurred: no two seeds look alike."""
    chance = random.Random(seed)
    fields = Image.new("RGB", (8, 6))
    fields.putdata([tuple(chance.randrange(256) for _ in range(3)) for _ in range(48)])
    return fields.resize(size, Image.Resampling.BICUBIC).convert(mode)


def file_of(picture: Image.Image, kind: str = "JPEG", **more) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **more)
    return stream.getvalue()


def with_exif(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, LATITUDE.decode()
    exif.get_ifd(0x8825)[1] = "N"
    return file_of(scene(), exif=exif, comment=b"a-comment", icc_profile=b"profile" * 30)


def png_that_says(width: int, height: int, packed: bytes = b"") -> bytes:
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b""))
    chunks = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def noise(size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("RGB", size, random.Random(7).randbytes(size[0] * size[1] * 3))


def animated(kind: str) -> bytes:
    return file_of(scene(), kind, save_all=True, append_images=[scene(seed=2), scene(seed=3)])


def behind_start(extra: bytes, mark: int = 0xFE) -> bytes:
    """A JPEG with `extra` in a segment behind its first two bytes."""
    plain = file_of(scene())
    return plain[:2] + bytes((0xFF, mark)) + struct.pack(">H", len(extra) + 2) + extra + plain[2:]


HONEST: dict[str, Callable[[], bytes]] = {
    "a photo": lambda: file_of(scene()),
    "as PNG": lambda: file_of(scene(), "PNG"),
    "as WebP": lambda: file_of(scene(), "WEBP"),
    "progressive": lambda: file_of(scene(), progressive=True),
    "twelve megapixels": lambda: file_of(scene((4000, 3000))),
    "a panorama": lambda: file_of(scene((6000, 300))),
    "pure noise": lambda: file_of(noise((1500, 900)), quality=85),
    "grey": lambda: file_of(scene(mode="L")),
    "CMYK": lambda: file_of(scene(mode="CMYK")),
    "palette": lambda: file_of(scene(mode="P"), "PNG"),
    "transparent": lambda: file_of(scene(mode="RGBA"), "PNG"),
    "sixteen bits of grey": lambda: file_of(scene(mode="L").convert("I;16"), "PNG"),
    "where it was taken": with_exif,
    "broken EXIF": lambda: behind_start(b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff" + LATITUDE, 0xE1),
    "EXIF of nothing": lambda: behind_start(b"Exif\x00\x00", 0xE1),
    "XMP": lambda: behind_start(b"http://ns.adobe.com/xap/1.0/\x00" + LATITUDE, 0xE1),
    "PNG with words": lambda: png_with_words(),
    "animated PNG": lambda: animated("PNG"),
    "animated WebP": lambda: animated("WEBP"),
    "JPEG and HTML behind": lambda: file_of(scene()) + HTML,
    "JPEG and HTML inside": lambda: behind_start(HTML),
    "JPEG and ZIP": lambda: file_of(scene()) + b"PK\x03\x04" + b"\x00" * 60,
    "JPEG and PHP": lambda: behind_start(b"<?php system($_GET[0]); ?>"),
    "JPEG and script": lambda: behind_start(b"*/=alert(1)/*"),
    "PNG and HTML behind": lambda: file_of(scene(), "PNG") + HTML,
}
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {  # why it is refused, as limits.WORDS has it
    "nothing": ("empty", lambda: b""),
    "forty megabytes": ("large", lambda: file_of(scene()) + b"\x00" * (40 << 20)),
    "HTML": ("kind", lambda: b"<!doctype html>" + HTML),
    "SVG": ("kind", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>" + HTML + b"</svg>"),
    "PDF": ("kind", lambda: b"%PDF-1.7\n"),
    "a program": ("kind", lambda: b"\x7fELF" + b"\x00" * 500),
    "GIF": ("kind", lambda: file_of(scene(), "GIF")),
    "BMP": ("kind", lambda: file_of(scene(), "BMP")),
    "TIFF": ("kind", lambda: file_of(scene(), "TIFF")),
    "EPS": ("kind", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 200 200\n"),
    "HEIC": ("kind", lambda: b"\x00\x00\x00\x18ftypheic" + b"\x00" * 100),
    "JPEG 2000": ("kind", lambda: b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"\x00" * 100),
    "ICO": ("kind", lambda: file_of(scene((64, 64)), "ICO")),
    "SVG, packed": ("kind", lambda: gzip.compress(b"<svg xmlns='http://www.w3.org/2000/svg'>" + HTML + b"</svg>")),
    "ZIP": ("kind", lambda: b"PK\x03\x04" + b"\x00" * 200),
    "a JPEG within a ZIP": ("kind", lambda: b"PK\x03\x04" + b"\x00" * 26 + file_of(scene())),
    "HTML before a JPEG": ("kind", lambda: HTML + file_of(scene())),
    "only a beginning": ("damaged", lambda: b"\xff\xd8\xff\xe0"),
    "cut in the middle": ("damaged", lambda: file_of(scene())[:4000]),
    "PNG cut in the middle": ("damaged", lambda: file_of(scene(), "PNG")[:4000]),
    "WebP cut in the middle": ("damaged", lambda: file_of(scene(), "WEBP")[:1000]),
    "PNG without pixels": ("damaged", lambda: png_that_says(400, 400)),
    "HTML that begins as JPEG": ("damaged", lambda: b"\xff\xd8\xff" + HTML),
    "one pixel": ("small", lambda: file_of(scene((1, 1)), "PNG")),
    "one line": ("small", lambda: file_of(scene((3000, 1)), "PNG")),
    "a PNG bomb": ("pixels", lambda: png_that_says(50_000, 50_000, zlib.compress(b"\x00" * 5_000_000))),
    "as large as can be said": ("pixels", lambda: png_that_says(0x7FFFFFFF, 0x7FFFFFFF)),
    "a JPEG bomb": ("pixels", lambda: jpeg_that_says(65_000, 65_000)),
}


def png_with_words() -> bytes:
    plain = file_of(scene(), "PNG")
    data = b"Comment\x00" + HTML
    return plain[:33] + struct.pack(">I", len(data)) + b"tEXt" + data + struct.pack(">I", zlib.crc32(b"tEXt" + data)) + plain[33:]


def jpeg_that_says(width: int, height: int) -> bytes:
    plain = file_of(scene())
    at = plain.index(b"\xff\xc0") + 5
    return plain[:at] + struct.pack(">HH", height, width) + plain[at + 4 :]

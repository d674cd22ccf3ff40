"""How large a photo may be, and the words in which one is turned away."""

from aidtracker.errors import Refused

MOST_BYTES = 8 * 1024 * 1024  # as it is sent
MOST_PIXELS = {"JPEG": 40_000_000, "PNG": 40_000_000, "WEBP": 10_000_000}  # libwebp takes twenty bytes for each, the others four
LEAST_SIDE = 100
LONGEST_SIDE = 1600  # as it is kept
TARGET_BYTES = 300 * 1024
SMALL_SIDE, SMALL_BYTES = 320, 24 * 1024  # for a page of several
WORDS = {
    "empty": "这张照片是空的，请换一张或直接拍照。",
    "large": "这张照片太大（超过 8 MB）。请换一张，或用手机直接拍照。",
    "pixels": "这张照片的像素太多，请换一张小一些的，或用手机直接拍照。",
    "small": "这张图片太小，看不清。请换一张，或用手机直接拍照。",
    "kind": "这不是照片，或者是打不开的格式。请用 JPEG、PNG 或 WebP 的照片，或用手机直接拍照。",
    "damaged": "这张照片打不开，请换一张或直接拍照。",
}


class BadPicture(Refused):
    """`reason` is a key of WORDS."""

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(WORDS[reason])

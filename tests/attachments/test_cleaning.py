"""What is kept of a photo is its pixels; what is none is refused, in words that say what to do."""

import io
import time

import pytest
from PIL import Image

from aidtracker.attachments import cleaning
from aidtracker.attachments.cleaning import clean
from aidtracker.attachments.jpeg import is_plain
from aidtracker.attachments.limits import LONGEST_SIDE, SMALL_BYTES, SMALL_SIDE, TARGET_BYTES, WORDS, BadPicture
from tests.attachments.pictures import HONEST, HOSTILE, MARKS, file_of, scene, with_exif

pytestmark = pytest.mark.once
BEFORE_MAIN = "from aidtracker.attachments.child import main\n"


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=["JPEG"])


def differing(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize("name", HONEST)
def test_a_photo_is_written_anew_from_its_pixels_alone(name):
    sent = HONEST[name]()
    kept = clean(sent)
    picture = opened(kept.content)
    picture.load()
    assert picture.size == (kept.width, kept.height) and max(picture.size) <= LONGEST_SIDE and picture.mode == "RGB"
    assert kept.content != sent and len(kept.content) <= TARGET_BYTES and is_plain(kept.content)
    assert is_plain(kept.small) and max(opened(kept.small).size) <= SMALL_SIDE and len(kept.small) <= SMALL_BYTES
    assert (
        not [mark for mark in MARKS if mark in kept.content]
        and not picture.getexif()
        and set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_photo_is_refused_in_words(name):
    reason, made = HOSTILE[name]
    with pytest.raises(BadPicture) as refused:
        clean(made())
    assert refused.value.reason == reason and refused.value.message == WORDS[reason]


def test_every_refusal_says_what_to_do():
    assert all("请" in words for words in WORDS.values())


@pytest.mark.parametrize(("orientation", "size"), [(1, (640, 480)), (3, (640, 480)), (6, (480, 640)), (8, (480, 640)), (99, (640, 480))])
def test_it_stands_as_the_camera_was_held(orientation, size):
    kept = clean(with_exif(orientation))
    assert (kept.width, kept.height) == size


def test_a_turned_photo_shows_its_top_at_the_top():
    picture = Image.new("RGB", (400, 200), "black")
    picture.paste("white", (0, 0, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # the left is the top
    grey = opened(clean(file_of(picture, exif=exif)).content).convert("L")
    assert grey.getpixel((100, 50)) > 240 and grey.getpixel((100, 350)) < 15


def test_what_is_transparent_becomes_white():
    assert min(opened(clean(file_of(Image.new("RGBA", (200, 200)), "PNG")).content).getpixel((100, 100))) > 250


def test_the_same_photo_looks_alike_smaller_and_paler_and_another_one_does_not():
    first = clean(file_of(scene((1200, 900)))).look
    assert differing(first, clean(file_of(scene((1200, 900)).resize((500, 375)), quality=40)).look) <= 4
    assert differing(first, clean(file_of(scene((1200, 900), seed=2))).look) > 12


def test_a_county_may_keep_less_of_each():
    assert len(clean(HONEST["pure noise"](), 60 * 1024).content) <= 60 * 1024


def test_a_bomb_costs_little_time():
    began = time.monotonic()
    for name in ("a PNG bomb", "a JPEG bomb"):
        with pytest.raises(BadPicture):
            clean(HOSTILE[name][1]())
    assert time.monotonic() - began < 15


@pytest.fixture
def instead(monkeypatch):
    """instead("code"): what the process does once it is bound, in place of decoding."""

    def does(code):
        put = f"import os, sys, time\nfrom aidtracker.attachments import child\ndef cleaned(data, target):\n    {code}\nchild.cleaned = cleaned\n"
        monkeypatch.setattr(cleaning, "START", cleaning.START.replace(BEFORE_MAIN, BEFORE_MAIN + put))

    return does


HEAD = '{"width": 200, "height": 200, "look": "0123456789abcdef", "size": %s, "small": 0}\\n'
LIES = {
    "it dies": "os._exit(0)",
    "it eats memory": "hoard = [bytearray(1 << 20) for _ in range(10_000)]",
    "it gives HTML": "return b'<html></html>', b'', (200, 200), '0123456789abcdef'",
    "it gives what was sent": "return data, data, (640, 480), '0123456789abcdef'",
    "it gives more than was agreed": "return b'\\xff' * 400_000, b'', (200, 200), '0123456789abcdef'",
    "a size of nothing": "return data, b'', (0, 0), '0123456789abcdef'",
    "a look that is none": "return data, b'', (200, 200), 'script'",
    "no head": "sys.stdout.buffer.write(b'7\\n'); sys.stdout.flush(); os._exit(0)",
    "an endless head": "sys.stdout.buffer.write(b'[' * 100_000); sys.stdout.flush(); os._exit(0)",
    "an unknown refusal": 'sys.stdout.buffer.write(b\'{"refused": "<b>"}\\n\'); sys.stdout.flush(); os._exit(0)',
    "it starts a program": "os.system('true'); os._exit(0)",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_decoder_that_was_talked_into_something_is_not_believed(instead, lie):
    instead(LIES[lie])
    with pytest.raises(BadPicture, match="打不开"):
        clean(with_exif())


def test_a_decoder_that_does_not_end_is_ended(instead, monkeypatch):
    monkeypatch.setattr(cleaning, "ALLOWED", cleaning.ALLOWED._replace(wall=1))
    instead("time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(BadPicture):
        clean(file_of(scene()))
    assert time.monotonic() - began < 15

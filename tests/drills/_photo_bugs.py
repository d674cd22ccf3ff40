"""Mistakes that somebody might make with other people's photos, and that the drill must find."""

from contextlib import ExitStack, contextmanager
from unittest import mock

from flask import make_response

from aidtracker.attachments import cleaning
from aidtracker.attachments.cleaning import Picture
from aidtracker.attachments.limits import BadPicture
from aidtracker.visits.models import Visit
from tests.drills.drill import Bug, swapped

ALL = 52  # rounds: every file once
BEFORE_MAIN = "from aidtracker.attachments.child import main\n"
CLEANING, FILES = "aidtracker.attachments.cleaning", "aidtracker.visits.views_files"


@contextmanager
def planted(*swaps, child: str = ""):
    """The decoder is a fresh interpreter: what is planted there is planted in the words that start it."""
    with ExitStack() as stack:
        for place, other in swaps:
            stack.enter_context(swapped(place, other))
        if child:
            code = BEFORE_MAIN + "from aidtracker.attachments import child\n" + child
            stack.enter_context(mock.patch.object(cleaning, "START", cleaning.START.replace(BEFORE_MAIN, code)))
        yield


def bug(name: str, what: str, *swaps, child: str = "") -> Bug:
    return Bug("photos", name, what, lambda: planted(*swaps, child=child), rounds=ALL)


def changed(**parts):
    """What clean() gives, with a part of it taken from what came."""

    def other(real):
        return lambda data, *most: real(data, *most)._replace(**{name: make(data) for name, make in parts.items()})

    return other


def whatever_came(real):
    def clean(data, *most):
        try:
            return real(data, *most)
        except BadPicture:
            return Picture(data or b"?", data or b"?", 400, 300, "0123456789abcdef")

    return clean


def as_a_page(_real):
    def picture(content, _name):
        return make_response(content)

    return picture


TRUSTED = (f"{CLEANING}.is_plain", lambda real: lambda content: True)
WITH_EXIF = """
import io
from PIL import Image
real = child.of_pixels
def of_pixels(picture):
    plain = real(picture)
    exif = picture.getexif()
    exif[0x010E] = "GPS-NORTH-SECRET"
    plain.info["exif"] = exif.tobytes()
    return plain
def tries(plain):
    stream = io.BytesIO()
    plain.save(stream, "JPEG", quality=50, exif=plain.info.get("exif", b""))
    yield stream.getvalue()
child.of_pixels, child.tries = of_pixels, tries
"""
WITH_COMMENT = """
import io
def tries(plain):
    stream = io.BytesIO()
    plain.save(stream, "JPEG", quality=50, comment=b"a-comment")
    yield stream.getvalue()
child.tries = tries
"""
BUGS = (
    bug("as-it-came", "what passed the look is kept as it came", (f"{CLEANING}.clean", changed(content=lambda data: data))),
    bug("small-as-it-came", "the small one is what came", (f"{CLEANING}.clean", changed(small=lambda data: data))),
    bug("by-its-name", "what cannot be decoded is kept because it is called a photo", (f"{CLEANING}.clean", whatever_came)),
    bug("exif", "what the camera wrote beside the pixels comes along", TRUSTED, child=WITH_EXIF),
    bug("comment", "a comment stands in each photo", TRUSTED, child=WITH_COMMENT),
    bug("no-pixel-limit", "nobody asks how many pixels there are", child="child.refuse_size = lambda *_: None\nchild.Image.MAX_IMAGE_PIXELS = None\n"),
    bug("every-kind", "whatever the library opens is a photo", child="child.kind_of = lambda data: 'GIF' if data[:3] == b'GIF' else 'JPEG'\nfrom PIL import GifImagePlugin\n"),
    bug("not-turned", "a photo lies on its side", child="child.turn_of = lambda picture: None\n"),
    bug("too-large", "a photo is kept as large as it came", child="child.LONGEST_SIDE = 4000\n"),
    bug("in-the-clear", "a photo stands on the disk as it is", ("aidtracker.crypto.own_keys.seal_with", lambda real: lambda key, place, plain: plain),
        ("aidtracker.crypto.own_keys.unseal_with", lambda real: lambda key, place, sealed: sealed)),
    bug("as-a-page", "a browser guesses what it is", (f"{FILES}.picture", as_a_page)),
    bug("everybodys", "a photo is sent to whoever knows its number", (f"{FILES}.visible_visit", lambda real: lambda user, visit_id, *_: Visit.get_by_id(visit_id))),
    bug("of-any-visit", "a photo is found through any visit", (f"{FILES}.file_of", lambda real: lambda visit, file_id: real(Visit.select().order_by(Visit.id.desc()).first(), file_id))),
    bug("unrecorded", "nobody notes who opened a photo", ("aidtracker.visits.actions_files.view_file", lambda real: lambda **_: None)),
    bug("key-kept", "a removed photo keeps its content", ("aidtracker.attachments.keeping.forget", lambda real: lambda ids: None)),
    bug("wordless", "why a photo is refused is not said", ("aidtracker.visits.evidence.cleaned", lambda real: lambda number, data, most: quietly(data, most))),
)  # fmt: skip


def quietly(data, most):
    try:
        return cleaning.clean(data, most)
    except BadPicture:
        raise BadPicture.__mro__[1]("出错了") from None

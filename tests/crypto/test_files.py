import io

import pytest

from aidtracker.crypto import files
from aidtracker.crypto.envelope import Unreadable
from aidtracker.crypto.files import plain_size, seal_file, unseal_file


@pytest.fixture(autouse=True)
def small_pieces(keys, monkeypatch):
    monkeypatch.setattr(files, "PIECE", 100)
    monkeypatch.setattr(files, "SEALED_PIECE", 132)


def sealed(content, place="job|1"):
    target = io.BytesIO()
    seal_file(place, io.BytesIO(content), target)
    return target.getvalue()


def opened(blob, place="job|1"):
    return b"".join(unseal_file(place, io.BytesIO(blob)))


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 200, 1234])
def test_a_file_of_any_size_opens_again(size, tmp_path):
    content = bytes(number % 251 for number in range(size))
    blob = sealed(content)
    assert opened(blob) == content
    assert size < 10 or content not in blob
    path = tmp_path / "sealed"
    path.write_bytes(blob)
    assert plain_size(path) == size


def test_a_file_that_was_cut_reordered_or_moved_is_refused():
    blob = sealed(b"x" * 300)
    one, two, three = blob[:132], blob[132:264], blob[264:]
    for changed in (one + two, one, b"", two + one + three, one + three, blob + three, blob[:-1]):
        with pytest.raises(Unreadable):
            opened(changed)
    with pytest.raises(Unreadable):
        opened(blob, "job|2")


def test_every_flipped_byte_of_a_file_is_refused():
    blob = sealed(b"x" * 150)
    for place in range(len(blob)):
        with pytest.raises(Unreadable):
            opened(blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :])

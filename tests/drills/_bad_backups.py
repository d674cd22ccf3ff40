"""Backups that no restore may take: cut, changed, of another key file, of a newer version, of another kind of database, no backup at all."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

from aidtracker.crypto.parcels import open_parcel, seal_parcel

FLIPS, CUTS = 4, 3


def bad_backups(good: Path, instance: Path, folder: Path, random: Random) -> Iterator[tuple[str, Path]]:
    """(what is wrong with it, file), one at a time; `instance` holds the key file that opens the good one."""
    data, path = good.read_bytes(), folder / "bad.backup"
    for what, content in (*spoilt(data, random), ("empty", b""), ("a workbook", b"PK\x03\x04" + bytes(5000)), ("doubled", data + data)):
        path.write_bytes(content)
        yield what, path
    for what, changed in (("newer", {"migrations": ["0999_later"]}), ("another kind", {"database": "oracle"}), ("other rows", {"tables": {}}), ("other size", {"size": 1})):
        relabelled(good, path, instance, changed)
        yield what, path
    other = folder / "other"
    other.mkdir(mode=0o700, exist_ok=True)
    (other / "kek").write_bytes(random.randbytes(32))
    (other / "kek").chmod(0o600)
    relabelled(good, path, instance, {}, sealed_for=other)
    yield "another key file", path
    shutil.rmtree(other)
    path.unlink()


def spoilt(data: bytes, random: Random) -> Iterator[tuple[str, bytes]]:
    for _ in range(CUTS):
        yield "cut", data[: random.randrange(1, len(data))]
    for _ in range(FLIPS):
        at = random.randrange(len(data))
        yield "a bit turned", data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
    at = random.randrange(len(data) // 2)
    yield "a part left out", data[:at] + data[at + random.randrange(1, 5000) :]


def relabelled(good: Path, target: Path, instance: Path, changed: dict, sealed_for: Path | None = None) -> None:
    """Sealed rightly, by whoever holds the key file, and yet not what this site may take."""
    plain = target.with_suffix(".plain")
    with good.open("rb") as sealed:
        contents, found = open_parcel(sealed, instance, good.name)
        plain.write_bytes(b"".join(found))
    with plain.open("rb") as source, target.open("wb") as sealed:
        seal_parcel(contents | changed, source, sealed, sealed_for or instance)
    plain.unlink()

import pytest

from aidtracker.crypto import keyring
from aidtracker.crypto.envelope import SM4_GCM, Sm4Gcm, Unreadable, cipher, seal, sealer, unseal
from aidtracker.crypto.keyring import Keyring


@pytest.fixture
def known_ring(monkeypatch):
    """A keyring of known keys, without database."""
    ring = Keyring({("id", 1): bytes(32), ("id", 2): b"\x02" * 32, ("phone", 1): b"\x03" * 32}, {"id": 1, "phone": 1})
    monkeypatch.setattr(keyring, "_ring", ring)
    monkeypatch.setattr(keyring, "_open_ring", lambda: ring)


def test_aes_256_gcm_gives_the_answer_of_its_specification():
    """Test case 16 of the GCM specification (McGrew and Viega)."""
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    answer = bytes.fromhex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
    )
    assert cipher(1, key).encrypt(bytes.fromhex("cafebabefacedbaddecaf888"), plain, aad) == answer


def test_sm4_gcm_gives_the_answer_of_rfc_8998():
    work = Sm4Gcm(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    plain = bytes.fromhex("AA" * 8 + "BB" * 8 + "CC" * 8 + "DD" * 8 + "EE" * 8 + "FF" * 8 + "EE" * 8 + "AA" * 8)
    aad = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    answer = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert work.encrypt(nonce, plain, aad) == answer
    assert work.decrypt(nonce, answer, aad) == plain


def test_an_envelope_written_earlier_still_opens(known_ring):
    """The stored format is a promise: this value was sealed by the first version."""
    blob = bytes.fromhex("01010001000102030405060708090a0bb1f203a27315ddad00106b5ffab0c83e68b28c")
    assert unseal("id", b"t|c|u", blob) == b"990"


def test_an_id_number_takes_fifty_bytes_and_opens_again(known_ring):
    blob = seal("id", b"student|id_number|u", b"990121201001012345")
    assert len(blob) == 50
    assert blob[:4] == b"\x01\x01\x00\x01"
    assert b"9901" not in blob
    assert unseal("id", b"student|id_number|u", blob) == b"990121201001012345"


@pytest.mark.parametrize("algorithm", [1, SM4_GCM])
def test_every_flipped_byte_is_refused(known_ring, algorithm):
    blob = seal("id", b"aad", "四川".encode(), algorithm)
    for place in range(len(blob)):
        for flip in (0x01, 0x03, 0x80, 0xFF):
            changed = blob[:place] + bytes([blob[place] ^ flip]) + blob[place + 1 :]
            with pytest.raises(Unreadable):
                unseal("id", b"aad", changed)


def test_truncated_lengthened_moved_and_foreign_values_are_refused(known_ring):
    blob = seal("id", b"aad", b"text")
    for changed in [blob[:cut] for cut in range(len(blob))] + [blob + b"\0"]:
        with pytest.raises(Unreadable):
            unseal("id", b"aad", changed)
    with pytest.raises(Unreadable):
        unseal("id", b"another row", blob)
    with pytest.raises(Unreadable):
        unseal("phone", b"aad", blob)


def test_both_algorithms_live_side_by_side(known_ring):
    for algorithm in (1, SM4_GCM):
        assert unseal("id", b"aad", seal("id", b"aad", b"text", algorithm)) == b"text"


def test_the_error_tells_nothing_of_the_value(known_ring):
    with pytest.raises(Unreadable) as caught:
        unseal("id", b"aad", b"990121201001012345" * 3)
    assert "9901" not in str(caught.value)


def test_a_hundred_thousand_nonces_are_unique(known_ring):
    sealed = sealer("id")
    assert len({sealed(b"aad", b"x")[4:16] for _ in range(100_000)}) == 100_000

import hashlib
import hmac

import pytest

from aidtracker.crypto.keyed_index import keyed, keyer, normalise_id
from aidtracker.crypto.keyring import key


@pytest.mark.parametrize(
    "typed",
    [
        "99012120100101234X",
        "99012120100101234x",
        " 990121 20100101 234X\t",
        "\u200b99012120100101234X\ufeff",
        "'99012120100101234X",
        "’99012120100101234X",
        "９９０１２１２０１００１０１２３４Ｘ",
        "990121\u3000201001\u00a001234x\n",
    ],
)
def test_what_people_type_is_compared_as_one_number(typed):
    assert normalise_id(typed) == "99012120100101234X"


def test_nothing_and_other_text_is_left_as_it_is():
    assert normalise_id(None) == ""
    assert normalise_id("G990121201001012345") == "G990121201001012345"


def test_the_index_is_hmac_sha256_cut_to_sixteen_bytes(keys):
    expected = hmac.new(key("index_id")[1], b"99012120100101234X", hashlib.sha256).digest()[:16]
    assert keyed("index_id", "99012120100101234X") == expected
    assert keyer("index_id")("99012120100101234X") == expected


def test_hmac_gives_the_answer_of_rfc_4231(monkeypatch):
    monkeypatch.setattr("aidtracker.crypto.keyring.key", lambda purpose: (1, b"Jefe"))
    assert keyed("index_id", "what do ya want for nothing?").hex() == "5bdcc146bf60754e6a042426089575c7"


def test_each_purpose_gives_other_bytes(keys):
    purposes = ("index_id", "index_student_number", "index_last_six", "index_phone", "index_bank")
    assert len({keyed(purpose, "012345") for purpose in purposes}) == 5


def test_a_key_of_encryption_is_not_used_for_an_index(keys):
    with pytest.raises(ValueError, match="keyed index"):
        keyed("id", "1")

"""The key on three sheets: any two give it back, one tells nothing, a slip of the pen is found."""

import secrets
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtracker.crypto.shares import Share, divided, key_of, name_of, read_share, split, times
from aidtracker.errors import Refused


@given(st.binary(min_size=32, max_size=32))
def test_any_two_sheets_give_the_key_and_no_one_alone(key):
    shares = split(key)
    for two in permutations(shares, 2):
        assert key_of([read_share(share.text) for share in two]) == key
    with pytest.raises(Refused, match="不是同一把"):
        key_of([shares[0], shares[0]])


@given(st.integers(0, 255), st.integers(1, 255))
def test_dividing_undoes_multiplying(a, b):
    assert divided(times(a, b), b) == a


def test_one_sheet_fits_every_key():
    """What it says is of no use alone: over many keys each byte of a sheet is as likely as any other, whatever the key's byte is."""
    seen = {split(bytes([7]) + secrets.token_bytes(31))[0].value[0] for _ in range(8000)}  # that one of 256 is missed is less likely than one in 10^11
    assert len(seen) == 256


def test_the_sheets_are_the_same_each_time():
    key = secrets.token_bytes(32)
    assert split(key) == split(key)


@given(st.data())
def test_a_slip_of_the_pen_is_found(data):
    text = split(secrets.token_bytes(32))[data.draw(st.integers(0, 2))].text.replace(" ", "")
    at = data.draw(st.integers(0, len(text) - 2))  # the last letter holds bits that nobody reads
    other = data.draw(st.sampled_from([letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if letter != text[at]]))
    with pytest.raises(Refused, match="没有抄对"):
        read_share(text[:at] + other + text[at + 1 :])


@pytest.mark.parametrize("typed", ["", "ABCD", "字", "A" * 500, "====", "AID1"])
def test_what_is_no_sheet(typed):
    with pytest.raises(Refused):
        read_share(typed)


def test_small_letters_spaces_and_lookalikes_are_taken():
    share = split(bytes(range(32)))[1]
    messy = share.text.lower().replace("o", "0").replace(" ", " - ")
    assert read_share(messy) == share


def test_sheets_of_two_keys_do_not_mix():
    one, other = split(secrets.token_bytes(32))[0], split(secrets.token_bytes(32))[1]
    with pytest.raises(Refused, match="不是同一把"):
        key_of([one, other])
    forged = Share(2, one.name, secrets.token_bytes(32))
    with pytest.raises(Refused, match="不是同一把"):
        key_of([one, forged])


def test_the_name_of_a_key_is_no_part_of_it():
    key = secrets.token_bytes(32)
    assert name_of(key) not in key and len(name_of(key)) == 4

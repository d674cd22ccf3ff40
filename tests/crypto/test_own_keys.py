"""A file under a key of its own: whole, at its place, under its key, or not at all."""

import pytest

from aidtracker.crypto.envelope import Unreadable
from aidtracker.crypto.own_keys import new_key, seal_with, unseal_with

PLACE, PLAIN = "photo|8f2e", b"pixels" * 100


def test_a_file_opens_under_its_key_and_nothing_of_it_stands_in_the_clear():
    key = new_key()
    sealed = seal_with(key, PLACE, PLAIN)
    assert unseal_with(key, PLACE, sealed) == PLAIN and b"pixels" not in sealed


def test_the_same_file_is_sealed_differently_each_time_and_no_two_keys_are_the_same():
    key = new_key()
    assert seal_with(key, PLACE, PLAIN) != seal_with(key, PLACE, PLAIN) and new_key() != key


@pytest.mark.parametrize("at", [0, 11, 12, 300, -1])
def test_a_changed_byte_is_noticed(at):
    key = new_key()
    sealed = bytearray(seal_with(key, PLACE, PLAIN))
    sealed[at] ^= 1
    with pytest.raises(Unreadable):
        unseal_with(key, PLACE, bytes(sealed))


@pytest.mark.parametrize("left", [0, 5, 27, 28, 300])
def test_a_cut_file_is_noticed(left):
    key = new_key()
    with pytest.raises(Unreadable):
        unseal_with(key, PLACE, seal_with(key, PLACE, PLAIN)[:left])


def test_without_its_key_or_under_another_name_it_does_not_open():
    key = new_key()
    sealed = seal_with(key, PLACE, PLAIN)
    for other, place in ((new_key(), PLACE), (key, "photo|8f2f")):
        with pytest.raises(Unreadable):
            unseal_with(other, place, sealed)

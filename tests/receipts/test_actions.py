"""once(): sent twice, done once; and what is kept of it for how long."""

import datetime
import hashlib
import json
import threading
import time

import pytest

from aidtracker.db import database, utcnow
from aidtracker.errors import KeyReused, Refused
from aidtracker.receipts.actions import forget_old_keys, once
from aidtracker.receipts.models import Receipt


@pytest.fixture
def write(teacher):
    """write(key, body) -> the receipt; write.done lists the bodies that were really done."""

    def send(key="k-1", body="甲", by=teacher, do=None):
        return once(by=by, key=key, kind="tests.write_it", body=body, do=do or (lambda: send.done.append(body) or {"it": body}))

    send.done = []
    return send


def test_what_is_sent_twice_is_done_once_and_gets_the_same_receipt(write):
    first, second = write(), write()
    assert write.done == ["甲"]
    assert (first.number, first.result) == (second.number, second.result)
    assert (first.is_duplicate, second.is_duplicate) == (False, True)


@pytest.mark.parametrize("result", ["3f2a", "12", {"roll": 1}, 7, None])
def test_the_receipt_of_a_repetition_holds_the_first_result(write, result):
    first = write(do=lambda: result)
    assert first.result == write().result == result


def test_a_key_with_another_body_is_refused_and_nothing_is_done(write):
    write()
    with pytest.raises(KeyReused):
        write(body="乙")
    assert write.done == ["甲"]


def test_the_key_of_one_person_says_nothing_of_anothers(write, stranger):
    assert write().number != write(by=stranger).number
    assert write.done == ["甲", "甲"]


def test_a_refused_write_keeps_no_receipt_and_may_be_sent_again(write):
    def refuse():
        raise Refused("不行。")

    with pytest.raises(Refused):
        write(do=refuse)
    assert Receipt.select().count() == 0
    assert not write().is_duplicate


def test_keys_are_forgotten_after_ninety_days_and_a_day_at_a_time(write):
    old, due, young = (write(key=key).id for key in ("k-1", "k-2", "k-3"))
    for id_, days in ((old, 90.5), (due, 90.2), (young, 89)):
        Receipt.update(created_at=utcnow() - datetime.timedelta(days=days)).where(Receipt.id == id_).execute()
    assert forget_old_keys() == 0
    Receipt.update(created_at=utcnow() - datetime.timedelta(days=92)).where(Receipt.id == old).execute()
    assert forget_old_keys() == 2
    assert [receipt.id for receipt in Receipt.select()] == [young]


def test_what_was_sent_cannot_be_tried_out_against_the_receipt(write):
    """An ID or a card has few digits that are not known: a plain hash of it is as good as the number."""
    write(body={"card_number": "6217000099009900990"})
    plain = json.dumps(["tests.write_it", {"card_number": "6217000099009900990"}], sort_keys=True).encode()
    assert bytes(Receipt.get().body_hash) not in (hashlib.sha256(plain).digest(), hashlib.sha256(plain).digest()[:16])


def test_what_is_sent_twice_at_once_gets_one_receipt_also_where_the_second_would_be_refused(write):
    """The page of a payment, sent again by a browser that heard nothing: not 已经登记过, but the receipt."""
    begun, found = threading.Event(), []

    def do():
        if write.done:
            raise Refused("已经登记过。")
        begun.set()
        time.sleep(0.1)  # the other has looked by now, if nothing holds it
        write.done.append("甲")

    def send(is_second):
        with database.connection_context():
            if is_second:
                begun.wait()
            found.append(write(do=do))

    threads = [threading.Thread(target=send, args=(is_second,)) for is_second in (False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert write.done == ["甲"] and len({receipt.number for receipt in found}) == 1 and len(found) == 2

"""What makes a password acceptable, and what comparing one costs."""

import time

import pytest

from aidtracker.accounts import passwords
from aidtracker.accounts.passwords import RULES, check_password, fits, hash_password
from aidtracker.errors import Refused


@pytest.mark.parametrize(
    "password",
    [
        "Admin@123456", "P@ssw0rd2026", "Woaini1314!", "1qaz@WSX3edc", "Qwer1234!@#$", "Abc123456!", "Aa123456789", "q1w2e3r4t5y6u7i8",
        "Zhang19900101", "Jiaoyuju2026!", "Xiaoxue@2026", "Laoshi_001_002", "Ｐａｓｓｗｏｒｄ1!", "123456789987654321", "519021198803121234",
        "!!Iloveyou!!1", "Li.laoshi2026!",
    ],
)  # fmt: skip
def test_what_everybody_would_try_is_refused(password):
    with pytest.raises(Refused, match="太容易被猜到"):
        check_password(password, "li.laoshi", ["dengbao"])


@pytest.mark.parametrize("password", ["Sunny-hills-2026", "K7m#92xq4@81", "correct horse battery", "Yunling-Xiaoxue-Hongqi9", "雪山下的小学校门前有一棵很老的大树"])
def test_others_are_taken(password):
    check_password(password, "li", ["dengbao"])


def test_a_short_user_name_stands_in_no_password_by_chance():
    check_password("Kli7-Tw9m-Rzb4", "li", RULES)


def test_who_does_not_exist_costs_as_much_as_who_does(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", passwords._hasher)
    passwords.configure(19456)
    known, took = hash_password("Sunny-hills-2026"), {True: [], False: []}
    for _ in range(7):
        for exists in took:
            began = time.thread_time()
            assert not fits("Wrong-password-7", known if exists else None)
            took[exists].append(time.thread_time() - began)
    assert min(took[False]) > 0.8 * min(took[True])
    assert fits("Sunny-hills-2026", known)

"""Dates, numbers and money as the county writes them."""

import datetime

import pytest

from aidtracker.web import filters


def test_times_of_the_database_are_shown_as_the_wall_clock_in_china():
    late = datetime.datetime(2026, 11, 22, 16, 5)
    assert filters.clock(late) == "00:05"
    assert filters.day(late) == "2026-11-23"
    assert filters.moment(late) == "2026-11-23 00:05"
    assert filters.day(datetime.date(2026, 1, 2)) == "2026-01-02"


@pytest.mark.parametrize("function", [filters.day, filters.clock, filters.moment, filters.number, filters.yuan])
def test_nothing_is_shown_as_a_dash(function):
    assert function(None) == "—"


def test_numbers_have_thousands_and_money_has_two_places():
    assert filters.number(38214) == "38,214"
    assert filters.number(97.625, 1) == "97.6"
    assert filters.yuan(5375000) == "53,750.00"
    assert filters.yuan(5) == "0.05"
    assert filters.yuan(-5) == "-0.05"
    assert filters.yuan(2**62) == "46,116,860,184,273,879.04"


def test_a_rate_shows_what_it_was_reckoned_from():
    assert filters.percent(282631, 289840) == "97.5%（282,631/289,840）"
    assert filters.percent(1, 0) == "—"
    assert filters.rate(None, 5) == "—"
    assert filters.rate(0, 5) == "0.0%"


def test_short_of_whole_is_never_written_as_whole():
    assert filters.rate(99999, 100000) == "99.9%"
    assert filters.rate(1, 100000) == "0.1%"
    assert filters.rate(100000, 100000) == "100.0%"


def test_the_weekday_is_said_in_words(site):
    with site.test_request_context():
        assert filters.weekday(datetime.date(2026, 11, 23)) == "周一"
        assert filters.weekday(datetime.date(2026, 11, 22)) == "周日"

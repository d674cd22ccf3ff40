"""Long lists in pages, and the order that a heading asks for."""

import peewee
import pytest

from aidtracker.web.paging import Order, Page, order_of, page_number, paginate, url_with


@pytest.fixture
def rows():
    database = peewee.SqliteDatabase(":memory:")

    class Row(peewee.Model):
        pass

    database.bind([Row])
    Row.create_table()
    Row.insert_many([{"id": number} for number in range(1, 121)]).execute()
    yield Row.select().order_by(Row.id)
    database.close()


def test_a_page_holds_fifty_and_says_which(site, rows):
    with site.test_request_context("/?page=3"):
        page = paginate(rows)
    assert (page.first, page.last, page.total, page.pages) == (101, 120, 120, 3)
    assert [row.id for row in page] == list(range(101, 121))
    assert page.has_previous
    assert not page.has_next


def test_a_page_too_far_is_the_last_one(rows):
    assert paginate(rows, 99, per_page=100).number == 2


def test_nothing_is_one_empty_page(rows):
    page = paginate(rows.where(peewee.SQL("1 = 0")), 1)
    assert (page.first, page.last, page.pages, len(page)) == (0, 0, 1, 0)


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "1e9", "٣", "99999999999999999999", "1;--"])
def test_a_page_number_that_is_none_is_the_first(site, text):
    with site.test_request_context("/", query_string={"page": text}):
        assert page_number() == 1 or text == "0"
        assert Page([], max(1, page_number()), 50, 0).number == 1


def test_the_order_is_one_of_those_allowed(site):
    for asked, order in (
        ("-rate", Order("rate", True)),
        ("name", Order("name", False)),
        ("password", Order("rate", True)),
        ("--", Order("rate", True)),
    ):
        with site.test_request_context("/", query_string={"sort": asked}):
            assert order_of({"name", "rate"}, "-rate") == order


def test_an_address_keeps_the_filters_and_drops_the_page_number(site):
    with site.test_request_context("/list?q=%E5%BC%A0&page=4&tag=a&tag=b"):
        assert url_with(sort="-rate") == "/list?q=%E5%BC%A0&tag=a&tag=b&sort=-rate"
        assert url_with(page=5) == "/list?q=%E5%BC%A0&page=5&tag=a&tag=b"
        assert url_with(q=None, tag=None) == "/list"


def test_an_address_with_a_trick_in_it_stays_an_address(site):
    with site.test_request_context('/a"><script>?x="><script>'):
        assert "<" not in url_with(page=2)
        assert '"' not in url_with(page=2)

"""What no id can be never reaches the database."""

import pytest

from aidtracker.web.addresses import LARGEST, number_or_none


@pytest.mark.parametrize(("address", "status"), [("/thing/7", 200), (f"/thing/{LARGEST}", 200), (f"/thing/{LARGEST + 1}", 404), ("/thing/" + "9" * 40, 404)])
def test_a_number_past_every_id_is_no_address(site, visitor, address, status):
    site.add_url_rule("/thing/<int:thing_id>", "thing", lambda thing_id: str(thing_id))
    assert visitor.get(address).status_code == status


@pytest.mark.parametrize("text", ["", None, "-1", "x", "1e3", "７", "²", " 7", str(LARGEST + 1), "9" * 40])
def test_what_is_no_id_is_none(text):
    assert number_or_none(text) is None


@pytest.mark.parametrize("text", ["0", "7", "007", str(LARGEST)])
def test_what_may_be_an_id_is_a_number(text):
    assert number_or_none(text) == int(text)

"""Static files by the hash of their content."""

import re


def test_the_address_of_a_static_file_carries_the_hash_of_its_content(site):
    with site.test_request_context():
        assert re.fullmatch(r"/static/css/app\.css\?v=[0-9a-f]{10}", site.jinja_env.globals["asset"]("css/app.css"))


def test_a_file_asked_for_by_its_hash_is_kept_for_ever_and_any_other_is_asked_for_again(visitor):
    address = re.search(r"/static/css/app\.css\?v=\w+", visitor.get("/").text)[0]
    assert visitor.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert visitor.get("/static/css/app.css").headers["Cache-Control"] == "no-cache"
    assert visitor.get("/static/css/app.css?v=0000000000").headers["Cache-Control"] == "no-cache"
    assert visitor.get("/static/no-such.css?v=0000000000").status_code == 404


def test_all_that_a_page_loads_is_there_and_has_a_hash(visitor):
    page = visitor.get("/").text
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert addresses
    for address in addresses:
        assert "?v=" in address
        assert visitor.get(address).status_code == 200

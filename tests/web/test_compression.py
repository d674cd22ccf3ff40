"""What goes out packed, and what does not."""

import gzip
import io
import re

import rcssmin
from flask import Response, send_file

from aidtracker.permissions import public

PACKED = {"Accept-Encoding": "gzip, deflate"}


def test_a_page_goes_out_packed_to_whoever_takes_it(visitor):
    plain, packed = visitor.get("/"), visitor.get("/", headers=PACKED)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert "正文" in gzip.decompress(packed.data).decode()
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) * 0.6
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
    assert "Content-Encoding" not in visitor.get("/", headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_a_file_of_the_site_does_too_and_is_kept_as_before(visitor):
    address = re.search(r"/static/css/app\.css\?v=\w+", visitor.get("/").text)[0]
    plain, packed = visitor.get(address), visitor.get(address, headers=PACKED)
    assert gzip.decompress(packed.data).decode() == rcssmin.cssmin(plain.text)
    assert packed.headers["Cache-Control"] == plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert visitor.get(address, headers=PACKED | {"If-None-Match": packed.headers["ETag"]}).status_code == 304


def test_downloads_streams_and_small_answers_stay_as_they_are(site, visitor):
    long = b"<p>x</p>" * 500
    site.add_url_rule("/file", "file", public(lambda: send_file(io.BytesIO(long), "text/html", as_attachment=True, download_name="a.html")))
    site.add_url_rule("/stream", "stream", public(lambda: Response(iter([long]), mimetype="text/html")))
    site.add_url_rule("/small", "small", public(lambda: "<p>x</p>"))
    site.add_url_rule("/book", "book", public(lambda: Response(long, mimetype="application/vnd.ms-excel")))
    for address in ("/file", "/stream", "/small", "/book"):
        assert "Content-Encoding" not in visitor.get(address, headers=PACKED).headers


def test_a_page_that_another_site_may_have_asked_for_is_not_packed(visitor):
    """Over HTTPS: its length would tell how much of the address stands in it."""
    for headers, address in (
        ({"Sec-Fetch-Site": "cross-site"}, "/"),
        ({"Sec-Fetch-Site": "same-site"}, "/"),
        ({}, "/?q=x"),
    ):
        answer = visitor.get(address, headers=PACKED | headers, base_url="https://localhost")
        assert "Content-Encoding" not in answer.headers
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_what_our_own_pages_ask_for_is_packed_whatever_stands_in_the_address(visitor):
    for headers, address in (({"Sec-Fetch-Site": "same-origin"}, "/?q=x"), ({"Sec-Fetch-Site": "none"}, "/?q=x"), ({}, "/")):
        assert visitor.get(address, headers=PACKED | headers, base_url="https://localhost").headers["Content-Encoding"] == "gzip"

"""Pages and files of text go out as gzip, as the budgets of a village phone suppose; no proxy in front is needed for that."""

import gzip
from functools import lru_cache

import rcssmin
import rjsmin
from flask import Flask, request

LEVEL = 6
LEAST = 600  # bytes; below that the packing costs more than it saves
SMALLER = {"text/css": rcssmin.cssmin, "text/javascript": rjsmin.jsmin}
TEXT = ("text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json")


def register_compression(app: Flask) -> None:
    app.after_request(compress)


def compress(response):
    """Downloads stay as they are: workbooks are packed already, and streams have no end to wait for.

    Nor is a page packed that another site may have asked for, see is_asked_from_elsewhere().
    """
    if not is_worth_it(response):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0 or is_asked_from_elsewhere():
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) >= LEAST:
        response.set_data(packed(body, response.mimetype) if request.endpoint == "static" else gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        if "ETag" in response.headers:  # of the file as it lies there
            response.set_etag(response.get_etag()[0], weak=True)
    return response


def is_worth_it(response) -> bool:
    is_file = request.endpoint == "static"  # sent as a stream, but small
    return (
        response.status_code == 200
        and response.mimetype in TEXT
        and response.headers.get("Content-Disposition", "inline").startswith("inline")
        and "Content-Encoding" not in response.headers
        and (is_file or not response.is_streamed)
    )


def is_asked_from_elsewhere() -> bool:
    """A page holds persons beside its own address, which whoever sent the browser here has chosen: the packed length would tell
    somebody on the line how much of a guess stands in the page (BREACH). SameSite=Lax does not help: it lets the cookie go with
    every link and window that another site opens. Browsers say where a request comes from; of those that do not, any page with
    something in its address is suspect. Without HTTPS everything can be read on the line anyway, and browsers say nothing.
    """
    if request.endpoint == "static" or not request.is_secure:
        return False
    site = request.headers.get("Sec-Fetch-Site")
    return site not in ("same-origin", "none") if site else bool(request.query_string)


@lru_cache(maxsize=32)
def packed(content: bytes, mimetype: str) -> bytes:
    """Our own few files, without comments and blanks, packed once a process."""
    smaller = SMALLER.get(mimetype)
    return gzip.compress(smaller(content) if smaller else content, 9, mtime=0)

"""A line between a phone and the site that fails on purpose: it cuts, loses answers, answers for the site, or keeps one waiting."""

import contextlib
import http.client
import http.server
import threading
import time
from collections.abc import Iterator

SENDING = "/outbox/send"
OUTBOX = (SENDING, "/outbox/session")
LONG = 13  # seconds: more than a phone waits
PORTAL = b"<!doctype html><title>Wi-Fi</title><p>Please accept the terms"


class Line(http.server.ThreadingHTTPServer):
    """`mode`: ok, cut, lost (done, no answer), broken (500, not done), busy (503, done all the same), portal (a page of somebody
    else's), page (the same, of what is sent), hang (done, answered too late)."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int):
        self.site, self.mode, self.sent = port, "ok", 0
        super().__init__(("127.0.0.1", 0), Relay)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address) -> None:
        """A phone that is killed in the middle is no news."""


class Relay(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Line

    def relay(self) -> None:
        mode, path = self.server.mode, self.path.partition("?")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if mode == "cut":
            return self.hang_up()
        if mode == "broken" and path in OUTBOX:
            return self.say(500, b"")
        if mode == "portal" and path in OUTBOX:
            return self.say(200, PORTAL)
        if mode == "page" and path == SENDING:
            return self.say(200, PORTAL)
        status, headers, content = self.ask(body)
        if path == SENDING:
            self.server.sent += 1
            if mode == "hang":
                time.sleep(LONG)
            if mode in ("lost", "hang"):
                return self.hang_up()
            if mode == "busy":
                return self.say(503, b"")
        self.say(status, content, headers)

    do_GET = do_POST = do_HEAD = relay

    def ask(self, body: bytes):
        site = http.client.HTTPConnection("127.0.0.1", self.server.site, timeout=30)
        with contextlib.closing(site):
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            site.request(self.command, self.path, body, headers)
            answer = site.getresponse()
            return answer.status, answer.getheaders(), answer.read()

    def say(self, status: int, content: bytes, headers=()) -> None:
        self.send_response_only(status)
        for name, value in headers or [("Content-Type", "text/html")]:
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(2)

    def log_message(self, format, *args) -> None:
        """Nothing."""


@contextlib.contextmanager
def line_to(port: int) -> Iterator[Line]:
    line = Line(port)
    threading.Thread(target=line.serve_forever, daemon=True).start()
    try:
        yield line
    finally:
        line.shutdown()
        line.server_close()

"""Requests that set out at the same moment: the lines are opened first, then everything is sent, then the answers are read.

One thread is enough for it, and costs the server next to nothing: sockets of the kernel wait for us.
"""

import http.client
import re
import socket
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]*)"')
SECONDS = 60  # that an answer may take


class Person(NamedTuple):
    """Somebody signed in, at a device of their own."""

    user: object
    cookie: str
    token: str


class Shot(NamedTuple):
    """A POST of a form; without a `key` in the fields it gets one of its own."""

    person: Person
    path: str
    fields: dict


class Answer(NamedTuple):
    status: int
    location: str
    cookie: str
    text: str


def volley(base_url: str, shots: list[Shot]) -> list[Answer]:
    """The answers, in the order of the shots."""
    return exchanged(base_url, [posted(base_url, shot) for shot in shots])


def looked_at(base_url: str, path: str, cookies: list[str]) -> list[Answer]:
    """The same page, for the holder of each cookie."""
    return exchanged(base_url, [head("GET", base_url, path, cookie) + b"\r\n" for cookie in cookies])


def exchanged(base_url: str, messages: list[bytes]) -> list[Answer]:
    parts = urlsplit(base_url)
    lines = [socket.create_connection((parts.hostname, parts.port), SECONDS) for _ in messages]
    try:
        for line, message in zip(lines, messages, strict=True):
            line.sendall(message)
        return [answer_of(line) for line in lines]
    finally:
        for line in lines:
            line.close()


def posted(base_url: str, shot: Shot) -> bytes:
    body = urlencode({"csrf_token": shot.person.token, "key": str(uuid4()), **shot.fields}, doseq=True).encode()
    form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    return head("POST", base_url, shot.path, shot.person.cookie) + form.encode() + body


def head(method: str, base_url: str, path: str, cookie: str) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: {urlsplit(base_url).netloc}\r\nConnection: close\r\nCookie: {cookie}\r\n".encode()


def answer_of(line: socket.socket) -> Answer:
    """Status 0: the line broke before there was an answer."""
    try:
        response = http.client.HTTPResponse(line)
        response.begin()
        text = response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, "", "", repr(error))
    cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]
    return Answer(response.status, response.getheader("Location") or "", cookie, text)


def signed_in(base_url: str, users: list, password: str) -> list[Person]:
    """Everybody through the door, at once; who does not get in has no token."""
    strangers = doorsteps(base_url, len(users))
    fields = [{"username": user.username, "password": password} for user in users]
    shots = [Shot(stranger, "/sign-in", each) for stranger, each in zip(strangers, fields, strict=True)]
    entered = volley(base_url, shots)
    pages = looked_at(base_url, "/me", [answer.cookie for answer in entered])
    return [Person(user, page.cookie or answer.cookie, token_of(page)) for user, answer, page in zip(users, entered, pages, strict=True)]


def doorsteps(base_url: str, count: int) -> list[Person]:
    """Nobody yet: cookies and tokens of the page where one signs in."""
    pages = looked_at(base_url, "/sign-in", [""] * count)
    return [Person(None, page.cookie, token_of(page)) for page in pages]


def token_of(page: Answer) -> str:
    """'' on a page that is none of a person's who is in."""
    found = TOKEN.search(page.text) if page.status == 200 else None
    return found[1] if found else ""

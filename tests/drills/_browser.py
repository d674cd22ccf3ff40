"""A browser without a window: pages by urllib, their forms filled as a person would, cookies kept."""

import http.cookiejar
import secrets
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from typing import NamedTuple


class Page(NamedTuple):
    status: int
    address: str  # after redirects
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    @property
    def number(self) -> int:
        """The first number in its address: /students/12/guardians -> 12."""
        return next(int(part) for part in urllib.parse.urlsplit(self.address).path.split("/") if part.isdigit())


class Forms(HTMLParser):
    """What each form of a page would send untouched: [{name: [values]}]."""

    def __init__(self, text: str):
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self.select, self.area = "", ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name = given.get("name") or ""
        if tag == "form":
            self.forms.append({})
        if not self.forms:
            return
        if tag == "input" and name and given.get("type") not in ("submit", "file", "button"):
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self.forms[-1].setdefault(name, []).append(given.get("value") or "")
        elif tag == "select":
            self.select = name
        elif tag == "textarea":
            self.area = name
            self.forms[-1][name] = [""]
        elif tag == "option" and self.select and ("selected" in given or self.select not in self.forms[-1]):
            self.forms[-1][self.select] = [given.get("value") or ""]

    def handle_endtag(self, tag):
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area

    def handle_data(self, data):
        if self.area:
            self.forms[-1][self.area] = [self.forms[-1][self.area][0] + data.removeprefix("\n")]


class Browser:
    def __init__(self, base: str):
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def get(self, path: str) -> Page:
        return self.ask(urllib.request.Request(self.base + path))

    def post(self, path: str, fields: dict, files: dict | None = None) -> Page:
        body, kind = multipart(fields, files) if files else (urllib.parse.urlencode(fields, doseq=True).encode(), "application/x-www-form-urlencoded")
        return self.ask(urllib.request.Request(self.base + path, body, {"Content-Type": kind}))

    def fill(self, path: str, page: str = "", files: dict | None = None, **fields) -> Page:
        """Opens the page (`page` where the form stands elsewhere), fills its form with the key and sends it to `path`."""
        shown = self.get(page or path)
        forms = [form for form in Forms(shown.text).forms if "csrf_token" in form and {*fields} - {"_"} & {*form} or "key" in form]
        token = next(form for form in Forms(shown.text).forms if "csrf_token" in form)
        best = max(forms, key=lambda form: len({*fields} & {*form}), default=token)
        return self.post(path, best | {"csrf_token": token["csrf_token"]} | fields, files)

    def ask(self, request) -> Page:
        try:
            answer = self.opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Page(answer.status, answer.geturl().removeprefix(self.base), answer.read())


def multipart(fields: dict, files: dict) -> tuple[bytes, str]:
    """`files` is {field: (name, content)}."""
    mark, parts = secrets.token_hex(16), []
    for name, values in fields.items():
        for value in values if isinstance(values, list) else [values]:
            parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, (file_name, content) in files.items():
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        parts += [head.encode(), content, b"\r\n"]
    return b"".join([*parts, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"

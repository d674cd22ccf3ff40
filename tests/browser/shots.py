"""Pictures of every page for the eye: python -m tests.browser.shots FOLDER [--role teacher] [--english] [--dark]

Builds the small demo in a folder of its own, finds the pages as the test of all pages does, and takes each on a phone and on a
desk. FOLDER/index.html shows them beside each other: one line for each page that shows something new.
"""

import argparse
import html
import re
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from aidtracker import create_app
from aidtracker.config import load_settings
from aidtracker.db import database
from aidtracker.operation.migration import migrate
from tests.browser.crawl import worth_a_look
from tests.browser.demo_house import ROLES, build_house, cookies_of
from tests.chromium import FLAGS, FLAGS_OF_ROOT, MISSING, find_chromium
from tests.live_server import live_server

SIZES = {"phone": (360, 740), "desk": (1440, 900)}
STYLE = "body{font:14px sans-serif}section{display:flex;align-items:flex-start;border-top:1px solid}img{height:32rem;margin:.5rem;border:1px solid #999}"


def main() -> None:
    wanted = arguments()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as instance:
        environ = {"AIDTRACKER_INSTANCE": instance, "DATABASE_URL": f"sqlite:///{instance}/demo.db", "AIDTRACKER_JOBS": "off"}
        roles = house(environ)
        with live_server(environ) as base_url, chromium() as browser:
            lines = [line for role in wanted.role or ROLES for line in shoot(browser, base_url, roles[role], role, wanted)]
    write_sheet(wanted.folder, lines)
    print(f"{len(lines)} pages: {wanted.folder / 'index.html'}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--role", action="append", choices=list(ROLES), help="of this role alone; may be said several times")
    parser.add_argument("--english", action="store_true")
    parser.add_argument("--dark", action="store_true")
    return parser.parse_args()


def house(environ: dict):
    settings = load_settings(environ)
    app = create_app(settings)
    migrate(settings)
    with database.connection_context():
        return build_house(app)


class chromium:  # noqa: N801 reads as a function
    """The system's browser, for as long as the block lasts."""

    def __enter__(self):
        path = find_chromium()
        if path is None:
            raise SystemExit(MISSING)
        self.playwright = sync_playwright().start()
        return self.playwright.chromium.launch(executable_path=path, args=FLAGS + FLAGS_OF_ROOT)

    def __exit__(self, *_):
        self.playwright.stop()


def shoot(browser, base_url: str, one, role: str, wanted) -> list[tuple[str, list[str]]]:
    """[(what it is, files)]; of each endpoint the pages that differ, for this role alone."""
    pages, lines = [look.page for look in worth_a_look(one.pages)], {}
    for size, (width, height) in SIZES.items():
        context = browser.new_context(
            viewport={"width": width, "height": height}, is_mobile=size == "phone", has_touch=size == "phone",
            locale="en-US" if wanted.english else "zh-CN", color_scheme="dark" if wanted.dark else "light", timezone_id="Asia/Shanghai",
        )  # fmt: skip
        context.add_cookies(cookies_of(one, base_url))
        tab = context.new_page()
        for number, page in enumerate(pages):
            tab.goto(base_url + page.address)
            name = f"{role}-{number:02}-{re.sub(r'[^a-z_]+', '-', page.endpoint)}-{size}.png"
            tab.screenshot(path=wanted.folder / name, full_page=size == "desk")
            lines.setdefault(page, []).append(name)
        context.close()
    return [(f"{role}: {page.endpoint} {page.address}", names) for page, names in lines.items()]


def write_sheet(folder: Path, lines: list[tuple[str, list[str]]]) -> None:
    shown = "".join(
        f"<h2>{html.escape(words)}</h2><section>" + "".join(f'<a href="{name}"><img loading="lazy" src="{name}" alt=""></a>' for name in names) + "</section>"
        for words, names in lines
    )
    (folder / "index.html").write_text(f'<!doctype html><meta charset="utf-8"><title>Every page</title><style>{STYLE}</style>{shown}', encoding="utf-8")


if __name__ == "__main__":
    main()

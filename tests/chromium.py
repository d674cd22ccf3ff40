"""The browser of the browser tests: the system's chromium, driven by playwright, as a teacher's phone or an officer's desktop.

Fixtures: `phone_page` and `desktop_page` are fresh pages without cookies; `browser` is the one browser of the run.
A test fails when its page wrote an error to the console, let an exception escape or ran against the content security policy,
unless it said beforehand that it expects that: `tolerate("status of 409")` (part of the message).
Run as a program it prints the browser it would use: python tests/chromium.py
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# The shell is the same browser without its windows, and takes a third less of the processor.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
FLAGS_OF_ROOT = ["--no-sandbox"]  # chromium refuses to build its sandbox as root
MISSING = "BROWSER TESTS DID NOT RUN: no chromium found ($CHROMIUM, PATH, playwright's own); apt-get install chromium fonts-noto-cjk"

CHINA = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
PHONE = {
    "viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}

SCREENSHOTS = Path(__file__).resolve().parent.parent / "build" / "screenshots"
TIMEOUT_MS = 10_000

# Says where the policy was broken more exactly than the console does; a Trusted-Types or report-only breach is caught by it too.
REPORT_BREACHES = """addEventListener("securitypolicyviolation", breach => console.error(
    `content security policy: ${breach.violatedDirective} ${breach.blockedURI} ${breach.sourceFile}:${breach.lineNumber} ${breach.sample}`))"""

_skipped = False


def find_chromium() -> str | None:
    """$CHROMIUM, else the first on the PATH that can really start (Ubuntu's is often only a hint to a snap), else playwright's own."""
    candidates = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), playwrights_own()]
    return next((path for path in candidates if path and starts(path)), None)


def starts(path: str) -> bool:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        return subprocess.run([path, "--version"], capture_output=True, timeout=20).returncode == 0
    return False


def playwrights_own() -> str | None:
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = sorted([*cache.glob("chromium-*/chrome-linux*/chrome"), *cache.glob("chromium_headless_shell-*/chrome-*/*headless*shell")])
    return str(found[0]) if found else None


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright  # so that collecting the tests needs no playwright

    path = find_chromium()
    if path is None:
        refuse_to_run()
    flags = FLAGS + (FLAGS_OF_ROOT if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags, headless=True)
        yield chromium
        chromium.close()


def refuse_to_run() -> None:
    global _skipped
    if os.environ.get("CI") == "true":
        pytest.fail(MISSING, pytrace=False)
    _skipped = True
    pytest.skip(MISSING)


@pytest.fixture
def tolerate():
    """Call it with a part of a console message that this test provokes on purpose."""
    expected: list[str] = []

    def tolerate_message(part: str) -> None:
        expected.append(part)

    tolerate_message.expected = expected
    return tolerate_message


@pytest.fixture
def phone_page(browser, tolerate, request):
    """A page of a cheap Android phone: 360 x 740, touch, Chinese."""
    with watched_page(browser, PHONE, tolerate.expected, request) as page:
        yield page


@pytest.fixture
def desktop_page(browser, tolerate, request):
    """A page of an office computer: 1440 x 900, mouse, Chinese."""
    with watched_page(browser, DESKTOP, tolerate.expected, request) as page:
        yield page


@contextlib.contextmanager
def watched_page(browser, device: dict, expected: list[str], request):
    """A page in a context of its own. Watched is the whole context: a second tab (page.context.new_page()) counts as well."""
    problems: list[str] = []
    context = browser.new_context(**CHINA, **device)
    context.set_default_timeout(TIMEOUT_MS)
    context.add_init_script(REPORT_BREACHES)
    context.on("console", lambda message: message.type == "error" and problems.append(f"{message.text} ({message.location.get('url', '')})"))
    context.on("weberror", lambda error: problems.append(f"uncaught: {error.error}"))
    page = context.new_page()
    yield page
    if request.node.stash.get(FAILED, False):
        take_picture(page, request.node.name)
    context.close()
    unexpected = [problem for problem in problems if not any(part in problem for part in expected)]
    if unexpected:
        pytest.fail("the browser complained: " + "\n".join(dict.fromkeys(unexpected)), pytrace=False)


FAILED = pytest.StashKey[bool]()


def take_picture(page, name: str) -> None:
    """For the eye: what the page looked like when its test failed, in build/screenshots."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(Exception):
        page.screenshot(path=SCREENSHOTS / (re.sub(r"\W+", "-", name) + ".png"), full_page=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def pytest_terminal_summary(terminalreporter) -> None:
    if _skipped:
        terminalreporter.write_line(f"!! {MISSING}", red=True, bold=True)


if __name__ == "__main__":
    print(found := find_chromium() or MISSING)
    sys.exit(found == MISSING)

"""A teacher's phone: a real browser with a profile of its own, which may be killed and comes back with what its disk holds."""

import contextlib
import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

from playwright.sync_api import Error

from tests.chromium import CHINA, FLAGS, PHONE, find_chromium
from tests.factories import PASSWORD

PATIENCE = 20  # seconds for what a script does at once, on a machine that does much else
STATES = "Promise.all([aidDb.all('out'), aidDb.all('done')]).then(all => all.map(rows => rows.map(row => [row.id, row.state || row.number, row.user])))"
KEPT = "aidDb.all('pages').then(rows => rows.map(row => row.path))"
NO_ROOM = "IDBObjectStore.prototype.add = function () { throw new DOMException('', 'QuotaExceededError'); };"
WRONG_CLOCK = "{ const now = Date.now; Date.now = () => now() - 400 * 86400000; }"


class Phone:
    def __init__(self, playwright, folder: Path, base: str, scripts: tuple[str, ...] = ()):
        self.playwright, self.folder, self.base, self.scripts = playwright, folder, base, scripts
        self.start()

    def start(self) -> None:
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder), executable_path=find_chromium(), args=[*FLAGS, "--no-sandbox"], headless=True, **CHINA, **PHONE
        )
        self.context.set_default_timeout(PATIENCE * 1000)
        for script in self.scripts:
            self.context.add_init_script(script)
        self.page = self.context.pages[0]

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.context.close()

    def kill(self) -> None:
        """As when the battery dies: nothing is written any more."""
        subprocess.run(["pkill", f"-{int(signal.SIGKILL)}", "-f", f"user-data-dir={self.folder}"], check=False)
        self.close()
        for lock in self.folder.glob("Singleton*"):
            lock.unlink(missing_ok=True)
        self.start()

    def new_tab(self) -> None:
        """The tab is gone, another one is opened."""
        page = self.context.new_page()
        self.page.close()
        self.page = page

    def go(self, path: str) -> bool:
        """False: neither the network nor this phone had the page."""
        try:
            self.page.goto(self.base + path, wait_until="load")
        except Error:
            return False
        return True

    def sign_in(self, username: str) -> None:
        self.until(lambda: self.go("/sign-in"))  # another page may just be on its way
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(f"{self.base}/")

    def until(self, true, seconds: float = PATIENCE):
        deadline = time.monotonic() + seconds
        while not (found := true()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def asked(self, script: str, otherwise=None):
        """What the page answers; on its way to another one it is asked again."""
        for _ in range(5):
            with contextlib.suppress(Error):
                return self.page.evaluate(script)
            time.sleep(0.2)
        return otherwise

    def has(self, selector: str) -> bool:
        return bool(self.asked(f"!!document.querySelector({json.dumps(selector)})", False))

    def kept(self) -> list[str]:
        return self.asked(KEPT, [])

    def items(self) -> tuple[list, list]:
        """([id, state, user] of what waits, [id, number, user] of what has gone)."""
        waiting, gone = self.asked(STATES, ([], []))
        return waiting, gone

    def send_form(self, button: str) -> None:
        """Taps, and waits until the page says what became of it or another page has come."""
        before = self.page.url
        self.page.evaluate("document.getElementById('status').textContent = ''")
        self.page.tap(button)
        with contextlib.suppress(Exception):  # the page may be on its way
            self.until(lambda: self.page.url != before or not self.page.query_selector(button) or self.said() not in ("", "已保存在本机，正在上传…"))

    def said(self) -> str:
        said = self.asked("(document.querySelector('#status .note') || {innerText: ''}).innerText", "")
        return said.strip().removesuffix("查看待上传").strip()

    def take_roll(self, path: str, absent: set[int]) -> bool:
        """False: there is no form to fill in (taken already, or the page is not here)."""
        if not self.go(path) or not self.has("#roll"):
            return False
        self.until(lambda: self.has("#roll[data-restored]"))  # what waits fills the form in
        for box in self.page.query_selector_all("input[name=absent]"):
            number = int(box.get_attribute("value"))
            if box.is_checked() != (number in absent):
                self.page.tap(f"label[for=a{number}]")
        if absent:
            self.page.tap("[data-send]")
        self.send_form("[data-sure]" if absent else "[data-send]")
        return True

    def write_visit(self, pupil: int, words: str) -> bool:
        if not self.go("/outbox/visit") or not self.has("#visit"):
            return False
        self.page.select_option("#student_id", str(pupil))
        for name, value in (("form", "on_site"), ("purposes", "routine"), ("met", "self")):
            self.page.check(f"input[name={name}][value={value}]", force=True)
        self.page.eval_on_selector("#agreed", "(field, words) => { field.value = words; }", words)
        self.send_form(".bottom button[type=submit]")
        return True

    def holds(self, words: str) -> list[str]:
        """Files of the profile in which the words stand, in either coding of a browser's."""
        wanted = [words.encode(), words.encode("utf-16-le")]
        found = []
        for path in self.folder.rglob("*"):
            with contextlib.suppress(OSError):
                if path.is_file() and any(each in path.read_bytes() for each in wanted):
                    found.append(str(path.relative_to(self.folder)))
        return found

    def throw_away(self) -> None:
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

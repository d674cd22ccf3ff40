"""Looking at one page as an examiner would: axe, widths, sizes, what the console says; on a phone, in the dark, on a desk."""

from pathlib import Path

from tests.chromium import REPORT_BREACHES

HERE = Path(__file__).resolve().parent
AXE = HERE.parent / "vendor" / "axe.min.js"
RULER = (HERE / "measure.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
NO_COLOURS = {"color-contrast": {"enabled": False}}
PHONE, SMALL, DESK = {"width": 360, "height": 740}, {"width": 320, "height": 740}, {"width": 1440, "height": 900}
RUN = """options => axe.run(document, {resultTypes: ["violations"], preload: false, elementRef: false, ...options}).then(result =>
    result.violations.flatMap(found => found.nodes.slice(0, 3).map(node => `${found.id}: ${node.html.slice(0, 160)} ${node.any.map(each => each.message)[0] || ""}`)))"""
WIDTH = "document.documentElement.scrollWidth"
LARGE = "size => { document.documentElement.style.fontSize = size }"


def calm(page) -> None:
    """No sideways scroll, whatever the page: against the viewport, for a phone zooms out and innerWidth grows with it."""
    # Asked of an element: while one page goes and the next comes, a document has none, and this waits for it.
    assert page.locator("html").evaluate("root => root.scrollWidth") <= page.viewport_size["width"], f"{page.url} scrolls sideways"


class Examiner:
    """A browser window of a signed-in person. `findings` holds [(where, what)]."""

    def __init__(self, browser, base_url: str, cookies: list[dict], locale: str = "zh-CN"):
        self.context = browser.new_context(viewport=PHONE, has_touch=True, locale=locale, timezone_id="Asia/Shanghai")
        self.context.set_default_timeout(10_000)
        self.context.add_cookies(cookies)
        self.context.add_init_script(REPORT_BREACHES)
        self.context.add_init_script(path=AXE)
        self.context.on("console", lambda message: message.type == "error" and self.note("console", [message.text]))
        self.context.on("weberror", lambda error: self.note("console", [f"uncaught: {error.error}"]))
        self.base_url, self.locale = base_url, locale
        self.page = self.context.new_page()
        self.findings: list[tuple[str, str]] = []
        self.where = ""

    def note(self, seen_on: str, words: list[str]) -> None:
        self.findings += [(f"{self.where} ({self.locale[:2]}, {seen_on})", each) for each in words]

    def axe(self, seen_on: str, **options) -> None:
        self.note(seen_on, self.page.evaluate(RUN, options))

    def width(self, viewport: dict, seen_on: str) -> None:
        """Measured against the window that was set: a phone would zoom out and say that it is as wide as the page."""
        wide = self.page.evaluate(WIDTH)
        if wide > viewport["width"]:
            self.note(seen_on, [f"scrolls sideways: {wide} px"])

    def open(self, address: str) -> None:
        self.where = address
        self.page.set_viewport_size(PHONE)
        answer = self.page.goto(self.base_url + address, wait_until="load")
        if answer.status >= 400:
            self.note("answer", [f"status {answer.status}"])

    def look(self, address: str, in_the_dark: bool = True, at_a_desk: bool = True, in_colour: bool = True) -> None:
        """One load serves the sizes and the dark. Colours cost axe most: they are looked at once in each scheme."""
        self.open(address)
        self.axe("phone", runOnly=TAGS, rules={} if in_colour else NO_COLOURS)
        self.sizes()
        if in_the_dark:
            self.page.emulate_media(color_scheme="dark")
            self.axe("dark", runOnly={"type": "rule", "values": ["color-contrast"]})
            self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(DESK)
        if at_a_desk:
            self.axe("desk", runOnly=TAGS, rules=NO_COLOURS)
        self.width(DESK, "desk")
        self.note("desk", self.page.evaluate(RULER, False))

    def glance(self, address: str) -> None:
        """In another language: words are longer, and marked as that language."""
        self.open(address)
        self.axe("phone", runOnly=TAGS, rules=NO_COLOURS)
        self.sizes()

    def sizes(self) -> None:
        """Of a cheap phone, of a smaller one, and with the letters that older eyes set."""
        self.note("phone", self.page.evaluate(RULER, True))
        self.width(PHONE, "phone")
        self.page.set_viewport_size(SMALL)
        self.width(SMALL, "320 px")
        self.page.set_viewport_size(PHONE)
        self.page.evaluate(LARGE, "140%")
        self.width(PHONE, "text of 140 %")
        self.page.evaluate(LARGE, "")

    def close(self) -> list[tuple[str, str]]:
        self.context.close()
        return self.findings

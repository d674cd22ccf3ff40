"""What the browser itself keeps shut: injected code, our door in somebody else's window, the way back after signing out."""

import re

INJECTED = """<script>window.owned = "script"</script><img src="/none" alt="" onerror="window.owned = 'handler'">
<svg onload="window.owned = 'svg'"></svg><a id="trap" href="javascript:window.owned='link'">x</a><iframe srcdoc="<script>parent.owned='frame'</script>"></iframe>
<base href="https://evil.example/"><object data="/static/css/app.css"></object><form id="away" action="https://evil.example/" method="post"></form>"""
BREACHES = ("script-src-elem", "script-src-attr", "base-uri", "object-src", "form-action")


def test_injected_code_does_not_run(site, enter, desktop_page, teacher, tolerate):
    """As if a name had slipped through unescaped: the policy alone must stop it."""
    for part in ("ontent security policy", "Content Security Policy", "ERR_BLOCKED", "404", "rame"):
        tolerate(part)
    enter(desktop_page, teacher)
    breaches = []
    desktop_page.on("console", lambda message: breaches.append(message.text))

    def inject(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</main>", INJECTED + "</main>"))

    desktop_page.route("**/me", inject)
    desktop_page.goto(f"{site}/me")
    desktop_page.locator("#trap").click()
    desktop_page.evaluate("document.getElementById('away').submit()")
    desktop_page.wait_for_timeout(300)
    assert desktop_page.url == f"{site}/me"
    assert desktop_page.evaluate("window.owned") is None
    assert desktop_page.evaluate("document.baseURI") == f"{site}/me"
    assert [name for name in BREACHES if not any(name in text for text in breaches)] == []


def test_our_door_stays_empty_in_somebody_elses_window(site, browser):
    """Clickjacking: a page of another site that lays ours under its own."""
    page = browser.new_context().new_page()
    page.route("http://evil.example/", lambda route: route.fulfill(body=f'<iframe src="{site}/sign-in"></iframe>', content_type="text/html"))
    page.goto("http://evil.example/")
    page.wait_for_timeout(500)
    [framed] = page.frames[1:]
    assert framed.locator("input").count() == 0
    assert "chrome-error" in framed.url
    page.context.close()


def test_the_way_back_after_signing_out_shows_nobody(site, enter, desktop_page, school_admin):
    page = desktop_page
    enter(page, school_admin)
    page.goto(f"{site}/students")
    assert "次仁卓玛" in page.content()
    page.get_by_role("button", name="退出登录").first.click()
    page.wait_for_url(re.compile("/sign-in"))
    for _ in range(2):
        page.go_back()
        page.wait_for_load_state()
        assert "次仁卓玛" not in page.content() and "王校长" not in page.content()
    page.goto(f"{site}/students")
    assert "/sign-in" in page.url

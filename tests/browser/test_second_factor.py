"""The second factor in the browser: from the first sign-in to the code at the door, and a proof that carries what was typed."""

import datetime

from aidtracker.accounts.models import UserSession
from aidtracker.accounts.models_second import SecondFactor
from aidtracker.aid.models import Batch
from aidtracker.db import utcnow
from tests import factories
from tests.browser.looks import NO_COLOURS, TAGS, Examiner


def examine(examiner, what: str) -> None:
    """The page that is open, on a phone, in both schemes."""
    examiner.where = what
    examiner.axe("phone", runOnly=TAGS)
    examiner.sizes()
    examiner.page.emulate_media(color_scheme="dark")
    examiner.axe("dark", runOnly={"type": "rule", "values": ["color-contrast"]})
    examiner.page.emulate_media(color_scheme="light")
    examiner.axe("light", runOnly=TAGS, rules=NO_COLOURS)


def the_password(page, site, user) -> None:
    page.goto(f"{site}/sign-in")
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码").fill(factories.PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_from_the_first_sign_in_to_a_proof(site, browser, county):
    clerk = factories.make_user("bureau_staff", county.county, "周干事", "clerk", is_exempt=False)
    examiner = Examiner(browser, site, [])
    page = examiner.page
    the_password(page, site, clerk)
    page.wait_for_url(f"{site}/me/second-factor")
    examine(examiner, "nothing set up")
    page.get_by_role("button", name="开始设置").click()
    page.get_by_role("img", name="两步验证的二维码").wait_for()
    examine(examiner, "the QR code")
    secret = SecondFactor.get().new_secret
    page.get_by_label("手机上显示的 6 位验证码").fill(factories.code_of(secret, -1))
    page.get_by_role("button", name="确认").click()
    page.get_by_role("button", name="打印").wait_for()
    examine(examiner, "the recovery codes")
    codes = page.locator("ol b").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="已收好，开始使用").click()
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/me/second-factor")
    examine(examiner, "set up")

    page.context.clear_cookies()
    the_password(page, site, clerk)
    page.wait_for_url(f"{site}/sign-in/code")
    examine(examiner, "the code at the door")
    page.get_by_text("用恢复码").click()
    page.get_by_label("恢复码").fill(codes[0])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{site}/")

    UserSession.update(proved_at=utcnow() - datetime.timedelta(hours=1)).execute()
    page.goto(f"{site}/aid/new")
    page.get_by_label("新项目名称").fill("家庭经济困难学生生活补助")
    page.get_by_label("批次名称").fill("2026秋-01")
    page.locator("main button[type=submit]").click()
    page.get_by_role("heading", name="请再确认一次是你本人").wait_for()
    examine(examiner, "the proof")
    page.get_by_label("手机上的 6 位验证码").fill(factories.code_of(secret))
    page.get_by_role("button", name="确认并继续").click()
    page.wait_for_url(f"{site}/aid/*")
    assert [batch.name for batch in Batch.select()] == ["2026秋-01"]
    findings = [found for found in examiner.close() if "status of 401" not in found[1]]  # the page that asks for the proof
    assert findings == []

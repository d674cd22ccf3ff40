"""An invitation in the browser: what stands behind the # opens it and leaves the address; the slips fill pages of A4."""

import re

from aidtracker.accounts.actions_inviting import invite_user
from aidtracker.accounts.models import User
from tests import factories
from tests.live_server import _logs


def test_a_scanned_code_leads_to_a_password_and_stands_in_no_log(site, phone_page, school_admin, teacher):
    page, slip = phone_page, invite_user(user=teacher, by=school_admin)
    page.goto(f"{site}/invitation#{slip.token}")
    page.get_by_role("heading", name="张老师").wait_for()
    assert slip.token not in page.url
    page.get_by_label("新密码", exact=True).fill("Green-river-2026")
    page.get_by_label("再输一次新密码").fill("Green-river-2026")
    page.get_by_role("button", name="保存密码并登录").click()
    page.wait_for_url(f"{site}/")
    assert slip.token not in "".join(log.read_text() for log in _logs)


def test_slips_are_printed_eight_to_a_page(site, enter, desktop_page, county, administrator):
    for n in range(11):
        user = factories.make_user("teacher", county.room, f"王老师{n}", f"wang.{n}")
        User.update(password_hash="").where(User.id == user.id).execute()
    enter(desktop_page, administrator)
    desktop_page.goto(f"{site}/accounts/invitations")
    desktop_page.get_by_role("button", name="生成并打印邀请单").click()
    desktop_page.get_by_role("button", name="打印").wait_for()
    slips = desktop_page.locator("article").count()
    pages = len(re.findall(rb"/Type\s*/Page\b", desktop_page.pdf(prefer_css_page_size=True)))
    assert slips >= 11 and pages == -(-slips // 8)

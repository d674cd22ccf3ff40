"""An invitation in the browser: what stands behind the # opens it and leaves the address; the slips fill pages of A4."""

import re

from aidtracker.accounts.actions_inviting import invite_user
from aidtracker.accounts.models import Membership, User
from aidtracker.orgs.models import Org
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


LONG_NAME = "阿依古丽·买买提明·阿卜杜热合曼江·司马义"
LONG_PLACE = "大凉山彝族自治州云岭县双河镇九年一贯制寄宿制民族中心学校"


def test_a_slip_holds_the_longest_names_and_nothing_lies_on_the_line_of_the_scissors(site, enter, desktop_page, county, administrator):
    for org in (county.school, county.other_school):
        Org.update(name=f"{LONG_PLACE}{org.id}").where(Org.id == org.id).execute()
    for n in range(8):
        user = factories.make_user("teacher", county.room, LONG_NAME, f"ayiguli.maimaitiming.abudurehemanjiang.dlsyzyljs.{n}")
        for room in (county.sibling_room, county.other_room, county.other_school):
            Membership.create(user=user, role="teacher", org=room, starts_on="2020-09-01")
        User.update(password_hash="").where(User.id == user.id).execute()
    enter(desktop_page, administrator)
    desktop_page.goto(f"{site}/accounts/invitations")
    desktop_page.get_by_role("button", name="生成并打印邀请单").click()
    desktop_page.get_by_role("button", name="打印").wait_for()
    desktop_page.set_viewport_size({"width": 703, "height": 1000})  # what A4 leaves between its margins
    desktop_page.emulate_media(media="print")
    slips = desktop_page.evaluate(
        """() => [...document.querySelectorAll('.slip')].map(slip => {
            const box = slip.getBoundingClientRect(), found = {cut: 0, margin: 1e9};
            for (const part of slip.querySelectorAll('h2, p, svg')) {
                const own = part.getBoundingClientRect();
                if (!part.matches('.slip-roles')) found.cut = Math.max(found.cut, part.scrollHeight - part.clientHeight);
                found.margin = Math.min(found.margin, box.bottom - own.bottom, box.right - own.right, own.left - box.left, own.top - box.top);
            }
            found.code = slip.querySelector('.slip-text').innerText;
            return found;
        })"""
    )
    assert len(slips) >= 8
    for slip in slips:
        assert slip["cut"] <= 1 and slip["margin"] >= 8, slip  # pixels: two millimetres at least
    pages = len(re.findall(rb"/Type\s*/Page\b", desktop_page.pdf(prefer_css_page_size=True)))
    assert pages == -(-len(slips) // 8)


def test_what_is_printed_says_whose_it_is(site, enter, desktop_page, county, administrator, teacher):
    for user, place in ((administrator, county.county.name), (teacher, county.school.name)):
        desktop_page.emulate_media(media="screen")
        enter(desktop_page, user)
        desktop_page.goto(f"{site}/students")
        assert not desktop_page.locator(".printed").is_visible()
        desktop_page.emulate_media(media="print")
        head = desktop_page.locator(".printed")
        assert head.is_visible() and place in head.inner_text() and "学生" in head.inner_text()

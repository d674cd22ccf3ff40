"""The road of a child who stays away: the third day of absence, two persuasions on a phone without signal, a notice with 送达回证, return,
watch period, relapse, second return, and a closing that the township approves. It prints what every level sees at every step."""

import datetime

import pytest

from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.queries import visible_class
from aidtracker.cases.models import Case, CaseStep, FollowUp
from aidtracker.cases.models_notice import Notice
from aidtracker.cases.queries import visible_cases
from aidtracker.db import today_in_china
from aidtracker.home.waiting import waiting_for
from aidtracker.policies.models import PolicyValue
from aidtracker.terms.models import CalendarDay
from aidtracker.visits.models import Visit
from tests import factories

A_DAY = datetime.timedelta(days=1)


@pytest.fixture
def child(site, county, officer):  # noqa: ARG001 the class is there
    """Three days are enough for a case here, and one day is watched after a return."""
    today = today_in_china()
    for back in range(1, 10):
        CalendarDay.create(on=today - back * A_DAY, county=county.county, kind="workday", name="上课")
    for key, value in (("report_school_after", "1"), ("report_township_after", "2"), ("suspected_after", "3"), ("watch_days", "1")):
        PolicyValue.create(county=county.county, key=key, value=value, holds_from=today - 20 * A_DAY, reason="县文件", set_by=officer)
    pupil = factories.make_student(county.room, "次仁小路", home=county.village)
    factories.make_guardian(pupil, "次仁多吉", phone="13800001234")
    return pupil


@pytest.fixture
def levels(county, teacher, coordinator, officer):
    return {
        "班主任": teacher,
        "村": factories.make_user("village_officer", county.village, "王支书", "village"),
        "学校": factories.make_user("school_admin", county.school, "王校长", "principal"),
        "乡镇": coordinator,
        "教育局": officer,
    }


def roll(child, by, on, session="morning", mark="unexcused"):
    room = visible_class(by, child.class_org_id)
    stands = RollCall.get_or_none((RollCall.class_org == child.class_org_id) & (RollCall.on == on) & (RollCall.session == session))
    marks = {child.id: (mark, None)} if mark else {}
    submit_roll_call(class_org=room, on=on, session=session, marks=marks, base_revision=stands.revision if stands else 0, by=by)


def tell(step, levels) -> dict[str, str]:
    """Prints a line for each level, and returns the states of the cases that each sees."""
    print(f"\n== {step}")  # noqa: T201
    found = {}
    for level, user in levels.items():
        states = [case.state for case in visible_cases(user)]
        waits = "；".join(f"{each.label} {each.number}" for each in waiting_for(user, today_in_china()) if each.endpoint.startswith(("cases", "tasks")))
        print(f"   {level}：个案 {states}；{waits or '没有要办的'}")  # noqa: T201
        found[level] = "".join(states)
    return found


def sent(page, address, fields: dict, button: str, said: str) -> None:
    """Fills the form of a page by the names of its fields, presses, and reads what the next page says."""
    page.goto(address)
    for name, value in fields.items():
        box = page.locator(f"[name={name}]")
        if box.first.get_attribute("type") == "radio":
            page.check(f"[name={name}][value='{value}']", force=True)
        elif box.first.evaluate("one => one.tagName") == "SELECT":
            box.first.select_option(value)
        else:
            box.first.fill(value)
    page.locator(f"main button:has-text('{button}')").first.click()
    page.wait_for_selector(f"text={said}")


def persuade_offline(page, site, child, words) -> Visit:
    """At the door, without signal; it comes in by itself when there is one again."""
    before = Visit.select().count()
    page.goto(f"{site}/students/{child.id}/visits/new")
    page.wait_for_selector("#outbox-badge:has-text('已同步')")
    for name, value in (("form", "on_site"), ("purposes", "persuasion"), ("met", "1")):
        page.check(f"input[name={name}][value='{value}']", force=True)
    page.fill("input[name=teachers]", "张老师")
    page.fill("input[name=on]", today_in_china().isoformat())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.fill("textarea[name=views]", words)
    page.context.set_offline(True)
    page.tap("button[form=visit]")
    page.wait_for_selector("text=网络不好，已保存在本机")
    assert Visit.select().count() == before
    page.context.set_offline(False)
    page.evaluate("self.aidOutbox.hurry()")
    page.wait_for_selector("#outbox-badge:has-text('已同步')", timeout=30_000)
    assert Visit.select().count() == before + 1
    return Visit.select().order_by(Visit.id.desc()).get()


def test_the_road_of_a_case(site, child, levels, county, phone_page, desktop_page, enter, tolerate):
    tolerate("ERR_INTERNET_DISCONNECTED")
    teacher, today, phone, desk = levels["班主任"], today_in_china(), phone_page, desktop_page
    for back in (2, 1):
        roll(child, teacher, today - back * A_DAY)
        assert Case.select().count() == 0
    roll(child, teacher, today)
    case = Case.get()
    assert (case.state, case.origin, case.absent_from) == ("suspected", "roll", today - 2 * A_DAY)
    assert set(tell("第三天没有到校，自动建案", levels).values()) == {"suspected"}

    enter(phone, teacher)
    for n, (result, words) in enumerate((("not_returned", "孩子说不想读书"), ("refused", "家长要带孩子去打工")), 1):
        visit = persuade_offline(phone, site, child, words)
        phone.goto(f"{site}/cases/{case.id}/follow-ups/new?visit={visit.id}")
        phone.check(f"[name=result][value='{result}']", force=True)
        phone.tap("main button:has-text('保存')")
        phone.wait_for_selector("text=已记下")
        assert FollowUp.select().order_by(FollowUp.id.desc()).get().ordinal == n
    assert set(tell("没有信号时上门两次，信号来了自动上报，记作两次劝返", levels).values()) == {"dropout"}

    enter(desk, levels["乡镇"])
    sent(desk, f"{site}/cases/{case.id}/notices/new", {}, "发文书", "已发文书")
    notice = Notice.get()
    tell(f"乡镇发文书 {notice.reference}", levels)
    enter(phone, levels["村"])
    sent(phone, f"{site}/cases/notices/{notice.id}/serve", {"served": "served", "way": "left", "receiver": "", "witness": "李会计", "words": "家长不肯签字，留在家里"}, "保存", "已记下")
    phone.goto(f"{site}/cases/notices/{notice.id}/page")
    assert "李会计" in phone.inner_text("main") and Notice.get().state == "served"
    tell("村里留置送达，有见证人", levels)

    enter(phone, teacher)
    back = {"kind": "on_site", "met": "1", "result": "returned", "words": "孩子回来了"}
    sent(phone, f"{site}/cases/{case.id}/follow-ups/new", back, "保存", "已记下")
    phone.goto(f"{site}/cases/{case.id}")
    assert "巩固期到" in phone.inner_text("main")
    assert set(tell("返校，进入巩固期", levels).values()) == {"returned"}

    roll(child, teacher, today, "afternoon")
    tell("巩固期内又旷课", levels)
    sent(phone, f"{site}/cases/{case.id}/follow-ups/new", back | {"result": "not_returned", "words": "又没有来"}, "保存", "已记下")
    assert set(tell("反弹，转回劝返", levels).values()) == {"dropout"}
    for session in ("morning", "afternoon"):
        roll(child, teacher, today, session, None)
    sent(phone, f"{site}/cases/{case.id}/follow-ups/new", back | {"words": "又回来了"}, "保存", "已记下")
    assert set(tell("第二次返校", levels).values()) == {"returned"}

    sent(phone, f"{site}/cases/{case.id}/ask-closing", {"outcome": "returned", "conclusion": "点名记录和回访记录存档"}, "申请", "已申请销号，等批准")
    tell("班主任申请销号", levels)
    enter(desk, levels["乡镇"])
    desk.goto(f"{site}/cases/closings/{case.closings.get().id}")
    desk.click("button:has-text('批准销号')")
    desk.wait_for_selector("text=已批准，个案已销号。")
    assert set(tell("乡镇批准销号", levels).values()) == {"closed"}

    way = [(step.from_state, step.to_state) for step in CaseStep.select().order_by(CaseStep.id)]
    assert way == [("", "suspected"), ("suspected", "dropout"), ("dropout", "returned"), ("returned", "dropout"), ("dropout", "returned"), ("returned", "closed")]
    assert Case.select().count() == 1 and FollowUp.select().count() == 5

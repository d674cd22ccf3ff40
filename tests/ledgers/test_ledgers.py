"""What stands in each ledger: its columns as the county's forms name them, and whose lines, with which numbers."""

import datetime
from decimal import Decimal

import pytest

from aidtracker.aid.models import Batch, Payment
from aidtracker.errors import Forbidden, NotFound, Refused
from aidtracker.ledgers.filters import read_filters
from aidtracker.ledgers.months import months_between
from aidtracker.ledgers.reading import Reading
from aidtracker.ledgers.registry import LEDGERS, visible_ledger, visible_ledgers
from aidtracker.ledgers.scope import scope_for
from aidtracker.ledgers.stream import count, rows, window
from aidtracker.students.models import Student
from tests import factories
from tests.ledgers.conftest import CARD, ON, absence, pay, visit

TODAY = datetime.date(2026, 11, 25)
# Headings of the county's own forms, in their order; what the site does not hold is not among them.
HEADINGS = {
    "pupils": "序号 姓名 性别 民族 身份证号 学籍号 出生日期 户籍地 现居住地 学校 年级 班级 就读方式 入学年月 特殊类别 监护人姓名 与儿童关系 联系电话 包保责任人(行政线) 包保责任人(教育线)",
    "national": "序号 学校标识码 姓名 性别 出生日期 出生地行政区划代码 籍贯 民族 国籍/地区 身份证件类型 港澳台侨外 政治面貌 健康状况 身份证件号 "
    "姓名拼音 曾用名 身份证件有效期 户口所在地行政区划 户口性质 特长 学籍辅号 学籍号 班内学号 年级 班级 入学年月 入学方式 就读方式 "
    "学生来源 现住址 通信地址 家庭地址 联系电话 邮政编码 是否独生子女 是否受过学前教育 是否留守儿童 是否进城务工人员随迁子女 是否孤儿 "
    "是否烈士或优抚子女 随班就读 残疾类型 是否由政府购买学位 是否需要申请资助 是否享受一补 上下学距离 上下学交通方式 是否需要乘坐校车 "
    "成员1姓名 成员1关系 成员1关系说明 成员1民族 成员1工作单位 成员1现住址 成员1户口所在地行政区划 成员1联系电话 成员1是否监护人 "
    "成员1身份证件类型 成员1身份证件号 成员1职务 成员2姓名 成员2关系 成员2关系说明 成员2民族 成员2工作单位 成员2现住址 "
    "成员2户口所在地行政区划 成员2联系电话 成员2是否监护人 成员2身份证件类型 成员2身份证件号 成员2职务",
    "payments": "序号 学校 年级 班级 姓名 性别 民族 身份证号 学籍号 是否寄宿 困难类型 资助项目 学期 标准(元/生·学期) 应发金额(元) 开户行 "
    "社保卡/银行卡号 开户人姓名 与学生关系 监护人电话 批次 发放日期 发放状态 退回原因",
    "visits": "序号 学生姓名 性别 学校 班级 家庭住址 家访时间 时长(分钟) 家访教师 家访形式 受访人 与学生关系 联系电话 家访目的 在家表现 "
    "家长意见建议 达成措施 跟进日期 家长签字 核实情况",
    "tutoring": "序号 学生姓名 身份证号 学籍号 残疾类别 送教学校 送教地点 日期 课时数 送教教师 学科/内容 学生表现与效果 家长配合 作业与下次计划 家长签字 核实情况",
    "suspected": "序号 个案编号 姓名 性别 身份证号 学籍号 学籍学校 年级班级 监护人 联系电话 家庭住址 开始缺勤日期 发现日期 发现途径 初步原因 "
    "首次家访日期 个案状态 销号日期 销号依据 责任人 包保责任人(行政线) 包保责任人(教育线)",
    "dropouts": "序号 个案编号 姓名 性别 身份证号 学籍号 学籍学校 年级班级 监护人 联系电话 家庭住址 开始缺勤日期 发现日期 发现途径 辍学原因(主) "
    "首次家访日期 个案状态 销号日期 销号依据 责任人 包保责任人(行政线) 包保责任人(教育线) 辍学原因(次) 辍学日期 劝返次数 最近劝返日期 已下达文书及文号 是否复学 复学日期 销号审批人",
    "follow_ups": "序号 个案编号 学生姓名 学籍学校 年级班级 第几次 劝返日期 方式 劝返人员 劝返人员(行政线) 劝返对象 与学生关系 劝返内容 结果 承诺事项 承诺期限 下次跟进日期",
    "absences": "序号 日期 学校 年级 班级 场次 姓名 出勤情况 缺勤原因",
}
EVERY = list(LEDGERS)


def look(user, name, org=None, whole=False, **given):
    ledger = visible_ledger(user, name)
    scope = scope_for(ledger, user, None, org.id if org else None)
    return ledger, Reading(scope, read_filters(ledger.filters, given, TODAY), is_whole=whole, may_see_addresses=True, today=TODAY)


def listed(user, name, org=None, **more):
    """Every line as {heading: value}."""
    ledger, reading = look(user, name, org, **more)
    return [dict(zip(ledger.headings, line, strict=True)) for line in rows(ledger, reading)]


def names(found):
    return {line.get("姓名") or line["学生姓名"] for line in found}


@pytest.mark.parametrize("name", EVERY)
def test_the_headings_are_those_of_the_countys_forms(name):
    assert LEDGERS[name].headings == HEADINGS[name].split()


@pytest.mark.parametrize("name", EVERY)
def test_a_township_has_its_schools_and_those_whose_home_it_is(lines, coordinator, officer, name):
    assert names(listed(coordinator, name)) == {"雀甲一", "雀丙三"}
    assert names(listed(officer, name)) == {"雀甲一", "雀乙二", "雀丙三"}


@pytest.mark.parametrize("name", EVERY)
def test_a_place_below_narrows(lines, officer, school_admin, county, name):
    assert names(listed(school_admin, name)) == {"雀甲一"}
    assert names(listed(officer, name, county.other_township)) == {"雀乙二", "雀丙三"}
    assert names(listed(officer, name, county.school)) == {"雀甲一"}


@pytest.mark.parametrize("name", EVERY)
def test_another_county_and_another_township_do_not_exist(lines, officer, coordinator, county, name):
    far = factories.make_user("bureau_staff", county.other_county, username="far")
    assert listed(far, name) == []
    for user, place in ((far, county.school), (officer, county.far_school), (coordinator, county.other_school), (coordinator, county.county)):
        with pytest.raises(NotFound):
            look(user, name, place)


def test_who_may_open_which(lines, teacher, officer, county):
    finance, auditor = (factories.make_user(role, county.county, username=role) for role in ("finance", "auditor"))
    assert [ledger.name for ledger in visible_ledgers(officer)] == EVERY
    assert visible_ledgers(finance) == visible_ledgers(auditor) == visible_ledgers(teacher) == []
    for user in (finance, auditor, teacher):
        with pytest.raises(Forbidden):
            visible_ledger(user, "pupils")
    with pytest.raises(NotFound):
        visible_ledger(officer, "nothing")


def test_a_permission_counts_where_it_is_held(lines, county):
    """Finance of the county sees sums; being head of a school as well does not open the county's pupils."""
    user = factories.make_user("finance", county.county, username="both")
    factories.Membership.create(user=user, role="school_admin", org=county.school, starts_on=datetime.date(2020, 9, 1))
    assert names(listed(user, "pupils")) == names(listed(user, "payments", county.school)) == {"雀甲一"}
    with pytest.raises(NotFound):
        look(user, "pupils", county.other_township)


@pytest.mark.parametrize("name", EVERY)
def test_numbers_are_masked_and_cards_always(lines, officer, name):
    masked = str(listed(officer, name))
    for pupil in lines.pupils:
        for number in (pupil.id_number, pupil.phone, f"138{pupil.phone[3:]}"):
            assert number not in masked
    whole = str(listed(officer, name, whole=True))
    assert CARD not in whole
    numbers = [column.key for column in LEDGERS[name].columns if column.key in ("id_number", "student_number", "phone")]
    shown = {"id_number": lines.here.id_number, "student_number": lines.here.student_number, "phone": "13800990011"}
    for key in numbers:
        assert f"'{shown[key]}'" in whole


def test_a_line_of_the_register(lines, officer):
    line = next(line for line in listed(officer, "pupils") if line["姓名"] == "雀甲一")
    id_ = lines.here.id_number
    assert line == {
        "序号": line["序号"], "姓名": "雀甲一", "性别": "男" if lines.here.sex == "M" else "女", "民族": "藏族", "身份证号": f"{id_[:3]}***********{id_[-4:]}",
        "学籍号": f"G{id_[:3]}***********{id_[-4:]}", "出生日期": lines.here.born_on, "户籍地": "扎多村", "现居住地": "扎多村一组",
        "学校": "双河镇中心小学", "年级": "三年级", "班级": "2班", "就读方式": "走读", "入学年月": "202309", "特殊类别": "残疾（肢体残疾）",
        "监护人姓名": "雀甲一母", "与儿童关系": "母亲", "联系电话": "138****0011", "包保责任人(行政线)": "", "包保责任人(教育线)": "",
    }  # fmt: skip


def test_a_line_of_the_payments(lines, officer):
    line = listed(officer, "payments")[0]
    expected = {
        "序号": 1, "学校": "双河镇中心小学", "年级": "三年级", "班级": "2班", "姓名": "雀甲一", "是否寄宿": "是", "困难类型": "脱贫家庭",
        "资助项目": "生活补助", "学期": "2026年秋季学期", "标准(元/生·学期)": Decimal("625.00"), "应发金额(元)": Decimal("625.50"), "开户行": "云岭农商银行",
        "社保卡/银行卡号": "***************4567", "开户人姓名": "雀母", "与学生关系": "母亲", "监护人电话": "138****0011", "批次": "2026秋-01",
        "发放日期": ON, "发放状态": "成功", "退回原因": "",
    }  # fmt: skip
    assert {heading: line[heading] for heading in expected} == expected


def test_a_line_of_the_visits_and_of_tutoring(lines, school_admin):
    (line,) = listed(school_admin, "visits")
    expected = {"班级": "三年级2班", "家访时间": ON, "家访形式": "入户", "家访目的": "缺勤、安全", "在家表现": "在家帮忙", "家长意见建议": "支持"}
    expected |= {"达成措施": "按时到校", "核实情况": "待核实", "家庭住址": "扎多村一组", "受访人": "雀母"}
    assert {heading: line[heading] for heading in expected} == expected
    (line,) = listed(school_admin, "tutoring")
    expected = {"送教学校": "双河镇中心小学", "送教地点": "家庭", "课时数": 2, "残疾类别": "残疾（肢体残疾）", "作业与下次计划": "按时到校"}
    assert {heading: line[heading] for heading in expected} == expected


def test_a_line_of_the_cases(lines, school_admin):
    (line,) = listed(school_admin, "dropouts")
    expected = {
        "发现途径": "考勤", "辍学原因(主)": "厌学/学习困难", "辍学原因(次)": "家庭经济困难", "首次家访日期": ON, "个案状态": "承诺返校",
        "劝返次数": 1, "最近劝返日期": ON, "辍学日期": ON, "是否复学": "否", "复学日期": None, "年级班级": "三年级2班", "监护人": "雀甲一母",
    }  # fmt: skip
    assert {heading: line[heading] for heading in expected} == expected
    (line,) = listed(school_admin, "follow_ups")
    assert (line["第几次"], line["方式"], line["结果"], line["劝返内容"]) == (1, "入户", "承诺返校", "劝说")


def test_a_line_of_the_absences(lines, school_admin):
    assert listed(school_admin, "absences") == [
        {"序号": 1, "日期": ON, "学校": "双河镇中心小学", "年级": "三年级", "班级": "2班", "场次": "上午", "姓名": "雀甲一", "出勤情况": "病假", "缺勤原因": "发烧"}
    ]


def test_filters_narrow(lines, officer):
    spring = Batch.create(county=lines.county.county, program=lines.batch.program, term="2026-spring", name="2026春-01")
    pay(spring, lines.here, status="returned", return_reason="卡号有误", paid_on=None)
    assert [line["学期"] for line in listed(officer, "payments")] == ["2026年春季学期"] + ["2026年秋季学期"] * 3
    assert [line["退回原因"] for line in listed(officer, "payments", term="2026-spring")] == ["卡号有误"]
    assert len(listed(officer, "payments", state="returned")) == 1
    assert len(listed(officer, "suspected", state="open")) == 3 and listed(officer, "suspected", state="closed") == []
    assert listed(officer, "visits", **{"from": "2026-11-11"}) == [] == listed(officer, "absences", to="2026-11-09")
    assert len(listed(officer, "absences", session="morning")) == len(listed(officer, "absences")) and listed(officer, "absences", session="night") == []
    assert len(listed(officer, "follow_ups", **{"from": "2026-11-10", "to": "2026-11-10"})) == 3
    Student.update(class_org=None).where(Student.id == lines.here.id).execute()
    assert names(listed(officer, "pupils")) == {"雀乙二", "雀丙三"} and names(listed(officer, "pupils", state="left")) == {"雀甲一"}
    assert len(listed(officer, "pupils", state="")) == 3


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("visits", {"from": "昨天"}, "请写成"),
        ("visits", {"from": "2026-11-10", "to": "2026-11-09"}, "早于"),
        ("payments", {"term": "2026-summer"}, "没有「2026-summer」这一项"),
        ("payments", {"state": "lost"}, "没有「lost」这一项"),
    ],
)
def test_an_impossible_filter_is_said_in_words(name, given, why):
    with pytest.raises(Refused, match=why):
        read_filters(LEDGERS[name].filters, given, TODAY)


@pytest.mark.parametrize("name", EVERY)
def test_pages_are_pieces_of_the_whole(lines, officer, name):
    visit(lines.here, "on_site", datetime.date(2026, 10, 30))
    absence(lines.here, datetime.date(2026, 10, 30))
    given = {"from": "2026-10-01"} if name in ("visits", "absences") else {}
    ledger, reading = look(officer, name, **given)
    everything = list(rows(ledger, reading))
    assert count(ledger, reading) == len(everything) == (4 if given else 3)
    assert [line[0] for line in everything] == list(range(1, len(everything) + 1))
    paged = [window(ledger, reading, number, 2) for number in (1, 2, 99)]
    assert paged[0][2] + paged[1][2] == everything
    assert paged[2] == paged[1] and [(total, number) for total, number, _ in paged] == [(len(everything), n) for n in (1, 2, 2)]


def test_payments_stand_by_school_grade_and_class(lines, officer, county):
    for grade, number in (("十年级", "1"), ("二年级", "1"), ("三年级", "1")):
        pupil = factories.make_student(county.room, f"雀{grade}", home=county.village)
        Payment.update(grade=grade, class_number=number).where(Payment.id == pay(lines.batch, pupil).id).execute()
    found = [(line["学校"][:2], line["年级"], line["班级"]) for line in listed(officer, "payments")]
    assert found == [
        ("双河", "二年级", "1班"), ("双河", "三年级", "1班"), ("双河", "三年级", "2班"), ("双河", "十年级", "1班"),
        ("石门", "三年级", "2班"), ("石门", "三年级", "2班"),
    ]  # fmt: skip


def test_an_address_is_for_whoever_may_see_it(lines, officer):
    ledger, reading = look(officer, "pupils")
    reading.may_see_addresses = False
    assert "一组" not in str(list(rows(ledger, reading))) and "已登记" in str(list(rows(ledger, reading)))


def test_a_visit_of_two_pupils_shows_each_to_whom_it_concerns(lines, coordinator, officer, county):
    together = visit(lines.there, "phone", on=datetime.date(2026, 11, 12))
    type(together).pupils.rel_model.create(visit=together, student=lines.here, class_org=county.room, school=county.school, force_insert=True)
    given = {"from": "2026-11-12"}
    assert names(listed(officer, "visits", **given)) == {"雀甲一", "雀乙二"}
    assert names(listed(coordinator, "visits", **given)) == {"雀甲一"}


@pytest.mark.parametrize(("first", "last"), [("0001-01-01", "9999-12-31"), ("9999-12-31", "9999-12-31"), ("0001-01-01", "0001-01-01")])
def test_a_range_of_ten_thousand_years_asks_no_more_than_there_can_be(first, last):
    """A month at a time: 120,000 of them kept the site busy for minutes."""
    months = list(months_between(datetime.date.fromisoformat(first), datetime.date.fromisoformat(last), datetime.date(2026, 11, 20)))
    assert len(months) <= 37 * 12
    assert not months or (months[0][0], months[-1][1]) == (datetime.date(1990, 1, 1), datetime.date(2026, 11, 20))

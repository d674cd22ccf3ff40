"""Two pupils of one class, one of the next township, a program with a batch, and workbooks of payments."""

import datetime
from types import SimpleNamespace

import pytest

from aidtracker.aid.actions import create_batch, record_payment
from aidtracker.aid.models import Payment
from aidtracker.aid.payment_import import plan_payments
from aidtracker.aid.payment_save import save_payments
from aidtracker.aid.sheets import PAYMENTS
from aidtracker.students.models import Enrollment
from tests import factories
from tests.workbooks import bring_in

PROGRAM = "家庭经济困难学生生活补助"
HEADINGS = [
    "序号", "学校", "年级", "班级", "姓名", "性别", "身份证号", "学籍号", "是否寄宿", "困难类型", "资助项目", "学期", "标准(元/生·学期)", "应发金额(元)",
    "开户行", "社保卡/银行卡号", "开户人姓名", "与学生关系", "批次", "发放日期", "发放状态", "退回原因",
]  # fmt: skip
CARD, OTHER_CARD = "6217000099009900990", "6217000099009900883"  # both with a right check digit


@pytest.fixture
def pupils(county):
    found = SimpleNamespace()
    found.first = factories.make_student(county.room, "次仁卓玛", home=county.village, mode="boarding")
    found.second = factories.make_student(county.room, "王小明", home=county.village, sex="M")
    found.elsewhere = factories.make_student(county.other_room, "央金拉姆", home=county.other_township)
    found.nowhere = factories.make_student(None, "单雄信", home=county.village)
    Enrollment.update(starts_on=datetime.date(2020, 9, 1)).execute()
    return found


@pytest.fixture
def line():
    """line(pupil, amount=312.5, ...) -> the row of a workbook, by heading."""

    def row(pupil, **changes):
        cells = {
            "序号": 1, "学校": "双河镇中心小学", "年级": "三年级", "班级": "2班", "姓名": pupil.name, "性别": "女", "身份证号": pupil.id_number,
            "学籍号": pupil.student_number, "是否寄宿": "是", "困难类型": "农村低保", "资助项目": PROGRAM, "学期": "2026年春季",
            "标准(元/生·学期)": 625.0, "应发金额(元)": 625.0, "开户行": "农村商业银行", "社保卡/银行卡号": CARD, "开户人姓名": "次仁",
            "与学生关系": "父亲", "批次": "2026春-01", "发放日期": "2026-05-20", "发放状态": "成功", "退回原因": "",
        }  # fmt: skip
        named = {"school": "学校", "grade": "年级", "room": "班级", "id": "身份证号", "number": "学籍号", "boarding": "是否寄宿", "program": "资助项目",
                 "term": "学期", "standard": "标准(元/生·学期)", "amount": "应发金额(元)", "card": "社保卡/银行卡号", "holder": "开户人姓名", "batch": "批次",
                 "on": "发放日期", "status": "发放状态", "reason": "退回原因", "hardship": "困难类型"}  # fmt: skip
        return cells | {named[name]: value for name, value in changes.items()}

    return row


@pytest.fixture
def bring(tmp_path, officer):
    """bring(lines) -> the plan, saved unless said otherwise."""

    def imported(lines, *, by=None, save=True, headings=HEADINGS, after=()):
        rows = [["发放花名册"], headings, *([each.get(heading) for heading in headings] for each in lines), *after]
        saving = save_payments if save else None
        return bring_in(tmp_path / "payments.xlsx", {"发放": rows}, (PAYMENTS,), plan_payments, saving, by=by or officer)

    return imported


@pytest.fixture
def batch(county, officer):
    return create_batch(county=county.county, program_name=PROGRAM, term_code="2026-autumn", name="2026秋-01", by=officer)


@pytest.fixture
def values():
    """values(status="returned", ...) -> what a form gives for a payment."""

    def given(**changes):
        line = {"hardship": "农村低保", "standard_fen": 62500, "amount_fen": 62500, "bank_name": "农村商业银行", "card_number": CARD}
        line |= {"holder_name": "次仁", "holder_relation": "父亲", "paid_on": datetime.date(2026, 11, 20), "status": "paid", "return_reason": ""}
        return line | changes

    return given


@pytest.fixture
def pay(batch, values, officer):
    """pay(pupil, status=..., into=batch) -> the payment that the officer recorded."""

    def recorded(pupil, *, into=None, by=None, **changes) -> Payment:
        return record_payment(student=pupil, batch=into or batch, values=values(**changes), by=by or officer)

    return recorded

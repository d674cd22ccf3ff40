"""The columns of a workbook of payments: 资助发放花名册, as counties keep it."""

import re

from aidtracker.aid.models import STATUSES
from aidtracker.excel import cells
from aidtracker.excel.cells import BadCell
from aidtracker.excel.cleaning import compact
from aidtracker.excel.columns import Column, SheetSpec
from aidtracker.students.sheets import class_name, document_number, grade
from aidtracker.terms.calendar import Term, term

STATUS = cells.choice(
    {label: code for code, label in STATUSES.items()},
    {"已发放": "paid", "发放成功": "paid", "已到账": "paid", "未发放": "pending", "失败": "returned", "发放失败": "returned", "已退回": "returned"},
)
SEASONS = {"春": "spring", "秋": "autumn", "spring": "spring", "autumn": "autumn"}
BY_SEASON = re.compile(r"(20[0-9]{2})年?[-.]?(春|秋|spring|autumn)(?:季|季学期|学期)?", re.IGNORECASE)
BY_YEAR = re.compile(r"(20[0-9]{2})[-—–](20[0-9]{2})(?:学年)?[-—–]?(?:第)?([12一二上下])(?:学期)?")
CARD = re.compile(r"[0-9A-Z]{6,32}")
MOST_FEN = 2**31 - 1  # what the column holds: 21 million yuan


def term_code(value) -> str:
    """2021年春季, 2021春, 2021-spring, 2020-2021-2 -> 2021-spring; -1 and 上 are the autumn in which the school year begins."""
    folded = compact(value)
    if not folded:
        return ""
    found = term_or_none(folded)
    if found is None:
        raise BadCell("bad_choice", "「%(value)s」不是学期，请写成 2021年春季 或 2020-2021-2 这样。", value=folded[:20])
    return found.code


def term_or_none(folded: str) -> Term | None:
    if by_season := BY_SEASON.fullmatch(folded):
        return term(f"{by_season[1]}-{SEASONS[by_season[2].lower()]}")
    by_year = BY_YEAR.fullmatch(folded)
    if by_year is None or int(by_year[2]) != int(by_year[1]) + 1:
        return None
    return term(f"{by_year[1]}-autumn" if by_year[3] in "1一上" else f"{by_year[2]}-spring")


def money(value) -> int | None:
    """Yuan as whole fen; a negative amount is none, nor one that no pupil was ever paid."""
    found = cells.fen(value)
    if found is not None and found < 0:
        raise BadCell("bad_number", "金额不能小于 0。")
    if found is not None and found > MOST_FEN:
        raise BadCell("bad_number", "金额太大了，请核对。")
    return found


def card_number(value) -> str:
    """Digits as text; the letters of old passbooks pass. The message never repeats the number."""
    folded = cells.code(value).replace("-", "").upper()
    if folded and not CARD.fullmatch(folded):
        raise BadCell("bad_number", "卡号应为 6 到 32 位数字，请核对。")
    return folded


PAYMENTS = SheetSpec(
    name=None,
    columns=(
        Column("school", "学校", aliases=("学校名称", "就读学校")),
        Column("grade", "年级", grade, example="三年级"),
        Column("class_number", "班级", class_name, example="1班"),
        Column("name", "姓名", cells.name, aliases=("学生姓名",), hint="只为核对，不导入"),
        Column("sex", "性别", hint="只为核对，不导入"),
        Column("id_number", "身份证号", document_number, aliases=("身份证件号", "身份证号码", "证件号码", "学生身份证号")),
        Column("student_number", "学籍号", cells.student_number, aliases=("全国学籍号",), hint="学籍号和身份证号至少填一个"),
        Column("is_boarding", "是否寄宿", cells.yes_no, aliases=("是否寄宿生", "是否住校")),
        Column("hardship", "困难类型", aliases=("困难类别", "家庭经济困难类型")),
        Column("program", "资助项目", required=True, value_required=True, aliases=("项目名称",), example="家庭经济困难学生生活补助"),
        Column("term", "学期", term_code, required=True, value_required=True, example="2026年秋季"),
        Column("standard_fen", "标准(元/生·学期)", money, aliases=("标准", "标准(元)", "补助标准", "资助标准", "资助标准(元)"), example="312.5"),
        Column("amount_fen", "应发金额(元)", money, required=True, value_required=True, aliases=("应发金额", "金额(元)", "金额"), example="312.5"),
        Column("bank_name", "开户行", aliases=("开户银行",)),
        Column("card_number", "社保卡/银行卡号", card_number, aliases=("银行卡号", "社保卡号", "卡号", "银行账号"), hint="文本格式"),
        Column("holder_name", "开户人姓名", cells.name, aliases=("开户人", "户名", "账户名")),
        Column("holder_relation", "与学生关系", aliases=("开户人与学生关系",)),
        Column("batch", "批次", required=True, value_required=True, aliases=("发放批次",), example="2026秋-01"),
        Column("paid_on", "发放日期", cells.day, required=True, example="2026-11-20"),
        Column("status", "发放状态", STATUS, hint="不填时：有发放日期算成功，没有算待发放"),
        Column("return_reason", "退回原因"),
    ),
    row_identity=("name", "id_number", "student_number"),
    either=("student_number", "id_number"),
)
LIMITS = {"program": 100, "batch": 60, "hardship": 60, "bank_name": 100, "holder_name": 100, "holder_relation": 20, "return_reason": 200}

"""Pupils and payments by the thousand, straight into the tables; and two counties' published figures of aid."""

import datetime
import itertools

from aidtracker.aid.models import Batch, Payment, Program
from aidtracker.db import insert_rows, new_uid, reserve_ids, transaction
from aidtracker.students.models import Student

TERM = "2021-spring"
NOW = "2021-06-01 00:00:00"
STUDENT = "id uid county_id name pinyin sex born_on ethnicity id_kind entered_on home_code home_id mode revision created_at updated_at".split()
PAYMENT = (
    "uid batch_id program_id term student_id school_id stage grade class_number is_boarding hardship amount_fen bank_name "
    "holder_name holder_relation paid_on status return_reason is_imported recorded_at revision"
).split()
GRADES = {"preschool": "大班", "primary": "三年级", "junior": "八年级", "senior": "高二", "vocational": "职二"}
# 小学走读, 小学寄宿, 初中走读, 初中寄宿, 金额（元）: 金寨, spring 2021, by registered home; the last line is 外县.
PUBLISHED = {
    "梅山镇": (542, 6, 172, 271, "361625"), "麻埠镇": (75, 23, 8, 69, "75875"), "青山镇": (129, 10, 48, 67, "94125"),
    "燕子河镇": (172, 60, 22, 145, "170500"), "天堂寨镇": (141, 85, 8, 147, "172125"), "古碑镇": (444, 30, 214, 152, "287875"),
    "吴家店镇": (522, 7, 24, 329, "347125"), "斑竹园镇": (220, 59, 22, 176, "201375"), "汤家汇镇": (494, 74, 249, 250, "394562.5"),
    "南溪镇": (439, 35, 177, 170, "288812.5"), "双河镇": (211, 16, 26, 175, "178250"), "白塔畈镇": (163, 58, 15, 182, "188187.5"),
    "油坊店乡": (179, 38, 19, 119, "144062.5"), "长岭乡": (140, 81, 10, 125, "156750"), "槐树湾乡": (283, 57, 72, 180, "234250"),
    "花石乡": (146, 8, 14, 108, "112375"), "沙河乡": (101, 31, 5, 104, "107312.5"), "桃岭乡": (281, 6, 95, 156, "200437.5"),
    "果子园乡": (142, 23, 33, 77, "105437.5"), "关庙乡": (132, 31, 26, 102, "120375"), "全军乡": (95, 23, 9, 91, "94937.5"),
    "铁冲乡": (127, 23, 56, 47, "90125"), "张冲乡": (151, 25, 27, 78, "107437.5"), "产业园": (105, 20, 43, 78, "98437.5"),
    "外县": (110, 29, 32, 76, "99500"),
}  # fmt: skip
CELLS = (("primary", False, 25000), ("primary", True, 50000), ("junior", False, 31250), ("junior", True, 62500))  # and the fen of each
# 新密, autumn 2025: program, stage, lines as (how many, fen each), 人次 and 万元 as published.
XINMI = (
    ("学前教育资助", "preschool", ((385, 45000), (1, 55000)), 386, "17.38"),
    ("义务教育生活补助", "primary", ((1538, 62500), (3304, 75000)), 4842, "343.925"),
    ("义务教育生活补助", "junior", ((410, 68900), (1, 76000)), 411, "28.325"),
    ("义务教育生活补助", "primary", ((1544, 31250), (277, 37500)), 1821, "58.6375"),
    ("普通高中免学杂费", "senior", ((906, 40000),), 906, "36.24"),
    ("普通高中国家助学金", "senior", ((2064, 115000),), 2064, "237.36"),
    ("中职免学费", "vocational", ((381, 28900), (1, 53100)), 382, "11.064"),
    ("中职国家助学金", "vocational", ((1087, 115000),), 1087, "125.005"),
    ("营养改善计划", "primary", ((4450, 92800), (1, 305000)), 4451, "413.265"),
)


def make_pupils(county, count: int, home=None) -> list[int]:
    """Ids of new pupils without a class."""
    with transaction():
        ids = list(reserve_ids(Student, count))
        plain = ("学生", "xue sheng", "F", "2012-01-01", "汉族", "居民身份证", "201809")
        home_of = (home.code, home.id) if home else ("", None)
        insert_rows(Student, tuple(STUDENT), [(id_, new_uid(), county.id, *plain, *home_of, "day", 1, NOW, NOW) for id_ in ids])
    return ids


def make_batch(county, program="生活补助", term=TERM, name="01") -> Batch:
    found, _ = Program.get_or_create(county=county, name=program)
    return Batch.create(county=county, program=found, term=term, name=name)


def make_payments(batch: Batch, school, pupils, stage="primary", is_boarding=False, fen=25000, status="paid", grade=None) -> None:
    """One line for each pupil."""
    place = (school.id, stage, grade or GRADES[stage], "", is_boarding, "")
    end = ("", "", "", datetime.date(2021, 5, 20).isoformat(), status, "户名不符" if status == "returned" else "", True, NOW, 1)
    rows = [(new_uid(), batch.id, batch.program_id, batch.term, id_, *place, fen, *end) for id_ in pupils]
    with transaction():
        insert_rows(Payment, tuple(PAYMENT), rows)


def pay_as_published(county, school, townships: dict) -> None:
    """The lines of PUBLISHED; `townships` are the homes by name."""
    batch = make_batch(county, "义务教育家庭经济困难学生生活补助")
    for name, (*counts, _yuan) in PUBLISHED.items():
        for count, (stage, is_boarding, fen) in zip(counts, CELLS, strict=True):
            make_payments(batch, school, make_pupils(county, count, townships.get(name)), stage, is_boarding, fen)


def pay_as_xinmi(county, school) -> None:
    for number, (program, stage, parts, *_published) in enumerate(XINMI):
        batch = make_batch(county, program, "2025-autumn", f"{number:02}")
        pupils = iter(make_pupils(county, sum(count for count, _ in parts)))
        for count, fen in parts:
            make_payments(batch, school, itertools.islice(pupils, count), stage, fen=fen)

"""Stages, grades and class labels: a class keeps its year of entry, its label rolls up each 1 September."""

import datetime
from typing import NamedTuple

DIGITS = "一二三四五六七八九十"


class Stage(NamedTuple):
    code: str
    label: str
    grades: tuple[str, ...]


STAGES = (
    Stage("preschool", "学前", ("小班", "中班", "大班")),
    Stage("primary", "小学", ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级")),
    Stage("junior", "初中", ("七年级", "八年级", "九年级")),
    Stage("senior", "高中", ("高一", "高二", "高三")),
    Stage("vocational", "中职", ("职一", "职二", "职三")),
)
STAGE_LABELS = {stage.code: stage.label for stage in STAGES}
PLACES = {grade: (stage.code, years) for stage in STAGES for years, grade in enumerate(stage.grades)}
SPOKEN = {f"{number}年级": f"{DIGITS[number - 1]}年级" for number in range(1, 10)}
SPOKEN |= {f"初{digit}": f"{grade}年级" for digit, grade in zip("一二三", "七八九", strict=True)}
SPOKEN |= {f"初{number}": f"{grade}年级" for number, grade in zip("123", "七八九", strict=True)}
SPOKEN |= {f"高{number}": f"高{digit}" for number, digit in zip("123", "一二三", strict=True)}
SPOKEN |= {f"高{digit}年级": f"高{digit}" for digit in "一二三"}


def school_year_of(on: datetime.date) -> int:
    """2020 for every day from 1 September 2020 to 31 August 2021."""
    return on.year if on.month >= 9 else on.year - 1


def grade_or_none(text: str) -> str | None:
    """The grade's standard name: 3年级, 三年级 -> 三年级; 初二 -> 八年级. None when it is no grade."""
    plain = text.replace(" ", "")
    plain = SPOKEN.get(plain, plain)
    return plain if plain in PLACES else None


def entry_year(grade: str, school_year: int) -> tuple[str, int]:
    """Stage and year of entry of a class that is in `grade` in the school year that begins in `school_year`."""
    stage, years = PLACES[grade]
    return stage, school_year - years


def grade_label(stage: str, entered: int, school_year: int) -> str:
    """三年级; beyond the last grade, the cohort's name: 2018级."""
    grades = next(s.grades for s in STAGES if s.code == stage)
    years = school_year - entered
    return grades[years] if 0 <= years < len(grades) else f"{entered}级"


def class_number(text: str) -> str:
    """（1）班, 1班, (1) , 一班 -> 1; 2301班 -> 2301; 甲班 -> 甲."""
    plain = text.translate(str.maketrans("（）０１２３４５６７８９", "()0123456789")).replace(" ", "")
    plain = plain.removesuffix("班").strip("()")
    return str(DIGITS.index(plain) + 1) if len(plain) == 1 and plain in DIGITS else plain.lstrip("0") or plain


def class_label(stage: str, entered: int, number: str, school_year: int) -> str:
    """三年级1班."""
    return f"{grade_label(stage, entered, school_year)}{number}班"

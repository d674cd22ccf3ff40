"""The report 在校学生: who is enrolled on a day, by township, school, grade, sex and boarding."""

import datetime
from collections import Counter

import peewee

from aidtracker import charts
from aidtracker.attendance.pictures import Chart
from aidtracker.db import today_in_china
from aidtracker.excel.tables import Heading, Table
from aidtracker.orgs.grades import STAGE_LABELS, STAGES, grade_label, school_year_of
from aidtracker.orgs.models import SchoolClass
from aidtracker.orgs.scopes import SchoolPlace, Scope, childrens_rows, count_of, schools_of, townships_of
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.reports.notes import as_of_note
from aidtracker.reports.options import SCHOOL_YEAR
from aidtracker.reports.report import Card, Report, head_of, long_day, ratio, width_for
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.queries import on_the
from aidtracker.terms.calendar import first_day_of, school_year_label

PARTS = ("students", "male", "female", "day", "boarding", "home_taught")
GRADES = {grade: position for position, grade in enumerate(grade for stage in STAGES for grade in stage.grades)}


def sums(scope: Scope, *, school_year: int) -> dict:
    """Counts of the day that the school year is counted on: its 1 September, or today while it runs."""
    on = counting_day(school_year, today_in_china())
    schools = schools_of(scope)
    counted = enrolled_by_class(schools, on)
    by_school = grouped(counted, lambda row: row["school_id"])
    schools = [school for school in schools if school.is_open(on) or school.id in by_school]
    township_of = {school.id: school.township_id for school in schools}
    by_township = grouped(counted, lambda row: township_of.get(row["school_id"]))
    total = summed(counted)
    return {
        **head_of(scope),
        "school_year": school_year_label(school_year),
        "as_of": on.isoformat(),
        "townships": count_of(scope, "township"),
        "villages": count_of(scope, "village"),
        "schools": len(schools),
        "classes": total["classes"],
        "students": total["students"],
        "students_by_township": {code: by_township.get(id_, NOBODY)["students"] for id_, code, _ in townships_of(scope)},
        "total": total,
        "rows": rows_of(scope, schools, counted, by_school, school_year),
    }


def counting_day(school_year: int, today: datetime.date) -> datetime.date:
    return today if school_year == school_year_of(today) else first_day_of(school_year)


def enrolled_by_class(schools: list[SchoolPlace], on: datetime.date) -> list[dict]:
    """One dict for each class, sex and mode that has pupils on the day: with school, stage, entry year and their number."""
    columns = (SchoolClass.org, SchoolClass.school, SchoolClass.stage, SchoolClass.entry_year, Student.sex, Enrollment.mode)
    names = ("class_id", "school_id", "stage", "entry_year", "sex", "mode")
    named = [column.alias(name) for column, name in zip(columns, names, strict=True)]
    counted = (
        Enrollment.select(*named, peewee.fn.COUNT(Enrollment.id).alias("students"))
        .join(SchoolClass, on=(SchoolClass.org == Enrollment.class_org))
        .switch(Enrollment)
        .join(Student)
        .where(on_the(on) & SchoolClass.school.in_([school.id for school in schools]))
        .group_by(*columns)
    )
    return list(counted.dicts()) if schools else []


def summed(counted: list[dict]) -> dict:
    """Pupils by sex, mode and stage, and the classes that they sit in."""
    found: Counter = Counter()
    for row in counted:
        for part in ("students", "male" if row["sex"] == "M" else "female", row["mode"]):
            found[part] += row["students"]
        found[row["stage"]] += row["students"]
    sums = {part: found[part] for part in (*PARTS, *STAGE_LABELS)}
    return {"classes": len({row["class_id"] for row in counted}), **sums}


NOBODY = summed([])


def grouped(counted: list[dict], key) -> dict:
    heaps: dict = {}
    for row in counted:
        heaps.setdefault(key(row), []).append(row)
    return {name: summed(heap) for name, heap in heaps.items()}


def rows_of(scope: Scope, schools, counted, by_school, school_year) -> list[dict]:
    if scope.place.kind == "school":
        return grades_of(counted, school_year)
    return childrens_rows(scope, schools, by_school, NOBODY)


def grades_of(counted: list[dict], school_year: int) -> list[dict]:
    """The grades of one school, the youngest first; cohorts beyond the last grade after them."""
    by_grade = grouped(counted, lambda row: (row["stage"], grade_label(row["stage"], row["entry_year"], school_year)))
    order = sorted(by_grade, key=lambda key: (GRADES.get(key[1], len(GRADES)), key))
    return [{"id": None, "code": "", "name": grade, "kind": "grade", "schools": 0, **by_grade[stage, grade]} for stage, grade in order]


WHAT = {"county": "乡镇", "township": "学校", "school": "年级"}


def tables(figures: dict) -> list[Table]:
    kind = figures["place"]["kind"]
    stages = [code for code in STAGE_LABELS if figures["total"][code]] or ["primary", "junior"]
    columns = ["classes", *PARTS] if kind == "school" else ["classes", *PARTS, *stages]
    columns = ["schools", *columns] if kind == "county" else columns
    on = datetime.date.fromisoformat(figures["as_of"])
    return [
        Table(
            title=Phrase("%(place)s%(year)s学年在校学生情况统计表", place=figures["place"]["name"], year=figures["school_year"].replace("-", "—")),
            sheet_name="在校学生",
            headings=headings(kind, stages, width_for(figures["students"])),
            rows=[[row["name"], *(row[column] for column in columns)] for row in figures["rows"]],
            totals=[Phrase("合计"), *(all_of(figures, column) for column in columns)],
            organization=figures["place"]["name"],
            period=Phrase("统计时点：%(day)s", day=long_day(on)),
            unit=Phrase("人"),
            notes=notes(figures, on),
        )
    ]


def all_of(figures: dict, column: str) -> int:
    return sum(row["schools"] for row in figures["rows"]) if column == "schools" else figures["total"][column]


def headings(kind: str, stages: list[str], width: int) -> list[Heading]:
    def number(label):
        return Heading(label, kind="integer", width=width)

    counted = [number("学校数")] if kind == "county" else []
    pupils = Heading("在校学生", (number("合计"), number("男"), number("女")))
    modes = Heading("就读方式", (number("走读"), number("住校"), number("送教上门")))
    by_stage = [] if kind == "school" else [Heading("学段", tuple(number(STAGE_LABELS[code]) for code in stages))]
    return [Heading(WHAT[kind], width=None if kind == "township" else 14), *counted, number("班级数"), pupils, modes, *by_stage]


def notes(figures: dict, on: datetime.date) -> list[str]:
    counting = Phrase("本学年按今天在籍的学生统计，往年按当年 9 月 1 日（统计时点）在籍的学生统计。")
    return [
        as_of_note(figures["made_at"]),
        Phrase("口径：%(day)s在籍的学生，一人只计一次；%(counting)s", day=long_day(on), counting=counting),
        Phrase("按学校所在乡镇归类，不按户籍；班级只计当天有学生的班；送教上门学生计入在校学生。"),
    ]


def cards(figures: dict) -> list[Card]:
    total = figures["total"]
    share = ratio(total["boarding"], total["students"])
    return [
        Card("在校学生", f"{total['students']:,}", Phrase("男 %(male)s，女 %(female)s", male=f"{total['male']:,}", female=f"{total['female']:,}")),
        Card("学校数", f"{figures['schools']:,}", Phrase("班级 %(n)s 个", n=f"{total['classes']:,}")),
        Card("住校生", f"{total['boarding']:,}", "" if share is None else Phrase("占 %(share)s", share=f"{share:.1%}")),
        Card("送教上门", f"{total['home_taught']:,}", Phrase("不参加点名")),
    ]


def pictures(figures: dict, href, said=str) -> list[Chart]:
    named = sorted(figures["rows"], key=lambda row: -row["students"]) if figures["place"]["kind"] != "school" else figures["rows"]
    filled = [row for row in named if row["students"]][: charts.MOST_BARS]
    if not filled:
        return []
    what, unit, split = Phrase(WHAT[figures["place"]["kind"]]), said(Phrase(" 人")), said(Phrase("就读方式"))
    most_pupils, all_of_them = Phrase("学生最多的 %(n)s 个%(what)s", n=len(filled), what=what), Phrase("各%(what)s在校学生", what=what)
    title = said(most_pupils if len(filled) < len(named) else all_of_them)
    bars = [charts.Bar(said(row["name"]), row["students"], href(row)) for row in filled]
    most = max(filled, key=lambda row: row["students"])
    caption = said(Phrase("%(place)s最多，%(n)s 人。", place=said(most["name"]), n=f"{most['students']:,}"))
    modes = [charts.Stack(said(row["name"]), [row["day"], row["boarding"], row["home_taught"]], href(row)) for row in filled]
    series = [(said(Phrase("走读")), "pri"), (said(Phrase("住校")), "ok"), (said(Phrase("送教上门")), "warn")]
    boarding = max(filled, key=lambda row: row["boarding"])
    at_most = Phrase("住校生最多的是%(place)s，%(n)s 人。", place=said(boarding["name"]), n=f"{boarding['boarding']:,}")
    told = said(at_most if boarding["boarding"] else Phrase("没有住校生。"))
    return [
        Chart(title, charts.bars(bars, title=title, desc=caption, unit=unit), caption),
        Chart(split, charts.stacked(modes, series=series, title=split, desc=told, unit=unit), told),
    ]


REPORT = Report(
    name="registry",
    title="在校学生情况",
    word="在校学生",
    summary="各乡镇、学校、年级有多少学生，男女、走读、住校和送教上门各多少。",
    permission=Permission.REPORT_VIEW,
    options=(SCHOOL_YEAR,),
    sums=sums,
    tables=tables,
    cards=cards,
    charts=pictures,
)

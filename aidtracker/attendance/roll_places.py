"""Which classes a workbook of rolls speaks of, and on which of its days there can be no roll."""

import datetime
from typing import NamedTuple

from aidtracker.db import chunks_of, marks_for, run_sql, today_in_china
from aidtracker.excel.plans import Check
from aidtracker.orgs import grades
from aidtracker.orgs.queries import class_code
from aidtracker.permissions import Permission
from aidtracker.terms.calendar import school_year_label
from aidtracker.terms.days import Calendar
from aidtracker.terms.years import closed_years


class Place(NamedTuple):
    """A class of the file, or why it is none: the key of the wrong column, the code and the words."""

    class_id: int = 0
    school_id: int = 0
    county_id: int = 0
    column: str = ""
    code: str = ""
    text: str = ""


def place_keys(check: Check) -> list[tuple]:
    """(school code, grade, class number, school year) of each row; None where a cell was bad."""
    years = {day: grades.school_year_of(day) for day in set(check.column("on")) if day}
    columns = (check.column("school"), check.column("grade"), check.column("class_number"), check.column("on"))
    return [
        (school, grade, number, years[day]) if school and grade and number and day else None
        for school, grade, number, day in zip(*columns, strict=True)
    ]


def find_places(checks, by) -> dict[tuple, Place]:
    wanted = {key for check in checks for key in place_keys(check) if key}
    schools = schools_by_code({key[0] for key in wanted})
    codes = {key: class_code(key[0], *grades.entry_year(key[1], key[3]), key[2]) for key in wanted}
    classes = classes_by_code(list(set(codes.values())))
    paths = by.scopes(Permission.IMPORT_RUN)
    return {key: place_of(key, schools.get(key[0]), classes.get(codes[key]), paths) for key in wanted}


def place_of(key: tuple, school, class_id: int | None, paths: list[str]) -> Place:
    if school is None:
        return Place(column="school", code="unknown_school", text=f"没有标识码为 {key[0][:20]} 的学校，请先导入学校。")
    school_id, path, county_id = school
    if not any(path.startswith(scope) for scope in paths):
        return Place(column="school", code="out_of_scope", text="你没有导入这所学校考勤的权限。")
    if class_id is None:
        text = f"这所学校 {school_year_label(key[3])} 学年没有{key[1]}{key[2]}班，请先导入学籍。"
        return Place(column="class_number", code="unknown_class", text=text)
    return Place(class_id, school_id, county_id)


def schools_by_code(codes: set[str]) -> dict[str, tuple[int, str, int]]:
    asked = "SELECT code, id, path, county_id FROM org WHERE kind = 'school' AND code IN "
    return {code: tuple(rest) for chunk in chunks_of(list(codes)) for code, *rest in run_sql(asked + marks_for(chunk), chunk)}


def classes_by_code(codes: list[str]) -> dict[str, int]:
    asked = "SELECT code, id FROM org WHERE kind = 'class' AND code IN "
    return {code: id_ for chunk in chunks_of(codes) for code, id_ in run_sql(asked + marks_for(chunk), chunk)}


def closed_days(checks, places: dict[tuple, Place]) -> dict[tuple[int, datetime.date], str]:
    """{(school, day): why no roll can be of that day}."""
    days = {day for check in checks for day in check.column("on") if day}
    today, found = today_in_china(), {}
    past = [day for day in days if day <= today]
    schools = {(place.county_id, place.school_id) for place in places.values() if place.class_id}
    calendars = {county: Calendar(county, min(past), max(past)) for county in {county for county, _school in schools}} if past else {}
    shut = {county: closed_years(county) for county in calendars}
    for county, school in schools:
        open_days = set(calendars[county].of(school)) if past else set()
        found |= {(school, day): "还没到这一天。" for day in days if day > today}
        found |= {(school, day): "这一天在已封存的学年里，不能再改。" for day in past if grades.school_year_of(day) in shut[county]}
        found |= {(school, day): "这一天是休息日，没有点名。请核对日期或校历。" for day in past if day not in open_days}
    return found

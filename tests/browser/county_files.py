"""A whole county as its bureau would send it: 金寨's divisions as published, invented schools, people and pupils, as workbooks."""

import csv
import random
from pathlib import Path

import openpyxl

from aidtracker.accounts.sheets import STAFF
from aidtracker.demo.places import COUNTY, DemoSchool, make_places
from aidtracker.demo.pupils import Pupils, rows_of_year
from aidtracker.excel.columns import SheetSpec
from aidtracker.orgs.sheets import SCHOOLS
from aidtracker.students.sheets import ROSTER


class CountyFiles:
    """divisions.csv, schools.xlsx, roster.xlsx and staff.xlsx in the folder; `school`, `grade` and `number` are of the class that takes the first roll."""

    def __init__(self, folder: Path, school_year: int):
        self.folder = folder
        chance = random.Random(7)
        places = make_places(chance, small=False)
        slots = Pupils(places, school_year, chance).slots(small=False)
        rooms = {room: rows for room, rows in rows_of_year(slots, school_year, "now").items() if room.school.county == COUNTY[0]}
        schools = [school for school in places.schools if school.county == COUNTY[0]]
        with (folder / "divisions.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerow(["代码", "名称", "级别", "上级代码"])
            csv.writer(file).writerows([r["code"], r["name"], r["kind"], r["parent"]] for r in places.division_rows() if r["code"].startswith(COUNTY[0]) and r["parent"] != "341500")
        self.save("schools.xlsx", SCHOOLS, [row for row in places.school_rows() if row["township"].startswith(COUNTY[0])])
        self.save("roster.xlsx", ROSTER, [row for rows in rooms.values() for row in rows])
        self.school, first = schools[0], next(iter(rooms))
        self.grade, self.number = first.grade, str(first.number)
        staff = [self.person(f"专干{n}", "乡镇专干", code) for n, code in enumerate(places.townships_of(COUNTY[0]), 1)]
        staff += [self.person(f"{school.name}校长", "校级管理员", school.code) for school in schools]
        staff += [self.person(teacher(room.school, room), "班主任", room.school.code, room.grade, str(room.number)) for room in rooms]
        self.save("staff.xlsx", STAFF, staff)
        self.pupils, self.people, self.first = sum(map(len, rooms.values())), len(staff), rooms[first]

    @property
    def head(self) -> str:
        return f"{self.school.name}校长"

    @property
    def teacher(self) -> str:
        return f"{self.school.name[:2]}{self.grade[:1]}{self.number}班主任"

    def person(self, name: str, role: str, place: str, grade: str = "", number: str = "") -> dict:
        self.counted = getattr(self, "counted", 0) + 1
        return {"name": name, "staff_number": f"{self.counted:05}", "school": place, "role": role, "grade": grade, "class_number": number}

    def save(self, name: str, spec: SheetSpec, rows: list[dict]) -> None:
        keys = {key for row in rows for key in row}
        columns = [column for column in spec.columns if column.key in keys]
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet(spec.name or "Sheet1")
        sheet.append([column.heading for column in columns])
        for row in rows:
            sheet.append([row.get(column.key, "") for column in columns])
        book.save(self.folder / name)


def teacher(school: DemoSchool, room) -> str:
    return f"{school.name[:2]}{room.grade[:1]}{room.number}班主任"

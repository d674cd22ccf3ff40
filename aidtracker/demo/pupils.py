"""The invented pupils: the rows of a roster in the national layout, class after class."""

import datetime
import random
from dataclasses import dataclass

from aidtracker.demo.names import DOUBLE_SURNAMES, Names
from aidtracker.demo.numbers import Numbers, with_wrong_check
from aidtracker.demo.places import JUNIOR, NEIGHBOUR, PRIMARY, SHOWN_TOWNSHIPS, DemoSchool, Places

GRADES = PRIMARY + JUNIOR
ELSEWHERE = ("990300", "990517", "998122")  # homes in counties that nobody here knows
DISABILITIES = "肢体残疾 智力残疾 听力残疾 视力残疾 言语残疾 精神残疾 多重残疾".split()
HOME_TAUGHT_DISABILITIES = "肢体残疾 智力残疾 多重残疾 精神残疾".split()
GRANDPARENTS = ("祖父", "祖母", "外祖父", "外祖母")
# In the class of the shown teacher, so that whoever looks sees what long names and rare characters do to a page.
SHOWN_NAMES = (("陈䶮", "汉族"), ("李𠮷祥", "汉族"), ("阿卜杜热合曼·阿不都克里木", "维吾尔族"), ("格桑次仁", "藏族"))
WRONG_CHECK, OTHER_BIRTH, WITHOUT_ID = 700, 900, 260  # one pupil in so many


@dataclass(frozen=True)
class DemoClass:
    school: DemoSchool
    grade: str
    number: int
    size: int


def classes_of(places: Places, rng: random.Random) -> list[DemoClass]:
    return [
        DemoClass(school, grade, number, rng.randint(*school.size))
        for school in places.schools
        for grade, count in school.classes.items()
        for number in range(1, count + 1)
    ]


class Pupils:
    """Makes rows, each {column key of the roster: what stands in the cell}."""

    def __init__(self, places: Places, school_year: int, rng: random.Random):
        self.places, self.year, self.rng = places, school_year, rng
        self.names, self.numbers = Names(rng), Numbers(rng)
        self.villages = {code: places.villages_of(code) for code in places.townships}
        self.shown = {(code, "三年级", 1) for code, name in places.townships.items() if name in SHOWN_TOWNSHIPS.values()}
        self.made = 0

    def rows_of(self, room: DemoClass) -> list[dict]:
        rows: list[dict] = []
        while len(rows) < room.size:
            row = self.pupil(room)
            rows.append(row)
            if len(rows) < room.size and self.rng.random() < 0.006:
                rows.append(self.twin_of(row))
        if room.size > 30 and room.number == 2:
            share_a_name(rows)
        if room.school.category == "完全小学" and (room.school.township, room.grade, room.number) in self.shown:
            for row, (name, people) in zip(rows[1:], SHOWN_NAMES, strict=False):
                row |= {"name": name, "ethnicity": people}
                row |= self.adults(row, people, family_of(name, people))
        return [self.seated(row, room, seat) for seat, row in enumerate(rows, 1)]

    def pupil(self, room: DemoClass) -> dict:
        sex, people = self.rng.choice("MMMMMMFFFFF"), self.names.people()
        family = self.names.family(people)
        row = {
            "name": self.names.of_people(people, sex, family),
            "sex": "男" if sex == "M" else "女",
            "born_on": self.birthday(room.grade),
            "ethnicity": people,
            **self.home(room.school),
            **self.groups(room),
        }
        return row | self.numbered(row) | self.adults(row, people, family)

    def birthday(self, grade: str) -> datetime.date:
        """Six on 1 September of the first grade; some are a year older."""
        first = datetime.date(self.year - GRADES.index(grade) - 7, 9, 1)
        return first + datetime.timedelta(days=self.rng.randrange(365) - (365 if self.rng.random() < 0.06 else 0))

    def numbered(self, row: dict) -> dict:
        """ID and 学籍号. A few check digits are wrong, and a few pupils have no ID yet, only a provisional 学籍号 (J)."""
        self.made += 1
        sex = "M" if row["sex"] == "男" else "F"
        born = row["born_on"] + datetime.timedelta(days=self.made % OTHER_BIRTH == 0)
        number = self.numbers.resident_id(row["home_code"][:6], born, sex)
        if self.made % WRONG_CHECK == 5:
            number = with_wrong_check(number)
        if self.made % WITHOUT_ID == 7:
            return {"id_number": "", "student_number": f"J{number}"}
        return {"id_number": number, "student_number": f"G{number}"}

    def home(self, school: DemoSchool) -> dict:
        """Registered in the school's township, in another one, in the other county, or somewhere far away."""
        draw = self.rng.random()
        if draw < (0.05 if school.is_town else 0.02):
            code = self.rng.choice(ELSEWHERE) + f"{self.rng.randint(100, 112)}{self.rng.randint(201, 215)}"
        elif draw < 0.06:
            others = [c for c in self.places.townships if (c[:6] == NEIGHBOUR[0]) != (school.county == NEIGHBOUR[0])]
            code = self.rng.choice(self.villages[self.rng.choice(others)])
        else:
            moved = draw < (0.35 if school.is_town else 0.12)
            near = [c for c in self.places.townships if c[:6] == school.county]
            code = self.rng.choice(self.villages[self.rng.choice(near) if moved else school.township])
        village = self.places.villages.get(code, "外县某村")
        return {"home_code": code, "address": f"{village}{self.rng.randint(1, 9)}组{self.rng.randint(1, 60)}号"}

    def groups(self, room: DemoClass) -> dict:
        """How the pupil attends, and the special groups."""
        chance, town = self.rng.random, room.school.is_town
        boarding = 0.0
        if room.grade in JUNIOR:
            boarding = 0.35 if town else 0.8
        elif not town and room.grade in PRIMARY[3:] and room.school.category != "小学教学点":
            boarding = 0.12
        row = {
            "mode": "住校" if chance() < boarding else "走读",
            "left_behind": "是" if chance() < (0.12 if town else 0.3) else "否",
            "migrant": "是" if town and chance() < 0.06 else "否",
            "orphan": "是" if chance() < 0.003 else "否",
            "disabled": self.rng.choice(DISABILITIES) if chance() < 0.008 else "无残疾",
            "applies_for_aid": "是" if chance() < (0.1 if town else 0.2) else "否",
        }
        if chance() < 0.0031:
            row |= {"mode": "送教上门", "disabled": self.rng.choice(HOME_TAUGHT_DISABILITIES)}
        return row

    def adults(self, row: dict, people: str, family: str) -> dict:
        """成员1 answers for the child: a parent, of a left-behind child mostly a grandparent."""
        father, mother = (self.names.parent(people, sex, family) for sex in "MF")
        phone, first, relation = self.numbers.phone(), father, "父亲"
        if row["left_behind"] == "是" and self.rng.random() < 0.8 or row["orphan"] == "是":
            relation = self.rng.choice(GRANDPARENTS)
            first = self.names.parent(people, "F" if relation.endswith("母") else "M", family)
        elif self.rng.random() < 0.5:
            first, relation = mother, "母亲"
        adults = {
            "phone": phone,
            "member1_name": first,
            "member1_relation": relation,
            "member1_phone": phone,
            "member1_is_guardian": "是",
            "member2_name": "",
        }
        if row["orphan"] == "是" or self.rng.random() < 0.4:
            return adults
        second = (father, "父亲") if relation != "父亲" else (mother, "母亲")
        return adults | {
            "member2_name": second[0],
            "member2_relation": second[1],
            "member2_phone": self.numbers.phone(),
            "member2_is_guardian": "否" if relation in GRANDPARENTS else "是",
        }

    def twin_of(self, row: dict) -> dict:
        """The same birthday, home and parents; the same family name."""
        people, sex = row["ethnicity"], "M" if row["sex"] == "男" else "F"
        name = row["name"]
        while name == row["name"]:
            name = self.names.of_people(people, sex, family_of(row["name"], people))
        twin = row | {"name": name, "mode": "走读" if row["mode"] == "送教上门" else row["mode"], "disabled": "无残疾"}
        return twin | self.numbered(twin)

    def seated(self, row: dict, room: DemoClass, seat: int) -> dict:
        entered = self.year - (GRADES.index(room.grade) if room.grade in PRIMARY else JUNIOR.index(room.grade))
        return {
            "school": room.school.code,
            "id_kind": "居民身份证",
            "grade": room.grade,
            "class_number": f"{room.number}班",
            "seat": str(seat),
            "entered_on": f"{entered}09",
            **row,
            "born_on": f"{row['born_on']:%Y%m%d}",
        }


def family_of(name: str, people: str) -> str:
    """What siblings share: the father's name after the dot, the clan, the surname; Tibetan names have none."""
    if "·" in name:
        return name.partition("·")[2]
    return name[:2] if people == "彝族" or name[:2] in DOUBLE_SURNAMES else name[0]


def share_a_name(rows: list[dict]) -> None:
    """Two pupils of one class with one name: it happens, and the pages must tell them apart."""
    first = rows[0]
    for other in rows[5:]:
        if (other["sex"], other["ethnicity"]) == (first["sex"], first["ethnicity"]):
            other["name"] = first["name"]
            return

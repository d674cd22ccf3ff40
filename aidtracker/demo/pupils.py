"""The invented pupils: the rows of a roster in the national layout, of last school year and of this one."""

import datetime
import random

from aidtracker.demo.cohorts import DAY, Cohorts, DemoClass, Slot
from aidtracker.demo.names import DOUBLE_SURNAMES, Names
from aidtracker.demo.numbers import Numbers, with_wrong_check
from aidtracker.demo.places import COUNTY, JUNIOR, NEIGHBOUR, PRIMARY, Places

GRADES = PRIMARY + JUNIOR
HOME_TAUGHT = "送教上门"
ELSEWHERE = ("990300", "990517", "998122")  # homes in counties that nobody here knows
DISABILITIES = "肢体残疾 智力残疾 听力残疾 视力残疾 言语残疾 精神残疾 多重残疾".split()
HOME_TAUGHT_DISABILITIES = "肢体残疾 智力残疾 多重残疾 精神残疾".split()
GRANDPARENTS = ("祖父", "祖母", "外祖父", "外祖母")
# In the class of the shown teacher, so that whoever looks sees what long names and rare characters do to a page.
SHOWN_NAMES = (("陈䶮", "汉族"), ("李𠮷祥", "汉族"), ("阿卜杜热合曼·阿不都克里木", "维吾尔族"), ("格桑次仁", "藏族"))
SHOWN_GRADE = "三年级"
WRONG_CHECK, OTHER_BIRTH, WITHOUT_ID, HOME_TAUGHT_ONE_IN = 700, 900, 260, 250  # one pupil in so many
OF_FAMILY = "ethnicity home_code address phone left_behind orphan".split()
OF_FAMILY += [f"member{n}_{part}" for n in (1, 2) for part in ("name", "relation", "phone", "is_guardian")]
SIBLING, TWIN = 0.22, 0.006
# What last year's roster says of a pupil who is known from this year's.
KEYS = ("school", "name", "sex", "born_on", "id_kind", "id_number", "student_number", "grade", "class_number", "seat", "mode")


class Pupils:
    """Invents who sits in the slots; rows are {column key of the roster: what stands in the cell}."""

    def __init__(self, places: Places, school_year: int, rng: random.Random):
        self.places, self.year, self.rng = places, school_year, rng
        self.names, self.numbers = Names(rng), Numbers(rng)
        self.villages = {code: places.villages_of(code) for code in places.townships}
        self.families: dict[str, list[tuple]] = {}  # {township: those whose brother or sister may come yet}
        self.made = 0

    def slots(self, small: bool) -> list[Slot]:
        slots = Cohorts(self.places, self.year, self.rng).slots(small)
        for slot in slots:
            slot.row = self.pupil(slot)
        for twins in pairs(slots):
            if self.rng.random() < TWIN:
                self.make_twins(*twins)
        self.show_names(slots)
        return slots

    def pupil(self, slot: Slot) -> dict:
        sex = self.rng.choice("MMMMMMFFFFF")
        family = self.family(slot)
        people = family["ethnicity"]
        row = {
            **family,
            "name": self.names.of_people(people, sex, family["family"]),
            "sex": "男" if sex == "M" else "女",
            "born_on": self.birthday(slot),
            **self.groups(slot),
        }
        return row | self.numbered(row)

    def family(self, slot: Slot) -> dict:
        """What brothers and sisters share; a new one, or one of the township that is known already."""
        known, grade = self.families.setdefault(slot.home, []), (slot.past, slot.now)
        if known and slot.home and self.rng.random() < SIBLING:
            other, family = known.pop(self.rng.randrange(len(known)))
            if other != grade:
                return family
        family = self.new_family(slot)
        known.append((grade, family))
        return family

    def new_family(self, slot: Slot) -> dict:
        people, chance = self.names.people(), self.rng.random
        name, is_orphan = self.names.family(people), chance() < 0.003
        left_behind = not is_orphan and chance() < (0.12 if self.is_town(slot) else 0.3)
        marks = {"left_behind": "是" if left_behind else "否", "orphan": "是" if is_orphan else "否"}
        return {"family": name, "ethnicity": people, **self.home(slot), **marks, **self.adults(marks, people, name)}

    def is_town(self, slot: Slot) -> bool:
        return (slot.room or slot.past_room)[0].school.is_town

    def birthday(self, slot: Slot) -> datetime.date:
        """Six on 1 September of the first grade; some are a year older."""
        entered = self.year - GRADES.index(slot.now[0]) if slot.now else self.year - len(GRADES)
        first = datetime.date(entered - 7, 9, 1)
        return first + datetime.timedelta(days=self.rng.randrange(365) - (365 if self.rng.random() < 0.06 else 0))

    def numbered(self, row: dict) -> dict:
        """ID and 学籍号. A few check digits are wrong, and a few pupils have no ID yet, only a provisional 学籍号 (J)."""
        self.made += 1
        sex = "M" if row["sex"] == "男" else "F"
        born = row["born_on"] + datetime.timedelta(days=self.made % OTHER_BIRTH == 0)
        number = self.numbers.resident_id(f"99{row['home_code'][2:6]}", born, sex)
        if self.made % WRONG_CHECK == 5:
            number = with_wrong_check(number)
        if self.made % WITHOUT_ID == 7:
            return {"id_number": "", "student_number": f"J{number}"}
        return {"id_number": number, "student_number": f"G{number}"}

    def home(self, slot: Slot) -> dict:
        """A village of the township; of those outside the county, one in four in the other county, the rest far away."""
        home = slot.home
        if not home and self.rng.random() < 0.25:
            home = self.rng.choice(self.places.townships_of(NEIGHBOUR[0] if slot.county == COUNTY[0] else COUNTY[0]))
        if home:
            code = self.rng.choice(self.villages[home])
        else:
            code = self.rng.choice(ELSEWHERE) + f"{self.rng.randint(100, 112)}{self.rng.randint(201, 215)}"
        village = self.places.villages.get(code, "外县某村").removesuffix("委会").replace("社区居", "社区")
        return {"home_code": code, "address": f"{village}{self.rng.randint(1, 9)}组{self.rng.randint(1, 60)}号"}

    def groups(self, slot: Slot) -> dict:
        """The special groups. A pupil taught at home is counted as a day pupil."""
        chance, row = self.rng.random, {"disabled": "无残疾", "home_taught": False}
        if chance() < 0.0035:
            row["disabled"] = self.rng.choice(DISABILITIES)
        elif DAY in modes_of(slot) and self.made % HOME_TAUGHT_ONE_IN == 60:
            row = {"disabled": self.rng.choice(HOME_TAUGHT_DISABILITIES), "home_taught": True}
        asks = slot.is_aided or (slot.past is None and chance() < 0.75)
        return row | {
            "migrant": "是" if self.is_town(slot) and chance() < 0.06 else "否",
            "applies_for_aid": "是" if asks or chance() < 0.1 else "否",
        }

    def adults(self, child: dict, people: str, family: str) -> dict:
        """成员1 answers for the child: a parent, of a left-behind child mostly a grandparent, of an orphan always."""
        father, mother = (self.names.parent(people, sex, family) for sex in "MF")
        phone, first, relation = self.numbers.phone(), father, "父亲"
        if child["orphan"] == "是" or child["left_behind"] == "是" and self.rng.random() < 0.8:
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
        if child["orphan"] == "是" or self.rng.random() < 0.4:
            return adults
        second = (father, "父亲") if relation != "父亲" else (mother, "母亲")
        return adults | {
            "member2_name": second[0],
            "member2_relation": second[1],
            "member2_phone": self.numbers.phone(),
            "member2_is_guardian": "否" if relation in GRANDPARENTS else "是",
        }

    def make_twins(self, one: Slot, other: Slot) -> None:
        """The same birthday, home and parents; the same family name, another given name."""
        people, sex = one.row["ethnicity"], "M" if other.row["sex"] == "男" else "F"
        name = one.row["name"]
        while name == one.row["name"]:
            name = self.names.of_people(people, sex, one.row["family"])
        shared = {key: one.row[key] for key in (*OF_FAMILY, "family", "born_on") if key in one.row}
        other.row = {key: value for key, value in other.row.items() if key not in OF_FAMILY} | shared | {"name": name}
        other.row |= self.numbered(other.row)

    def show_names(self, slots: list[Slot]) -> None:
        """Two of one name in some classes; long and rare names, and a pupil taught at home, in the classes of the shown teachers."""
        rooms: dict[DemoClass, list[Slot]] = {}
        for slot in slots:
            if slot.room:
                rooms.setdefault(slot.room[0], []).append(slot)
        shown = {self.places.townships_of(county)[0] for county in (COUNTY[0], NEIGHBOUR[0])}
        for room, seated in rooms.items():
            if room.number == 2:
                share_a_name([slot.row for slot in seated])
            if room.number == 1 and room.grade == SHOWN_GRADE and room.school.township in shown and room.school.name.endswith("中心小学"):
                at_home = next(slot for slot in reversed(seated) if slot.home and slot.row["id_number"] and slot.now[1] == DAY)
                at_home.row |= {"disabled": HOME_TAUGHT_DISABILITIES[0], "home_taught": True}
                for slot, (name, people) in zip(seated[1:], SHOWN_NAMES, strict=False):
                    slot.row |= {"name": name, "ethnicity": people}
                    slot.row |= self.adults(slot.row, people, family_of(name, people))


def modes_of(slot: Slot) -> set[str]:
    return {year[1] for year in (slot.past, slot.now) if year}


def rows_of_year(slots: list[Slot], school_year: int, when: str) -> dict[DemoClass, list[dict]]:
    """{class: rows of the roster by seat}, of `when`: past or now."""
    rooms: dict[DemoClass, list[dict]] = {}
    for slot in slots:
        seated = slot.room if when == "now" else slot.past_room
        if seated:
            rooms.setdefault(seated[0], []).append(row_of(slot, *seated, getattr(slot, when), school_year))
    for rows in rooms.values():
        rows.sort(key=lambda row: int(row["seat"]))
    return dict(sorted(rooms.items(), key=lambda found: (found[0].school.code, GRADES.index(found[0].grade), found[0].number)))


def row_of(slot: Slot, room: DemoClass, seat: int, year: tuple[str, str], school_year: int) -> dict:
    grades = PRIMARY if room.grade in PRIMARY else JUNIOR
    return {
        "school": room.school.code,
        "id_kind": "居民身份证",
        "grade": room.grade,
        "class_number": f"{room.number}班",
        "seat": str(seat),
        "entered_on": f"{school_year - grades.index(room.grade)}09",
        **slot.row,
        "mode": HOME_TAUGHT if slot.row["home_taught"] and year[1] == DAY else year[1],
        "born_on": f"{slot.row['born_on']:%Y%m%d}",
    }


def pairs(slots: list[Slot]):
    """Neighbours in the list who share class and home in both years: they could be twins."""
    waiting: dict[tuple, Slot] = {}
    for slot in slots:
        key = (slot.home, slot.past, slot.now, slot.room and slot.room[0], slot.past_room and slot.past_room[0])
        if slot.home and key in waiting:
            yield waiting.pop(key), slot
        else:
            waiting[key] = slot


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

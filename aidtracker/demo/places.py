"""The invented places: one city, two counties, their townships, villages and schools, as rows of the imports."""

import random
from dataclasses import dataclass, field

CITY = ("9900", "九九市")
COUNTY, NEIGHBOUR = ("990100", "云岭县"), ("990200", "邻山县")
TOWNSHIPS = (
    "云岭镇 双河镇 龙潭镇 青石镇 白水镇 柳坪镇 石门乡 枫香乡 杉木乡 鹿鸣乡 雁塘乡 木卡彝族乡".split()
)  # 镇 are coded from 100, 乡 from 200
NEIGHBOUR_TOWNSHIPS = "远河镇 松岗乡".split()
SHOWN_TOWNSHIPS = {COUNTY[0]: TOWNSHIPS[1], NEIGHBOUR[0]: NEIGHBOUR_TOWNSHIPS[0]}  # where the shown accounts are
FIRST, SECOND = "大小上下东西南北新老前后", "湾河坪坝沟寨岩坡桥井田林塘"
PRIMARY = "一年级 二年级 三年级 四年级 五年级 六年级".split()
JUNIOR = "七年级 八年级 九年级".split()


@dataclass(frozen=True)
class DemoSchool:
    """A school and how big it is. `is_town`: in the county's seat, where the classes are full."""

    code: str
    name: str
    category: str
    township: str  # code
    classes: dict[str, int]  # {grade: how many}
    size: tuple[int, int]  # fewest and most pupils of a class
    is_town: bool = False

    @property
    def county(self) -> str:
        return self.township[:6]


@dataclass
class Places:
    townships: dict[str, str] = field(default_factory=dict)  # {code: name}
    villages: dict[str, str] = field(default_factory=dict)
    schools: list[DemoSchool] = field(default_factory=list)

    def villages_of(self, township: str) -> list[str]:
        return [code for code in self.villages if code.startswith(township)]

    def division_rows(self) -> list[dict]:
        rows = [{"code": CITY[0], "name": CITY[1], "kind": "市", "parent": ""}]
        rows += [{"code": code, "name": name, "kind": "县", "parent": CITY[0]} for code, name in (COUNTY, NEIGHBOUR)]
        rows += [{"code": c, "name": name, "kind": "乡镇", "parent": c[:6]} for c, name in self.townships.items()]
        return rows + [{"code": c, "name": name, "kind": "村", "parent": c[:9]} for c, name in self.villages.items()]

    def school_rows(self) -> list[dict]:
        return [
            {"code": s.code, "name": s.name, "category": s.category, "township": s.township, "sponsor": "公办"}
            for s in self.schools
        ]

    def add_township(self, county: str, name: str, villages: int, rng: random.Random) -> str:
        above = 200 if name.endswith("乡") else 100
        taken = sum(code.startswith(f"{county}{above // 100}") for code in self.townships)
        code = f"{county}{above + taken}"
        self.townships[code] = name
        pool = [f"{a}{b}村" for a in FIRST for b in SECOND]
        known = {name for village, name in self.villages.items() if village.startswith(county)}
        names = rng.sample([name for name in pool if name not in known], villages)
        self.villages |= {f"{code}{200 + n}": name for n, name in enumerate(names, 1)}
        return code

    def add_school(self, name: str, category: str, township: str, size, per_grade: dict[str, int], is_town=False) -> None:
        kind = 3 if any(grade in JUNIOR for grade in per_grade) else 2
        code = f"{kind}199{len(self.schools) + 1:06}"
        self.schools.append(DemoSchool(code, name, category, township, per_grade, size, is_town))


def make_places(rng: random.Random, small: bool) -> Places:
    places = Places()
    if small:
        add_small_township(places, SHOWN_TOWNSHIPS[COUNTY[0]], rng)
    else:
        add_seat(places, TOWNSHIPS[0], rng)
        for n, name in enumerate(TOWNSHIPS[1:], 1):
            add_rural_township(places, name, n, rng)
    for name in NEIGHBOUR_TOWNSHIPS[: 1 if small else 2]:
        township = places.add_township(NEIGHBOUR[0], name, 3, rng)
        places.add_school(f"{name}中心小学", "完全小学", township, (8, 10) if small else (18, 26), dict.fromkeys(PRIMARY, 1))
        if name == NEIGHBOUR_TOWNSHIPS[0] and not small:
            places.add_school(f"{name}初级中学", "初级中学", township, (24, 30), dict.fromkeys(JUNIOR, 1))
    return places


def add_small_township(places: Places, name: str, rng: random.Random) -> None:
    township = places.add_township(COUNTY[0], name, 4, rng)
    places.add_school(f"{name}中心小学", "完全小学", township, (18, 24), dict.fromkeys(PRIMARY, 1))
    places.add_school(f"{name}初级中学", "初级中学", township, (26, 32), dict.fromkeys(JUNIOR, 1))
    places.add_school(f"{name}教学点", "小学教学点", township, (5, 9), dict.fromkeys(PRIMARY[:3], 1))


def add_seat(places: Places, name: str, rng: random.Random) -> None:
    """The county's seat: big schools, full classes."""
    township = places.add_township(COUNTY[0], name, 8, rng)
    places.add_school(f"{name}中心小学", "完全小学", township, (36, 44), dict.fromkeys(PRIMARY, 4), True)
    places.add_school(f"{name}第二小学", "完全小学", township, (34, 42), dict.fromkeys(PRIMARY, 3), True)
    places.add_school("云岭县第一初级中学", "初级中学", township, (38, 45), dict.fromkeys(JUNIOR, 6), True)
    places.add_school("云岭县第二初级中学", "初级中学", township, (36, 44), dict.fromkeys(JUNIOR, 4), True)


def add_rural_township(places: Places, name: str, n: int, rng: random.Random) -> None:
    """A primary school in every township; in some a junior school, in one nine years under one roof."""
    township = places.add_township(COUNTY[0], name, 8 if n % 2 else 7, rng)
    short = name.removesuffix("彝族乡")
    if n == 8:
        places.add_school(f"{short}九年一贯制学校", "九年一贯制学校", township, (20, 28), dict.fromkeys(PRIMARY + JUNIOR, 1))
    else:
        per_grade = dict.fromkeys(PRIMARY, 2 if n < 8 else 1)
        places.add_school(f"{name}中心小学", "完全小学", township, (19, 28), per_grade)
    if n in (1, 3, 5, 7, 10):
        places.add_school(f"{name}初级中学", "初级中学", township, (30, 37), dict.fromkeys(JUNIOR, 2))
    if n in (1, 4, 6, 9, 11):
        village = places.villages[rng.choice(places.villages_of(township))].removesuffix("村")
        places.add_school(f"{name}{village}教学点", "小学教学点", township, (5, 11), dict.fromkeys(PRIMARY[:3], 1))

"""The demo's places as rows of the imports: 金寨县 with its real divisions and invented school codes, 邻山县 invented."""

import csv
import random
from dataclasses import dataclass, field
from pathlib import Path

CITY = ("341500", "六安市")
COUNTY, NEIGHBOUR = ("341524", "金寨县"), ("990200", "邻山县")
DIVISIONS = Path(__file__).with_name("divisions.csv")
NEIGHBOUR_TOWNSHIPS = {"990200100": "远河镇", "990200200": "松岗乡"}
SMALL = ("341524101", "990200100")  # the townships of the small county
WITH_SECOND_PRIMARY = "梅山镇 古碑镇 吴家店镇 汤家汇镇 南溪镇".split()
NINE_YEARS = "产业园"
SEAT = "341524100"  # 梅山镇, where the county's offices are
FIRST, SECOND = "大小上下东西南北新老前后", "湾河坪坝沟寨岩坡桥井田林塘"
PRIMARY = "一年级 二年级 三年级 四年级 五年级 六年级".split()
JUNIOR = "七年级 八年级 九年级".split()
STAGES = {"primary": PRIMARY, "junior": JUNIOR}


@dataclass(frozen=True)
class DemoSchool:
    code: str
    name: str
    category: str
    township: str  # code
    stages: tuple[str, ...]

    @property
    def county(self) -> str:
        return self.township[:6]

    @property
    def is_town(self) -> bool:
        return self.township == SEAT


@dataclass
class Places:
    townships: dict[str, str] = field(default_factory=dict)  # {code: name}
    villages: dict[str, str] = field(default_factory=dict)
    schools: list[DemoSchool] = field(default_factory=list)

    def villages_of(self, township: str) -> list[str]:
        return [code for code in self.villages if code.startswith(township)]

    def townships_of(self, county: str) -> list[str]:
        return sorted(code for code in self.townships if code.startswith(county))

    def schools_for(self, stage: str, township: str) -> list[DemoSchool]:
        """Of the township; where it has none of that stage, of its county."""
        fitting = [school for school in self.schools if stage in school.stages]
        near = [school for school in fitting if school.township == township]
        return near or [school for school in fitting if school.county == township[:6]][:1]

    def division_rows(self) -> list[dict]:
        rows = [{"code": CITY[0], "name": CITY[1], "kind": "市", "parent": ""}]
        rows += [{"code": code, "name": name, "kind": "县", "parent": CITY[0]} for code, name in (COUNTY, NEIGHBOUR)]
        rows += [{"code": c, "name": name, "kind": "乡镇", "parent": c[:6]} for c, name in self.townships.items()]
        return rows + [{"code": c, "name": name, "kind": "村", "parent": c[:9]} for c, name in self.villages.items()]

    def school_rows(self) -> list[dict]:
        return [{"code": s.code, "name": s.name, "category": s.category, "township": s.township, "sponsor": "公办"} for s in self.schools]

    def add_school(self, name: str, category: str, township: str, *stages: str) -> None:
        code = f"{3 if 'junior' in stages else 2}199{len(self.schools) + 1:06}"
        self.schools.append(DemoSchool(code, name, category, township, stages))


def make_places(rng: random.Random, small: bool) -> Places:
    places = Places()
    read_divisions(places, small)
    for township, name in list(places.townships.items()):
        add_schools(places, township, name)
    for township, name in NEIGHBOUR_TOWNSHIPS.items():
        if not small or township in SMALL:
            add_neighbours(places, township, name, rng)
    return places


def read_divisions(places: Places, small: bool) -> None:
    """金寨县's townships and villages, as published; of the small county's township alone."""
    with DIVISIONS.open(encoding="utf-8") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        for row in rows:
            code, kinds = row["代码"], {"乡镇": places.townships, "村": places.villages}
            if row["级别"] in kinds and (not small or code[:9] in SMALL):
                kinds[row["级别"]][code] = row["名称"]


def add_schools(places: Places, township: str, name: str) -> None:
    """A central primary and a junior school in every township, a second primary in big ones, nine years under one roof in one."""
    if name == NINE_YEARS:
        places.add_school(f"{name}学校", "九年一贯制学校", township, "primary", "junior")
        return
    places.add_school(f"{name}中心小学", "完全小学", township, "primary")
    if name in WITH_SECOND_PRIMARY:
        places.add_school(f"{name}第二小学", "完全小学", township, "primary")
    places.add_school(f"{name}初级中学", "初级中学", township, "junior")


def add_neighbours(places: Places, township: str, name: str, rng: random.Random) -> None:
    """Three invented villages and a primary school; the first township's junior school is the county's."""
    places.townships[township] = name
    known = set(places.villages.values())
    names = rng.sample([a + b + "村" for a in FIRST for b in SECOND if a + b + "村" not in known], 3)
    places.villages |= {f"{township}{200 + n}": village for n, village in enumerate(names, 1)}
    places.add_school(f"{name}中心小学", "完全小学", township, "primary")
    if township == min(NEIGHBOUR_TOWNSHIPS):
        places.add_school(f"{name}初级中学", "初级中学", township, "junior")

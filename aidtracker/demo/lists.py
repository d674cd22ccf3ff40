"""Other departments' lists, invented: of this September and newer ones, and where they disagree with the pupils."""

import datetime
import random

from aidtracker.census.list_import import plan_disabled_children, plan_household_registry, plan_monitored_households, save_list
from aidtracker.census.sheets import DISABLED_CHILDREN, HOUSEHOLD_REGISTRY, MONITORED_HOUSEHOLDS
from aidtracker.demo.known import Filled, shown_user, some
from aidtracker.demo.names import Names
from aidtracker.demo.numbers import Numbers, with_check
from aidtracker.demo.places import COUNTY
from aidtracker.demo.plans import whole
from aidtracker.demo.tables import table_of

NOT_REGISTERED, NOT_REGISTERED_YET = 200, 90  # one pupil in so many is missing from the newer list, and from the first alone
NOT_ENROLLED, WRONG_IDS = 46, 12  # children of the household registry, in the whole county
MONITORED, WITHOUT_AID = 420, 38
DISABLED_ELSEWHERE = 7
KINDS = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")
LEVELS = ("一级", "二级", "三级", "四级")
SMALL = 12  # so many times fewer in the small county


class Lists:
    """`with_aid`: 学籍号 of those who get aid this term. What the registry's children out of school are is drawn once."""

    def __init__(self, county: Filled, with_aid: set[str], rng: random.Random):
        self.county, self.with_aid, self.rng = county, with_aid, rng
        self.names, self.numbers = Names(rng), Numbers(rng, first=700)
        registers = [register for register in county.registers if register.room.school.county == COUNTY[0]]
        self.pupils = [row for register in registers for row in register.pupils if row["id_number"]]
        self.near = [row for row in self.pupils if row["home_code"].startswith(COUNTY[0])]
        self.out_of_school = [self.stranger() for _ in range(self.less(NOT_ENROLLED))]
        self.mistyped = {row["id_number"]: mistyped(row["id_number"]) for row in self.wrong_ids()}

    def less(self, number: int) -> int:
        return max(5, number // SMALL) if self.county.small else number

    def wrong_ids(self) -> list[dict]:
        fine = [row for row in self.near if row["id_number"] == with_check(row["id_number"][:17])]
        return some(self.rng, fine, self.less(WRONG_IDS))

    def fill(self) -> list[str]:
        """Returns the names of the children who go to no school here."""
        first, newer = self.dates()
        monitored, disabled = self.monitored(first), self.disabled()
        for dated in dict.fromkeys((first, newer)):
            is_newer = dated == newer
            self.bring_in(HOUSEHOLD_REGISTRY, plan_household_registry, self.registered(is_newer), dated)
            self.bring_in(
                MONITORED_HOUSEHOLDS, plan_monitored_households, monitored if is_newer else monitored[: -len(monitored) // 10], dated
            )
            self.bring_in(DISABLED_CHILDREN, plan_disabled_children, disabled if is_newer else disabled[:-2], dated)
        return [child["name"] for child in self.out_of_school]

    def dates(self) -> tuple[datetime.date, datetime.date]:
        """5 September, or the day itself where that is still to come; and ten days ago."""
        first = min(datetime.date(self.county.school_year, 9, 5), self.county.on)
        return first, max(first, self.county.on - datetime.timedelta(days=10))

    def bring_in(self, spec, plan, rows: list[dict], dated: datetime.date) -> None:
        by = shown_user("bureau_staff")
        save_list(whole(plan([table_of(spec, rows)], by=by, on=dated)), by=by)

    def registered(self, is_newer: bool) -> list[dict]:
        """Whoever is at home in the county, but for some; the newer list has found some of them, and some children more."""
        missing = [NOT_REGISTERED] if is_newer else [NOT_REGISTERED, NOT_REGISTERED_YET]
        rows = [self.registered_child(row) for n, row in enumerate(self.near) if not any(n % each == 7 for each in missing)]
        return rows + (self.out_of_school if is_newer else self.out_of_school[: len(self.out_of_school) * 4 // 5])

    def registered_child(self, row: dict) -> dict:
        child = self.child(row) | {"id_number": self.mistyped.get(row["id_number"], row["id_number"])}
        grandparent = "祖" in row["member1_relation"]
        return child | {"ethnicity": row["ethnicity"], "relation": ("孙" if grandparent else "") + ("子" if row["sex"] == "男" else "女")}

    def child(self, row: dict) -> dict:
        born = row["born_on"]
        told = {key: row[key] for key in ("name", "sex", "id_number", "home_code")}
        return told | {"head_name": row["member1_name"], "born_on": f"{born[:4]}-{born[4:6]}-{born[6:]}"}

    def stranger(self) -> dict:
        """A child who is registered here and goes to no school of the county."""
        model, sex = self.rng.choice(self.near), self.rng.choice("MF")
        born = datetime.datetime.strptime(model["born_on"], "%Y%m%d").date()  # noqa: DTZ007 a day
        name = self.names.han(sex)
        return {
            "head_name": self.names.han("M", name[0]),
            "name": name,
            "sex": "男" if sex == "M" else "女",
            "ethnicity": "汉族",
            "id_number": self.numbers.resident_id(f"99{COUNTY[0][2:]}", born, sex),
            "born_on": born.isoformat(),
            "home_code": model["home_code"],
            "relation": "子" if sex == "M" else "女",
        }

    def monitored(self, first: datetime.date) -> list[dict]:
        """Mostly pupils with aid; some without; a third of the children out of school. Some households are at risk no more."""
        aided = [row for row in self.near if row["student_number"] in self.with_aid]
        others = [row for row in self.near if row["student_number"] not in self.with_aid]
        pupils = some(self.rng, aided, self.less(MONITORED)) + some(self.rng, others, self.less(WITHOUT_AID))
        self.rng.shuffle(pupils)
        return [self.monitored_child(row, first) for row in [*map(self.child, pupils), *self.out_of_school[::3]]]

    def monitored_child(self, child: dict, first: datetime.date) -> dict:
        listed = first - datetime.timedelta(days=self.rng.randint(30, 900))
        cleared = listed + datetime.timedelta(days=self.rng.randint(20, 400)) if self.rng.random() < 0.12 else None
        told = {key: child[key] for key in ("name", "sex", "id_number", "home_code", "head_name", "born_on")}
        is_over = cleared is not None and cleared <= first
        days = {"listed_on": listed.isoformat(), "cleared_on": cleared.isoformat() if is_over else ""}
        return told | days | {"category": self.rng.choice(KINDS), "home_code": child["home_code"][:9]}

    def disabled(self) -> list[dict]:
        """The disabled pupils, and some children who go to no school here."""
        pupils = [(self.child(row), row["disabled"]) for row in self.near if row["disabled"] != "无残疾"]
        away = [({**self.stranger()}, self.rng.choice(("智力残疾", "多重残疾"))) for _ in range(self.less(DISABLED_ELSEWHERE))]
        return [self.disabled_child(child, kind) for child, kind in (*away, *pupils)]

    def disabled_child(self, child: dict, kind: str) -> dict:
        told = {key: child[key] for key in ("name", "id_number", "sex", "born_on", "head_name")}
        level = self.rng.choice(LEVELS)
        certificate = f"{child['id_number']}{self.rng.randint(1, 7)}{LEVELS.index(level) + 1}"
        return told | {"category": kind, "level": level, "certificate": certificate, "home_code": child["home_code"][:9]}


def mistyped(id_number: str) -> str:
    """Another right number, of the same day and sex."""
    digits = f"{id_number[:14]}{(int(id_number[14:17]) + 500) % 1000:03}"
    return with_check(digits)

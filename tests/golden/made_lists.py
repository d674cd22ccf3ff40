"""Other departments' lists of a made county: the workbooks, and who is missing where, from the same plain lists.

Nothing here uses the product.
"""

import datetime
import random

from tests.golden.made_county import YEAR, MadeCounty, id_number

DATED, FORMER, LATER = datetime.date(2021, 3, 1), datetime.date(2020, 9, 1), datetime.date(2021, 6, 1)
AS_OF = datetime.date(2021, 4, 8)
BEFORE, AFTER = AS_OF - datetime.timedelta(days=1), AS_OF + datetime.timedelta(days=1)
LISTED_ON = (datetime.date(2020, 11, 1), BEFORE, AS_OF, AFTER)
CLEARED_ON = (None, None, None, AS_OF, AFTER, datetime.date(2021, 12, 1))
HOUSEHOLDS = ["序号", "户主姓名", "姓名", "性别", "民族", "公民身份\n号码", "出生日期", "户籍地址代码", "与户主关系"]
MONITORED = ["序号", "乡镇代码", "户主姓名", "学生姓名", "学生身份证号", "监测对象类型", "纳入日期", "风险消除日期"]
DISABLED = ["序号", "姓名", "身份证号", "残疾证号", "残疾类别", "残疾等级", "户籍乡镇代码"]


class MadeLists:
    """`registry`, `disabled`: children; `monitored`: (child, listed on, cleared on). A child is a pupil or at no school here."""

    def __init__(self, county: MadeCounty, seed: int):
        self.county, self.random = county, random.Random(seed)
        pick = self.random
        self.strays = [self.stray(900 - n) for n in range(8)]
        self.registry = [child for child in county.pupils if pick.random() < 0.8] + self.strays[:6]
        pick.shuffle(self.registry)
        some = pick.sample(county.pupils, min(20, len(county.pupils))) + self.strays[::2]
        self.monitored = [(child, pick.choice(LISTED_ON), pick.choice(CLEARED_ON)) for child in some]
        self.monitored = [(c, on, gone if gone is None or gone >= on else None) for c, on, gone in self.monitored]
        self.disabled = pick.sample(county.pupils, 5) + self.strays[-2:]

    def stray(self, sequence):
        born = datetime.date(YEAR - 10, 1, 1) + datetime.timedelta(days=self.random.randrange(700))
        village = self.random.choice(self.county.villages)[0]
        sex = "男" if sequence % 2 else "女"
        return {"id": id_number(born, sequence), "name": "游小安", "sex": sex, "born": born, "home": village, "number": ""}

    def write(self, folder) -> list[tuple]:
        """(kind, file, day): also a former registry and one that is yet to come, which must not count."""
        save, none = self.county.save, self.registry[:1]
        save(folder / "registry.xlsx", {"Sheet1": self.household_rows(self.registry)})
        for name in ("former.xlsx", "later.xlsx"):
            save(folder / name, {"Sheet1": self.household_rows(none)})
        save(folder / "monitored.xlsx", {"Sheet1": self.monitored_rows()})
        save(folder / "disabled.xlsx", {"Sheet1": self.disabled_rows()})
        return [
            ("household-registry", "registry.xlsx", DATED),
            ("household-registry", "former.xlsx", FORMER),
            ("household-registry", "later.xlsx", LATER),
            ("monitored-households", "monitored.xlsx", DATED),
            ("disabled-children", "disabled.xlsx", DATED),
        ]

    def household_rows(self, children):
        yield ["白石县户籍适龄儿童少年名单"]
        yield HOUSEHOLDS
        for number, c in enumerate(children, 1):
            yield [number, "户主", c["name"], c["sex"], "汉族", c["id"], self.county.date(c["born"]), c["home"], "子女"]
        yield ["制表单位：", None, None]

    def monitored_rows(self):
        yield MONITORED
        for number, (c, listed_on, cleared_on) in enumerate(self.monitored, 1):
            cleared = self.county.date(cleared_on) if cleared_on else None
            yield [number, c["home"][:9], "户主", c["name"], c["id"], "边缘易致贫户", self.county.date(listed_on), cleared]

    def disabled_rows(self):
        yield ["持证残疾儿童少年名单"]
        yield DISABLED
        for number, c in enumerate(self.disabled, 1):
            yield [number, c["name"], c["id"], c["id"] + "43", "肢体残疾", "二级", c["home"][:9]]

    # What must come out

    def report(self, paid: set[str]):
        """`paid`: IDs of the pupils whose account was reached in the term of the day."""
        here, listed = {p["id"] for p in self.county.pupils}, {c["id"] for c in self.registry}
        youngest, oldest = max(c["born"] for c in self.registry), min(c["born"] for c in self.registry)
        watched = {c["id"] for c, on, gone in self.monitored if on <= AS_OF and (gone is None or AS_OF < gone)}
        return {
            "registered_not_enrolled": sorted(listed - here),
            "registered_not_enrolled_and_monitored": sorted((listed - here) & watched),
            "enrolled_not_registered": sum(oldest <= p["born"] <= youngest and p["id"] not in listed for p in self.county.pupils),
            "monitored_without_aid": len(watched - paid),
            "disabled_listed": len(self.disabled),
            "disabled_enrolled": sum(c["id"] in here for c in self.disabled),
        }

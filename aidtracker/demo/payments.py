"""The invented payments: last spring as 金寨县 published the spring of 2021, this autumn with batches paid, returned and pending."""

import datetime
import random

from aidtracker.aid.payment_import import plan_payments
from aidtracker.aid.payment_save import save_payments
from aidtracker.aid.sheets import PAYMENTS
from aidtracker.demo.known import Filled, shown_user
from aidtracker.demo.places import COUNTY, PRIMARY
from aidtracker.demo.plans import whole
from aidtracker.demo.pupils import rows_of_year
from aidtracker.demo.tables import table_of

LIVING = "义务教育阶段家庭经济困难学生生活补助"
LOCAL = "县级山区学生交通补助"
DONATED = "爱心助学金"
YUAN = {(True, False): "250", (True, True): "500", (False, False): "312.5", (False, True): "625"}  # (primary, boarding): per term
LOCAL_YUAN, DONATED_YUAN = "137.5", "800"
HARDSHIPS = ("脱贫家庭学生", "最低生活保障家庭学生", "脱贫不稳定家庭学生", "边缘易致贫家庭学生", "其他家庭经济困难学生")
SHARES = (52, 14, 5, 6, 23)
BANK = "金寨农村信用合作联社"
RETURNED = 60  # one payment of the autumn in so many
WHY_RETURNED = ("户名与证件不符", "卡已注销", "账户状态异常（长期未用）", "卡号少一位")
PUBLISHED_AS = "（按金寨县2021年春公布数）"


class Payments:
    def __init__(self, county: Filled, rng: random.Random):
        self.county, self.rng, self.year = county, rng, county.school_year
        self.past = self.rows("past", self.year - 1)
        self.now = self.rows("now", self.year)
        self.aided = {slot.row["student_number"] for slot in county.slots if slot.is_aided}  # of last spring
        self.cards: dict[str, dict] = {}

    def rows(self, when: str, school_year: int) -> list[dict]:
        found = rows_of_year(self.county.slots, school_year, when)
        named = [row | {"school": room.school.name} for room, rows in found.items() if room.school.county == COUNTY[0] for row in rows]
        return sorted(named, key=lambda row: row["student_number"])

    def fill(self) -> set[str]:
        """Returns the 学籍号 of those who get something this autumn."""
        self.bring_in(self.spring())
        lines = self.autumn([row for row in self.now if row["applies_for_aid"] == "是"])
        self.bring_in(lines)
        return {line["student_number"] for line in lines}

    def bring_in(self, lines: list[dict]) -> None:
        by = shown_user("bureau_staff")
        save_payments(whole(plan_payments([table_of(PAYMENTS, lines)], by=by)), by=by)

    def line(self, row: dict, program: str, batch: str, amount: str) -> dict:
        told = {key: row[key] for key in ("school", "grade", "class_number", "name", "sex", "id_number", "student_number")}
        return {
            **told,
            "is_boarding": "是" if row["mode"] == "住校" else "否",
            "program": program,
            "batch": batch,
            "standard_fen": amount,
            "amount_fen": amount,
            "paid_on": "",
            "status": "待发放",
            "return_reason": "",
            **self.account_of(row),
        }

    def account_of(self, row: dict) -> dict:
        """The household's card, which brothers and sisters share, and its hardship; the same each time."""
        family = row["member1_phone"]
        if family not in self.cards:
            self.cards[family] = {
                "hardship": self.rng.choices(HARDSHIPS, SHARES)[0],
                "bank_name": BANK,
                "card_number": with_luhn(f"990{self.rng.randrange(10**15):015}"),
                "holder_name": row["member1_name"],
                "holder_relation": row["member1_relation"],
            }
        return self.cards[family]

    def standard(self, row: dict) -> str:
        return YUAN[row["grade"] in PRIMARY, row["mode"] == "住校"]

    def spring(self) -> list[dict]:
        """All of the published table, paid."""
        batch = f"{self.year}春-01{PUBLISHED_AS}"
        paid = {"term": f"{self.year}年春季", "status": "成功", "paid_on": f"{self.year}-05-20"}
        return [self.line(row, LIVING, batch, self.standard(row)) | paid for row in self.past if row["student_number"] in self.aided]

    def autumn(self, asking: list[dict]) -> list[dict]:
        """Who had aid last spring is paid first, some come back and are paid again; the newcomers' batch is pending."""
        old = [row for row in asking if row["student_number"] in self.aided]
        new = [row for row in asking if row["student_number"] not in self.aided]
        first = [self.autumn_line(row, LIVING, "01", self.standard(row), 9) for row in old]
        returned = [line for line in first if line["status"] == "成功"][::RETURNED]
        again = []
        for n, line in enumerate(returned):
            if n % 2 == 0:
                again.append(line | {"batch": f"{self.year}秋-01补发", **self.paid(4)})
            line |= {"status": "退回", "return_reason": WHY_RETURNED[n % len(WHY_RETURNED)]}
        pending = [self.autumn_line(row, LIVING, "02", self.standard(row)) for row in new]
        far = [row for row in asking if row["mode"] == "走读" and row["grade"] not in PRIMARY]
        local = [self.autumn_line(row, LOCAL, "01", LOCAL_YUAN, 14) for row in far[::3]]
        orphans = [row for row in self.now if row["orphan"] == "是"]
        donated = [self.autumn_line(row, DONATED, "01", DONATED_YUAN) for row in [*orphans, *far[1::40]]]
        return [*first, *again, *pending, *local, *donated]

    def autumn_line(self, row: dict, program: str, batch: str, amount: str, days_ago: int | None = None) -> dict:
        """Pending, or paid so many days ago."""
        line = self.line(row, program, f"{self.year}秋-{batch}", amount) | {"term": f"{self.year}年秋季"}
        return line if days_ago is None else line | self.paid(days_ago)

    def paid(self, days_ago: int) -> dict:
        """Nothing, so that it is pending, where that day was before the term had well begun."""
        day = self.county.on - datetime.timedelta(days=days_ago)
        return {"status": "成功", "paid_on": day.isoformat()} if day >= datetime.date(self.year, 9, 20) else {}


def with_luhn(digits: str) -> str:
    """The digits and the check digit of bank cards (GB/T 17552)."""
    doubled = [int(digit) * (2 - n % 2) for n, digit in enumerate(reversed(digits))]
    return digits + str(-sum(number // 10 + number % 10 for number in doubled) % 10)

"""The invented visits: three months of a workbook, and those that were written down on the phone and wait to be verified."""

import datetime
import random
from itertools import cycle

from aidtracker.demo.known import Filled, days_between, days_of, importer_of, shown_user, some
from aidtracker.demo.plans import whole
from aidtracker.demo.pupils import HOME_TAUGHT
from aidtracker.demo.rolls import Register
from aidtracker.demo.tables import table_of
from aidtracker.orgs.models import Org
from aidtracker.receipts.numbers import ALPHABET
from aidtracker.visits.actions import record_visit, send_back_visit, verify_visit
from aidtracker.visits.models import Visit
from aidtracker.visits.sheets import TUTORING, VISITS
from aidtracker.visits.visit_import import plan_visits, save_visits

VISITED, VISITED_SMALL = 0.22, 0.35  # shares of the pupils
FORMS = {"入户": 60, "电话": 22, "视频": 6, "约谈": 12}
PURPOSES = {"常规": 62, "安全": 14, "心理": 6, "常规、安全": 10, "缺勤": 8}
FOR_AID = "受助核实"
AT_HOME = (
    "听话，能帮家里做事",
    "作业按时完成，爱看书",
    "放学后看手机较多",
    "内向，不太说话",
    "由祖辈照看，作业无人辅导",
    "和弟弟妹妹相处好",
    "",
)
VIEWS = ("希望老师多关心", "同意学校的安排", "希望多布置一点练习", "担心孩子的视力", "感谢资助，会用在孩子身上", "")
AGREED = (
    "每周和班主任通一次电话",
    "控制用手机的时间，每天不超过半小时",
    "安排同学结对帮扶",
    "放假前再来一次",
    "教会孩子记住家长电话，不到水边玩",
    "",
)
AGREED_LONG = "学校免去校车费，班主任每天早上打电话叫起，家长外出前先告诉学校"
SUBJECTS = ("语文：识字", "数学：认识人民币", "康复训练", "生活自理：穿衣洗漱", "音乐欣赏", "语文：听故事说感受")
PLACES = ("家庭", "家庭", "家庭", "社区", "康复机构", "线上")
COMINGS = (2, 1, 3, 2, 2, 4, 0, 2, 3)  # month after month; two of two lessons meet one
AFTER_CASE = datetime.timedelta(days=2)  # a case names this visit
REMARKS = ("没有写家长的意见，请补充。", "写明达成了什么措施。")
BY_HAND, BY_HAND_SMALL, NEAR = 26, 5, 7  # of the county, of the small one, of the shown township


class Visits:
    def __init__(self, county: Filled, rng: random.Random):
        self.county, self.rng, self.comings = county, rng, cycle(COMINGS)

    def fill(self) -> None:
        if self.county.first > self.county.yesterday:
            return
        self.bring_in()
        self.record_some()

    def bring_in(self) -> None:
        for county in {register.room.school.county: None for register in self.county.registers}:
            here = [register for register in self.county.registers if register.room.school.county == county]
            visits = [row for register in here for row in self.visits_of(register)]
            lessons = [row for register in here for row in self.lessons_of(register)]
            tables = [table_of(spec, rows) for spec, rows in ((VISITS, visits), (TUTORING, lessons)) if rows]
            user = importer_of(county)
            save_visits(whole(plan_visits(tables, by=user)), by=user)

    def visits_of(self, register: Register) -> list[dict]:
        share, teacher = VISITED_SMALL if self.county.small else VISITED, self.county.teacher_of(register).name
        days = days_between(self.county.first, self.county.yesterday)
        rows = []
        for pupil in register.expected:
            if self.rng.random() < share:
                rows.append(self.visit(pupil, self.rng.choice(days), teacher))
        for streak in self.county.streaks:
            if streak.register is register and streak.first < self.county.yesterday:
                rows += self.visits_for(streak, teacher)
        return rows

    def visit(self, pupil: dict, on: datetime.date, teacher: str) -> dict:
        purpose = self.one_of(PURPOSES)
        if pupil["applies_for_aid"] == "是" and self.rng.random() < 0.25:
            purpose = FOR_AID
        form = self.one_of(FORMS)
        row = {
            "student_number": pupil["student_number"],
            "name": pupil["name"],
            "on": on.isoformat(),
            "minutes": str(self.rng.choice((20, 30, 40, 60) if form == "入户" else (5, 10, 15, 20))),
            "form": form,
            "purposes": purpose,
            "teachers": f"{teacher}、村干部" if self.rng.random() < 0.1 else teacher,
            "person_met": pupil["member1_name"],
            "relation": pupil["member1_relation"],
        }
        words = zip(("at_home", "views", "agreed"), (AT_HOME, VIEWS, AGREED), strict=True)
        row |= {key: self.rng.choice(choices) for key, choices in words}
        return row | {"follow_up_on": (on + datetime.timedelta(days=14)).isoformat() if self.rng.random() < 0.1 else ""}

    def visits_for(self, streak, teacher: str) -> list[dict]:
        """To the house of who stays away: on the second day, and two days after it was noticed."""
        pupil = next(row for row in streak.register.pupils if row["student_number"] == streak.number)
        last, away = min(streak.last, self.county.yesterday), days_of(streak)
        days = [(away[1], "缺勤、疑似辍学")] if away[1:] else []
        days += [(away[2] + AFTER_CASE, "劝返")] if away[2:] else []
        told = {"form": "入户", "minutes": "40", "follow_up_on": ""}
        return [self.visit(pupil, day, teacher) | told | {"purposes": purpose} for day, purpose in days if day <= last]

    def lessons_of(self, register: Register) -> list[dict]:
        """Of every pupil taught at home, month by month; some months are not met."""
        rows, teacher = [], self.county.teacher_of(register).name
        first, last = self.county.first, self.county.yesterday
        for pupil in register.pupils:
            if pupil["mode"] != HOME_TAUGHT:
                continue
            for month in sorted({(day.year, day.month) for day in self.county.days}):
                days = [day for day in days_between(first, last) if (day.year, day.month) == month]
                rows += [self.lesson(pupil, day, teacher) for day in sorted(some(self.rng, days, next(self.comings)))]
        return sorted(rows, key=lambda row: (row["student_number"], row["on"]))

    def lesson(self, pupil: dict, on: datetime.date, teacher: str) -> dict:
        return {
            "student_number": pupil["student_number"],
            "name": pupil["name"],
            "on": on.isoformat(),
            "lessons": self.rng.choice("22223"),
            "place": self.rng.choice(PLACES),
            "subject": self.rng.choice(SUBJECTS),
            "teachers": teacher,
            "at_home": self.rng.choice(("能跟读，注意力约十分钟", "会用手势表示需要", "情绪平稳，愿意配合", "比上次进步")),
            "agreed": self.rng.choice(("家长每天陪读十分钟", "下次带识字卡片", "")),
            "signed_by": pupil["member1_name"],
        }

    def one_of(self, weights: dict[str, int]) -> str:
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def record_some(self) -> None:
        """On the phone: by teachers, and by principals who met brothers and sisters; some are verified, some sent back."""
        shown = [register for register in self.county.registers if register.is_waiting]
        others = [register for register in self.county.registers if register not in shown and register.expected]
        near = [register for register in others if register.room.school.township == shown[0].room.school.township]
        for register in shown:
            for _ in range(3):
                self.record_one(register)
        for register in [*some(self.rng, near, NEAR), *some(self.rng, others, BY_HAND_SMALL if self.county.small else BY_HAND)]:
            self.record_one(register)
        for register, numbers in some(self.rng, self.siblings(), BY_HAND_SMALL if self.county.small else BY_HAND):
            self.record_shared(register, numbers)
        self.check_some()

    def record_one(self, register: Register) -> None:
        pupil, teacher = self.rng.choice(register.expected), self.county.teacher_of(register)
        self.record([pupil], teacher.name, teacher)

    def record_shared(self, register: Register, pupils: list[dict]) -> None:
        """By the school's head, who knows both."""
        head = self.county.known.principals[self.county.room_of(register).parent_id]
        self.record(pupils, f"{head.name}、{self.county.teacher_of(register).name}", head)

    def record(self, pupils: list[dict], teachers: str, by) -> None:
        on = self.county.on - datetime.timedelta(days=self.rng.randrange(1, 6))
        values = {
            "form": self.rng.choice(("on_site", "on_site", "phone")),
            "on": max(on, self.county.first),
            "minutes": self.rng.choice((20, 30, 45)),
            "purposes": self.rng.choice((["routine"], ["routine", "safety"], ["aid_check"], ["psychological"])),
            "teachers": teachers,
            "person_met": pupils[0]["member1_name"],
            "relation": pupils[0]["member1_relation"],
            "at_home": self.rng.choice(AT_HOME[:-1]),
            "views": self.rng.choice(VIEWS),
            "agreed": self.rng.choice((*AGREED, AGREED_LONG)),
        }
        students = [self.county.student(pupil["student_number"]) for pupil in pupils]
        record_visit(students=students, values=values, by=by, receipt=receipt(self.rng))

    def siblings(self) -> list[tuple[Register, list[dict]]]:
        """Brothers and sisters at one school: known by the phone of the adult who answers for them."""
        found: dict[tuple[str, str], list[tuple[Register, dict]]] = {}
        for register in self.county.registers:
            for pupil in register.expected:
                found.setdefault((register.room.school.code, pupil["member1_phone"]), []).append((register, pupil))
        return [(family[0][0], [pupil for _register, pupil in family]) for family in found.values() if len(family) > 1]

    def check_some(self) -> None:
        """By the shown township, and by the bureau elsewhere: of seven the first is sent back, three are verified, three wait."""
        township, bureau = shown_user("township_coordinator"), shown_user("bureau_staff")
        near = township.memberships[0].org.path
        waiting = Visit.select(Visit, Org).join(Org, on=Visit.county).where(Visit.state == "recorded", ~Visit.is_imported)
        mine = [visit for visit in waiting.order_by(Visit.id) if visit.county_id == bureau.memberships[0].org_id]
        for n, visit in enumerate(mine):
            path = visit.pupils[0].school.path
            checker = township if path.startswith(near) else bureau
            if n % 7 == 0:
                send_back_visit(visit=visit, revision=visit.revision, reason=REMARKS[n // 7 % 2], by=checker)
            elif n % 7 % 2 == 1:
                verify_visit(visit=visit, revision=visit.revision, by=checker)


def receipt(rng: random.Random) -> str:
    letters = "".join(rng.choices(ALPHABET, k=10))
    return f"{letters[:5]}-{letters[5:]}"

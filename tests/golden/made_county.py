"""A seeded county as its bureau would send it: workbooks on one side, sums made from the raw facts on the other.

Nothing here uses the product: the sums are counted from the same Python lists that the workbooks are written from.
"""

import csv
import datetime
import random
from collections import Counter, defaultdict

import openpyxl

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
GRADES = "一年级 二年级 三年级 四年级 五年级 六年级".split()
JUNIOR = "七年级 八年级 九年级".split()
YEAR = 2020
# 3 April was a Saturday, 5 April 2021 the Tomb-sweeping holiday: neither is a school day.
DAYS = [datetime.date(2021, 3, d) for d in (30, 31)] + [datetime.date(2021, 4, d) for d in (1, 2, 6, 7, 8)]
SESSIONS = ("上午", "下午")
AWAY = ("病假", "事假", "旷课")
KEYS = {"病假": "sick_leave", "事假": "personal_leave", "旷课": "unexcused", "迟到": "late", "早退": "left_early"}
DAY_STYLES = ("%Y%m%d", "%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y年%m月%d日")
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫单曾䶮", "安宁乐成明丽文秀海山云春𠮷"


def id_number(born, sequence):
    body = f"990101{born:%Y%m%d}{sequence:03}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


class MadeCounty:
    """Facts in plain lists; `write(folder)` makes the files, `expected()` the figures."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.county = ("990101", "白石县")
        self.townships = [(f"99010110{i}", f"第{i}镇") for i in range(4)]
        self.villages = [(f"{code}20{j}", f"{name}{j}村", code) for code, name in self.townships for j in range(3)]
        self.schools = [(f"21990000{i:02}", f"第{i}小学", "完全小学", self.townships[i % 3][0]) for i in range(4)]
        self.schools.append(("3199000099", "白石初级中学", "初级中学", self.townships[0][0]))
        self.pupils = [pupil for school in self.schools for pupil in self.pupils_of(school)]
        self.rolls, self.absences = self.attendance()

    def pupils_of(self, school):
        grades = JUNIOR if school[0].startswith("31") else GRADES
        for grade in self.random.sample(grades, 2):
            for number in range(1, self.random.randint(2, 3)):
                only_at_home = self.random.random() < 0.1
                for seat in range(self.random.randint(2, 12)):
                    yield self.pupil(school, grade, str(number), seat, only_at_home)

    def pupil(self, school, grade, number, seat, only_at_home):
        age = 6 + (GRADES + JUNIOR).index(grade)
        born = datetime.date(YEAR - age - 1, 9, 1) + datetime.timedelta(days=self.random.randrange(365))
        self.sequence = getattr(self, "sequence", 0) + 1
        at_home = only_at_home or self.random.random() < 0.04
        id_ = id_number(born, self.sequence)
        return {
            "school": school[0],
            "grade": grade,
            "class": number,
            "name": self.random.choice(SURNAMES) + "".join(self.random.sample(GIVEN, self.random.randint(1, 2))),
            "sex": "男" if self.sequence % 2 else "女",
            "born": born,
            "id": id_,
            "number": f"G{id_}",
            "mode": "送教上门" if at_home else self.random.choice(("走读", "住校")),
            "home": self.random.choice(self.villages)[0] if self.random.random() < 0.9 else "420101001001",
        }

    def attending(self):
        """{(school, grade, class): pupils who are expected at roll call}."""
        found = defaultdict(list)
        for pupil in self.pupils:
            if pupil["mode"] != "送教上门":
                found[pupil["school"], pupil["grade"], pupil["class"]].append(pupil)
        return found

    def attendance(self):
        rolls, absences = [], []
        truants = set(self.random.sample([p["number"] for p in self.pupils], 8))
        for key, pupils in self.attending().items():
            for day in DAYS:
                for session in SESSIONS:
                    if self.random.random() < 0.06:
                        continue  # nobody took it: a gap is not a zero
                    marks = [(p, self.mark(p["number"] in truants)) for p in pupils]
                    marks = [(p, mark) for p, mark in marks if mark]
                    away = sum(mark in AWAY for _, mark in marks)
                    rolls.append((day, *key, session, len(pupils), len(pupils) - away))
                    absences += [(day, *key, session, p["number"], p["name"], mark) for p, mark in marks]
        return rolls, absences

    def mark(self, is_truant):
        if is_truant and self.random.random() < 0.9:
            return "旷课"
        return self.random.choice((*AWAY, "迟到", "早退")) if self.random.random() < 0.1 else None

    # What the county sends

    def write(self, folder):
        with open(folder / "divisions.csv", "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["代码", "名称", "级别", "上级代码"])
            writer.writerow([*self.county, "县", ""])
            writer.writerows([code, name, "乡镇", self.county[0]] for code, name in self.townships)
            writer.writerows([code, name, "村", parent] for code, name, parent in self.villages)
        schools = [(c, n, k, t, "公办") for c, n, k, t in self.schools]
        headings = ["学校标识码", "学校名称", "办学类型", "所在乡镇代码", "举办者类型"]
        self.save(folder / "schools.xlsx", {"Sheet1": [headings, *schools]})
        self.save(folder / "roster.xlsx", {"名册": self.roster()})
        self.save(folder / "attendance.xlsx", {"点名": self.roll_rows(), "缺勤": self.absence_rows()})

    def save(self, path, sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(path)

    def roster(self):
        yield ["学生基本信息表"]
        yield ["学校标识码★", "姓 名★", "性别★", "出生日期★", "身份证件号", "学籍号", "年级★", "班级★", "就读方式★", "户口所在地\n行政区划★"]
        for p in self.pupils:
            grade = p["grade"] if self.random.random() < 0.8 else f"{(GRADES + JUNIOR).index(p['grade']) + 1}年级"
            number = self.random.choice((f"{p['class']}班", f"（{p['class']}）班", p["class"]))
            yield [p["school"], p["name"], p["sex"], self.date(p["born"]), p["id"], p["number"], grade, number, p["mode"], p["home"]]
        yield ["填表人：", None, None, "审核人："]

    def roll_rows(self):
        yield ["日期", "学校标识码", "年级", "班级", "场次", "应到", "实到"]
        for day, school, grade, number, session, expected, present in self.rolls:
            yield [self.date(day), school, grade, f"{number}班", session, expected, present]

    def absence_rows(self):
        yield ["日期", "学校标识码", "年级", "班级", "场次", "学籍号", "姓名", "状态", "原因"]
        for day, school, grade, number, session, student_number, name, mark in self.absences:
            yield [self.date(day), school, grade, f"{number}班", session, student_number, name, mark, "发热" if mark == "病假" else None]

    def date(self, day):
        return day.strftime(self.random.choice(DAY_STYLES)) if self.random.random() < 0.8 else day

    # What must come out

    def registry(self):
        township = {school[0]: school[3] for school in self.schools}
        counted = Counter(township[p["school"]] for p in self.pupils)
        return {
            "county": self.county[0],
            "county_name": self.county[1],
            "townships": len(self.townships),
            "villages": len(self.villages),
            "schools": len(self.schools),
            "classes": len({(p["school"], p["grade"], p["class"]) for p in self.pupils}),
            "students": len(self.pupils),
            "students_by_township": {code: counted[code] for code, _name in self.townships},
        }

    def sums(self):
        """{township: figures}, only of townships with a class that is due."""
        township = {school[0]: school[3] for school in self.schools}
        found: dict = defaultdict(lambda: Counter({key: 0 for key in (*KEYS.values(), "sessions_submitted")}))
        for school, _grade, _number in self.attending():
            found[township[school]]["sessions_due"] += len(DAYS) * len(SESSIONS)
        for _day, school, _grade, _number, _session, expected, present in self.rolls:
            found[township[school]].update(expected=expected, present=present, sessions_submitted=1)
        for row in self.absences:
            found[township[row[1]]][KEYS[row[7]]] += 1
        return {code: dict(figures) for code, figures in found.items()}

    def streaks(self):
        """{ID: days} of whoever was truant in every session that the class submitted, counted back from the last day."""
        taken = defaultdict(set)
        for day, school, grade, number, session, _expected, _present in self.rolls:
            taken[school, grade, number].add((day, session))
        truant = defaultdict(set)
        for day, _school, _grade, _number, session, student_number, _name, mark in self.absences:
            if mark == "旷课":
                truant[student_number].add((day, session))
        lengths = {}
        for pupil in self.pupils:
            sessions = taken[pupil["school"], pupil["grade"], pupil["class"]]
            lengths[pupil["id"]] = self.streak(sessions, truant[pupil["number"]])
        return lengths

    def streak(self, submitted, missed):
        length = 0
        for day in reversed(DAYS):
            of_day = {key for key in submitted if key[0] == day}
            if of_day and not of_day <= missed:
                break
            length += bool(of_day)
        return length

    def attendance_report(self):
        lengths, by_township = self.streaks(), self.sums()
        total = Counter()
        for figures in by_township.values():
            total.update(figures)
        return {
            "as_of": DAYS[-1].isoformat(),
            "days": [day.isoformat() for day in DAYS],
            "by_school_township": by_township,
            "total": dict(total),
            "students_with_streak": {str(n): sum(x >= n for x in lengths.values()) for n in (1, 3, 7)},
            "streak_3_or_more": sorted([id_, length] for id_, length in lengths.items() if length >= 3),
        }

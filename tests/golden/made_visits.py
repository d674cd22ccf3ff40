"""Home visits and lessons at home of a made county: the workbook, and the figures counted from the same list.

Nothing here uses the product.
"""

import datetime
from collections import Counter, defaultdict

FIRST, LAST = datetime.date(2021, 3, 15), datetime.date(2021, 5, 10)  # both touch a month only
SPREAD = 90  # days from 1 March on: some visits lie outside
FORMS, PURPOSES = ("入户", "电话", "视频", "约谈"), ("常规", "缺勤", "疑似辍学", "劝返、心理", "受助核实", "安全")
HEADINGS = ["学籍号★", "姓名", "家访日期★", "时长\n(分钟)", "家访形式★", "家访目的", "家访教师★", "受访人", "与学生关系", "在家表现", "达成措施"]
LESSON_HEADINGS = ["学籍号★", "姓名", "日期★", "课时数★", "送教地点", "学科/内容", "送教教师★", "家长签字"]


class MadeVisits:
    """`visits`: (pupil, day, form), `lessons`: (pupil, day, how many), of a MadeCounty."""

    def __init__(self, county):
        self.county, self.random = county, county.random
        self.visits = [(self.random.choice(county.pupils), self.day(), self.random.choice(FORMS)) for _ in range(120)]
        self.visits += self.random.sample(self.visits, 5)  # twice on one day: both count
        at_home = [pupil for pupil in county.pupils if pupil["mode"] == "送教上门"]
        self.lessons = [(pupil, self.day(), self.random.randint(1, 3)) for pupil in at_home for _ in range(self.random.randint(0, 9))]

    def day(self):
        return datetime.date(2021, 3, 1) + datetime.timedelta(days=self.random.randrange(SPREAD))

    def write(self, folder):
        self.county.save(folder / "visits.xlsx", {"家访": self.visit_rows(), "送教上门": self.lesson_rows()})

    def visit_rows(self):
        yield ["家访登记表"]
        yield HEADINGS
        for pupil, day, form in self.visits:
            minutes, purpose = self.random.choice((15, "30", 45.0)), self.random.choice(PURPOSES)
            words = ["班主任", "家长", "母亲", "在家表现良好", "继续关注"]
            yield [pupil["number"], pupil["name"], self.county.date(day), minutes, form, purpose, *words]
        yield ["填表人：", None, None]

    def lesson_rows(self):
        yield LESSON_HEADINGS
        for pupil, day, lessons in self.lessons:
            yield [pupil["number"], pupil["name"], self.county.date(day), lessons, "家庭", "语文", "教师甲、教师乙", "家长"]

    # What must come out

    def report(self):
        township = {school[0]: school[3] for school in self.county.schools}
        inside = [(pupil, form) for pupil, day, form in self.visits if FIRST <= day <= LAST]
        taught = {pupil["number"] for pupil, day, _lessons in self.lessons if FIRST <= day <= LAST}
        return {
            "months": ["2021-03", "2021-04", "2021-05"],
            "tutored_students": len(taught),
            **self.figures(inside, self.county.pupils),
            "by_school_township": {
                code: self.figures(
                    [(pupil, form) for pupil, form in inside if township[pupil["school"]] == code],
                    [pupil for pupil in self.county.pupils if township[pupil["school"]] == code],
                )
                for code, _name in self.county.townships
            },
        }

    def figures(self, visits, pupils):
        at_home = [pupil["number"] for pupil in pupils if pupil["mode"] == "送教上门"]
        return {
            "visits": len(visits),
            "on_site": sum(form == "入户" for _pupil, form in visits),
            "students_visited": len({pupil["number"] for pupil, _form in visits}),
            "tutoring_months_due": len(at_home) * 3,
            "tutoring_months_met": sum(self.enough()[number, month] >= 2 for number in at_home for month in (3, 4, 5)),
        }

    def enough(self):
        """{(pupil, month): lessons at home of two lessons or more, in the whole month}"""
        found: Counter = Counter()
        for pupil, day, lessons in self.lessons:
            found[pupil["number"], day.month] += lessons >= 2
        return defaultdict(int, found)

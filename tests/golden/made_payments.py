"""Payments of a made county, as a bureau keeps them, and their sums from the same plain lists. Nothing here uses the product."""

import random
from collections import Counter, defaultdict

from tests.golden.made_county import JUNIOR, MadeCounty

HEADINGS = ["序号", "学校 ★", "年级", "班级", "姓名", "身份证号", "学籍号", "是否寄宿", "困难类型", "资助项目", "学 期", "标准(元/生·学期)", "应发金额\n(元)"]
HEADINGS += ["开户行", "社保卡/银行卡号", "开户人姓名", "与学生关系", "批次", "发放日期", "发放状态", "退回原因"]
TERMS = {"2021-spring": ("2021年春季", "2021春", "2020-2021-2"), "2020-autumn": ("2020年秋季", "2020秋", "2020-2021-1")}
PROGRAMS, BATCHES = ("生活补助", "县级补助"), ("01", "补发")
YUAN = (250, 312.5, "625.00", 200.05, "1,000元", 0.1)
FEN = {250: 25000, 312.5: 31250, "625.00": 62500, 200.05: 20005, "1,000元": 100000, 0.1: 10}
COLUMNS = [("小学", "走读"), ("小学", "寄宿"), ("初中", "走读"), ("初中", "寄宿")]


class MadePayments:
    """`lines`: (pupil, term, program, batch, yuan as typed, is boarding, state)."""

    def __init__(self, county: MadeCounty, seed: int):
        self.county, self.random = county, random.Random(seed)
        names = Counter(school[1] for school in county.schools)
        self.schools = {school[0]: school for school in county.schools if names[school[1]] == 1}
        pick = self.random
        self.lines = [
            (pupil, term, program, batch, pick.choice(YUAN), pick.random() < 0.4, pick.choices(("成功", "退回", "待发放"), (8, 1, 1))[0])
            for pupil in county.pupils
            if pupil["school"] in self.schools
            for term in TERMS
            for program in PROGRAMS
            for batch in BATCHES
            if pick.random() < 0.3
        ]

    def write(self, folder):
        self.county.save(folder / "payments.xlsx", {"Sheet1": self.rows()})

    def rows(self):
        pick = self.random
        yield ["白石县学生资助发放花名册"]
        yield HEADINGS
        for number, (p, term, program, batch, yuan, is_boarding, state) in enumerate(self.lines, 1):
            key = pick.choice(((p["id"], p["number"]), (p["id"], None), (None, p["number"])))
            place = (self.schools[p["school"]][1], p["grade"], f"（{p['class']}）班", p["name"], *key, "是" if is_boarding else "否")
            aid = ("农村低保", program, pick.choice(TERMS[term]), yuan, yuan, "农村商业银行", None, "", "父亲", batch)
            on = None if state == "待发放" else self.county.date(p["born"].replace(year=2021, month=5, day=20))
            yield [number, *place, *aid, on, state, "户名不符" if state == "退回" else None]
        yield ["合计"]

    # What must come out

    def report(self, term):
        paid = [line for line in self.lines if line[1] == term and line[-1] == "成功"]
        homes = {code for code, _name in self.county.townships}
        by_home: dict = defaultdict(lambda: {"fen": 0, "cells": [set() for _ in COLUMNS], "persons": set()})
        by_school: Counter = Counter({code: 0 for code in homes})
        for pupil, _term, _program, _batch, yuan, is_boarding, _state in paid:
            township = pupil["home"][:9]
            heap = by_home[township if township in homes else "外县"]
            cell = (("初中" if pupil["grade"] in JUNIOR else "小学"), "寄宿" if is_boarding else "走读")
            heap["cells"][COLUMNS.index(cell)].add(pupil["id"])
            heap["persons"].add(pupil["id"])
            heap["fen"] += FEN[yuan]
            by_school[self.schools[pupil["school"]][3]] += FEN[yuan]
        told = {
            code: {"amount_fen": heap["fen"], "counts": [len(cell) for cell in heap["cells"]], "persons": len(heap["persons"])}
            for code, heap in by_home.items()
        }
        return {
            "columns": ["".join(column) for column in COLUMNS],
            "amount_fen": sum(FEN[line[4]] for line in paid),
            "person_times": len(paid),
            "persons": len({line[0]["id"] for line in paid}),
            "by_home_township": told,
            "amount_fen_by_school_township": dict(by_school),
        }

"""What stands around the visits: photos, sheets of paper, an individual plan, calls back of last month's and what is worth a second look."""

import datetime
import io
import random

from PIL import Image, ImageDraw

from aidtracker.db import CHINA, today_in_china
from aidtracker.demo.known import Filled, shown_user, some
from aidtracker.demo.pupils import HOME_TAUGHT
from aidtracker.demo.rolls import Register
from aidtracker.demo.visits import receipt
from aidtracker.orgs.models import Org
from aidtracker.terms.days import ONE_DAY
from aidtracker.visits.actions import record_visit, verify_visit
from aidtracker.visits.actions_calls import draw_calls, record_call
from aidtracker.visits.actions_individual import add_individual_plan
from aidtracker.visits.actions_looks import close_second_look, find_second_looks
from aidtracker.visits.actions_papers import print_papers
from aidtracker.visits.evidence import NOTHING, Evidence, made_ready
from aidtracker.visits.models import Visit
from aidtracker.visits.models_calls import CallBack
from aidtracker.visits.models_looks import SecondLook
from aidtracker.visits.models_papers import Paper

SCHOOLS, SHEETS = 5, 4  # of the shown township; of the shown class
EVENING = datetime.time(20, 10)
CALLS = (("confirmed", "母亲", "说得清楚老师哪天来、谈了什么"), ("no_answer", "", ""), ("denied", "祖父", "说那天没有人来，请学校核实"))
COPIED = "家里老人身体不好，孩子放学先做饭再写作业，周末帮着照看弟弟"
LOOKED = "问过老师，时间填错了，已经改过。"
DAWN = "05:10"


class Checked:
    def __init__(self, county: Filled, rng: random.Random):
        self.county, self.rng, self.checker = county, rng, shown_user("township_coordinator")
        self.past = [day for day in county.days if day < county.on]
        self.own = next((one for one in county.registers if one.is_waiting and county.teacher_of(one) == shown_user("teacher")), None)

    def fill(self) -> None:
        if self.own is None or not self.past or self.county.on > today_in_china():
            return
        near = [one for one in self.county.registers if one.room.school.township == self.own.room.school.township and one.expected]
        self.visit_last_month(near)
        self.print_some()
        self.plan_at_home()
        self.copy_words()
        self.check(self.own.expected[0]["member1_name"])

    def visit_last_month(self, near: list[Register]) -> None:
        """One at each of some schools, the first with a photo."""
        last = self.county.on.replace(day=1) - ONE_DAY
        days = [day for day in self.past if day <= last and day.month == last.month]
        by_school = list({one.room.school.code: one for one in reversed(near)}.values())
        for n, register in enumerate(some(self.rng, by_school, SCHOOLS) if days else ()):
            self.record(register, self.rng.choice(days), photo=n < 1)

    def record(self, register: Register, on: datetime.date, pupil: dict | None = None, photo: bool = False, paper: str = "", **more) -> Visit:
        """In the evening of its day."""
        pupil, teacher = pupil or self.rng.choice(register.expected), self.county.teacher_of(register)
        values = {"form": "on_site", "on": on, "starts_at": "17:30", "minutes": 30, "purposes": ["routine"], "teachers": teacher.name}
        values |= {"person_met": pupil["member1_name"], "relation": pupil["member1_relation"], "at_home": "听话，能帮家里做事", "agreed": "继续关注"} | more
        student = self.county.student(pupil["student_number"])
        evidence = Evidence((drawn(self.rng),), None, is_agreed=True) if photo else NOTHING
        came = {"files": made_ready(evidence, student.county_id), "paper": paper, "receipt": receipt(self.rng)}
        visit = record_visit(students=[student], values=values, by=teacher, **came)
        Visit.update(recorded_at=datetime.datetime.combine(on, EVENING) - CHINA).where(Visit.id == visit.id).execute()
        return visit

    def print_some(self) -> None:
        """Blank forms of the shown class, one of which came back."""
        room, teacher = self.county.room_of(self.own), self.county.teacher_of(self.own)
        pupils = self.own.expected[:SHEETS]
        batch = print_papers(class_org=room, form="visit", student_ids=[self.county.student(pupil["student_number"]).id for pupil in pupils], by=teacher)
        paper = Paper.get((Paper.batch == batch) & (Paper.student == self.county.student(pupils[0]["student_number"])))
        self.record(self.own, self.past[-1], pupils[0], photo=True, paper=paper.code)

    def plan_at_home(self) -> None:
        pupil = next((row for row in self.own.pupils if row["mode"] == HOME_TAUGHT), None)
        if pupil is None:
            return
        teacher, first = self.county.teacher_of(self.own), self.county.first
        values = {"starts_on": first, "ends_on": first + datetime.timedelta(days=300), "place": "home", "schedule": "每月两次，周三下午", "assessed": "肢体二级，能坐能说"}
        values |= {"consent_on": first, "consent_by": pupil["member1_name"], "teacher": teacher.id}
        add_individual_plan(student=self.county.student(pupil["student_number"]), values=values, goals="能认读二十个常用字，会数到一百", by=teacher)

    def copy_words(self) -> None:
        """What is worth a second look: the same words about two families, and an arrival before dawn."""
        day, pupils = self.past[-1], self.own.expected[-3:]
        for pupil, at in zip(pupils, ("17:00", "18:00", DAWN), strict=False):
            more = {"at_home": COPIED} if at != DAWN else {}
            self.record(self.own, day, pupil, starts_at=at, **more)

    def check(self, name: str) -> None:
        place = self.checker.memberships[0].org
        county: Org = self.county.room_of(self.own).county
        draw_calls(county_id=county.id, today=self.county.on)
        mine = CallBack.select().join(Visit).where(Visit.recorded_by != self.checker).order_by(CallBack.id)
        reach = [one for one in mine if one.visit.pupils[0].school.path.startswith(place.path)]
        for one, (outcome, whom, remark) in zip(reach[:-1], CALLS, strict=False):
            record_call(call_back=one, tries=0, outcome=outcome, spoke_to=whom and f"{name}（{whom}）", remark=remark, by=self.checker)
            if outcome == "confirmed":
                verify_visit(visit=one.visit, revision=one.visit.revision, by=self.checker)
        find_second_looks(county_id=county.id, today=self.county.on)
        dawn = SecondLook.get_or_none(SecondLook.reason == "odd_hours")
        if dawn is not None:
            close_second_look(second_look=dawn, remark=LOOKED, by=self.checker)


def drawn(rng: random.Random) -> bytes:
    """A house under a hill, by nobody's camera."""
    picture = Image.new("RGB", (640, 480), (200, 220, 240))
    pen, ground = ImageDraw.Draw(picture), rng.randrange(300, 380)
    pen.polygon([(0, ground), (rng.randrange(120, 300), rng.randrange(80, 200)), (rng.randrange(400, 640), ground)], fill=(90, 130, 90))
    pen.rectangle([0, ground, 640, 480], fill=(150, 170, 110))
    left, top = rng.randrange(60, 340), ground - 110
    pen.rectangle([left, top, left + 220, ground + 40], fill=(225, 215, 200))
    pen.polygon([(left - 20, top), (left + 110, top - 70), (left + 240, top)], fill=(120, 70, 60))
    pen.rectangle([left + 90, top + 60, left + 130, ground + 40], fill=(80, 60, 50))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=80)
    return stream.getvalue()

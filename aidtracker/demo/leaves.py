"""A few leaves of the shown school: one that runs, one that waits, one that ran out, one that is over; and three like cases of illness."""

import datetime

from aidtracker.attendance.actions_leaves import ask_leave, close_leave
from aidtracker.attendance.leaves import Span
from aidtracker.attendance.models_leaves import Leave
from aidtracker.db import today_in_china
from aidtracker.demo.known import Filled, shown_user
from aidtracker.demo.rolls import Register
from aidtracker.orgs.models import Org
from aidtracker.terms.calendar import school_days

LATELY = datetime.timedelta(days=5)  # so that a teacher may still ask
AHEAD = datetime.timedelta(days=15)
SPAN = 3  # school days
ILL = 3
NEEDED = 4 + ILL


class Leaves:
    """Of a class beside that of the shown teacher, so that the shown roll is as it always was."""

    def __init__(self, county: Filled):
        self.county, self.head, self.teacher = county, shown_user("school_admin"), shown_user("teacher")

    def fill(self) -> None:
        register, past = self.register(), self.county.days[-SPAN:]
        if register is None or len(past) < SPAN or self.county.on > today_in_china():
            return
        numbers = [row["student_number"] for row in register.expected]
        by = self.county.teacher_of(register) if self.county.on > today_in_china() - LATELY else self.head
        self.ask(numbers[0], past[-2], past[-2], "personal_leave", "家里老人住院，去县城照看", self.head)
        over = self.ask(numbers[1], past[0], past[-1], "personal_leave", "回老家办户口", self.head)
        close_leave(leave=over, back_on=past[-1], back_session="morning", clearance="", words="提前一天回来", by=by)
        for number in numbers[4:NEEDED]:
            self.ask(number, past[-1], past[-1], "sick_leave", "发烧，在村卫生室看病", self.head, symptoms=["fever", "cough"])
        ahead = school_days(self.county.on, self.county.on + AHEAD, self.head.memberships[0].org.county_id, self.room(register).parent_id)
        if len(ahead) >= SPAN:
            self.ask(numbers[2], ahead[0], ahead[SPAN - 1], "personal_leave", "父母从外地回来，一起去看外婆", by)
            self.ask(numbers[3], ahead[0], ahead[SPAN - 1], "official", "代表学校参加县里的运动会", self.head)

    def register(self) -> Register | None:
        """The first of the school that has pupils enough."""
        school, own = self.head.memberships[0].org_id, {held.org_id for held in self.teacher.memberships}
        rooms = [register for register in self.county.registers if (room := self.room(register)).parent_id == school and room.id not in own]
        return next((register for register in rooms if len(register.expected) >= NEEDED), None)

    def room(self, register: Register) -> Org:
        return self.county.room_of(register)

    def ask(self, number: str, first: datetime.date, last: datetime.date, kind: str, reason: str, by, symptoms=()) -> Leave:
        values = {"kind": kind, "span": Span(first, "early", last, "night"), "reason": reason, "applicant": "母亲", "way": "phone", "is_proved": False}
        return ask_leave(student=self.county.student(number), values=values | {"symptoms": list(symptoms)}, by=by)

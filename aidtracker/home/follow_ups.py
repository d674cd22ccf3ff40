"""Whom a class teacher follows up: pupils who stay away, and those with an open case; what is late comes first."""

import datetime
from typing import NamedTuple

from aidtracker.attendance.limits import limits_of
from aidtracker.attendance.truants import truants_of
from aidtracker.attendance.warnings import Due, due_of
from aidtracker.cases.models import Case
from aidtracker.cases.queries import cases_for, is_open
from aidtracker.cases.sealed import shown_to
from aidtracker.cases.states import CLOSED, NEXT_ACTS
from aidtracker.orgs.models import Org
from aidtracker.orgs.scopes import Scope
from aidtracker.phrases import Phrase
from aidtracker.students.models import Student
from aidtracker.tasks.kinds import KINDS


class FollowUp(NamedTuple):
    """`days`: unexcused in a row up to today; `case`: the open one."""

    student_id: int
    name: str
    days: int
    class_name: str
    case: Case | None
    serious: int  # days from which a case is wanted
    due: list[Due]  # what the county's ladder asks for
    is_kept: bool  # there is a case of which the reader may not know

    @property
    def is_serious(self) -> bool:
        return self.days >= self.serious

    @property
    def needs_case(self) -> bool:
        return self.is_serious and self.case is None and not self.is_kept

    @property
    def next_act(self) -> Phrase:
        if self.due and not self.case:
            words = "第 %(n)s 天缺勤 · 应%(what)s，请建案" if self.needs_case else "第 %(n)s 天缺勤 · 应%(what)s"
            return Phrase(words, n=self.days, what=Phrase(KINDS[self.due[0].step].label))
        if self.case:
            return Phrase(NEXT_ACTS[self.case.state])
        return Phrase("请建案，并尽快家访") if self.needs_case else Phrase("请联系家长，问清原因")

    def urgency(self, today: datetime.date) -> tuple:
        """Overdue cases, pupils without the case that they need, those just away, cases with time left."""
        due_on = self.case.due_on if self.case else None
        if due_on and due_on < today:
            return (0, due_on.toordinal())
        if self.case:
            return (3, due_on.toordinal() if due_on else 0)
        return (1 if self.needs_case else 2, -self.days)


def follow_ups(user, classes: list[Org], today: datetime.date) -> list[FollowUp]:
    """Pupils of these classes, each once."""
    away = days_away(classes, today)
    names, serious = {org.id: org.name for org in classes}, {org.id: limits_of(org.county_id, today).serious for org in classes}
    least = min(serious.values(), default=0)  # of a pupil who has left the class since
    with_case = Case.select(Case.student).join(Student, on=Case.student)
    with_case = with_case.where(Student.class_org.in_(list(names)) & (Case.state != CLOSED) & shown_to(user.id))
    wanted = set(away) | {student for (student,) in with_case.tuples()}
    pupils = Student.select(Student.id, Student.name, Student.class_org).where(Student.id.in_(list(wanted)))
    standing = cases_for(user, wanted)
    cases = {student: case for student, case in standing.cases.items() if is_open(case)}
    due = due_of(wanted)
    found = [
        FollowUp(id_, name, away.get(id_, 0), names.get(room, ""), cases.get(id_), serious.get(room, least), due.get(id_, []), id_ in standing.kept)
        for id_, name, room in pupils.tuples()
    ]
    return sorted(found, key=lambda each: (each.urgency(today), each.student_id))


def days_away(classes: list[Org], today: datetime.date) -> dict[int, int]:
    """{student: unexcused school days in a row} of these classes."""
    found: dict[int, int] = {}
    for county in {org.county_id: org.county for org in classes}.values():
        paths = [org.path for org in classes if org.county_id == county.id]
        found |= {truant.student_id: truant.days for truant in truants_of(Scope(county, county, paths), today)}
    return found

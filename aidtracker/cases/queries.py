"""Cases within the reader's scope, what belongs to one, and whom to open one for."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.accounts.models import User
from aidtracker.accounts.queries import people_at
from aidtracker.attendance.limits import limits_of
from aidtracker.attendance.queries import PupilAbsence, absences_of, opened
from aidtracker.attendance.truants import Truant, truants_of
from aidtracker.cases.models import Case, CaseStep, CaseVersion, FollowUp
from aidtracker.cases.sealed import sealed_ids, shown_to
from aidtracker.cases.states import CLOSED
from aidtracker.db import chunks_of
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import counties_of
from aidtracker.orgs.scopes import Scope
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope, visible_students
from aidtracker.tasks.queries import WORKERS
from aidtracker.terms.calendar import school_days
from aidtracker.visits.models import Visit, VisitStudent

LAST_DAYS = 20  # school days whose absences a case shows
LONG_ENOUGH = datetime.timedelta(days=90)  # to hold so many, holidays included
NOT_CLOSED = Case.state != peewee.SQL("'closed'")  # written out: an index of the open ones is none to a parameter


def visible_cases(user, permission: Permission = Permission.CASE_VIEW):
    """Cases of the pupils whose class, registered home or county the reader answers for, and that are not kept from the reader."""
    return Case.select().join(Student, on=Case.student).where(in_scope(user.scopes(permission)) & shown_to(user.id))


def visible_case(user, case_id: int, permission: Permission = Permission.CASE_VIEW) -> Case:
    found = visible_cases(user, permission).where(Case.id == case_id).first()
    if found is None:
        raise NotFound
    return found


def open_cases(user):
    return visible_cases(user).where(NOT_CLOSED)


def overdue(user, today: datetime.date):
    """Open cases whose next step should have been done before this day."""
    return open_cases(user).where(Case.due_on < today)


def case_of(student) -> Case | None:
    """The child's one case, open or closed."""
    return Case.get_or_none(Case.student == student)


def case_for(user, student) -> Case | None:
    """The child's one case, unless it is kept from the reader."""
    return Case.get_or_none((Case.student == student) & shown_to(user.id))


def open_case_ids(student_ids) -> dict[int, int]:
    """{student id: the case}, of those that are not closed and kept from nobody."""
    sealed = {id_ for (id_,) in sealed_ids().tuples()}
    return {student: case.id for student, case in cases_of_many(student_ids).items() if case.state != CLOSED and case.id not in sealed}


def cases_of_many(student_ids) -> dict[int, Case]:
    """{student id: the case}"""
    found: dict[int, Case] = {}
    for some in chunks_of(list(student_ids)):
        found |= {case.student_id: case for case in Case.select().where(Case.student.in_(some))}
    return found


class Standing(NamedTuple):
    """Of many pupils, as one person sees it. `kept`: those whose case that person may not know of; neither is one asked for nor missing."""

    cases: dict[int, Case]
    kept: set[int]


def cases_for(user, student_ids) -> Standing:
    """Open or closed."""
    cases, shown = cases_of_many(student_ids), set()
    for some in chunks_of([case.id for case in cases.values()]):
        shown |= {id_ for (id_,) in Case.select(Case.id).where(Case.id.in_(some) & shown_to(user.id)).tuples()}
    seen = {student: case for student, case in cases.items() if case.id in shown}
    return Standing(seen, set(cases) - set(seen))


class ToOpen(NamedTuple):
    """A pupil who stays away and has no open case. `closed_id`: the case that would be reopened."""

    student_id: int
    name: str
    days: int
    class_name: str
    school_name: str
    closed_id: int | None


def to_open(user, today: datetime.date) -> list[ToOpen]:
    """Pupils of the reader's scope with so many unexcused school days in a row that the county wants a case, the longest first."""
    truants: list[Truant] = []
    for county in counties_of(user, Permission.CASE_VIEW):
        serious = limits_of(county.id, today).serious
        truants += [each for each in truants_of(Scope(county, county, [str(county.path)]), today) if each.days >= serious]
    names = names_within(user, [truant.student_id for truant in truants])
    standing = cases_for(user, names)
    cases = standing.cases
    waiting = [each for each in truants if each.student_id in names and each.student_id not in standing.kept and not is_open(cases.get(each.student_id))]
    places = place_names({place for each in waiting for place in (each.class_id, each.school_id)})
    rows = [
        ToOpen(
            each.student_id,
            names[each.student_id],
            each.days,
            places[each.class_id],
            places[each.school_id],
            cases[each.student_id].id if each.student_id in cases else None,
        )
        for each in waiting
    ]
    return sorted(rows, key=lambda row: -row.days)


def is_open(case: Case | None) -> bool:
    return case is not None and case.state != CLOSED


def names_within(user, student_ids: list[int], permission: Permission = Permission.CASE_VIEW) -> dict[int, str]:
    """{id: name} of those of these pupils over whom the reader holds the permission."""
    found: dict[int, str] = {}
    for some in chunks_of(student_ids):
        seen = visible_students(user, permission).where(Student.id.in_(some))
        found |= dict(seen.select(Student.id, Student.name).tuples())
    return found


def place_names(ids: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in chunks_of(list(ids)):
        found |= dict(Org.select(Org.id, Org.name).where(Org.id.in_(some)).tuples())
    return found


# What belongs to one case.


def follow_ups_of(case: Case) -> list[FollowUp]:
    found = FollowUp.select(FollowUp, User).join(User, peewee.JOIN.LEFT_OUTER, on=FollowUp.recorded_by)
    return list(found.where(FollowUp.case == case).order_by(FollowUp.ordinal))


def steps_of(case: Case) -> list[CaseStep]:
    found = CaseStep.select(CaseStep, User).join(User, peewee.JOIN.LEFT_OUTER, on=CaseStep.by)
    return list(found.where(CaseStep.case == case).order_by(CaseStep.id))


def versions_of(case: Case) -> list[CaseVersion]:
    found = CaseVersion.select(CaseVersion, User).join(User, peewee.JOIN.LEFT_OUTER, on=CaseVersion.replaced_by)
    return list(found.where(CaseVersion.case == case).order_by(CaseVersion.revision))


def visits_of(case: Case) -> list[Visit]:
    """The pupil's visits since the case was first opened, the newest first."""
    since = CaseStep.select(peewee.fn.MIN(CaseStep.on)).where(CaseStep.case == case).scalar() or case.found_on
    found = Visit.select().join(VisitStudent, on=VisitStudent.visit == Visit.id)
    mine = (VisitStudent.student == case.student_id) & (Visit.on >= min(since, case.found_on))
    return list(found.where(mine).order_by(Visit.on.desc(), Visit.id.desc()))


def visits_to_name(case: Case) -> list[Visit]:
    """Those that no follow-up has named yet."""
    named = {visit_id for (visit_id,) in FollowUp.select(FollowUp.visit).where(FollowUp.case == case).tuples()}
    return [visit for visit in visits_of(case) if visit.id not in named]


def workers_for(student: Student) -> list[tuple[int, str]]:
    """(user id, name and place) of whoever may work on this child's case, the nearest first: 责任人."""
    places = [org.path for org in (student.class_org, student.home, student.county) if org is not None]
    return people_at({int(part) for path in places for part in path.strip("/").split("/")}, WORKERS)


def recent_absences(student: Student, today: datetime.date) -> list[PupilAbsence]:
    """What the rolls of the last 20 school days say, newest first."""
    days = school_days(today - LONG_ENOUGH, today, student.county_id)[-LAST_DAYS:]
    return opened(absences_of(student, days[0], today), student.id) if days else []

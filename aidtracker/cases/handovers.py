"""Handovers within the reader's scope, which places may take a case over, and who answers for it there afterwards."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.accounts.queries import people_at
from aidtracker.cases.case_tasks import path_of
from aidtracker.cases.models import Case
from aidtracker.cases.models_handover import CaseHandover
from aidtracker.cases.sealed import shown_to
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING, within
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope
from aidtracker.tasks.queries import WORKERS

P = Permission
TABS = {"answer": "要我接收", "asked": "等对方接收", "ended": "已办结"}
TAKERS = ("school", "township", "village")  # kinds of places that may take a case over
Asker, ToOrg = User.alias(), Org.alias()


def ids_of(student: Student) -> list[int]:
    """The places that answer for the child: by its class, and by its registered home."""
    paths = [str(org.path) for org in (student.class_org, student.home) if org is not None]
    return list(dict.fromkeys(int(part) for path in paths for part in path.strip("/").split("/")))


def places_to_take(case: Case) -> list[tuple[int, str]]:
    """(id, name) of those among them at which the owner does not work already."""
    owner_path = path_of(case.owner, case.student) or ""
    found = Org.select().where(Org.id.in_(ids_of(case.student)) & Org.kind.in_(TAKERS)).order_by(Org.path)
    own = {org.id for org in found if owner_path.startswith(str(org.path)) and org.kind == "school"} | {int(part) for part in owner_path.strip("/").split("/")[-1:] if part}
    return [(org.id, org.name) for org in found if org.id not in own]


def owners_at(handover: CaseHandover) -> list[tuple[int, str]]:
    """(user id, name and place) of whoever may answer for the child at the place or below it."""
    path = str(handover.to_org.path)
    ids = ids_of(handover.case.student)
    inside = [id_ for (id_,) in Org.select(Org.id).where(Org.id.in_(ids) & within([path])).tuples()]
    return people_at(inside, WORKERS)


def may_answer(user, handover: CaseHandover) -> bool:
    """Whoever works at the place that is asked, or above it; never who offered it."""
    return user.id != handover.asked_by_id and user.may(P.CASE_WORK, handover.to_org)


def visible_handovers(user, permission: Permission = P.CASE_VIEW):
    return CaseHandover.select().join(Case).join(Student).where(in_scope(user.scopes(permission)) & shown_to(user.id))


def visible_handover(user, handover_id: int, permission: Permission = P.CASE_VIEW) -> CaseHandover:
    found = visible_handovers(user, permission).where(CaseHandover.id == handover_id).first()
    if found is None:
        raise NotFound
    return found


def waits_for(user):
    """A condition: this person may answer it."""
    paths = user.scopes(P.CASE_WORK)
    if not paths:
        return NOTHING
    places = Org.select(Org.id).where(within(paths))
    return (CaseHandover.state == "asked") & (CaseHandover.asked_by != user.id) & CaseHandover.to_org.in_(places)


def handovers_in(user, tab: str):
    found = visible_handovers(user)
    if tab == "answer":
        return found.where(waits_for(user))
    return found.where(CaseHandover.state == "asked") if tab == "asked" else found.where(CaseHandover.state != "asked")


def listed(found):
    """Rows of the list: the nearest deadline first; what ended, the newest first."""
    about = (Student.name, Case.number, Asker.name.alias("asker"), ToOrg.name.alias("to_name"))
    rows = found.select(CaseHandover.id, CaseHandover.state, CaseHandover.answer_by, CaseHandover.asked_at, *about)
    rows = rows.join(Asker, on=CaseHandover.asked_by == Asker.id).join(ToOrg, on=CaseHandover.to_org == ToOrg.id)
    return rows.order_by(CaseHandover.ended_at.desc(), CaseHandover.answer_by, CaseHandover.id).dicts()


def handovers_of(case: Case) -> list[CaseHandover]:
    return list(CaseHandover.select(CaseHandover, ToOrg).join(ToOrg, peewee.JOIN.INNER, on=CaseHandover.to_org == ToOrg.id, attr="to_org").where(CaseHandover.case == case).order_by(CaseHandover.id))


def waiting_handover(case: Case) -> CaseHandover | None:
    return CaseHandover.get_or_none((CaseHandover.case == case) & (CaseHandover.state == "asked"))

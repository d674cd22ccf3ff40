"""保密个案: who may read a sealed case. For everybody else it is in no list, and nothing of it is told."""

from aidtracker.cases.models import Case
from aidtracker.cases.models_closing import CaseTask
from aidtracker.cases.models_sealed import CaseGlance, CaseReader, CaseSeal
from aidtracker.db import utcnow
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope
from aidtracker.tasks.models import Task

SEALED = CaseSeal.lifted_at.is_null()


def sealed_ids():
    return CaseSeal.select(CaseSeal.case).where(SEALED)


def named_ids(user_id: int):
    return CaseReader.select(CaseReader.case).where((CaseReader.user == user_id) & CaseReader.ended_at.is_null())


def shown_to(user_id: int):
    """A condition on Case, beside the scope: it is not sealed, or this person is named, or looks in need just now."""
    looks = CaseGlance.select(CaseGlance.case).where((CaseGlance.user == user_id) & (CaseGlance.until > utcnow()))
    return Case.id.not_in(sealed_ids()) | Case.id.in_(named_ids(user_id)) | Case.id.in_(looks)


def is_shown(user_id: int, case: Case) -> bool:
    return Case.select().where((Case.id == case.id) & shown_to(user_id)).exists()


def is_kept_from(user_id: int, student: Student) -> bool:
    """Whoever only looks in need changes nothing."""
    sealed = Case.id.in_(sealed_ids()) & Case.id.not_in(named_ids(user_id))
    return Case.select().where((Case.student == student) & sealed).exists()


def kept_rows(student_id: int, user_id: int) -> dict[str, int]:
    """A hook of students: of what is counted of a pupil, the case that is kept from this person."""
    number = Case.select().where((Case.student == student_id) & Case.id.in_(sealed_ids()) & ~shown_to(user_id)).count()
    return {Case._meta.table_name: number} if number else {}


def seal_of(case: Case) -> CaseSeal | None:
    return CaseSeal.get_or_none((CaseSeal.case == case) & SEALED)


def readers_of(case: Case) -> list[CaseReader]:
    return list(CaseReader.select().where((CaseReader.case == case) & CaseReader.ended_at.is_null()).order_by(CaseReader.id))


def reader_ids(case: Case) -> set[int]:
    return {reader.user_id for reader in readers_of(case)}


def seals_of(case: Case) -> list[CaseSeal]:
    return list(CaseSeal.select().where(CaseSeal.case == case).order_by(CaseSeal.id))


def glances_of(case: Case) -> list[CaseGlance]:
    return list(CaseGlance.select().where(CaseGlance.case == case).order_by(CaseGlance.id))


def hidden_count(user, permission) -> int:
    """How many open cases of the places of this permission are kept from the reader: a number, and nothing else."""
    mine = Case.select().join(Student, on=Case.student).where(in_scope(user.scopes(permission)))
    return mine.where((Case.state != "closed") & Case.id.in_(sealed_ids()) & ~shown_to(user.id)).count()


def hidden_tasks(user_id: int):
    """A hook of tasks: those about cases of which this person is not a named one, but for what is asked of them by name.
    A look in need spares none: whoever looks would see the alarm, and could end it."""
    kept = Case.select(Case.id).where(Case.id.in_(sealed_ids()) & Case.id.not_in(named_ids(user_id)))
    theirs = Task.person.is_null() | (Task.person != user_id)
    return CaseTask.select(CaseTask.task).join(Task).where(CaseTask.case.in_(kept) & theirs)

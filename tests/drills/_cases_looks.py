"""What must hold of notices and sealed cases after every act: numbers without a gap, 送达 as it was recorded, nothing shown to who is not named."""

from aidtracker.accounts.models import User
from aidtracker.cases.models import Case
from aidtracker.cases.models_closing import CaseTask
from aidtracker.cases.models_notice import Notice, NoticeService
from aidtracker.cases.models_sealed import CaseGlance, CaseReader, CaseSeal
from aidtracker.cases.queries import visible_cases
from aidtracker.db import utcnow
from aidtracker.permissions import Permission
from aidtracker.students.queries import may_with
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import OPEN
from tests.drills.drill import Outcome

BY_THEMSELVES = ("call_roll", "break_it")  # acts that stand outside the case
VIEW = Permission.CASE_VIEW


def is_sealed(case: Case) -> bool:
    return CaseSeal.select().where((CaseSeal.case == case) & CaseSeal.lifted_at.is_null()).exists()


def named(case: Case) -> set[int]:
    return {user for (user,) in CaseReader.select(CaseReader.user).where((CaseReader.case == case) & CaseReader.ended_at.is_null()).tuples()}


def see_sealed_act(name: str, by, former: tuple, outcome: Outcome) -> None:
    """`former`: (whether the case was sealed, who was named) before the act."""
    was_sealed, who = former
    if was_sealed and by.id not in who and name not in BY_THEMSELVES:
        outcome.found("leaked", f"{name} by somebody who is not named in a sealed case")


def see_glance(case: Case, outcome: Outcome) -> None:
    """Whoever is named has a task that says so."""
    told = CaseTask.select(Task.person).join(Task).where((CaseTask.case == case) & (Task.kind == "seal_broken"))
    missing = named(case) - {person for (person,) in told.tuples()}
    if missing:
        outcome.found("leaked", f"a look in need was not told to {missing}")


def look_at_seal(world, case: Case, name: str, outcome: Outcome) -> None:
    sealed, who = is_sealed(case), named(case)
    looks = {user for (user,) in CaseGlance.select(CaseGlance.user).where((CaseGlance.case == case) & (CaseGlance.until > utcnow())).tuples()}
    if sealed and case.owner_id not in who:
        outcome.found("ownerless", f"who answers for a sealed case may not read it, after {name}")
    for user in User.select().where(User.id.in_(world.users)):
        wanted = may_with(user, VIEW, case.student) and (not sealed or user.id in who | looks)
        if visible_cases(user).where(Case.id == case.id).exists() != wanted:
            outcome.found("leaked", f"a case is {'hidden from' if wanted else 'shown to'} {user.id} after {name}")


def look_at_notices(case: Case, name: str, outcome: Outcome) -> None:
    numbers: dict[tuple, list[int]] = {}
    for notice in Notice.select().order_by(Notice.id):
        numbers.setdefault((notice.office_id, notice.series, notice.year), []).append(notice.number)
    for key, found in numbers.items():
        if found != list(range(1, len(found) + 1)):
            outcome.found("misnumbered", f"{key} has {found} after {name}")
    for notice in Notice.select().where(Notice.case == case):
        served = [one for one in NoticeService.select().where((NoticeService.notice == notice) & NoticeService.is_served)]
        if notice.state == "served" and len(served) != 1 or notice.state in ("issued", "not_served") and served:
            outcome.found("wrong", f"a notice is {notice.state} with {len(served)} services after {name}")
        is_asked = Task.select().where((Task.id == notice.serve_task_id) & OPEN).exists()
        if is_asked and (notice.state not in ("issued", "not_served") or case.state == "closed"):
            outcome.found("stranded", f"a {notice.state} notice of a {case.state} case is to be served after {name}")

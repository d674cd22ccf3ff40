"""Histories of cases by everybody at random: one case for a child, no skipped approval, no outcome without its evidence, every
transition with who and when, a handover with an owner at every moment, a task for whoever is waited for, 文号 without a gap, and
nothing of a sealed case for who is not named.

One round is one child and some dozens of acts; the county changes its rule on who closes between them.
"""

from peewee import DatabaseError

from aidtracker.accounts.models import User
from aidtracker.attendance.streaks import days_away_of
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.cases.models import Case, CaseStep, CaseVersion, FollowUp
from aidtracker.cases.models_closing import CaseClosing, CaseTask
from aidtracker.cases.models_handover import CaseHandover
from aidtracker.cases.models_notice import Notice
from aidtracker.cases.models_sealed import CaseSeal
from aidtracker.cases.outcomes import AT_SCHOOL_HERE, OUTCOMES
from aidtracker.errors import Refused
from aidtracker.permissions import Permission
from aidtracker.students.queries import may_with
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import OPEN
from aidtracker.terms.calendar import school_days
from tests.drills import _cases_bugs as bugs
from tests.drills._cases_acts import ACTS, open_it
from tests.drills._cases_counts import look_at_counts
from tests.drills._cases_looks import is_sealed, look_at_notices, look_at_seal, named, see_glance, see_sealed_act
from tests.drills._cases_world import WATCHED, build, new_child, set_policy, somebody
from tests.drills.drill import Drill, Given, Outcome

MOST_ACTS = 60
CLOSE, WORK = Permission.CASE_CLOSE, Permission.CASE_WORK
OF_SEALS = ("seal_it", "name_readers", "lift_it", "break_it", "accept_it", "edit_it")
ZEROS = ("doubled", "skipped", "unproved", "untold", "ownerless", "stranded", "misnumbered", "miscounted", "leaked", "wrong")


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, facts={"acts": 0, "refused": 0, "closed": 0, "approved": 0, "handed": 0, "relapsed": 0, "notices": 0, "sealed": 0}, zeros=dict.fromkeys(ZEROS, 0))
    with given.opened():
        world = build(given)
        for _ in range(given.rounds):
            one_round(world, outcome)
            if outcome.is_red:
                return outcome
        if first_broken_entry() is not None:
            outcome.found("wrong", "the trail is broken")
        outcome.facts["notices"], outcome.facts["sealed"] = Notice.select().count(), CaseSeal.select().count()
        outcome.facts["relapsed"] = CaseStep.select().where((CaseStep.from_state == "returned") & (CaseStep.to_state == "dropout")).count()
    return outcome


def one_round(world, outcome: Outcome) -> None:
    world.child = new_child(world)
    world.rule, world.stays_away = world.random.choice(("direct", "bureau")), world.random.random() < 0.4
    set_policy(world, "closing_by", world.rule)
    for n in range(world.random.randrange(10, MOST_ACTS)):
        act, by = world.random.choice(ACTS) if n else open_it, somebody(world)
        by = User.get_by_id(world.users[0]) if not n else by
        before = (AuditEntry.select().count(), Case.get_or_none(Case.student == world.child))
        former = (is_sealed(before[1]), named(before[1])) if before[1] else (False, set())
        try:
            act(world, by)
        except Refused:
            outcome.facts["refused"] += 1
            if AuditEntry.select().count() != before[0]:
                outcome.found("wrong", f"{act.__name__} was refused and told")
        except (AssertionError, DatabaseError) as why:
            outcome.found("wrong", f"{act.__name__}: {why}")
        else:
            outcome.facts["acts"] += 1
            see_act(world, act.__name__, by, before, outcome)
            see_sealed_act(act.__name__, by, former, outcome)
        look(world, act.__name__, outcome)
        look_at_counts(act.__name__, outcome)
        if outcome.is_red:
            return


def see_act(world, name: str, by, before: tuple, outcome: Outcome) -> None:
    """What can only be judged at the moment of the act."""
    entries, former = before
    case = Case.get_or_none(Case.student == world.child)
    changed = case is not None and (former is None or case.state != former.state)
    if changed and AuditEntry.select().count() == entries:
        outcome.found("untold", f"{name} changes the state and tells nobody")
    if case is not None and case.state == "closed" and changed:
        see_closing(world, name, by, case, outcome)
    if name == "accept_it":
        see_taking(world, by, outcome)
    if name == "break_it":
        see_glance(case, outcome)


def see_closing(world, name: str, by, case: Case, outcome: Outcome) -> None:
    outcome.facts["closed"] += 1
    asked = CaseClosing.select().where((CaseClosing.case == case) & (CaseClosing.state == "approved")).order_by(CaseClosing.id.desc()).first()
    is_bureau = by.may(CLOSE, world.county)
    if name == "approve_it":
        outcome.facts["approved"] += 1
        if asked is None or asked.asked_by_id == by.id or asked.ended_by_id != by.id:
            outcome.found("skipped", "a case was closed by approval, and nobody else had asked")
        elif asked.level == "county" and not is_bureau:
            outcome.found("skipped", "a township approved what a township asked for")
        elif written_since(asked):
            outcome.found("skipped", "what was approved had changed since it was asked")
    elif name != "close_it" or not may_with(by, CLOSE, case.student) or (world.rule == "bureau" and not is_bureau):
        outcome.found("skipped", f"{name} closed a case without an approval, the rule being {world.rule}")
    see_evidence(world, case, outcome)


def written_since(asked: CaseClosing) -> bool:
    rows = ((FollowUp, FollowUp.recorded_at), (CaseVersion, CaseVersion.replaced_at))
    return any(model.select().where((model.case == asked.case_id) & (at > asked.asked_at)).exists() for model, at in rows)


def see_evidence(world, case: Case, outcome: Outcome) -> None:
    """Words always, a return and its watch period where the child is said to be back, and no absence on the rolls."""
    if not (case.conclusion or "").strip() or not OUTCOMES[case.outcome].closes:
        outcome.found("unproved", f"closed as {case.outcome} with {case.conclusion!r}")
    if case.outcome == "returned":
        back = CaseStep.select(CaseStep.on).where((CaseStep.case == case) & (CaseStep.to_state == "returned")).order_by(CaseStep.id.desc()).limit(1).scalar()
        if back is None or len(school_days(back, case.closed_on, world.county.id)) < WATCHED:
            outcome.found("unproved", f"closed as returned on {case.closed_on}, back since {back}")
    if case.outcome in AT_SCHOOL_HERE and days_away_of({case.student_id}, world.county.id, case.closed_on):
        outcome.found("unproved", f"closed as {case.outcome}, and away on the rolls")


def see_taking(world, by, outcome: Outcome) -> None:
    outcome.facts["handed"] += 1
    last = CaseHandover.select().join(Case).where((Case.student == world.child) & (CaseHandover.state == "accepted")).order_by(CaseHandover.ended_at.desc(), CaseHandover.id.desc()).first()
    if last is None or by.id == last.asked_by_id or not by.may(WORK, last.to_org):
        outcome.found("skipped", "a handover was accepted by somebody of another place")
    elif not any(m.org.path.startswith(last.to_org.path) for m in last.new_owner.memberships):
        outcome.found("ownerless", "who took it over does not work there")


def look(world, name: str, outcome: Outcome) -> None:
    cases = list(Case.select().where(Case.student == world.child))
    if len(cases) > 1:
        outcome.found("doubled", f"{len(cases)} cases of one child after {name}")
    for case in cases:
        see_steps(case, name, outcome)
        if case.owner_id is None or not may_with(case.owner, WORK, case.student):
            outcome.found("ownerless", f"nobody who may work on it answers for it after {name}")
        see_waiting(case, name, outcome)
        look_at_notices(case, name, outcome)
        if name in OF_SEALS or world.random.random() < 0.05:  # it asks for everybody
            look_at_seal(world, case, name, outcome)


def see_steps(case: Case, name: str, outcome: Outcome) -> None:
    state = ""
    for step in CaseStep.select().where(CaseStep.case == case).order_by(CaseStep.id):
        if step.from_state != state or step.by_id is None or step.at is None or step.on is None:
            outcome.found("untold", f"a step from {step.from_state!r} where {state!r} stood, after {name}")
        state = step.to_state
    if state != case.state:
        outcome.found("untold", f"the case is {case.state} and its last step led to {state}, after {name}")


def see_waiting(case: Case, name: str, outcome: Outcome) -> None:
    """Whoever is waited for has one task, and nobody else."""
    last = CaseClosing.select().where(CaseClosing.case == case).order_by(CaseClosing.id.desc()).first()
    asked = CaseHandover.select().where((CaseHandover.case == case) & (CaseHandover.state == "asked")).count()
    wanted = {"handover": asked}
    wanted["closing"] = CaseClosing.select().where((CaseClosing.case == case) & (CaseClosing.state == "asked")).count()
    wanted["closing_back"] = int(last is not None and last.state == "sent_back" and case.state != "closed" and last.ended_at > opened_at(case))
    for kind, number in wanted.items():
        found = CaseTask.select().join(Task).where((CaseTask.case == case) & OPEN & (Task.kind == kind)).count()
        if found != number:
            outcome.found("stranded", f"{found} open tasks {kind} where {number} is wanted, after {name}")
    if max(wanted.values()) > 1:
        outcome.found("doubled", f"two wait for one thing after {name}")
    if case.state == "closed" and (wanted["closing"] or wanted["handover"]):
        outcome.found("stranded", f"something waits in a closed case after {name}")


def opened_at(case: Case):
    begun = (CaseStep.case == case) & CaseStep.from_state.in_(("", "closed"))
    return CaseStep.select(CaseStep.at).where(begun).order_by(CaseStep.id.desc()).limit(1).scalar()


DRILL = Drill("cases", "histories of cases by everybody at random", run, rounds=300, short=12, bugs=bugs.BUGS)

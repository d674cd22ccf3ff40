"""Taking back what was done to whole classes (升级、分班、并班、撤并), while nothing hangs on it."""

from aidtracker.audit.actions import record
from aidtracker.db import lock, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.students.actions_shifting import Journal, journal_of, put_back, written_meanwhile
from aidtracker.students.hooks import hanging_on
from aidtracker.students.models import Student
from aidtracker.students.models_rollover import KINDS, Rollover
from aidtracker.terms.years import refuse_closed_year

SHOWN = 5


def undo_rollover(*, rollover: Rollover, by) -> None:
    """As it was before: spells, classes, names; the moves are marked as withdrawn. Refused with what stands in the way."""
    refuse_outsider(rollover, by)
    refuse_closed_year(rollover.county_id, rollover.on_day)
    with transaction():
        lock("rollover", rollover.county_id)
        if Rollover.get_by_id(rollover.id).undone_at is not None:
            raise Refused("它已经撤销过了。")
        journal = journal_of(rollover)
        if why := in_the_way(rollover, journal):
            raise Refused("不能撤销：%(why)s", why=why[0])
        put_back(rollover, journal, by)
        Rollover.update(undone_by=by, undone_at=utcnow()).where(Rollover.id == rollover.id).execute()
        about = {"object_kind": "org", "object_id": rollover.school_id, "count": rollover.moved + rollover.graduated}
        record(action="students.undo_rollover", by=by, **about, fields=("name", "class_org", "ends_on"), reason=f"{rollover.kind} {rollover.school_year}", county_id=rollover.county_id)


def in_the_way(rollover: Rollover, journal: Journal) -> list[Phrase]:
    """What hangs on it, in words; nothing: it can be undone."""
    found = []
    if later := later_of(rollover):
        found.append(Phrase("要先撤销这所学校后来办的%(kind)s（%(day)s）", kind=Phrase(KINDS[later.kind]), day=later.on_day.isoformat()))
    if ids := written_meanwhile(rollover, journal):
        found.append(Phrase("之后又办过异动、转学或改过就读记录的学生有 %(n)s 名（%(names)s）", n=len(ids), names=names_of(ids)))
    return found + hanging_on(journal.students, journal.classes, rollover.on_day, rollover.done_at)


def later_of(rollover: Rollover) -> Rollover | None:
    """A later act on the same school that still stands: the last is taken back first, as it is built on those before."""
    mine = (Rollover.school == rollover.school_id) & (Rollover.id > rollover.id) & Rollover.undone_at.is_null()
    return Rollover.select().where(mine).order_by(Rollover.id.desc()).first()


def names_of(ids: list[int]) -> str:
    names = [name for (name,) in Student.select(Student.name).where(Student.id.in_(ids[:SHOWN])).order_by(Student.pinyin).tuples()]
    return "、".join(names) + ("…" if len(ids) > SHOWN else "")


def refuse_outsider(rollover: Rollover, by) -> None:
    """Whoever may do it may take it back."""
    wanted = Permission.ORG_MANAGE if rollover.kind == "merge" else Permission.STUDENT_EDIT
    if not by.may(wanted, Org.get_by_id(rollover.school_id)):
        raise Forbidden("你没有撤销它的权限。")

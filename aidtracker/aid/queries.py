"""Payments and batches within the reader's scope, and what the database holds of those that a workbook names."""

from typing import NamedTuple

import peewee

from aidtracker.aid.models import LINE, Batch, Payment, Program
from aidtracker.db import as_day, chunks_of, is_sqlite, marks_for, run_sql
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING, within
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope

STANDING = f"SELECT student_id, id, revision, is_imported, {', '.join(LINE)} FROM payment WHERE batch_id = ?"  # noqa: S608 our own names
UNPAID = "unpaid"  # among the states that a list is narrowed to: returned, and not paid since


class Reach(NamedTuple):
    """`counties` are seen whole; of the rest only the pupils below `paths`."""

    counties: list[int]
    paths: list[str]


def reach_of(user, permission: Permission = Permission.AID_VIEW) -> Reach:
    paths = user.scopes(permission)
    counties = list(Org.select(Org.id, Org.path).where(within(paths) & (Org.kind == "county")).tuples())
    return Reach([id_ for id_, _ in counties], [path for path in paths if not any(county.startswith(path) for _, county in counties)])


def visible_payments(user, permission: Permission = Permission.AID_VIEW):
    """A county sees the payments of its batches, everybody else those of the pupils within their scope."""
    return Payment.select().where(reached(reach_of(user, permission)))


def reached(reach: Reach):
    """A condition on Payment. Most readers have one half alone, and each has its own index."""
    found = None
    if reach.counties:
        found = Payment.batch.in_(Batch.select(Batch.id).where(Batch.county.in_(reach.counties)))
    if reach.paths:
        mine = Payment.student.in_(Student.select(Student.id).where(in_scope(reach.paths)))
        found = mine if found is None else found | mine
    return NOTHING if found is None else found


def visible_batches(user, permission: Permission = Permission.AID_VIEW):
    """All of a county to whoever sees it whole; else those that paid a pupil within the reader's scope."""
    reach = reach_of(user, permission)
    found = Batch.county.in_(reach.counties)
    if reach.paths:
        found |= Batch.id.in_(Payment.select(Payment.batch).where(reached(Reach([], reach.paths))))
    return Batch.select().where(found)


def visible_batch(user, batch_id: int, permission: Permission = Permission.AID_VIEW) -> Batch:
    """With its program."""
    found = visible_batches(user, permission).select(Batch, Program).join(Program).where(Batch.id == batch_id).first()
    if found is None:
        raise NotFound
    return found


def visible_payment(user, payment_id: int, permission: Permission = Permission.AID_VIEW) -> Payment:
    """With its batch, program and pupil."""
    found = visible_payments(user, permission).select(Payment, Batch, Program, Student).join(Batch).join(Program)
    found = found.switch(Payment).join(Student).where(Payment.id == payment_id).first()
    if found is None:
        raise NotFound
    return found


def live_payments(student: Student, program: Program, term: str):
    """What stands against a second payment: everything of this child, program and term that was not returned."""
    of_child = (Payment.student == student) & (Payment.program == program) & (Payment.term == term)
    return Payment.select(Payment, Batch).join(Batch).where(of_child & (Payment.status != "returned"))


def batches_of(county_id: int) -> list[Batch]:
    """The newest term first, with their programs."""
    return list(Batch.select(Batch, Program).join(Program).where(Batch.county == county_id).order_by(Batch.created_at.desc(), Batch.id.desc()))


def programs_of(counties: list[int]) -> list[Program]:
    return list(Program.select().where(Program.county.in_(counties)).order_by(Program.name))


def terms_of(counties: list[int]) -> list[str]:
    """Terms that have batches; the newest first."""
    found = Batch.select(Batch.term).where(Batch.county.in_(counties)).distinct().tuples()
    return sorted((code for (code,) in found), key=lambda code: (code[:4], code[5:] == "autumn"), reverse=True)


class Standing(NamedTuple):
    """A payment as it stands: `values` by LINE."""

    id: int
    revision: int
    is_imported: bool
    values: dict


def standing_payments(wanted: set[tuple]) -> dict[tuple, Standing]:
    """{(county, program, term, batch, student): Standing} of the batches (county, program, term, batch) that exist."""
    found: dict[tuple, Standing] = {}
    counties, terms = {key[0] for key in wanted}, {key[2] for key in wanted}
    named = (Batch.id, Program.county_id, Program.name, Batch.term, Batch.name)
    of_file = Program.county.in_(counties) & Batch.term.in_(terms)
    for batch_id, *key in Batch.select(*named).join(Program).where(of_file).tuples() if wanted else ():
        if tuple(key) in wanted:
            for student, id_, revision, is_imported, *line in run_sql(STANDING, (batch_id,)):
                found[*key, student] = Standing(id_, revision, bool(is_imported), as_line(line))
    return found


class Live(NamedTuple):
    """A payment that stands against a second one."""

    id: int
    is_imported: bool
    batch: str


LIVE = """SELECT p.student_id, p.program_id, p.term, p.id, p.is_imported, b.name FROM payment p JOIN batch b ON b.id = p.batch_id
WHERE p.status <> 'returned' AND p.student_id IN """


def live_payments_of(students) -> dict[tuple, list[Live]]:
    """{(student, program id, term): what was not returned}; nothing where no payment was ever recorded by hand: history meets no rule."""
    found: dict[tuple, list[Live]] = {}
    if not Payment.select().where(~Payment.is_imported).exists():
        return found
    for chunk in chunks_of(list(students)):
        for student, program, term, id_, is_imported, batch in run_sql(LIVE + marks_for(chunk), chunk):
            found.setdefault((student, program, term), []).append(Live(id_, bool(is_imported), batch))
    return found


def pays_twice(live: list[Live], own: int | None, own_is_imported: bool) -> Live | None:
    """What stands in the way of a line of a workbook: history lies beside history, but never beside what was recorded here."""
    return next((other for other in live if other.id != own and not (other.is_imported and own_is_imported)), None)


def lock_programs(ids) -> None:
    """Whoever pays under one program comes one after the other; SQLite has one writer anyway."""
    if not is_sqlite():
        for id_ in sorted(set(ids)):
            run_sql("SELECT id FROM program WHERE id = ? FOR NO KEY UPDATE", (id_,))


def as_line(line: list) -> dict:
    values = dict(zip(LINE, line, strict=True))
    card = values["card_index"]
    return values | {"paid_on": as_day(values["paid_on"]), "is_boarding": bool(values["is_boarding"]), "card_index": card and bytes(card)}


def holders_of_cards(indexes: set[bytes]) -> dict[bytes, set[int]]:
    """{keyed index of a card: pupils who were paid to it}."""
    found: dict[bytes, set[int]] = {}
    if not indexes or not Payment.select().where(Payment.card_index.is_null(False)).exists():
        return found
    asked = "SELECT card_index, student_id FROM payment WHERE card_index IN "
    for chunk in chunks_of(list(indexes)):
        for index, student in run_sql(asked + marks_for(chunk), chunk):
            found.setdefault(bytes(index), set()).add(student)
    return found


def still_returned():
    """A condition on Payment: it came back, and the child has had nothing of this program and term since."""
    later = Payment.alias()
    same = (later.student == Payment.student) & (later.term == Payment.term) & (later.program == Payment.program)
    return (Payment.status == "returned") & ~peewee.fn.EXISTS(later.select(later.id).where(same & (later.status == "paid")))

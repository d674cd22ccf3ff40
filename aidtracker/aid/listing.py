"""The lists of aid: batches with their sums, the payments of a batch or of a pupil as the pages show them."""

from dataclasses import dataclass

import peewee

from aidtracker.aid.models import Batch, Payment, Program
from aidtracker.aid.queries import UNPAID, still_returned, visible_batches, visible_payments
from aidtracker.crypto.field import unsealed_column
from aidtracker.crypto.masking import mask_bank
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.students.models import Guardian, Student

PAID = Payment.status == "paid"
RETURNED_FIRST = peewee.Case(None, ((Payment.status == "returned", 0), (Payment.status == "pending", 1)), 2)
ORDERS = {"name": (Student.pinyin,), "amount": (Payment.amount_fen,), "returned": (RETURNED_FIRST, Student.pinyin)}
COLUMNS = (
    *(Payment.id, Payment.uid, Payment.student_id, Payment.grade, Payment.class_number, Payment.is_boarding, Payment.hardship),
    *(Payment.standard_fen, Payment.amount_fen, Payment.bank_name, Payment.card_number, Payment.holder_name, Payment.holder_relation),
    *(Payment.paid_on, Payment.status, Payment.return_reason, Payment.is_imported, Payment.revision),
    *(Student.name, Student.pinyin, Org.name.alias("school_name"), Program.name.alias("program"), Payment.term, Payment.batch_id),
    Batch.name.alias("batch_name"),
)


def sum_if(condition, value):
    return peewee.fn.COALESCE(peewee.fn.SUM(peewee.Case(None, ((condition, value),), 0)), 0)


SUMS = {
    "persons": peewee.fn.COUNT(Payment.student.distinct()),
    "lines": peewee.fn.COUNT(Payment.id),
    "paid": sum_if(PAID, 1),
    "amount_fen": sum_if(PAID, Payment.amount_fen),
    "returned": sum_if(Payment.status == "returned", 1),
    "pending": sum_if(Payment.status == "pending", 1),
    "open_fen": sum_if(~PAID, Payment.amount_fen),
}
NOTHING = dict.fromkeys(SUMS, 0)


@dataclass
class PaymentFilters:
    """What the payments of a batch are narrowed to; '' and None: by nothing."""

    place: Org | None = None  # township or school at which the line was paid
    status: str = ""
    boarding: str = ""
    text: str = ""


def filtered_batches(user, term: str = "", program: int | None = None, text: str = ""):
    """With their programs, the newest term first."""
    found = visible_batches(user).select(Batch, Program).join(Program)
    if term:
        found = found.where(Batch.term == term)
    if program:
        found = found.where(Batch.program == program)
    if text:
        found = found.where(Batch.name.contains(text) | Program.name.contains(text))
    year, autumn = peewee.fn.SUBSTR(Batch.term, 1, 4), peewee.Case(None, ((Batch.term.endswith("autumn"), 1),), 0)
    return found.order_by(year.desc(), autumn.desc(), Program.name, Batch.name, Batch.id)


def sums_of_batches(user, ids: list[int]) -> dict[int, dict]:
    """{batch: SUMS} of what the reader sees of it."""
    chosen = [column.alias(name) for name, column in SUMS.items()]
    found = visible_payments(user).select(Payment.batch_id, *chosen).where(Payment.batch.in_(ids)).group_by(Payment.batch_id)
    return {row.pop("batch"): row for row in found.dicts()} if ids else {}


def sums_of(payments) -> dict:
    """SUMS of a query of payments."""
    return payments.select(*(column.alias(name) for name, column in SUMS.items())).dicts().get()


def filtered_payments(user, batch: Batch, filters: PaymentFilters):
    found = visible_payments(user).join(Student).where(Payment.batch == batch)
    if filters.place is not None:
        found = found.where(Payment.school.in_(Org.select(Org.id).where(within([filters.place.path]))))
    if filters.status == UNPAID:
        found = found.where(still_returned())
    elif filters.status:
        found = found.where(Payment.status == filters.status)
    if filters.boarding:
        found = found.where(Payment.is_boarding == (filters.boarding == "boarding"))
    if filters.text:
        found = found.where(Student.name.contains(filters.text) | Student.pinyin.startswith(filters.text.lower()))
    return found


def listed(found, order):
    """The rows of the list, in order; `found` has joined Student."""
    rows = found.select(*COLUMNS).switch(Payment).join(Batch).join(Program)
    rows = rows.switch(Payment).join(Org, peewee.JOIN.LEFT_OUTER, on=Payment.school == Org.id)
    keys = [key.desc() if order.descending else key for key in ORDERS[order.key]]
    return rows.order_by(*keys, Payment.id).dicts()


def payments_of(user, student: Student):
    """The rows of one pupil, the newest first."""
    rows = visible_payments(user).join(Student).where(Payment.student == student)
    rows = rows.select(*COLUMNS).switch(Payment).join(Batch).join(Program)
    rows = rows.switch(Payment).join(Org, peewee.JOIN.LEFT_OUTER, on=Payment.school == Org.id)
    return rows.order_by(peewee.fn.SUBSTR(Payment.term, 1, 4).desc(), Payment.term, Payment.id.desc()).dicts()


def for_page(rows) -> list[dict]:
    """With the card masked, and whether the account is somebody's who is no known guardian."""
    rows, unseal = list(rows), unsealed_column(Payment.card_number)
    known = guardians_of_many([row["student"] for row in rows])
    for row in rows:
        row["card"] = mask_bank(unseal(row["uid"], row.pop("card_number")))
        row["is_strangers_account"] = is_strangers(row["holder_name"], row["name"], known.get(row["student"], set()))
    return rows


def is_strangers(holder: str, pupil: str, guardians: set[str]) -> bool:
    """The account is neither the pupil's own nor a guardian's; nobody can tell where no guardian is known."""
    return bool(holder and guardians and holder not in guardians and holder != pupil)


def guardians_of_many(students: list[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for student, name in Guardian.select(Guardian.student_id, Guardian.name).where(Guardian.student.in_(students)).tuples():
        found.setdefault(student, set()).add(name)
    return found

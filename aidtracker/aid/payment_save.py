"""Writing planned payments: programs and batches that are missing, new lines, changed ones with what stood before."""

import json
from dataclasses import dataclass

from aidtracker.aid.models import LINE, Batch, Payment, PaymentVersion, Program
from aidtracker.aid.queries import Standing, live_payments_of, lock_programs, pays_twice
from aidtracker.aid.versions import content_of
from aidtracker.audit.actions import record
from aidtracker.crypto.field import seal_values, sealed_column, unsealed_column
from aidtracker.db import chunks_of, insert_rows, is_sqlite, marks_for, new_uid, run_many, run_sql, transaction, utcnow
from aidtracker.excel.plans import Plan

ROWS = 10_000  # of one transaction: the write lock is held about a second
WHY = "导入发放表"
INSERT = f"""INSERT INTO payment (uid, batch_id, program_id, term, student_id, is_imported, recorded_by_id, recorded_at, revision,
card_number, {", ".join(LINE)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, {", ".join("?" * len(LINE))})
ON CONFLICT (batch_id, student_id) DO NOTHING"""  # noqa: S608 our own names
UPDATE = f"""UPDATE payment SET revision = revision + 1, recorded_by_id = ?, recorded_at = ?, card_number = ?,
{", ".join(f"{name} = ?" for name in LINE)} WHERE id = ?"""  # noqa: S608
FORMER = f"SELECT id, revision, uid, card_number, {', '.join(LINE)} FROM payment WHERE id IN "  # noqa: S608
VERSION = ("payment_id", "revision", "content", "replaced_by_id", "replaced_at", "reason")


@dataclass(slots=True)
class Row:
    """One line of the file, clean. `values` are the payment's columns but the card; `standing` is the payment that it changes."""

    student_id: int
    county_id: int
    program: str
    term: str
    batch: str
    values: dict
    card_number: str | None
    standing: Standing | None = None


def save_payments(plan: Plan, *, by, progress=lambda done, total: None) -> None:
    """Each transaction is one action with one audit entry; a killed import is finished by running it again."""
    rows = sorted(plan.payload, key=lambda row: (row.county_id, row.program, row.term, row.batch, row.student_id))
    done = 0
    for county_id in dict.fromkeys(row.county_id for row in rows):
        mine = [row for row in rows if row.county_id == county_id]
        for start in range(0, len(mine), ROWS):
            chunk = mine[start : start + ROWS]
            with transaction():
                if count := import_payments(chunk, county_id, by):
                    record(action="aid.import_payments", by=by, object_kind="payment", count=count, reason=WHY, county_id=county_id)
            done += len(chunk)
            progress(done, len(rows))


def import_payments(rows: list[Row], county_id: int, by) -> int:
    """Returns how many were written: somebody else may have come first since the plan looked."""
    batches = find_or_make_batches({(row.program, row.term, row.batch) for row in rows}, county_id, by)
    lock_programs(program_id for _batch_id, program_id in batches.values())
    rows = once_each(rows, batches)
    inserted = insert([row for row in rows if row.standing is None], batches, by)
    return inserted + update([row for row in rows if row.standing is not None], by)


def once_each(rows: list[Row], batches) -> list[Row]:
    """Without those for whom somebody recorded a payment by hand since the plan looked."""
    live = live_payments_of({row.student_id for row in rows})
    if not live:
        return rows

    def is_second(row: Row) -> bool:
        own, is_imported = (row.standing.id, row.standing.is_imported) if row.standing else (None, True)
        others = live.get((row.student_id, batches[row.program, row.term, row.batch][1], row.term), [])
        return row.values["status"] != "returned" and pays_twice(others, own, is_imported) is not None

    return [row for row in rows if not is_second(row)]


def find_or_make_batches(wanted: set[tuple[str, str, str]], county_id: int, by) -> dict[tuple[str, str, str], tuple[int, int]]:
    """{(program, term, batch): (batch id, program id)}."""
    found = {}
    for program_name, term, name in sorted(wanted):
        program, _ = Program.get_or_create(county=county_id, name=program_name)
        batch, _ = Batch.get_or_create(program=program, term=term, name=name, defaults={"county": county_id, "created_by": by})
        found[program_name, term, name] = (batch.id, program.id)
    return found


def insert(rows: list[Row], batches, by) -> int:
    """What somebody else wrote in the meantime stays as it is."""
    uids, now, by_id = [new_uid() for _ in rows], str(utcnow()), by.id if by else None
    cards = seal_values(Payment.card_number, uids, [row.card_number for row in rows])
    lines = []
    for row, uid, card in zip(rows, uids, cards, strict=True):
        batch_id, program_id = batches[row.program, row.term, row.batch]
        lines.append((uid, batch_id, program_id, row.term, row.student_id, True, by_id, now, card, *plain(row.values)))
    return run_many(INSERT, lines)


def plain(values: dict) -> list:
    return [values[name].isoformat() if name == "paid_on" and values[name] else values[name] for name in LINE]


def update(rows: list[Row], by) -> int:
    """Those whose revision is still the one that the plan saw; what stood before is kept as a version."""
    seal, unseal, seal_version = sealed_column(Payment.card_number), unsealed_column(Payment.card_number), sealed_column(PaymentVersion.content)
    former, now, by_id = former_payments([row.standing.id for row in rows if row.standing]), str(utcnow()), by.id if by else None
    versions, changes = [], []
    for row in rows:
        id_ = row.standing.id
        revision, uid, card, *stood = former[id_]
        if revision != row.standing.revision:
            continue
        before = content_of(dict(zip(LINE, stood, strict=True)), unseal(uid, card))
        sealed = seal_version(f"{id_}-{revision}", json.dumps(before, ensure_ascii=False))
        versions.append((id_, revision, sealed, by_id, now, WHY))
        new_card = seal(uid, row.card_number) if row.card_number else card
        changes.append((by_id, now, new_card, *plain(row.values), id_))
    insert_rows(PaymentVersion, VERSION, versions)
    return run_many(UPDATE, changes)


def former_payments(ids: list[int]) -> dict[int, list]:
    lock = "" if is_sqlite() else " ORDER BY id FOR UPDATE"
    return {id_: rest for chunk in chunks_of(ids) for id_, *rest in run_sql(FORMER + marks_for(chunk) + lock, chunk)}

"""Opening a batch, recording a payment, mending one. Nobody is paid twice for one program and term."""

import datetime

import peewee

from aidtracker.aid.models import STATUSES, Batch, Payment, Program
from aidtracker.aid.queries import live_payments, lock_programs
from aidtracker.aid.versions import keep_version
from aidtracker.audit.actions import record
from aidtracker.crypto.keyed_index import keyed, normalise_id
from aidtracker.crypto.masking import mask_bank
from aidtracker.db import database, lock, today_in_china, transaction, utcnow
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with
from aidtracker.students.records import open_spell
from aidtracker.terms.calendar import term

EDITABLE = (
    "hardship", "standard_fen", "amount_fen", "bank_name", "card_number", "holder_name", "holder_relation", "paid_on", "status", "return_reason",
)  # fmt: skip


def create_batch(*, county: Org, program_name: str, term_code: str, name: str, by) -> Batch:
    """A batch of a program (made when the county has none of this name) and term. Refused: one of the same name there."""
    if not by.may(Permission.AID_RECORD, county):
        raise Forbidden("你没有登记资助的权限。如需要，请联系教育局管理员开通。")
    with transaction():
        lock("batches", county.id)
        program, _ = Program.get_or_create(county=county, name=program_name)
        if Batch.select().where((Batch.program == program) & (Batch.term == term_code) & (Batch.name == name)).exists():
            raise Refused("这个项目这个学期已有批次「%(name)s」，请换一个名称，或直接登记到那个批次。", name=name)
        batch = Batch.create(county=county, program=program, term=term_code, name=name, created_by=by)
        record(action="aid.create_batch", by=by, object_kind="batch", object_id=batch.uid, reason=f"{term_code} {name}", county_id=county.id)
    return batch


def record_payment(*, student: Student, batch: Batch, values: dict, by) -> Payment:
    """`values` by EDITABLE; school, grade and boarding are those of the open spell. Refused: what was paid already."""
    refuse_outsider(student, by)
    if batch.county_id != student.county_id:
        raise Refused("这个批次不是学生所在县的，请另选批次。")
    check_values(values, today_in_china())
    line = values | place_of(student) | card_columns(values)
    with transaction():
        refuse_second(student, batch, None)
        if Payment.select().where((Payment.batch == batch) & (Payment.student == student)).exists():
            raise Refused("这名学生在这个批次里有一笔退回的。请打开那一笔更正后补发，或另选补发批次。")
        payment = Payment(batch=batch, program=batch.program, term=batch.term, student=student, recorded_by=by, **line)
        written(payment, student, batch, force_insert=True)
        told("record_payment", payment, student, by, [name for name in EDITABLE if values.get(name)])
    return payment


def edit_payment(*, payment: Payment, revision: int, values: dict, by) -> list[str]:
    """Returns the names of the fields that changed; the former line is kept. Conflict when somebody else saved since `revision`."""
    refuse_outsider(payment.student, by)
    check_values(values, today_in_china())
    changed = [name for name in EDITABLE if name in values and values[name] != getattr(payment, name)]
    if revision != payment.revision:
        raise conflict_with(payment)
    if not changed:
        return []
    with transaction():
        if values["status"] != "returned":
            refuse_second(payment.student, payment.batch, payment)
        unchanged = (Payment.id == payment.id) & (Payment.revision == revision)
        if not Payment.update(revision=revision + 1).where(unchanged).execute():
            raise conflict_with(payment)
        keep_version(payment, by, values["return_reason"])
        for name in changed:
            setattr(payment, name, values[name])
        payment.card_index = card_columns(values)["card_index"] if "card_number" in values else payment.card_index
        payment.revision, payment.recorded_by, payment.recorded_at = revision + 1, by, utcnow()
        written(payment, payment.student, payment.batch)
        told("edit_payment", payment, payment.student, by, changed)
    return changed


def conflict_with(payment: Payment) -> Conflict:
    """With what stands now, not what this look had found."""
    now = Payment.get_by_id(payment.id)
    return Conflict("这笔资助刚被别人改过，你的修改没有保存。请核对下面两份内容后重新保存。", theirs=shown(now))


def refuse_outsider(student: Student, by) -> None:
    if not may_with(by, Permission.AID_RECORD, student):
        raise Forbidden("你没有登记资助的权限。如需要，请联系教育局管理员开通。")


def check_values(values: dict, today: datetime.date) -> None:
    """What must fit together, whichever door it came through."""
    status, paid_on = values["status"], values["paid_on"]
    if status not in STATUSES:
        raise Refused("没有这种发放状态，请从列表里选择。")
    if values["amount_fen"] <= 0:
        raise Refused("金额要大于 0 元。")
    if status == "paid" and paid_on is None:
        raise Refused("发放成功的要填写发放日期。")
    if paid_on and paid_on > today:
        raise Refused("发放日期还没到。请填写实际到账的日期，没有到账的选「待发放」。")
    if status == "returned" and not values["return_reason"]:
        raise Refused("退回的要写明原因，例如：户名与证件不符。")
    if status != "returned" and values["return_reason"]:
        raise Refused("只有退回的才写退回原因。请清空原因，或把状态选成「退回」。")


def place_of(student: Student) -> dict:
    """School, stage, grade, class and boarding of the open spell."""
    spell = open_spell(student)
    if spell is None:
        raise Refused("这名学生现在不在任何班级，不能登记新的发放。请先编入班级；往年的发放请用工作簿导入。")
    room = SchoolClass.get(SchoolClass.org == spell.class_org_id)
    grade = grades.grade_label(room.stage, room.entry_year, grades.school_year_of(today_in_china()))
    place = {"school": room.school_id, "stage": room.stage, "grade": grade, "class_number": room.number}
    return place | {"is_boarding": spell.mode == "boarding"}


def card_columns(values: dict) -> dict:
    number = normalise_id(values.get("card_number")) or None
    return {"card_number": number, "card_index": number and keyed("index_bank", number)}


def refuse_second(student: Student, batch: Batch, own: Payment | None) -> None:
    """Also against imported history, which no index knows."""
    lock_programs([batch.program_id])
    for other in live_payments(student, batch.program, batch.term):
        if own is None or other.id != own.id:
            raise paid_twice(batch, other.batch.name, STATUSES[other.status])


def paid_twice(batch: Batch, other_name: str, status: str) -> Refused:
    words = {"term": term(batch.term).label, "program": batch.program.name, "batch": other_name, "status": Phrase(status)}
    return Refused("这名学生%(term)s的「%(program)s」已经登记过（批次「%(batch)s」，%(status)s），同一学期同一项目不能重复发放。", **words)


def written(payment: Payment, student: Student, batch: Batch, force_insert: bool = False) -> None:
    """Of two who record the same payment at once the index lets one through; the other reads the same words."""
    try:
        with database.atomic():
            payment.save(force_insert=force_insert)
    except peewee.IntegrityError:
        refuse_second(student, batch, payment if payment.id else None)
        raise


def told(word: str, payment: Payment, student: Student, by, fields) -> None:
    """In the pupil's trail."""
    about = {"object_kind": "student", "object_id": student.uid, "fields": tuple(fields), "county_id": student.county_id}
    record(action=f"aid.{word}", by=by, **about, reason=payment.batch.name)


def shown(payment: Payment) -> dict:
    """What stands now, for both versions side by side: the card masked."""
    now = Payment.get_by_id(payment.id)
    return {name: getattr(now, name) for name in (*EDITABLE, "revision")} | {"card_number": mask_bank(now.card_number)}

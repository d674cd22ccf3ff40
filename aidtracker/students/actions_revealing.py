"""Seeing a whole number: with a reason, on record, not more than a day's quota."""

from aidtracker.audit.actions import record
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import midnight_us
from aidtracker.db import today_in_china, transaction
from aidtracker.errors import Forbidden, NotFound, Refused
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import number_of
from aidtracker.students.models import Guardian, Student
from aidtracker.students.queries import may_with
from aidtracker.students.queries_tags import certificate_of

CERTIFICATE = "certificate-"
FIELDS = {"id_number": "身份证件号", "student_number": "学籍号", "phone": "联系电话"}
ACTION = "students.reveal"


class QuotaUsedUp(Refused):
    status = 429


def reveal(*, student: Student, field: str, reason: str, by) -> None:
    """Puts it on record that `by` sees the field; the door then shows `revealed()` once."""
    if not may_with(by, Permission.STUDENT_REVEAL, student):
        raise Forbidden("你没有查看完整号码的权限。")
    if not reason.strip():
        raise Refused("请写明查看的原因。")
    revealed(student, field)
    with transaction():
        record(
            action=ACTION,
            by=by,
            object_kind="student",
            object_id=student.uid,
            fields=(field,),
            reason=reason.strip(),
            county_id=student.county_id,
        )
        quota = number_of("reveal_quota", student.county_id, today_in_china())
        if seen_today(by) > quota:  # counted behind the trail's own lock, so two at once cannot slip through
            raise QuotaUsedUp("今天查看完整号码已满 %(count)s 次，请明天再查，或请管理员协助。", count=quota)


def revealed(student: Student, field: str) -> str:
    """The whole value; guardians' phones are guardian-1, guardian-2 ..."""
    value = guardian_phone(student, field) if field.startswith("guardian-") else certificate(student, field) or plain_value(student, field)
    if not value:
        raise NotFound("这一项没有登记号码。")
    return value


def label_of(student: Student, field: str) -> str:
    if field.startswith("guardian-"):
        return Phrase("%(name)s的联系电话", name=guardian_or_none(student, field).name)
    return "残疾证号" if field.startswith(CERTIFICATE) else FIELDS[field]


def plain_value(student: Student, field: str) -> str | None:
    return getattr(student, field) if field in FIELDS else None


def certificate(student: Student, field: str) -> str | None:
    """certificate-7: of the pupil's tag 7."""
    number = field.removeprefix(CERTIFICATE)
    if not (field.startswith(CERTIFICATE) and number.isascii() and number.isdigit() and len(number) < 10):
        return None
    return certificate_of(student, int(number))


def guardian_phone(student: Student, field: str) -> str | None:
    guardian = guardian_or_none(student, field)
    return guardian.phone if guardian else None


def guardian_or_none(student: Student, field: str) -> Guardian | None:
    position = field.removeprefix("guardian-")
    if not (position.isascii() and position.isdigit() and len(position) < 4):
        return None
    return Guardian.get_or_none((Guardian.student == student) & (Guardian.position == int(position)))


def seen_today(user) -> int:
    since = midnight_us(today_in_china())
    mine = (AuditEntry.actor_id == user.id) & (AuditEntry.action == ACTION) & (AuditEntry.at_us >= since)
    return AuditEntry.select().where(mine).count()

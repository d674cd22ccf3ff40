"""What changes a pupil's record: create, edit, guardians."""

import datetime

from aidtracker.crypto.keyed_index import keyed, normalise_id
from aidtracker.crypto.masking import mask_id, mask_phone, mask_student_number
from aidtracker.db import lock, transaction, utcnow
from aidtracker.errors import Conflict, Refused
from aidtracker.excel.identity import id_birth, id_checksum_ok, id_sex
from aidtracker.orgs.models import Org
from aidtracker.phrases import Phrase
from aidtracker.practice import REAL_NUMBER, is_refused_number
from aidtracker.students.actions_placing import check_class, open_new_spell, refuse_outsider, told
from aidtracker.students.extra_fields import fields_of, meant, values_of
from aidtracker.students.former import needs_why
from aidtracker.students.keeping import keep_former, keep_version
from aidtracker.students.keeping_extra import put_values
from aidtracker.students.models import RESIDENT, SEXES, Guardian, NameReading, Student, last_six, phone_digits
from aidtracker.students.models_extra import ExtraField
from aidtracker.students.move_rows import note_move
from aidtracker.students.pinyin import first_pinyin, readings
from aidtracker.students.queries import lock_pupils, visible_students
from aidtracker.students.records import home_of

PLAIN = ("name", "sex", "born_on", "ethnicity", "id_kind", "entered_on", "home_code")
GUARDIAN = ("name", "relation", "phone", "is_guardian", "has_custody", "lives_with", "holds_card")
SEALED = ("id_number", "student_number", "phone", "address")
MASKS = {"id_number": mask_id, "student_number": mask_student_number, "phone": mask_phone, "address": lambda text: text or ""}


def create_student(*, values: dict, class_org: Org, mode: str, seat: int | None, starts_on: datetime.date, by, extra: dict[int, str] | None = None) -> Student:
    """A pupil and the first spell in a class. `values` by PLAIN and SEALED; refused when the ID is known in the county. `extra` as in edit_student."""
    check_class(class_org, by)
    county_id = class_org.county_id
    fields = prepared(values, county_id)
    own = [(field, said) for field in fields_of([county_id]) if (said := meant(field, (extra or {}).get(field.id, "")))]
    with transaction():
        refuse_doubles(fields, county_id, None, by)
        student = Student.create(**fields, county=county_id, mode=mode)
        put_values([(student.id, field.id, said) for field, said in own], by.id)
        write_readings(student)
        open_new_spell(student, class_org, mode, seat, starts_on)
        note_move("enroll", student, starts_on, by, to_class=class_org.id)
        told("create_student", student, by, [name for name in (*PLAIN, *SEALED) if values.get(name)] + ["class_org", *(field.label for field, _said in own)])
    return student


def edit_student(*, student: Student, revision: int, values: dict, by, why: str = "", extra: dict[int, str] | None = None) -> list[str]:
    """Returns the names of the fields that changed. Conflict when somebody else saved since `revision` was shown.

    `extra`: what was typed into the county's own fields, by their ids. `why`: the reason for which a name or a number is another one now; without it that is refused.
    """
    refuse_outsider(student, by)
    changed = {name: value for name, value in values.items() if name in (*PLAIN, *SEALED) and value != getattr(student, name)}
    said = changed_extra(student, extra or {})
    if revision != student.revision:
        raise conflict_with(student)
    if not changed and not said:
        return []
    if needs_why(student, changed) and not why.strip():
        raise Refused("姓名、身份证件号或学籍号改了，请选择更改原因；原来的会保留，仍能查到这名学生。")
    fields = prepared(changed, student.county_id)
    former = {name: getattr(student, name) for name in changed}
    with transaction():
        refuse_doubles(fields, student.county_id, student.id, by)
        for name, value in fields.items():
            setattr(student, name, value)
        student.revision, student.updated_at = revision + 1, utcnow()
        columns = [Student._meta.fields[name] for name in (*fields, "revision", "updated_at")]
        kept = {column: student.__data__[column.name] for column in columns}
        if not Student.update(kept).where((Student.id == student.id) & (Student.revision == revision)).execute():
            raise conflict_with(student)
        keep_version(Student(id=student.id, revision=revision), former, by=by, **({"extra": {f.id: before for f, before, _after in said}} if said else {}))
        put_values([(student.id, field.id, after) for field, _before, after in said], by.id)
        keep_former(student_id=student.id, county_id=student.county_id, before=former, reason=why, by_id=by.id)
        if "name" in changed:
            write_readings(student)
        told("edit_student", student, by, [*changed, *(field.label for field, _before, _after in said)])
    return [*changed, *(field.label for field, _before, _after in said)]


def changed_extra(student: Student, typed: dict[int, str]) -> list[tuple[ExtraField, str, str]]:
    """(field, before, after) of the county's own fields; what stands may stay, whatever the field allows by now."""
    standing = values_of(student) if typed else {}
    found = []
    for field in fields_of([student.county_id]) if typed else ():
        before = standing.get(field.id, "")
        if field.id in typed and typed[field.id] != before:
            found.append((field, before, meant(field, typed[field.id])))
    return [each for each in found if each[1] != each[2]]


def conflict_with(student: Student) -> Conflict:
    """With what stands now, not what this look had found or would have written."""
    now = Student.get_by_id(student.id)
    return Conflict("这名学生的资料刚被别人改过，你的修改没有保存。请核对下面两份内容后重新保存。", theirs=shown(now))


def prepared(values: dict, county_id: int) -> dict:
    """The columns that these values fill, keyed indexes and home included."""
    fields = {name: values[name] for name in PLAIN if name in values}
    if "name" in fields:
        fields["pinyin"] = first_pinyin(fields["name"])
    if "home_code" in fields:
        fields["home"] = home_of(county_id, fields["home_code"])
    for name in ("phone", "address"):
        if name in values:
            fields[name] = values[name] or None
    if "phone" in fields:
        fields["phone_index"] = phone_index(fields["phone"])
    if "id_number" in values:
        number = normalise_id(values["id_number"]) or None
        fields |= {"id_number": number, "id_index": number and keyed("index_id", number)}
        fields["last_six_index"] = number and keyed("index_last_six", last_six(number))
    if "student_number" in values:
        number = normalise_id(values["student_number"]) or None
        fields |= {"student_number": number, "student_number_index": number and keyed("index_student_number", number)}
    if any(is_refused_number(fields.get(name)) for name in ("id_number", "student_number")):
        raise Refused(REAL_NUMBER)
    return fields


def refuse_doubles(fields: dict, county_id: int, own_id: int | None, by) -> None:
    """One ID and one 学籍号 belong to one child of the county, also while two people type it."""
    lock("numbers of pupils", county_id)
    for column, word in ((Student.id_index, "身份证号"), (Student.student_number_index, "学籍号")):
        index = fields.get(column.name)
        if index is None:
            continue
        twin = Student.select(Student.id, Student.name).where((Student.county == county_id) & (column == index)).first()
        if twin and twin.id != own_id:
            if visible_students(by).where(Student.id == twin.id).exists():
                raise Refused("这个%(word)s已登记在%(name)s名下，请核对。", word=Phrase(word), name=twin.name)
            raise Refused("这个%(word)s已登记在本县另一名学生名下，请联系教育局核对。", word=Phrase(word))


def warnings_of(values: dict) -> list[str]:
    """What looks wrong with an ID and is saved all the same: real people carry wrong ones."""
    number = normalise_id(values.get("id_number") or "")
    if not number or values.get("id_kind", RESIDENT) != RESIDENT:
        return []
    found: list[str] = []
    if not id_checksum_ok(number):
        found.append(Phrase("身份证号的校验位不对，请核对是否录错。"))
    if (sex := id_sex(number)) and values.get("sex") and sex != SEXES[values["sex"]]:
        found.append(Phrase("身份证号里的性别和填写的性别不一致，请核对。"))
    if (born_on := id_birth(number)) and values.get("born_on") and born_on != values["born_on"]:
        found.append(Phrase("身份证号里的出生日期和填写的出生日期不一致，请核对。"))
    return found


def shown(student: Student) -> dict:
    """What stands now, fit to lay beside what was typed: sealed numbers masked."""
    plain = {name: str(getattr(student, name)) for name in PLAIN}
    return plain | {name: MASKS[name](getattr(student, name)) for name in SEALED} | {"revision": student.revision}


def add_guardian(*, student: Student, values: dict, by) -> Guardian:
    refuse_outsider(student, by)
    with transaction():
        lock_pupils([student.id])
        taken = {position for (position,) in Guardian.select(Guardian.position).where(Guardian.student == student).tuples()}
        position = next(number for number in range(1, len(taken) + 2) if number not in taken)
        guardian = Guardian.create(student=student, position=position, **guardian_fields(values))
        told("add_guardian", student, by, ("guardian",))
    return guardian


def edit_guardian(*, guardian: Guardian, values: dict, by) -> None:
    refuse_outsider(guardian.student, by)
    for name, value in guardian_fields(values).items():
        setattr(guardian, name, value)
    with transaction():
        guardian.save(only=[Guardian._meta.fields[name] for name in (*GUARDIAN, "phone_index")])
        told("edit_guardian", guardian.student, by, ("guardian",))


def remove_guardian(*, guardian: Guardian, by) -> None:
    refuse_outsider(guardian.student, by)
    with transaction():
        Guardian.delete().where(Guardian.id == guardian.id).execute()
        told("remove_guardian", guardian.student, by, ("guardian",))


def guardian_fields(values: dict) -> dict:
    fields = {name: values[name] for name in GUARDIAN if name in values}
    return fields | {"phone_index": phone_index(fields["phone"])} if "phone" in fields else fields


def phone_index(phone: str | None) -> bytes | None:
    digits = phone_digits(phone or "")
    return keyed("index_phone", digits) if digits else None


def write_readings(student: Student) -> None:
    """Those of a former name stay: some of them may be the same."""
    rows = [{"county_id": student.county_id, "reading": reading, "student": student.id} for reading in readings(student.name)]
    if rows:
        NameReading.insert_many(rows).on_conflict_ignore().execute()

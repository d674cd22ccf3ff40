"""What a merger takes from the dropped record beyond the rows that just move, and how it all goes back.

Values stand in the journal as texts, which is sealed as a whole: they outlive a change of keys.
"""

import datetime

from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import as_day, insert_rows, run_many
from aidtracker.students.keeping import READING
from aidtracker.students.merging import overlapping
from aidtracker.students.models import Enrollment, Guardian, NameReading, Student, last_six, phone_digits
from aidtracker.students.models_history import FormerName, FormerNumber
from aidtracker.students.models_moves import Move
from aidtracker.students.moving_rows import move_back, sealed_anew

PLAIN = ("name", "pinyin", "sex", "born_on", "ethnicity", "id_kind", "entered_on", "home_code", "mode")
PLACES = ("home", "class_org", "household")
SEALED = ("id_number", "student_number", "phone", "address")
SPELL = ("id", "student_id", "class_org_id", "mode", "seat", "starts_on", "ends_on", "created_at")


def snapshot_of(student: Student) -> dict:
    found = {name: getattr(student, name) for name in (*PLAIN, *SEALED)}
    return found | {name: student.__data__.get(name) for name in PLACES}


def fields_of(kept: dict) -> dict:
    """The columns of a snapshot, keyed indexes included."""
    found = {name: kept[name] for name in (*PLAIN, *PLACES, *SEALED)}
    id_number, number, phone = (kept[name] or "" for name in ("id_number", "student_number", "phone"))
    found["id_index"] = keyed("index_id", id_number) if id_number else None
    found["last_six_index"] = keyed("index_last_six", last_six(id_number)) if id_number else None
    found["student_number_index"] = keyed("index_student_number", number) if number else None
    found["phone_index"] = keyed("index_phone", phone_digits(phone)) if phone_digits(phone) else None
    return found


def take_readings(kept_id: int, dropped_id: int) -> list:
    """Readings of both before; those of the dropped one find the kept one from now on."""
    both = NameReading.student.in_([kept_id, dropped_id])
    found = [[*row] for row in NameReading.select(NameReading.county_id, NameReading.reading, NameReading.student).where(both).tuples()]
    NameReading.delete().where(NameReading.student == dropped_id).execute()
    run_many(READING, [(county_id, reading, kept_id) for county_id, reading, student_id in found if student_id == dropped_id])
    return found


def take_spells(kept: Student, dropped: Student) -> dict:
    """Spells that lie over one of the kept record stay in the journal; the kept record's class is that of the open spell."""
    free, over = overlapping(kept, dropped)
    columns = [Enrollment._meta.columns[name] for name in SPELL]
    gone = [[*row] for row in Enrollment.select(*columns).where(Enrollment.id.in_([spell.id for spell in over])).tuples()]
    Enrollment.delete().where(Enrollment.id.in_([spell.id for spell in over])).execute()
    moved = [spell.id for spell in free]
    Enrollment.update(student=kept.id).where(Enrollment.id.in_(moved)).execute()
    still_open = next((spell for spell in free if spell.ends_on is None), None)
    if still_open:
        kept.class_org, kept.mode = still_open.class_org_id, still_open.mode
        Student.update(class_org=still_open.class_org_id, mode=still_open.mode).where(Student.id == kept.id).execute()
    return {"moved": moved, "gone": gone}


def days_of_gone(journal: dict) -> list[tuple[datetime.date, datetime.date | None]]:
    """Of the spells that the merger dropped."""
    first, last = SPELL.index("starts_on"), SPELL.index("ends_on")
    return [(as_day(row[first]), as_day(row[last]) if row[last] else None) for row in journal["spells"]["gone"]]


def bring_back(gone: list) -> None:
    """The spells that the merger dropped; SQLite may have given the number of one to another spell meanwhile."""
    taken = {id_ for (id_,) in Enrollment.select(Enrollment.id).where(Enrollment.id.in_([row[0] for row in gone])).tuples()}
    insert_rows(Enrollment, SPELL, [tuple(row) for row in gone if row[0] not in taken])
    insert_rows(Enrollment, SPELL[1:], [tuple(row[1:]) for row in gone if row[0] in taken])


def take_guardians(kept_id: int, dropped_id: int) -> list[list[int]]:
    """[id, former position, new position]: behind those of the kept record, their phones sealed anew."""
    taken = {position for (position,) in Guardian.select(Guardian.position).where(Guardian.student == kept_id).tuples()}
    moved = []
    for guardian in list(Guardian.select().where(Guardian.student == dropped_id).order_by(Guardian.position)):
        position, free = guardian.position, next(number for number in range(1, len(taken) + 2) if number not in taken)
        move_guardian(guardian, kept_id, free)
        taken.add(free)
        moved.append([guardian.id, position, free])
    return moved


def move_guardian(guardian: Guardian, student_id: int, position: int) -> None:
    sealed = sealed_anew(guardian, Guardian.student, student_id, position=position)
    Guardian.update({**sealed, Guardian.student: student_id, Guardian.position: position}).where(Guardian.id == guardian.id).execute()


def restore(kept: Student, dropped: Student, journal: dict, save) -> None:
    """`save` writes columns of a record and raises its revision; the kept record gives its numbers up first."""
    FormerNumber.delete().where(FormerNumber.id.in_(journal["made"]["numbers"])).execute()
    FormerName.delete().where(FormerName.id.in_(journal["made"]["names"])).execute()
    Move.delete().where(Move.id.in_(journal.get("explained", []))).execute()
    move_back(journal["moved"], kept.id, dropped.id)
    Enrollment.update(student=dropped.id).where(Enrollment.id.in_(journal["spells"]["moved"])).execute()
    bring_back(journal["spells"]["gone"])
    for id_, position, now in journal["guardians"]:
        guardian = Guardian.get_or_none((Guardian.id == id_) & (Guardian.student == kept.id) & (Guardian.position == now))
        if guardian:
            move_guardian(guardian, dropped.id, position)
    save(kept, fields_of(journal["kept"]))
    save(dropped, fields_of(journal["dropped"]) | {"merged_into": None})
    NameReading.delete().where(NameReading.student.in_([kept.id, dropped.id])).execute()
    insert_rows(NameReading, ("county_id", "reading", "student_id"), [tuple(row) for row in journal["readings"]])

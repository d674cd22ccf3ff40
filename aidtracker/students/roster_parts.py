"""What every row of one roster shares while it is written: the seals, the keyed indexes, the homes, the classes."""

from aidtracker.crypto.field import sealed_column
from aidtracker.crypto.keyed_index import keyer
from aidtracker.db import insert_rows
from aidtracker.orgs.models import Org
from aidtracker.students.models import Enrollment, Guardian, Student, Tag, guardian_uid, last_six, phone_digits
from aidtracker.students.pinyin import first_pinyin
from aidtracker.students.present import SEALED, YES_NO_TAGS
from aidtracker.students.roster import Row, disability
from aidtracker.students.tag_kinds import disability_in

SOURCE = "学籍名册"
GUARDIAN = ("student_id", "position", "name", "relation", "phone", "phone_index", "is_guardian")
OF_THE_RECORD = ("has_custody", "lives_with", "holds_card")  # of a guardian, which no roster speaks of
TAG = ("student_id", "kind", "detail", "starts_on", "source", "created_by_id", "created_at", "disability_class", "disability_grade")


class Parts:
    def __init__(self, starts_on, classes: dict[str, Org], by):
        self.starts_on, self.classes, self.by_id = starts_on, classes, by.id if by else None
        self.seals = {name: sealed_column(getattr(Student, name)) for name in SEALED}
        self.seal_phone = sealed_column(Guardian.phone)
        self.index_id, self.index_number = keyer("index_id"), keyer("index_student_number")
        self.index_six, self.index_phone = keyer("index_last_six"), keyer("index_phone")
        self.found_homes: dict = {}
        places = Org.select().where(Org.kind.in_(("county", "township", "village")))
        self.homes = {(org.county_id, org.code): org.id for org in places}

    def guardian(self, student_id: int, position: int, member: tuple) -> tuple:
        name, relation, phone, is_guardian = member
        sealed = self.seal_phone(guardian_uid(student_id, position), phone)
        return (student_id, position, name, relation, sealed, self.phone_index(phone), is_guardian)

    def phone_index(self, phone: str | None) -> bytes | None:
        return self.index_phone(phone_digits(phone)) if phone else None

    def columns_of(self, uid: str, county_id: int, fields: dict) -> dict:
        """What these values of one pupil write: sealed ones, their indexes, the home."""
        changed = {k: v for k, v in fields.items() if k not in SEALED}
        changed |= {k: self.seals[k](uid, fields[k]) for k in SEALED if k in fields}
        if "id_number" in fields:
            number = fields["id_number"]
            changed["id_index"] = number and self.index_id(number)
            changed["last_six_index"] = number and self.index_six(last_six(number))
        if "student_number" in fields:
            changed["student_number_index"] = fields["student_number"] and self.index_number(fields["student_number"])
        if "phone" in fields:
            changed["phone_index"] = self.phone_index(fields["phone"])
        if "home_code" in fields:
            changed["home"] = self.home_id(county_id, fields["home_code"])
        if "name" in fields:
            changed["pinyin"] = first_pinyin(fields["name"])
        return changed

    def put_member(self, student_id: int, position: int, member: tuple, is_known: bool, **of_the_record: bool) -> None:
        """Where one stands it is written over; of_the_record: what no roster says, when that changes too."""
        values = dict(zip(GUARDIAN, self.guardian(student_id, position, member), strict=True))
        if is_known:
            here = (Guardian.student == student_id) & (Guardian.position == position)
            kept = {Guardian._meta.columns[name]: value for name, value in (values | of_the_record).items()}
            Guardian.update(kept).where(here).execute()
        else:
            insert_rows(Guardian, GUARDIAN, [tuple(values.values())])

    def insert_tags(self, tags: list[tuple]) -> None:
        """Each by the columns of TAG up to its own; what a detail says of a disability stands in columns of its own."""
        insert_rows(Tag, TAG, [(*tag, *disability_in(tag[1], tag[2])) for tag in tags])

    def class_id(self, row: Row) -> int:
        return self.classes[row.class_code].id

    def home_id(self, county_id: int, code: str) -> int | None:
        """The village, else the township, else the county that the code names; None: outside the county."""
        place = (county_id, code)
        if place not in self.found_homes:
            within = (self.homes.get((county_id, code[:length])) for length in (12, 9, 6))
            self.found_homes[place] = next((home for home in within if home), None)
        return self.found_homes[place]


def keep_in_step(student_id: int) -> None:
    """The pupil's own class and mode are those of the open spell."""
    spell = (Enrollment.student == student_id) & Enrollment.ends_on.is_null()
    found = Enrollment.select(Enrollment.class_org_id, Enrollment.mode).where(spell).tuples().first()
    class_id, mode = found or (None, "day")
    Student.update(class_org=class_id, mode=mode).where(Student.id == student_id).execute()


def named(row: Row, position: int) -> bool:
    return bool(row.values.get(f"member{position}_name"))


def mode_of(row: Row) -> str:
    return row.values.get("mode") or (row.known.spells[-1].mode if row.known and row.known.spells else "day")


def tags_of(values: dict):
    """(kind, detail) of every tag that a new pupil's row gives."""
    yield from ((kind, "") for kind in YES_NO_TAGS if values.get(kind))
    if kind := disability(values):
        yield "disabled", kind

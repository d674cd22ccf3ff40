"""Reading: one look through a ledger, with the names and numbers of people and places that its lines need."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from aidtracker.aid.models import Payment
from aidtracker.crypto.field import unsealed_column
from aidtracker.crypto.masking import mask_bank, mask_id, mask_phone, mask_student_number
from aidtracker.db import database, today_in_china
from aidtracker.ledgers.scope import pupils_in
from aidtracker.orgs.grades import grade_label, school_year_of
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.orgs.scopes import Scope
from aidtracker.students.models import TAGS, Guardian, Student, Tag, guardian_uid
from aidtracker.students.tag_kinds import GUARDED

Run = Callable[..., Any]  # (sql, parameters) -> cursor; its rows are the driver's own, without peewee's conversions
NOT_FOR_YOU = "已登记"


class Room(NamedTuple):
    """A class, of which the grade depends on the day."""

    school: str
    stage: str
    entered: int
    number: str

    def grade_on(self, on: datetime.date) -> str:
        return grade_label(self.stage, self.entered, school_year_of(on))


class Kin(NamedTuple):
    name: str = ""
    relation: str = ""
    phone: str = ""


NOWHERE = Room("", "", 0, "")
NOBODY = Kin()


@dataclass
class Reading:
    """`values` are those of the filters; `run` is the connection that is read through (default: the request's own)."""

    scope: Scope
    values: dict
    reader_id: int = 0  # of whom cases may be kept
    is_whole: bool = False  # numbers whole, else masked; bank cards are masked always
    may_see_addresses: bool = False
    hidden_tags: tuple[str, ...] = GUARDED  # kinds that this reader may not know of
    today: datetime.date = field(default_factory=today_in_china)
    run: Run = lambda text, values: database.execute_sql(text, values)  # noqa: E731 the proxy is bound later
    rooms: dict[int, Room] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    notes: dict[Any, Callable] = field(default_factory=dict)

    def read(self, query):
        """The rows of a peewee query as the driver gives them: days as text on SQLite (see db.as_day)."""
        return self.run(*query.sql())

    @cached_property
    def pupils(self):
        return pupils_in(self.scope)

    def learn(self, class_ids: Iterable, place_ids: Iterable = ()) -> None:
        """Names of the classes and places that are not known yet."""
        rooms = {id_ for id_ in class_ids if id_ and id_ not in self.rooms}
        places = {id_ for id_ in place_ids if id_ and id_ not in self.places}
        columns = (SchoolClass.org, Org.name, SchoolClass.stage, SchoolClass.entry_year, SchoolClass.number)
        asked = SchoolClass.select(*columns).join(Org, on=(Org.id == SchoolClass.school)).where(SchoolClass.org.in_(rooms))
        for class_id, *room in self.read(asked) if rooms else ():
            self.rooms[class_id] = Room(*room)
        for place_id, name in self.read(Org.select(Org.id, Org.name).where(Org.id.in_(places))) if places else ():
            self.places[place_id] = name

    def room(self, class_id: int | None) -> Room:
        return self.rooms.get(class_id, NOWHERE) if class_id else NOWHERE

    def place(self, place_id: int | None) -> str:
        return self.places.get(place_id, "") if place_id else ""

    def guardians(self, student_ids: list[int]) -> dict[int, Kin]:
        """Of each pupil the guardian, else the first of the family."""
        phone, found = self.guardian_phone, {}
        columns = (Guardian.student, Guardian.position, Guardian.name, Guardian.relation, Guardian.phone)
        asked = Guardian.select(*columns).where(Guardian.student.in_(student_ids))
        for student_id, position, name, relation, sealed in self.read(asked.order_by(Guardian.is_guardian.desc(), Guardian.position)):
            if student_id not in found:
                found[student_id] = Kin(name, relation, phone(guardian_uid(student_id, position), sealed))
        return found

    def tags(self, student_ids: list[int]) -> dict[int, list[str]]:
        """特殊类别 that are open today."""
        found: dict[int, list[str]] = {}
        asked = Tag.select(Tag.student, Tag.kind, Tag.detail).where(Tag.student.in_(student_ids) & Tag.ends_on.is_null() & Tag.kind.not_in(self.hidden_tags))
        for student_id, kind, detail in self.read(asked.order_by(Tag.id)):
            label = TAGS.get(kind, kind)
            found.setdefault(student_id, []).append(f"{label}（{detail}）" if detail else label)
        return found

    # Sealed values: (uid, sealed bytes) -> what stands in the cell.

    @cached_property
    def id_number(self):
        return opened(Student.id_number, None if self.is_whole else mask_id)

    @cached_property
    def student_number(self):
        return opened(Student.student_number, None if self.is_whole else mask_student_number)

    @cached_property
    def student_phone(self):
        return opened(Student.phone, None if self.is_whole else mask_phone)

    @cached_property
    def guardian_phone(self):
        return opened(Guardian.phone, None if self.is_whole else mask_phone)

    @cached_property
    def card_number(self):
        return opened(Payment.card_number, mask_bank)

    @cached_property
    def address(self):
        return opened(Student.address, None if self.may_see_addresses else lambda text: NOT_FOR_YOU if text else "")

    def note(self, column):
        """Of a sealed text that everybody reads who may read the ledger."""
        if column not in self.notes:
            self.notes[column] = opened(column, None)
        return self.notes[column]


def opened(column, mask) -> Callable[[str, bytes | None], str]:
    plain = unsealed_column(column)
    if mask is None:
        return lambda uid, sealed: plain(uid, sealed) or ""
    return lambda uid, sealed: mask(plain(uid, sealed)) if sealed is not None else ""
